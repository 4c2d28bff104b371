"""What was heard in one clause."""

from dataclasses import dataclass, field

__all__ = ["Asked", "Reading"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One word with its direction.

    Attributes:
        word: ontology id.
        direction: "+" or "-".
        amount: 1.0 is the bare word.
        settled: False where the clause alone does not tell (praise or complaint?).
        why: in plain words.
        confidence: that the word is the one that was meant.
    """

    word: str
    direction: str
    amount: float = 1.0
    settled: bool = True
    why: str = ""
    confidence: float = 1.0


@dataclass(slots=True)
class Reading:
    """What a clause says.

    Attributes:
        targets: track names, or "mix", or part ids where the song's tracks are not known; None where none is named.
        missing: parts that were named and that the song does not have.
        pronoun: "it", "that": the target was named before.
        trailing: the target is named after what is asked of it ("less mud in the keys").
        rest: "the rest": everything that was not named before.
        words: what is asked, in order.
        numbers: by the names of `NUMBERS`, not yet checked.
        amount: said on its own ("a bit").
        section: "chorus", "verse 2", "0:45-1:00" or None.
        verb: what the last verb does: raise, lower, fix, add, make or "".
        only: a processor that alone may move.
        limits: processors that were named as parts of the console.
        quality: what a change must not cost ("loudness", "tone"), where no word says it.
        excluded: processors that must not move.
        level: 1 or -1 where a verb raises or lowers and nothing says what.
        vague: words that say too little ("better").
        unknown: words that nothing is known of.
        region: a stretch of the spectrum that was named, as the word for it.
        both_sides: left and right were both named.
        notes: why, in plain words.
    """

    targets: tuple[str, ...] | None = None
    missing: tuple[str, ...] = ()
    pronoun: bool = False
    trailing: bool = False
    rest: bool = False
    words: list[Asked] = field(default_factory=list)
    numbers: dict[str, float] = field(default_factory=dict)
    amount: float | None = None
    section: str | None = None
    verb: str = ""
    only: str | None = None
    limits: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    quality: str | None = None
    level: int = 0
    less: bool = False
    vague: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    region: str | None = None
    both_sides: bool = False
    notes: list[str] = field(default_factory=list)
