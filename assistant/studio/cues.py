"""What a sentence asks beside changes of the sound: which recordings, which versions, which export, which knob."""

import functools
import re
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

import yaml

from assistant.session import Session
from assistant.studio.references import named_recordings
from assistant.understand.tracks import name_phrases
from console.parameters import specs_of
from console.settings import BUSES, kind_of

__all__ = ["asked_export", "asked_knob", "asked_match", "asked_start", "asked_versions",
           "asks_to_sound_like_the_reference", "count_of", "has"]  # fmt: skip

_COUNTS = {
    "two": 2,
    "couple": 4,
    "few": 4,
    "some": 4,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
}
_COUNT = re.compile(
    r"\b(\d|" + "|".join(_COUNTS) + r")\b(?: of)?(?: \w+){0,2} (?:options?|mixes|ideas|alternatives|variations|takes)\b"
)
_PERCENT = re.compile(r"(\d+(?:\.\d+)?) ?(?:%|percent)")
_LUFS = re.compile(r"(-?\d+(?:\.\d+)?) ?lufs")
_VERSIONS = re.compile(r"\b(?:versions? )?(\d+)\b")
_KNOB = re.compile(
    r"^(?:please )?(?:set|put|bring|turn|switch|make) (?:the )?(?P<what>.+?) (?:to |at )?"
    r"(?P<value>on|off|[-+−]?\d+(?:[.,]\d+)?) ?(?P<unit>khz|k|hz|db|dbtp|dbfs|ms|s|%|:1)?[.! ]*$"
)
_ONLY_ON_BUSES = ("limiter", "reverb", "delay")
"""Processors of which there is one: their knobs need no channel named."""
_SMALL = {"the", "of", "on", "at", "for", "a", "s", "gain", "amount"}


def has(text: str, words: Sequence[str]) -> bool:
    """Say whether a text has one of these words or phrases, whole."""
    plain = text.lower()
    return any(re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", plain) for word in words)


def count_of(text: str, default: int) -> int:
    """Return how many options a text asks for."""
    match = _COUNT.search(text.lower())
    if match is None:
        return default
    number = match.group(1)
    return min(8, max(2, _COUNTS.get(number) or int(number)))


def asked_export(text: str) -> dict[str, Any]:
    """Return the filled form of an export."""
    cues = _cues()
    form: dict[str, Any] = {"kind": _first(text, cues["exports"]) or "mix"}
    audio_format = _first(text, cues["formats"])
    if audio_format is not None:
        form["audio_format"] = audio_format
    loudness = _LUFS.search(text.lower())
    platform = next((lufs for name, lufs in cues["platforms"].items() if has(text, [name])), None)
    if loudness is not None:
        form["loudness_lufs"] = -abs(float(loudness.group(1)))
    elif platform is not None:
        form["loudness_lufs"] = platform
    number = re.search(r"\bversion (\d+)\b", text.lower())
    if number is not None:
        form["version"] = int(number.group(1))
    return form


def asked_match(text: str, target: str, known: Sequence[str]) -> dict[str, Any] | None:
    """Return the filled form of a match; None where no recording is named and none is known.

    Args:
        text: what was said.
        target: whose sound is to be matched.
        known: recordings that can be meant without a name, the last one first.
    """
    cues = _cues()
    recordings = list(dict.fromkeys(named_recordings(text)))
    if not recordings:
        recordings = list(known[:1])
    if not recordings:
        return None
    parts = _parts(text, recordings)
    references = [
        {"recording": name, "aspects": [aspect for aspect, words in cues["aspects"].items() if has(part, words)]}
        for name, part in zip(recordings, parts, strict=True)
    ]
    form: dict[str, Any] = {"references": references, "target": target}
    percent = _PERCENT.search(text)
    if len(recordings) == 2 and has(text, cues["between"]):
        form["between"] = 0.5 if percent is None else min(1.0, float(percent.group(1)) / 100)
    elif percent is not None:
        form["amount"] = min(1.5, float(percent.group(1)) / 100)
    elif has(text, ["halfway", "half way", "half"]):
        form["amount"] = 0.5
    if has(text, cues["loudness_too"]):
        form["loudness"] = True
    return form


def asks_to_sound_like_the_reference(text: str) -> bool:
    """Say whether a text asks to go towards "the reference", rather than asking about it."""
    asks = text.strip().endswith("?") or re.match(r"\s*(?:is|are|does|do|how|why|what|which)\b", text, re.I)
    return not asks and has(text, _cues()["the_reference"]) and has(text, ["match", "like", "towards", "closer to"])


def asked_start(text: str) -> dict[str, bool]:
    """Return the filled form of a first mix: what is left as it is."""
    return {part: False for part, words in _cues()["start_without"].items() if has(text, words)}


def asked_versions(text: str, session: Session) -> dict[str, Any] | None:
    """Return which versions are to be compared; None where the text speaks of none."""
    cues = _cues()["versions"]
    named = [name for name in session.names.values() if has(text, [name.lower()])]
    numbers: list[Any] = [*named, *(int(number) for number in _VERSIONS.findall(text.lower()))]
    if has(text, cues["start"]):
        numbers.insert(0, 0)
    if numbers:
        return {"one": numbers[0], **({"other": numbers[1]} if len(numbers) > 1 else {})}
    return {} if has(text, cues["before"]) else None


def asked_knob(text: str, session: Session) -> dict[str, Any] | None:
    """Return a knob and its value: "set the limiter ceiling to -1"; None where the text names no knob."""
    match = _KNOB.match(" ".join(text.lower().replace("-pass", "pass").split()))
    if match is None:
        return None
    words = re.findall(r"[a-z0-9]+", match["what"].replace("'s", ""))
    channel, words = _channel(words, session)
    wanted = set(words) - _SMALL
    found = []
    for address in [channel] if channel else BUSES:
        for entry in specs_of(kind_of(address)):
            if channel is None and entry.processor not in _ONLY_ON_BUSES:
                continue
            label = (
                set(re.findall(r"[a-z0-9]+", entry.label.lower().replace("-pass", "pass").replace("-", " "))) - _SMALL
            )
            names = {entry.processor, *label}
            if wanted == label or (wanted and wanted == names):
                found.append((address, entry))
    if len(found) != 1:
        return None
    address, entry = found[0]
    if match["value"] in ("on", "off"):
        return {"channel": address, "parameter": entry.name, "value": float(match["value"] == "on")}
    value = float(match["value"].replace(",", ".").replace("−", "-"))
    factor = _cues()["units"].get(match["unit"] or "", 1.0)
    if match["unit"] == "s" and entry.unit == "ms":
        factor = 1000.0
    return {"channel": address, "parameter": entry.name, "value": value * factor}


def _channel(words: list[str], session: Session) -> tuple[str | None, list[str]]:
    """Return the channel that words name, and the words that are left."""
    phrases = {**name_phrases([track.name for track in session.song.tracks])}
    for length in range(min(4, len(words)), 0, -1):
        for at in range(len(words) - length + 1):
            names = phrases.get(tuple(words[at : at + length]))
            if names is not None and len(names) == 1:
                return names[0], words[:at] + words[at + length :]
    for word in ("master", "mix"):
        if word in words:
            return "master", [other for other in words if other != word]
    return None, words


def _parts(text: str, recordings: Sequence[str]) -> list[str]:
    """Return for every recording the words that stand before it, back to the one before; for the last, also after."""
    found, at = [], 0
    for name in recordings:
        where = text.find(name, at)
        end = where + len(name) if where >= 0 else len(text)
        found.append(text[at : where if where >= 0 else len(text)])
        at = end
    found[-1] += text[at:]
    return found


def _first(text: str, rows: Mapping[str, Sequence[str]]) -> str | None:
    return next((name for name, words in rows.items() if has(text, words)), None)


@functools.cache
def _cues() -> dict[str, Any]:
    return yaml.safe_load(resources.files("assistant.studio").joinpath("cues.yaml").read_text(encoding="utf-8"))
