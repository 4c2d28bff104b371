"""Tell: sentences from moves and measurements; nothing is said that was not measured."""

import functools
from collections.abc import Mapping, Sequence
from importlib import resources

import yaml

from assistant.aim import Target
from assistant.check import Checked
from assistant.events import Measurement
from assistant.measure import SongSound
from assistant.request import MIX
from console.parameters import spec
from console.settings import Move

__all__ = ["describe_moves", "kept_notes", "measured", "name_channel", "reply", "say"]

_UNSURE = 0.35
_CLARITY_LOSS_DB = 1.0


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


def reply(
    turned: Sequence[Move],
    aimed: Mapping[str, Target],
    checks: Mapping[str, Checked],
    watched: Sequence[Measurement],
    notes: Sequence[str],
    after: SongSound,
) -> str:
    """Return a paragraph for each channel (moves, then goals as measured), then the mix as a whole, then notes."""
    if not turned:
        words = " and ".join(word for target in aimed.values() for word in target.wished.words)
        return " ".join([*notes, say("nothing", why=say("already", track="It", words=words or "that"))])
    paragraphs = []
    by_channel: dict[str, list[Move]] = {}
    for move in turned:
        by_channel.setdefault(MIX if move.track == "master" else move.track, []).append(move)
    for name in [*aimed, *(name for name in by_channel if name not in aimed)]:
        who, line = _capital(name_channel(name)), describe_moves(by_channel.get(name, []))
        if name not in aimed:
            paragraphs.append(say("numbers", track=who, moves=line))
            continue
        wished, result = aimed[name].wished, checks[name]
        words = " and ".join(wished.words)
        sentences = [say("done", track=who, words=words, moves=_capital(line))] if line else []
        sentences += [measured(entry) for entry in result.measurements if entry.wanted is not None]
        if wished.beyond_db > 0.0:
            sentences.append(say("beyond", track=name_channel(name), beyond=f"{wished.beyond_db:.0f}"))
        if not result.there:
            share = f"{100 * max(0.0, result.reached):.0f}"
            why = say("short_range" if _at_limit(by_channel.get(name, [])) else "short_content")
            sentences.append(say("short", track=who, share=share, words=words, why=why))
        if wished.confident < _UNSURE:
            sentences.append(say("unsure", words=words))
        paragraphs.append(" ".join(sentences))
    loudness, peak = (next(m for m in watched if m.what == what) for what in ("loudness", "true peak"))
    closing = [
        say(
            "watched",
            loudness_before=f"{loudness.before:.1f}",
            loudness_after=f"{loudness.after:.1f}",
            peak_before=f"{peak.before:.1f}",
            peak_after=f"{peak.after:.1f}",
        )
    ]
    if after.true_peak_dbtp > 0.0:
        closing.append(say("over", peak=f"{after.true_peak_dbtp:.1f}"))
    return "\n".join([*paragraphs, " ".join([*closing, *notes])])


def _at_limit(turned: Sequence[Move]) -> bool:
    """Say whether a knob now stands at the end of its range."""
    specs = [(spec(move.parameter), move.after) for move in turned]
    return any(entry.kind == "number" and float(value) in (entry.low, entry.high) for entry, value in specs)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def kept_notes(kept: Sequence[Measurement]) -> list[str]:
    """Say of each track that was to stay clear whether it did."""
    notes = []
    for entry in kept:
        change_db = entry.after - entry.before
        if change_db < -_CLARITY_LOSS_DB:
            notes.append(say("not_kept", track=entry.track, change=f"{-change_db:.1f}"))
        else:
            notes.append(say("kept", track=entry.track, change=f"{change_db:+.1f}"))
    return notes
