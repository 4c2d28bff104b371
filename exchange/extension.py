"""Our own settings inside another program's project file: exact, plain JSON, readable by hand.

{"format": "studiospeak-settings", "version": 1, "title", "sample_rate", "samples",
 "tracks": [{"name", "instrument", "group", "colour", "confidence", "file"}], "settings": {...},
 "automation": [{"channel", "parameter", "unit", "points": [[time_s, value], ...]}],
 "sections": [{"name", "start_s", "end_s"}]}
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from console.errors import ProjectFileError, StudiospeakError
from console.settings import Settings
from exchange.project import Project, Section

__all__ = ["EXTENSION_FORMAT", "Extension", "extension_json", "read_extension"]

EXTENSION_FORMAT = "studiospeak-settings"
EXTENSION_VERSION = 1
_OF_A_TRACK = ("name", "instrument", "group", "colour", "confidence")


@dataclass(frozen=True)
class Extension:
    """What the extension holds beside the audio.

    Attributes:
        tracks: by name: instrument, group, colour and confidence.
    """

    title: str
    sample_rate: int
    samples: int
    settings: Settings
    tracks: Mapping[str, Mapping[str, Any]]
    sections: tuple[Section, ...] = ()


def extension_json(project: Project) -> dict[str, Any]:
    """Return the extension as an object for JSON."""
    return {
        "format": EXTENSION_FORMAT,
        "version": EXTENSION_VERSION,
        "title": project.title,
        "sample_rate": project.song.sample_rate,
        "samples": project.song.length,
        "tracks": [
            {name: getattr(track, name) for name in _OF_A_TRACK} | {"file": track.path.name}
            for track in project.song.tracks
        ],
        "settings": project.settings.model_dump(mode="json"),
        "sections": [{"name": part.name, "start_s": part.start_s, "end_s": part.end_s} for part in project.sections],
    }


def read_extension(text: str) -> Extension:
    """Read what `extension_json` made.

    Raises:
        ProjectFileError: damaged, of another version, or with settings the console cannot take.
    """
    try:
        data = json.loads(text)
        if data["format"] != EXTENSION_FORMAT or data["version"] != EXTENSION_VERSION:
            raise ProjectFileError(
                f"These settings are {data['format']} version {data['version']}; this program reads "
                f"{EXTENSION_FORMAT} version {EXTENSION_VERSION}. Update it."
            )
        return Extension(
            title=str(data["title"]),
            sample_rate=int(data["sample_rate"]),
            samples=int(data["samples"]),
            settings=Settings.from_json(json.dumps(data["settings"])),
            tracks={str(track["name"]): track for track in data["tracks"]},
            sections=tuple(Section(part["name"], part["start_s"], part["end_s"]) for part in data["sections"]),
        )
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ProjectFileError(f"The settings in this project are damaged ({error}). Export it again.") from error
    except StudiospeakError as error:
        raise ProjectFileError(f"The settings in this project cannot be read: {error}") from error
