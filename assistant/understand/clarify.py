"""The one short question to ask, with answers that are sentences themselves."""

from collections.abc import Mapping, Sequence

from assistant.request import MIX, NUMBERS, Request
from assistant.understand.heard import Asked
from assistant.understand.tracks import TrackName, say_targets

__all__ = ["ask", "ask_contradiction", "ask_meant", "ask_praise", "ask_range", "ask_what", "ask_which", "order"]


def order(word: str, direction: str, targets: Sequence[str], tracks: Sequence[TrackName]) -> str:
    """Say an edit as a sentence that is understood again."""
    return f"make {say_targets(targets, tracks)} {'more' if direction == '+' else 'less'} {word.replace('-', ' ')}"


def ask(question: str, *choices: str, targets: Sequence[str] = (), about: Asked | None = None) -> Request:
    """A clarifying request; it keeps what was understood, so that a short answer completes it."""
    return Request(
        intent="clarify",
        targets=tuple(targets),
        descriptor=about.word if about else None,
        direction=about.direction if about else "=",  # type: ignore[arg-type]
        amount=about.amount if about else 1.0,
        question=question,
        choices=tuple(dict.fromkeys(choices))[:3],
    )


def ask_what(
    targets: Sequence[str], tracks: Sequence[TrackName], about: str = "", readings: Sequence[tuple[str, str]] = ()
) -> Request:
    """The target is clear, what to do with it is not.

    Args:
        targets: what is spoken of; empty: not even that is clear.
        tracks: the song's.
        about: a word that is not understood.
        readings: words with directions that it may mean.
    """
    name = say_targets(targets, tracks)
    if readings:
        choices = tuple(order(word, direction, targets, tracks) for word, direction in readings)
        return ask(f"I do not know '{about}'. Is it one of these?", *choices, targets=targets)
    question = f"What does '{about}' mean here?" if about else f"What should change about {name}?"
    if list(targets) in ([], ["mix"]):
        choices = ("make the mix warmer", "make the mix clearer", "what is wrong with the mix?")
    else:
        choices = (f"make {name} louder", f"make {name} clearer", f"what is wrong with {name}?")
    return ask(question, *choices, targets=targets)


def ask_which(
    tracks: Sequence[TrackName],
    words: Sequence[Asked] = (),
    numbers: Mapping[str, float] | None = None,
    missing: str = "",
) -> Request:
    """What to do is clear, the track is not; choices are the song's first tracks that usually matter."""
    about = words[0] if words else None
    rank = {"lead_vocal": 0, "drums": 1, "kick": 1, "bass": 2, "snare": 3}
    likely = sorted(tracks, key=lambda track: rank.get(track.instrument, 9))[:3]
    gain_db, pan = (numbers or {}).get("gain_db"), (numbers or {}).get("pan")
    names = [say_targets((track.name,), tracks) for track in likely]
    if gain_db is not None:
        what = f"turn {'up' if gain_db > 0 else 'down'} {abs(gain_db):g} dB"
        choices = [f"turn {name} {'up' if gain_db > 0 else 'down'} {abs(gain_db):g} dB" for name in names]
    elif pan is not None:
        side = f"{abs(pan) * 100:g} {'left' if pan < 0 else 'right'}" if pan else "to the centre"
        what, choices = f"pan {side}", [f"pan {name} {side}" for name in names]
    elif about is None:
        return ask(
            f"There is no track for '{missing}'. Which one do you mean?", *(f"what is wrong with {n}?" for n in names)
        )
    else:
        what = f"make {'more' if about.direction == '+' else 'less'} {about.word.replace('-', ' ')}"
        choices = [order(about.word, about.direction, (track.name,), tracks) for track in likely]
        if not missing:
            choices.insert(0, order(about.word, about.direction, (MIX,), tracks))
    lead = f"There is no track for '{missing}'. " if missing else ""
    question = ask(f"{lead}Which track should I {what}?", *choices, about=about)
    return question.model_copy(update={"numbers": dict(numbers or {})})


def ask_meant(asked: Asked, targets: Sequence[str], tracks: Sequence[TrackName]) -> Request:
    """A word that is only likely to be the one that was meant."""
    other = "-" if asked.direction == "+" else "+"
    choices = [order(asked.word, direction, targets, tracks) for direction in (asked.direction, other)]
    return ask(f"Do you mean '{asked.word}'?", *choices, targets=targets)


def ask_contradiction(one: str, other: str, targets: Sequence[str], tracks: Sequence[TrackName]) -> Request:
    """Two words that cannot both be had."""
    question = f"'{one}' and '{other}' pull against each other. Which way should it go?"
    return ask(question, order(one, "+", targets, tracks), order(other, "+", targets, tracks), targets=targets)


def ask_praise(word: str, targets: Sequence[str], tracks: Sequence[TrackName]) -> Request:
    """A remark that could be praise or complaint."""
    name = say_targets(targets, tracks)
    question = f"Is {name} fine like that, or should it be different?"
    return ask(question, order(word, "-", targets, tracks), order(word, "+", targets, tracks), targets=targets)


def ask_range(
    wrong: Sequence[tuple[str, float]], numbers: dict[str, float], targets: Sequence[str], tracks: Sequence[TrackName]
) -> Request:
    """A number that cannot be carried out: say the range, offer the nearest."""
    facts = []
    nearest = dict(numbers)
    for name, value in wrong:
        spec = NUMBERS[name]
        unit = "" if spec.unit in ("Q", "-1..1", "0..2") else f" {spec.unit}"
        label = name.rpartition("_")[0].replace("_", " ") or name
        facts.append(f"{label} goes from {spec.low:g} to {spec.high:g}{unit}, {value:g} is outside")
        nearest[name] = min(max(value, spec.low), spec.high)
    choices = []
    name = say_targets(targets, tracks)
    if set(nearest) >= {"gain_db", "freq_hz"}:
        verb = "boost" if nearest["gain_db"] > 0 else "cut"
        gain = abs(nearest["gain_db"])
        if gain > 6:
            choices.append(f"{verb} 6 dB at {nearest['freq_hz']:g} Hz on {name}")
        choices.append(f"{verb} {gain:g} dB at {nearest['freq_hz']:g} Hz on {name}")
    elif "gain_db" in nearest:
        choices.append(f"turn {name} {'up' if nearest['gain_db'] > 0 else 'down'} {abs(nearest['gain_db']):g} dB")
    elif wrong[0][0] != "loudness_lufs":
        spec, label = NUMBERS[wrong[0][0]], wrong[0][0].rpartition("_")[0].replace("_", " ") or wrong[0][0]
        choices.append(f"set the {label} to {nearest[wrong[0][0]]:g} {spec.unit} on {name}".replace(" :1", ":1"))
    elif "loudness_lufs" in nearest:
        choices.append(f"set the loudness to {nearest['loudness_lufs']:g} LUFS")
    return ask(f"That cannot be done: {'; '.join(facts)}. What should it be?", *choices, targets=targets)
