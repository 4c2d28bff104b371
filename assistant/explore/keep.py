"""What exploring leaves in a folder, so that the next sentence can go on from it."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from assistant.explore.options import Option, Options
from assistant.explore.readings import Reading
from assistant.request import Request
from console.errors import SessionError
from console.settings import Settings, moves

__all__ = ["FILE", "load_options", "save_options"]

FILE = "explore.json"
_VERSION = 1
_DIGITS = 5


def save_options(path: Path, options: Options, audio: list[str]) -> None:
    """Write options and the paths of the audio they are of as JSON."""
    data = {
        "version": _VERSION,
        "audio": audio,
        "prompt": options.prompt,
        "target": options.target,
        "before": options.before.model_dump(),
        "stood": None if options.stood is None else options.stood.model_dump(),
        "here": _numbers(options.here),
        "audible": options.audible,
        "notes": list(options.notes),
        "options": [
            {
                "number": option.number,
                "name": option.reading.name,
                "why": option.reading.why,
                "kind": option.reading.kind,
                "say": option.reading.say,
                "sense": option.reading.sense,
                "requests": [request.model_dump(mode="json") for request in option.reading.requests],
                "settings": option.settings.model_dump(),
                "place": _numbers(option.place),
                "cosine": option.cosine,
                "gain_db": option.gain_db,
            }
            for option in options.options
        ],
    }
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def load_options(path: Path) -> tuple[Options, list[str]]:
    """Read what `save_options` wrote.

    Raises:
        SessionError: there is none, or it is damaged.
    """
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if data["version"] != _VERSION:
            raise SessionError(f"{path} has version {data['version']}; this program reads {_VERSION}. Explore again.")
        before = Settings.model_validate(data["before"])
        options = tuple(_option(entry, before) for entry in data["options"])
        found = Options(
            data["prompt"], data["target"], before, np.array(data["here"]), float(data["audible"]), options,
            tuple(data["notes"]), None if data.get("stood") is None else Settings.model_validate(data["stood"]),
        )  # fmt: skip
        return found, [str(name) for name in data["audio"]]
    except FileNotFoundError as error:
        raise SessionError(
            f"{path.parent} holds no options. Run: studiospeak explore ... --out {path.parent}"
        ) from error
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise SessionError(f"{path} is damaged ({error}). Explore again.") from error


def _option(entry: dict[str, Any], before: Settings) -> Option:
    settings = Settings.model_validate(entry["settings"])
    sense = None if entry["sense"] is None else (str(entry["sense"][0]), int(entry["sense"][1]))
    requests = tuple(Request.model_validate(request) for request in entry["requests"])
    reading = Reading(entry["name"], entry["why"], entry["kind"], requests, sense, entry["say"])
    place, turned = np.array(entry["place"]), tuple(moves(before, settings))
    return Option(
        int(entry["number"]), reading, settings, turned, place, float(entry["cosine"]), float(entry["gain_db"])
    )


def _numbers(values: np.ndarray) -> list[float]:
    return [round(float(value), _DIGITS) for value in values]
