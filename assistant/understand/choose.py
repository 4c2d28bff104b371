"""Which of its readings each stretch of a clause has here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from assistant.understand.marks import Mark
from assistant.understand.numbers import is_panned
from ontology.language import load_language

__all__ = ["choose"]

_NOUNS = ("track", "part", "mix", "region", "pron")
_QUIET = ("det", "filler")
_DEGREES = ("word", "more", "less", "too", "vague", "region", "part", "effect", "particle", "det", "needs", "lacks")
_BEFORE_NOUNS = ("number", "det", "word", "amount")
_WANTING = ("more", "less", "too", "lacks", "needs", "add", "copula", "enough")


@dataclass(slots=True)
class _Place:
    """A mark and what stands around it."""

    mark: Mark
    after: Sequence[Mark]
    seen: list[str]
    texts: list[str]
    panned: bool
    units: set[str]
    later: dict = field(default_factory=dict)

    @property
    def start(self) -> bool:
        return all(kind in _QUIET for kind in self.seen)

    @property
    def before(self) -> str:
        return self.seen[-1] if self.seen else ""

    @property
    def content(self) -> str:
        """The reading before, degrees aside."""
        return next((kind for kind in reversed(self.seen) if kind != "amount"), "")

    @property
    def numbered(self) -> bool:
        return bool(self.units)

    def can(self, *kinds: str) -> bool:
        return any(kind in self.mark.kinds for kind in kinds)

    def next_can(self, *kinds: str) -> bool:
        return any(kind in self.later for kind in kinds)


def _alone(place: _Place) -> bool:
    """A processor beside "only": it limits the change."""
    near = [mark for mark in place.after if not mark.kinds.keys() <= {"det", "filler"}]
    return "only" in place.seen[-3:] or (bool(near) and "only" in near[0].kinds and "effect" not in near[0].kinds)


def _verb(place: _Place) -> bool:
    if place.can("word") and not place.after:
        return False
    noun = (
        place.mark.kinds["verb"] in ("raise", "lower")
        and place.numbered
        and place.before in ("number", "det", "word", "amount")
    )
    first = place.before != "det" and (
        place.start or (place.content == "copula" and not {"verb", "add"} & set(place.seen))
    )
    return first or noun


def _particle(place: _Place) -> bool:
    verbs = load_language().separable.get(place.mark.text)
    if verbs is not None:
        return any(text.split()[0] in verbs for text in place.texts)
    return "verb" in place.seen or "add" in place.seen or not place.can("word")


def _degree(place: _Place) -> bool:
    if place.mark.text == "so":
        return place.next_can("word", "vague", "more", "less")
    return not place.can("word") or (place.next_can(*_DEGREES) and place.content not in ("det", "copula"))


def _noun(place: _Place) -> bool:
    wanted = place.content in _WANTING and place.before != "det"
    return not (place.can("word") and wanted and not place.can("region", "mix"))


def _points(place: _Place) -> bool:
    """ "That guitar", where "that" alone would be a pronoun."""
    return place.can("pron") and place.next_can(*_NOUNS, "word", "effect", "judging") and not place.next_can("pron")


def _always(_: _Place) -> bool:
    return True


_RULES: tuple[tuple[str, Callable[[_Place], bool]], ...] = (
    ("number", _always),
    ("effect", _alone),
    ("only", lambda place: place.next_can("effect") or place.before == "effect"),
    ("processor", lambda place: not (place.can("cue") and place.numbered)),
    ("cue", lambda place: place.units & set(place.mark.kinds["cue"].units) or not place.can("word")),
    ("verb", _verb),
    ("judging", lambda place: place.next_can("word")),
    ("exclude", lambda place: bool({"mix", "part", "track"} & set(place.seen))),
    *((kind, lambda place: place.panned) for kind in ("side", "middle", "strength")),
    ("less", lambda place: place.mark.text == "no" and place.next_can("word", "effect", "more", "part", "track")),
    ("det", lambda place: not place.can("pron", "amount")),
    ("det", _points),
    ("pron", lambda place: place.can("det")),
    ("amount", _degree),
    ("particle", _particle),
    ("rest", _always),
    ("track", _noun), ("part", _noun), ("mix", _noun), ("region", _noun),
    ("word", lambda place: not place.can("filler")),
    *((kind, _always) for kind in (
        "speed", "platform", "less", "more", "too", "enough", "not", "needs", "lacks", "copula", "similes", "word",
        "pron", "vague", "effect", "verb", "only", "count", "side", "middle", "quality", "filler",
    )),
)  # fmt: skip
"""Reading -> when it is taken; the first that the mark can have and that fits wins."""


def choose(marks: Sequence[Mark]) -> None:
    """Take one reading of every mark, from what stands around it."""
    panned = is_panned(marks)
    units = {mark.kinds["number"].unit for mark in marks if "number" in mark.kinds}
    seen: list[str] = []
    for at, mark in enumerate(marks):
        after = [m for m in marks[at + 1 :] if "comma" not in m.kinds]
        place = _Place(mark, after, seen, [m.text for m in marks[:at]], panned, units)
        place.later = after[0].kinds if after else {}
        mark.kind = next((kind for kind, fits in _RULES if kind in mark.kinds and fits(place)), "other")
        seen.append("add" if mark.kind == "verb" and mark.value in ("add", "raise") else mark.kind)
