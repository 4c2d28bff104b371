"""Tell: sentences from moves and measurements; nothing is said that was not measured."""

import functools
from collections.abc import Sequence
from importlib import resources

import yaml

from assistant.events import Measurement
from console.parameters import spec
from console.settings import Move

__all__ = ["describe_moves", "measured", "name_channel", "say"]


@functools.cache
def _sentences() -> dict[str, str]:
    text = resources.files("assistant").joinpath("sentences.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


def say(name: str, /, **values: object) -> str:
    """Return a sentence of the table with its blanks filled."""
    return _sentences()[name].format(**values)


def name_channel(address: str) -> str:
    """Return what a person calls a channel."""
    return {"master": "the mix", "mix": "the mix", "reverb": "the reverb", "delay": "the delay"}.get(address, address)


def describe_moves(moves: Sequence[Move]) -> str:
    """Return the moves of one channel in a line, an equaliser band as one thing: "low shelf +2.5 dB at 120 Hz"."""
    parts, seen = [], set()
    by_name = {move.parameter: move for move in moves}
    for move in moves:
        if move.parameter in seen:
            continue
        band = _band(move.parameter)
        if band is None:
            parts.append(_one(move))
            continue
        seen |= {f"{band}_gain_db", f"{band}_freq_hz", f"{band}_q"}
        parts.append(_equaliser(band, by_name))
    return ", ".join(parts)


def measured(entry: Measurement) -> str:
    """Return one measured goal as a sentence."""
    return say(
        "measured",
        what=entry.what[0].upper() + entry.what[1:],
        before=f"{entry.before:.1f}",
        after=f"{entry.after:.1f}",
        unit=entry.unit,
        wanted=f"{entry.wanted:.1f}",
    )


def _band(parameter: str) -> str | None:
    if not parameter.startswith("eq."):
        return None
    return next(parameter[: -len(end)] for end in ("_gain_db", "_freq_hz", "_q") if parameter.endswith(end))


def _equaliser(band: str, moves: dict[str, Move]) -> str:
    label = spec(f"{band}_gain_db").label.lower()
    gain, freq = moves.get(f"{band}_gain_db"), moves.get(f"{band}_freq_hz")
    words = [label.split(" ")[0] if label.startswith("bell") else label]
    if gain is not None:
        before = f" (was {gain.before:+.1f})" if float(gain.before) else ""
        words.append(f"{gain.after:+.1f} dB{before}")
    if freq is not None:
        words.append(f"at {_hz(float(freq.after))}")
    if gain is None and freq is None:
        words.append(f"Q {moves[f'{band}_q'].after:g}")
    return " ".join(words)


def _one(move: Move) -> str:
    entry = spec(move.parameter)
    if entry.kind == "switch":
        return f"{entry.label.lower()} {'on' if move.after else 'off'}"
    if entry.kind == "choice":
        return f"{entry.label.lower()} {move.after}"
    after = float(move.after)
    if entry.unit == "Hz":
        return f"{entry.label.lower()} {_hz(after)}"
    if entry.unit == ":1":
        return f"{entry.label.lower()} {after:g}:1"
    if move.parameter == "fader.gain_db":
        before = f" (was {move.before:+.1f})" if float(move.before) else ""
        return f"fader {after:+.1f} dB{before}"
    unit = "" if ".." in entry.unit else f" {entry.unit}"
    return f"{entry.label.lower()} {after:g}{unit}"


def _hz(value: float) -> str:
    return f"{value / 1000:.3g} kHz" if value >= 1000 else f"{value:.0f} Hz"
