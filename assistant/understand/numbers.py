"""Numbers in a clause: which parameter each one is, and whether it can be carried out."""

from collections.abc import Sequence

from assistant.request import NUMBERS
from assistant.understand.marks import Mark
from console.parameters import spec
from ontology.language import load_language

__all__ = ["is_panned", "out_of_range", "read_numbers"]

_LEADS_FREQUENCY = ("at", "around", "about", "near", "from", "below", "above", "@")
_LOUDER = ("louder", "quieter", "up", "down", "more", "less", "at", "around", "shelf", "bell")
_SHELVES_MEET_HZ = 1000.0
_LEAST_HZ = 25
_MOST_DB = 24


def is_panned(marks: Sequence[Mark]) -> bool:
    """Whether the clause is about left and right."""
    last = marks[-1].text if marks else ""
    sided = last == "right" and any({"part", "track"} & m.kinds.keys() for m in marks)
    sided = sided and not any({"copula", "not"} & m.kinds.keys() for m in marks)
    centred = any("middle" in m.kinds and not {"word", "region"} & m.kinds.keys() for m in marks)
    centred = centred and any(m.text in load_language().pan.places for m in marks)
    described = any("copula" in m.kinds for m in marks)
    return (
        sided
        or centred
        or any(m.text in ("pan", "panned", "panning") or (m.text == "left" and not described) for m in marks)
    )


def _value(mark: Mark, parameter: str) -> float:
    value, unit = mark.value.value, mark.value.unit
    if parameter.endswith("_ms") and unit == "s":
        return value * 1000
    if parameter.endswith("_s") and unit == "ms":
        return value / 1000
    if parameter == "width" and unit == "percent":
        return value / 100
    if parameter == "loudness_lufs":
        return -abs(value)
    if parameter == "threshold_db" and value > 0 and not mark.value.signed:
        return -value
    return value


def read_numbers(marks: Sequence[Mark], sign: int) -> tuple[dict[str, float], float | None]:
    """Name every number.

    Args:
        marks: one clause, every reading chosen.
        sign: 1, -1 or 0: what the verb does with a gain ("cut 3 dB"); a written sign wins.
    Returns:
        The numbers by the names of `NUMBERS`, and the amount where a share was said ("10 % warmer") or None.
    """
    language = load_language()
    numbers: dict[str, float] = {}
    amount: float | None = None
    used: set[int] = set()
    for at, m in enumerate(marks):
        if m.kind == "speed":
            parameter, value = m.value
            numbers[parameter] = value
        elif m.kind == "cue":
            cue = m.value
            behind = [i for i in range(at + 1, min(at + 10, len(marks))) if marks[i].kind == "number" and i not in used]
            ahead = [i for i in range(at - 1, max(at - 3, -1), -1) if marks[i].kind == "number" and i not in used]
            for near in (*ahead[:1], *behind[:1]) if _unit_close(marks, ahead, at) else (*behind[:1], *ahead[:1]):
                if marks[near].value.unit in cue.units:
                    numbers[cue.parameter] = _value(marks[near], cue.parameter)
                    used.add(near)
                    break
    words = {m.value[0] for m in marks if m.kind == "word"}
    for at, m in enumerate(marks):
        if m.kind != "number" or at in used:
            continue
        after = marks[at + 1].text if at + 1 < len(marks) else ""
        value, unit, before = m.value.value, m.value.unit, marks[at - 1].text if at else ""
        if unit == "ratio":
            numbers["ratio"] = value
        elif unit == "lufs":
            numbers["loudness_lufs"] = -abs(value)
        elif unit == "hz":
            numbers["freq_hz"] = value
        elif unit == "db":
            numbers["gain_db"] = value if m.value.signed else (sign or 1) * value
        elif side := next((s.value for s in marks if s.kind == "side"), None):
            numbers["pan"] = side * (value / 100 if abs(value) > 1 else value)
        elif unit == "percent" and before == "to" and (name := _set_to(words)):
            numbers[name] = value / 100
        elif unit == "percent":
            amount = max(value / 100, 0.01)
        elif unit in ("ms", "s"):
            timed = (name for name, ids in language.times.items() if words & set(ids))
            if parameter := next(timed, None):
                numbers[parameter] = _value(m, parameter)
        elif unit == "none" and value >= _LEAST_HZ and (before in _LEADS_FREQUENCY or sign):
            numbers["freq_hz"] = value
        elif unit == "none" and abs(value) <= _MOST_DB and (sign or after in _LOUDER or m.value.signed):
            numbers["gain_db"] = value if m.value.signed else (sign or 1) * value
    if "gain_db" in numbers and any(m.text.endswith("shelf") for m in marks):
        named = next((m.kinds["shelf"] for m in marks if "shelf" in m.kinds), None)
        numbers |= _shelf(named, numbers.get("freq_hz"))
    if "pan" not in numbers and is_panned(marks):
        side = next((s.value for s in marks if s.kind == "side"), None)
        if side is not None:
            strength = next((s.value for s in marks if s.kind == "strength"), language.pan.bare)
            numbers["pan"] = side * strength
        elif any(m.kind == "middle" for m in marks):
            numbers["pan"] = 0.0
    return numbers, amount


def _shelf(place: float | None, freq_hz: float | None) -> dict[str, float]:
    """Return which shelf is meant and where it stands: one that is not named is the nearer one."""
    if place is None:
        place = 1.0 if (freq_hz or 0.0) >= _SHELVES_MEET_HZ else -1.0
    usual = spec("eq.high_shelf_freq_hz" if place > 0 else "eq.low_shelf_freq_hz").default
    return {"shelf": place, "freq_hz": float(usual) if freq_hz is None else freq_hz}


def _set_to(words: set[str]) -> str | None:
    """Which number a share is that is set and not changed ("widen to 150 %")."""
    return next((name for name, ids in load_language().set_to.items() if words & set(ids)), None)


def _unit_close(marks: Sequence[Mark], ahead: Sequence[int], at: int) -> bool:
    """Whether a number stands right before the cue ("10 ms attack"), so that it belongs to it."""
    return bool(ahead) and ahead[0] == at - 1 and marks[ahead[0]].value.unit in marks[at].value.units


def out_of_range(numbers: dict[str, float]) -> list[tuple[str, float]]:
    """The numbers that cannot be carried out."""
    return [(name, value) for name, value in numbers.items() if not NUMBERS[name].low <= value <= NUMBERS[name].high]
