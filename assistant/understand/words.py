"""Descriptors in a clause: which, in which direction, how much."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from assistant.understand.clauses import Clause
from assistant.understand.heard import Asked, Reading
from assistant.understand.marks import Mark
from assistant.understand.vocabulary import words as spoken
from ontology.language import load_language

__all__ = ["Scope", "read_level", "read_region", "read_words"]

_ON_TOP = "on top"
_PLACES = ("put", "sit", "place", "have", "keep")
_TAKEN_OUT = ("less", "not")
_DEGREES = ("more", "less", "too", "not", "needs", "lacks", "enough")


@dataclass(slots=True)
class Scope:
    """What the small words before a descriptor say about it.

    Attributes:
        verb: raise, lower, fix, add, make or "".
        verb_text: as it was said.
        degrees: more, less, too, not, needs, lacks, enough, as they were heard since the last descriptor.
        sign: which way the verbs move a gain: 1, -1, or 0 where none says.
        amount: a degree that waits for its descriptor.
        region: a stretch of the spectrum; `region_text` as it was said.
    """

    verb: str = ""
    verb_text: str = ""
    degrees: set[str] = field(default_factory=set)
    sign: int = 0
    amount: float | None = None
    region: str | None = None
    region_text: str = ""
    closed: bool = False

    @property
    def cure(self) -> str | None:
        """What a verb that takes away asks for where nothing is named ("tame the drums")."""
        return load_language().verbs["fix"].get(self.verb_text) if self.verb == "fix" else None  # type: ignore[union-attr]

    def hear_degree(self, kind: str) -> None:
        """A degree after a descriptor opens a new scope ("more warmth and less mud")."""
        if self.closed and kind in ("more", "less", "too", "not"):
            self.degrees = set()
        self.closed = False
        self.degrees.add(kind)

    def hear_verb(self, m: Mark) -> None:
        self.verb, self.verb_text = m.value, m.text
        self.sign = {"raise": 1, "add": 1, "lower": -1, "fix": -1}.get(self.verb, self.sign)

    def hear_particle(self, m: Mark) -> None:
        """ "turn ... up", "take ... out"."""
        self.sign = 1 if m.value == "raise" else -1
        if self.sign < 0 and m.text not in ("up", "down"):
            self.verb = "lower"
        elif self.verb in ("", "make"):
            self.verb = m.value


def read_words(reading: Reading, marks: Sequence[Mark], clause: Clause) -> Scope:
    """Read words with their directions into `reading`; returns what the small words around them said."""
    language, scope = load_language(), Scope()
    for at, m in enumerate(marks):
        if m.kind == "verb":
            scope.hear_verb(m)
            for later in marks[at:]:  # "take the edge off": what stands apart belongs to the verb
                if later.kind == "particle" and later.text in language.separable:
                    scope.hear_particle(later)
        elif m.kind == "only":
            scope.degrees = set()
        elif m.kind == "effect" and "word" not in m.kinds and marks[at - 1 : at] and marks[at - 1].kind in _TAKEN_OUT:
            reading.excluded += (m.value,)
            scope.degrees = set()
        elif m.kind == "particle":
            scope.hear_particle(m)
        elif m.kind == "too" and m.text == "too" and at == len(marks) - 1:
            continue  # "the strings too": as well
        elif m.kind in _DEGREES:
            scope.hear_degree(m.kind)
            reading.less = reading.less or m.kind == "less"
            if m.kind == "enough" and reading.words and "too" not in scope.degrees:
                last = reading.words[-1]
                reading.words[-1] = replace(last, direction="+", settled=True, why=f"not enough of it: {last.why}")
            if (
                m.kind == "too"
                and m.text != "too"
                and reading.words
                and not any(n.kind in ("word", "region") for n in marks[at:])
            ):
                last = reading.words[-1]
                reading.words[-1] = replace(last, direction="-", settled=True, why=f"too much of it: {last.why}")
        elif m.kind == "amount":
            scope.amount = m.value
        elif m.kind == "judging" and m.value == "bad":
            scope.hear_degree("bad")
        elif m.kind == "processor":
            _read_processor(reading, m)
        elif m.kind == "region":
            scope.region, scope.region_text = m.value, m.text
        elif m.kind == "word":
            _read_word(reading, scope, marks, at, clause)
        elif m.kind == "vague":
            reading.vague.append(m.text)
        elif m.kind == "other" and m.text not in language.small and m.text.isalpha():
            reading.unknown.append(m.text)
    if scope.amount is not None and reading.words and reading.words[-1].amount == 1.0:
        reading.words[-1] = replace(reading.words[-1], amount=scope.amount)  # "tuck it under the keys a bit"
    reading.verb = scope.verb
    _read_effect_size(reading, marks, scope.degrees)
    return scope


def _read_effect_size(reading: Reading, marks: Sequence[Mark], said: set[str]) -> None:
    """ "The delay is too loud", "a shorter reverb", "the esses are loud": loud or long is much of it."""
    language = load_language()
    stated = next((at for at, m in enumerate(marks) if m.kind == "copula"), 0)
    at = next((i for i, m in enumerate(marks) if m.kind == "word" and ("effect" in m.kinds or i < stated)), None)
    if at is None or not reading.words or reading.words[0].word != marks[at].value[0]:
        return
    effect, *others = reading.words
    described = any(m.kind == "copula" for m in marks[at:])
    adjective = next((language.effect_adjectives.get(m.text) for m in marks if m.kind in ("other", "amount")), None)
    if not others and adjective is not None and "more" not in said:
        direction = _turned(adjective) if "too" in said else adjective
        why = f"{effect.why}, and how much of it"
        reading.words = [replace(effect, direction=direction, settled=True, why=why)]
        reading.unknown = []
    elif others and described and (size := language.effect_sizes.get(others[0].word)) is not None:
        direction = others[0].direction if size == "+" else _turned(others[0].direction)
        why = f"{others[0].why}, said of the {marks[at].text}"
        found = replace(effect, direction=direction, settled=others[0].settled, amount=others[0].amount, why=why)
        reading.words = [found, *others[1:]]


def _turned(direction: str) -> str:
    return {"+": "-", "-": "+"}[direction]


def _read_processor(reading: Reading, m: Mark) -> None:
    entry = m.value
    if entry.descriptor:
        reading.words.append(Asked(entry.descriptor, "+", 1.0, True, f"'{m.text}' makes it {entry.descriptor}"))
        reading.only = entry.only
    elif entry.number:
        reading.numbers[entry.number] = load_language().defaults[entry.number]


def _read_word(reading: Reading, scope: Scope, marks: Sequence[Mark], at: int, clause: Clause) -> None:
    m = marks[at]
    word_id, base, why, confidence = m.value
    width = load_language().bandwidths.get(m.text)
    if width is not None and at + 1 < len(marks) and marks[at + 1].text in load_language().band_nouns:
        reading.numbers["q"] = width
        reading.notes.append(f"'{m.text}' says how wide the band is: Q {width:g}")
        return
    share = load_language().effect_amounts.get(word_id)
    if share is not None and marks[at + 1 : at + 2] and "effect" in marks[at + 1].kinds and base == "+":
        scope.amount = share  # "heavy compression"
        return
    reason = _only_describes(m, marks, at, scope)
    if reason or any(asked.word == word_id for asked in reading.words):
        if reason:
            reading.notes.append(f"'{m.text}' {reason}")
        return
    direction, settled, reason = _direction(word_id, m, scope, clause)
    if base == "-":
        direction = _turned(direction)
    why = f"'{m.text}' is {word_id} ({why}); {reason}"
    reading.words.append(Asked(word_id, direction, scope.amount or 1.0, settled, why, confidence))
    scope.closed, scope.amount = True, None


def _only_describes(m: Mark, marks: Sequence[Mark], at: int, scope: Scope) -> str:
    """Why a descriptor asks for nothing: it says which track or when; "" where it asks."""
    language, ontology = load_language(), spoken().ontology
    later = [n for n in marks[at + 1 :] if n.kind not in ("word", "comma") and n.text != "and"]
    before = [n.text for n in marks[:at] if n.kind not in ("word", "amount")]
    if later and later[0].text in language.moments and before and before[-1] in language.determiners:
        return "only says when"
    named = later and later[0].kind in ("track", "part") and scope.verb in ("make", "raise", "lower")
    if named and ontology[m.value[0]].problem and any(n.kind == "word" for n in marks[marks.index(later[0]) :]):
        return "only says which track"
    return ""


def _direction(word_id: str, m: Mark, scope: Scope, clause: Clause) -> tuple[str, bool, str]:
    """Which way a word is meant, whether that is settled, and why."""
    said, statement, verb = scope.degrees, clause.mood == "statement", scope.verb
    problem = spoken().ontology[word_id].problem
    complaint = problem or word_id in load_language().complaints or m.value[1] == "-"
    comparative = m.text.endswith(("er", "ier")) and m.text != word_id and " " not in m.text
    wanted = "needs" in said or not statement
    rules = (
        (clause.what == "dislike", "-", True, "it is not liked"),
        ("bad" in said and not {"more", "needs"} & said, "-", True, "it is said to be bad"),
        ({"enough", "not"} <= said, "+", True, "not enough of it"),
        (not wanted and {"not", "less"} & said and "too" in said, "-", False, "it is said not to be too much"),
        ("too" in said, "-", True, "too much of it"),
        ("lacks" in said, "+", True, "it lacks it"),
        ("less" in said and wanted, "-", True, "less of it"),
        ("less" in said and complaint, "-", False, "it is said not to be"),
        ("less" in said, "+", True, "there is less of it than wanted"),
        ("not" in said and verb not in ("fix", "lower") and wanted, "-", True, "not so"),
        ("not" in said and verb not in ("fix", "lower") and problem, "-", False, "it is said not to be"),
        ("not" in said and verb not in ("fix", "lower"), "+", True, "it is not so"),
        (verb == "lower" and word_id in load_language().downwards, "+", True, "that is down"),
        (verb in ("fix", "lower"), "-", True, "the verb takes it away"),
        ("needs" in said, "+", True, "it needs it"),
        ("more" in said and not statement, "+", True, "more of it"),
        (statement and complaint, "-", True, "a complaint"),
        (statement, "-", False, "said of the sound: praise or complaint"),
        (clause.mood in ("question", "report") and not comparative and complaint and clause.what != "explore",
         "-", True, "what may be wrong"),
        (clause.mood in ("question", "report") and not comparative, "+", True, "asked about"),
        (bool(verb) or clause.what == "request" or clause.mood in ("order", "keep"), "+", True, "asked for"),
        (comparative, "+", True, "the comparative asks for more"),
        (problem and m.value[1] == "+", "-", True, "a problem named alone is to go away"),
        (True, "+", True, "named alone"),
    )  # fmt: skip
    return next((direction, settled, why) for fits, direction, settled, why in rules if fits)


def read_region(reading: Reading, scope: Scope, clause: Clause) -> None:
    """A stretch of the spectrum is a word only where nothing else says what to do there."""
    if scope.region is None:
        return
    reading.region = scope.region
    sizes = [load_language().effect_sizes.get(asked.word) for asked in reading.words]
    if len(sizes) == 1 and sizes[0] is not None and reading.targets is None:  # "the sub is too loud"
        asked = reading.words[0]
        direction = asked.direction if sizes[0] == "+" else _turned(asked.direction)
        reading.words = [replace(asked, word=scope.region, direction=direction, why=f"{asked.why}, said of a region")]
        return
    if reading.words or {"freq_hz", "highpass_hz", "lowpass_hz"} & reading.numbers.keys():
        return
    said, verb = scope.degrees, scope.verb
    if (
        scope.region_text == _ON_TOP and reading.targets and scope.verb_text in ("put", "sit", "place", "have", "keep")
    ):  # "put the vocal on top"
        reading.region = None
        _ask(reading, scope, "forward", "+", f"'{scope.verb_text} ... {_ON_TOP}' asks for it to stand out")
        return
    if scope.cure in ("clean", "clear"):
        reading.words.append(Asked("muddy", "-", scope.amount or 1.0, True, "cleaning a region takes mud away"))
        return
    if {"enough", "not"} <= said:
        direction = "+"
    elif verb in ("fix", "lower") or {"less", "too"} & said or clause.what == "dislike":
        direction = "-"
    elif verb in ("raise", "add") or said & {"more", "needs", "lacks"} or clause.what == "request":
        direction = "+"
    elif scope.sign:
        direction = "+" if scope.sign > 0 else "-"
    else:
        return
    reading.words.append(Asked(scope.region, direction, scope.amount or 1.0, True, f"the region is {scope.region}"))


def read_level(reading: Reading, scope: Scope, clause: Clause) -> None:
    """What is asked where no descriptor stands: a cure, to stand out, a processor, or a level."""
    if reading.words or clause.what == "narrative":
        return
    effect = _named_effect(reading)
    lessens = scope.verb in ("lower", "fix") or "less" in scope.degrees
    if scope.cure is not None and scope.region is None:
        _ask(reading, scope, scope.cure, "+", f"'{scope.verb_text}' asks for {scope.cure}")
    elif scope.verb_text in load_language().forward and reading.targets:
        _ask(reading, scope, "forward", "+", f"'{scope.verb_text}' asks for it to stand out")
    elif scope.verb_text in load_language().backward and reading.targets:
        _ask(reading, scope, "tucked", "+", f"'{scope.verb_text}' asks for it to sit back")
    elif effect is not None and (lessens or scope.verb in ("raise", "add") or "more" in scope.degrees):
        _ask(reading, scope, effect, "-" if lessens else "+", f"the processor makes it {effect}")
    elif clause.what != "dislike":
        reading.level = _level(reading, scope, clause)


def _ask(reading: Reading, scope: Scope, word: str, direction: str, why: str) -> None:
    reading.words.append(Asked(word, direction, scope.amount or 1.0, True, why))


def _level(reading: Reading, scope: Scope, clause: Clause) -> int:
    """1 or -1 where the fader is meant, else 0: words that say something else are not taken for it."""
    said, statement = scope.degrees, clause.mood == "statement"
    strange = bool(reading.unknown or reading.vague)
    if scope.verb in ("raise", "lower", "add") and not (reading.unknown and scope.verb_text not in _levels()):
        return scope.sign
    if strange:
        return 0
    if clause.opener.endswith("hear") and reading.targets:
        return 1
    if "too" in said and reading.targets:
        return -1
    if {"enough", "not"} <= said and reading.targets:
        return 1
    if (said & {"more", "needs"} and not statement) or {"more", "needs"} <= said:
        return 1
    return -1 if "less" in said and not reading.limits else 0


def _levels() -> tuple[str, ...]:
    """Verbs that raise or lower by themselves, whatever they are said of."""
    verbs = load_language().verbs
    return (*verbs["raise"], *verbs["lower"])


def _named_effect(reading: Reading) -> str | None:
    """The word for a processor that was named alone ("take the compressor off")."""
    words = load_language().effect_words
    return next((words[name] for name in reading.limits if name in words and name not in reading.excluded), None)
