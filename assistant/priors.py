"""From a wish to first console settings: what people set, in the console's own terms.

The ontology speaks neutral terms ("reverb": wet +0.3); this is the one place that maps them to knobs. All tables, no
audio.
"""

import math

from assistant.wish import Wish
from console.parameters import Value, spec
from console.settings import Settings

__all__ = ["knob_changes"]

_TRACK_PEAK_DBFS = -6.0  # the peak for which the ontology's thresholds are given
_PUNCH_ATTACK_MS = 30.0
_PUNCH_RATIO = 3.0
_WET_FLOOR_DB = -60.0


def knob_changes(wished: Wish, settings: Settings, address: str, peak_dbfs: float) -> dict[tuple[str, str], Value]:
    """Return first knob positions for the effects (not the equaliser, not the level).

    Args:
        wished: see `Wish`.
        settings: where the console stands.
        address: the channel.
        peak_dbfs: the channel's peak at its compressor; thresholds are moved to fit it.
    """
    changes: dict[tuple[str, str], Value] = {}

    def now(name: str) -> float:
        return settings.number(address, name)

    def turn(name: str, value: float | str, where: str = address) -> None:
        entry = spec(name)
        changes[where, name] = value if isinstance(value, str) else entry.round(entry.clip(value))

    shift_db = peak_dbfs - _TRACK_PEAK_DBFS
    for name, values in wished.effects.items():
        sign = float(values["sign"])
        if name == "compression":
            _compress(values, sign, now, turn, shift_db)
        elif name == "gate" and address == "master":
            continue  # the master has none
        elif name == "gate" and sign > 0:
            turn("gate.ratio", 2.0)
            turn("gate.threshold_db", values.get("threshold_db", -42.0) + shift_db)
            turn(
                "gate.range_db",
                max(now("gate.range_db") if now("gate.ratio") > 1 else 0.0, values.get("range_db", 12.0)),
            )
            turn("gate.release_ms", values.get("release_ms", 150.0))
        elif name == "gate" and now("gate.ratio") > 1:
            turn("gate.ratio", 1.0)
        elif name == "transients":
            _punch(float(values["punch"]), now, turn, shift_db)
        elif name == "de_ess" and address != "master":
            _deess(values, now, turn, peak_dbfs)
        elif name == "saturation":
            drive_db = float(values["drive_db"])
            mix = now("saturation.mix")
            if drive_db > 0:
                turn("saturation.type", str(values.get("type", "tape")))
                turn("saturation.mix", max(mix, 0.8))
                turn("saturation.drive_db", (now("saturation.drive_db") if mix > 0 else 0.0) + drive_db - shift_db / 2)
            elif mix > 0:
                turn("saturation.mix", max(0.0, mix + drive_db / 12.0))
        elif name in ("reverb", "delay") and address != "master":
            _send(name, values, settings, address, turn)
        elif name == "width":
            turn("stereo.width", now("stereo.width") + float(values["change"]))
    return changes


def _compress(values: dict, sign: float, now, turn, shift_db: float) -> None:
    ratio = now("compressor.ratio")
    if sign < 0:
        if ratio > 1.0:
            turn("compressor.ratio", max(1.0, 1.0 + (ratio - 1.0) * max(0.0, 1.0 + sign * 0.6)))
        return
    asked = float(values.get("ratio", 3.0))
    if ratio > 1.0:  # more of what is there: deeper
        turn("compressor.threshold_db", now("compressor.threshold_db") - 4.0 * sign)
        turn("compressor.ratio", max(ratio, asked))
        return
    turn("compressor.ratio", 1.0 + (asked - 1.0) * min(sign, 2.0))
    turn("compressor.threshold_db", float(values.get("threshold_db", -22.0)) + shift_db)
    for term in ("attack_ms", "release_ms", "knee_db"):
        if term in values:
            turn(f"compressor.{term}", float(values[term]))


def _deess(values: dict, now, turn, peak_dbfs: float) -> None:
    taken_db = float(values["amount_db"])
    if taken_db <= 0:
        turn("deesser.ratio", 1.0)
        return
    turn("deesser.range_db", taken_db + (now("deesser.range_db") if now("deesser.ratio") > 1.0 else 3.0))
    turn("deesser.ratio", 4.0)
    turn("deesser.freq_hz", float(values.get("freq_hz", 6500.0)))
    turn("deesser.threshold_db", peak_dbfs - 24.0)
    turn("deesser.attack_ms", 1.0)
    turn("deesser.release_ms", 60.0)


def _punch(punch: float, now, turn, shift_db: float) -> None:
    """More punch lets the attack through before the compressor grips; less catches it."""
    if now("compressor.ratio") <= 1.0:
        turn("compressor.ratio", 1.0 + (_PUNCH_RATIO - 1.0) * min(1.0, abs(punch)))
        turn("compressor.threshold_db", -20.0 + shift_db)
        turn("compressor.release_ms", 120.0)
    turn("compressor.attack_ms", _PUNCH_ATTACK_MS if punch > 0 else 1.0)


def _send(name: str, values: dict, settings: Settings, address: str, turn) -> None:
    """Open or close a send: wet is the change of the effect's share of the sound, 0..1."""
    send = f"send.{name}_db"
    level_db = settings.number(address, send)
    now = 0.0 if level_db <= _WET_FLOOR_DB else _share(level_db)
    share = min(0.9, max(0.0, now + float(values.get("wet", 0.0))))
    turn(send, _WET_FLOOR_DB if share < 0.01 else 20 * math.log10(share / (1.0 - share)))
    if share > now and float(values["sign"]) > 0 and _unused(settings, send):
        for term in ("decay_s", "predelay_ms", "damping_hz", "time_ms", "feedback"):
            if term in values:
                turn(f"{name}.{term}", float(values[term]), where=name)


def _share(level_db: float) -> float:
    gain = 10 ** (level_db / 20)
    return gain / (1.0 + gain)


def _unused(settings: Settings, send: str) -> bool:
    """Say whether no track uses an effect bus yet, so that its room may still be chosen."""
    return all(settings.number(track, send) <= _WET_FLOOR_DB for track in settings.tracks)
