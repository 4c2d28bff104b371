"""Cut a text into clauses, and tell what each one does: order, ask, report, remark."""

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.understand.definitions import defined_in
from assistant.understand.marks import Mark, head, is_all, is_finite, mark
from assistant.understand.shares import shares_in
from assistant.understand.tokens import Token
from assistant.understand.tracks import TrackName
from ontology.language import Language, load_language

__all__ = ["Clause", "clauses_of", "names_only_targets", "sentences_of", "skip_fillers"]

_TARGETS = ("track", "part", "mix", "region", "pron", "rest")


@dataclass(slots=True)
class Clause:
    """A stretch that does one thing.

    Attributes:
        mood: order, statement, bare, question, report, command, reaction, same, keep, without, correction, only.
        what: the intent of a question or command, the kind of a reaction; else "".
        opener: the words that decided it.
        tokens: all of the clause.
        rest: what stands after the opener.
    """

    mood: str
    what: str
    opener: str
    tokens: list[Token]
    rest: list[Token]


def sentences_of(tokens: Sequence[Token]) -> list[tuple[list[Token], bool]]:
    """Split at full stops; with each sentence, whether it ended in a question mark."""
    sentences: list[tuple[list[Token], bool]] = []
    current: list[Token] = []
    for token in [*tokens, Token(".")]:
        if token.stop:
            if any(t.text != "," for t in current):
                sentences.append((current, "?" in token.text))
            current = []
        else:
            current.append(token)
    return sentences


def skip_fillers(tokens: Sequence[Token]) -> list[Token]:
    """Drop "please", "ok so" and commas from the front."""
    rest = list(tokens)
    while rest:
        length = 1 if rest[0].text == "," else head(rest, load_language().fillers)
        if not length or _longer(rest, length):
            break
        rest = rest[length:]
    return rest


def _longer(tokens: Sequence[Token], length: int) -> bool:
    """Whether what opens like a filler is the front of a longer name ("hi-fi")."""
    first = mark(tokens[:4], ())[0]
    return len(first.text.split()) > length and "word" in first.kinds


def clauses_of(sentence: Sequence[Token], asked: bool, tracks: Sequence[TrackName]) -> list[Clause]:
    """Split a sentence into clauses and read the mood of each."""
    language = load_language()
    parts: list[list[Token]] = [[]]
    tokens = list(sentence)
    at = 0
    while at < len(tokens):
        text = tokens[at].text
        current = parts[-1]
        if current and text in language.joints and not _degree(tokens, at, tracks):
            after = at + 1
            while after < len(tokens) and tokens[after].text in (*language.joints, ","):
                after += 1
            contrast = text in language.contrasts and not _ends_in_all(current, tracks)
            if _starts(tokens[after:], current, tracks, contrast):
                parts.append([])
                at = after
                continue
        elif (current and _runs_on(tokens, at, current, tracks)) or (
            current and text == "without" and not _ends_in_all(current, tracks)
        ):
            parts.append([])
        parts[-1].append(tokens[at])
        at += 1
    if shares_in(tokens, tracks):
        return [Clause("share", "", "", tokens, tokens)]
    if defined_in(tokens):
        return [Clause("definition", "teach", "", tokens, tokens)]
    clauses = [_mood(part, tracks, language) for part in _with_openers(parts, language)]
    if clauses and clauses[0].mood == "without" and clauses[0].opener.split()[0] == "not":
        first = clauses[0]
        if head(first.tokens, (*language.less, "not enough")) >= len(first.opener.split()):
            clauses[0] = Clause("bare", "", "not", first.tokens, skip_fillers(first.tokens))
    if asked and clauses and clauses[-1].mood in ("statement", "bare"):
        clauses[-1].mood, clauses[-1].what, clauses[-1].opener = "question", "diagnose", "?"
    return clauses


def _with_openers(parts: list[list[Token]], language: Language) -> list[list[Token]]:
    """Drop what holds no words, and put "could you, if possible," together with what it opens."""
    joined: list[list[Token]] = []
    open_end = False
    for part in parts:
        words = [token for token in part if token.text != ","]
        if not words:
            continue
        if open_end:
            joined[-1] = [*(t for t in joined[-1] if t.text != ","), *skip_fillers(part)]
        else:
            joined.append(part)
        if rest := skip_fillers(words):
            open_end = is_all(rest, language.requests)
    said = [part for part in joined if skip_fillers(part) or _reaction(part, language)]
    return said or joined[:1]


def _runs_on(tokens: Sequence[Token], at: int, before: Sequence[Token], tracks: Sequence[TrackName]) -> bool:
    """ "vocal brighter drums punchier": a part and its word right after another part and its word."""
    following = mark(tokens[at : at + 8], tracks)
    if not _has(following[:1], "track", "part") or len(following) < 2 or not _asks(following[1]):
        return False
    earlier = mark(before, tracks)
    return _asks(earlier[-1]) and _has(earlier[-2:-1], "track", "part")


def _asks(m: Mark) -> bool:
    """Whether this is a descriptor and cannot be a part."""
    return "word" in m.kinds and not _has([m], "track", "part", "region", "mix")


def _ends_in_all(tokens: Sequence[Token], tracks: Sequence[TrackName]) -> bool:
    return "mix" in mark(tokens, tracks)[-1].kinds


def _degree(tokens: Sequence[Token], at: int, tracks: Sequence[TrackName]) -> bool:
    """ "so dry": a degree, no joint."""
    return tokens[at].text == "so" and at + 1 < len(tokens) and "word" in mark(tokens[at + 1 : at + 4], tracks)[0].kinds


def _has(marks: Sequence[Mark], *kinds: str) -> bool:
    return any(kind in m.kinds for m in marks for kind in kinds)


def _starts(rest: Sequence[Token], before: Sequence[Token], tracks: Sequence[TrackName], contrast: bool) -> bool:
    """Whether what follows a joint is a clause of its own rather than one more word or target."""
    language = load_language()
    rest = skip_fillers(rest)
    if not rest:
        return False
    if shares_in(rest, tracks) and _reaction(list(before), language):
        return True
    openers = (language.requests, language.dislikes, language.reports, language.without, language.keep, language.same)
    if any(head(rest, phrases) > (1 if phrases is language.same else 0) for phrases in openers):
        return True
    if any(head(rest, phrases) > 1 for phrases in (*language.questions.values(), *language.commands.values())):
        return True
    if rest[0].text in ("i", "we", "you", "why", "what", "how", "undo", "redo", "lock", "revert", "only", "do"):
        return True
    following = mark(rest, tracks)
    upto = next((i for i, m in enumerate(following) if i and m.text in language.joints), len(following))
    following = following[:upto]
    first = following[0]
    earlier = mark(before, tracks)
    reacted = bool(_reaction(list(before), language))
    if "particle" in first.kinds and _has(following, "number") and not _has(following, *_TARGETS):
        return False  # "at 1k, down 3 dB"
    if ("verb" in first.kinds or "processor" in first.kinds) and len(following) > 1:
        return not {"word", "vague"} & following[1].kinds.keys() or "word" not in first.kinds
    if _has([first], "more", "less", "too", "amount", "needs", "lacks") and _has(
        following[1:] or [first], "word", *_TARGETS
    ):
        return _has(earlier, "word", "number", "verb", "region") or reacted
    if first.text in ("at", "around") and _has(following[1:2], "number") and _band(earlier):
        return True  # "3 dB at 5k on the snare and at 3k on the guitar"
    if _gain(following) and _gain(earlier) and _has(earlier, "number") and len(following) > 1:
        return _band(earlier)  # "-2 dB at 300, +3 at 12k"
    if "number" in first.kinds or "speed" in first.kinds or ("particle" in first.kinds and len(following) < 3):
        return False
    if reacted and names_only_targets(following):
        return not head(skip_fillers(before) or before, language.correction)
    left_alone = bool(head(skip_fillers(before), language.keep)) and not _has(earlier, "word")
    content = [m for m in following if "det" not in m.kinds or _has([m], "part", "track")]
    settled = any(map(_asks, earlier)) or _has(earlier, "number", "particle", "vague", "side") or reacted
    settled = settled or contrast
    if "word" in first.kinds and len(following) > 1:
        if is_finite(first.text) or following[1].text in ("they", "he", "she"):
            return False
        if "det" in following[1].kinds or "pron" in following[1].kinds:
            return True
        named = _has(following[1:], "track", "part") or (left_alone and _has(following[1:], *_TARGETS))
        return (settled or left_alone) and _has(earlier, *_TARGETS) and named
    strange = len(following) > 2 and "det" in following[0].kinds and not following[1].kinds and _asks(following[2])
    if strange and settled:
        return True
    if content and _has(content[:1], *_TARGETS):
        return settled and _has(
            content[1:], "copula", "needs", "lacks", "word", "particle", "verb", "amount", "less", "more", "side"
        )
    return False


def _gain(marks: Sequence[Mark]) -> bool:
    """Whether a gain stands in front."""
    number = next((m.kinds["number"] for m in marks if "number" in m.kinds), None)
    return number is not None and (number.unit == "db" or number.signed)


def _band(marks: Sequence[Mark]) -> bool:
    """Whether a band is complete: a gain and where it is."""
    numbers = [m.kinds["number"] for m in marks if "number" in m.kinds]
    return len(numbers) > 1 and any(number.unit in ("hz", "none") for number in numbers)


def _mood(tokens: list[Token], tracks: Sequence[TrackName], language: Language) -> Clause:
    while tokens and tokens[-1].text == ",":
        tokens = tokens[:-1]
    if what := _reaction(tokens, language):
        return Clause("reaction", what, " ".join(t.text for t in tokens), tokens, [])
    if shares_in(tokens, tracks):
        return Clause("share", "", "", tokens, tokens)
    if defined_in(tokens):
        return Clause("definition", "teach", "", tokens, tokens)
    rest = skip_fillers(tokens) or tokens
    found: list[tuple[int, str, str]] = [
        (head(rest, language.same), "same", ""),
        (head(rest, language.requests), "order", "request"),
        *((head(rest, phrases), "question", intent) for intent, phrases in language.questions.items()),
        *((head(rest, phrases), "command", intent) for intent, phrases in language.commands.items()),
        (_reported(rest, language), "report", ""),
        (head(rest, language.dislikes), "order", "dislike"),
        (head(rest, language.correction), "correction", ""),
        (head(rest, language.without), "without", ""),
        (head(rest, language.keep), "keep", ""),
        (head(rest, language.only), "only", ""),
        (head(rest, language.exclude), "except", ""),
    ]
    length, mood, what = max(found, key=lambda entry: entry[0])
    if mood == "same" and not names_only_targets(mark(rest[length:], tracks)):
        length, mood, what = max((entry for entry in found if entry[1] != "same"), key=lambda entry: entry[0])
    opener, after = " ".join(t.text for t in rest[:length]), rest[length:]
    if mood == "except" and not names_only_targets(mark(after, tracks)):
        return _plain(tokens, rest, tracks, language)
    if mood == "correction" and not names_only_targets(mark(after, tracks)):
        if opener == "no" and after and after[0].text != ",":
            return Clause("bare", "", "", tokens, rest)  # "no reverb on the kick"
        if after:
            return _mood(after, tracks, language)
    if mood == "question" and what in ("diagnose", "teach"):
        what = _inside(rest, language) or what
    if what == "request" and (inner := _asked_inside(after, tracks, language)):
        return Clause(inner.mood, inner.what, f"{opener} {inner.opener}", tokens, inner.rest)
    if what == "request" and length > 1 and rest[1].text in (*language.determiners, *language.pronouns):
        after = rest[1:]  # "can the vocal", "could it be": who is asked for belongs to what is asked
        if "too" in {kind for m in mark(after, tracks) for kind in m.kinds}:
            mood, what = "question", "diagnose"
    clause = Clause(mood, what, opener, tokens, after) if length else _plain(tokens, rest, tracks, language)
    if clause.mood in ("order", "bare") and any(head(rest[at:], language.matched) for at in range(len(rest))):
        return Clause("command", "match", "like the reference", tokens, rest)
    return clause


def _reaction(tokens: list[Token], language: Language) -> str:
    """What a remark on the last change says, where that is all of it; else ""."""
    end = len(tokens)
    while end and (tokens[end - 1].text == "," or head(tokens[end - 1 :], language.fillers) == len(tokens) - end + 1):
        end -= 1
    for what, phrases in language.reactions.items():
        if any(is_all(part, phrases) for part in (tokens, skip_fillers(tokens), skip_fillers(tokens[:end]))):
            return what
    comma = next((at for at, token in enumerate(tokens) if token.text == ","), end)
    if 0 < comma < end - 1:  # "go on, a touch more": the last one counts
        first = _reaction(tokens[:comma], language)
        return _reaction(tokens[comma + 1 :], language) if first else ""
    return ""


def _plain(tokens: list[Token], rest: list[Token], tracks: Sequence[TrackName], language: Language) -> Clause:
    """The mood of a clause that no opener decides."""
    marks = mark(rest, tracks)
    if marks and "verb" in marks[0].kinds and (len(marks) > 1 or "word" not in marks[0].kinds):
        return Clause("order", "verb", marks[0].text, tokens, rest)
    if marks and "processor" in marks[0].kinds:
        return Clause("order", "verb", marks[0].text, tokens, rest)
    for index, m in enumerate(marks):
        if not {"copula", "needs", "lacks"} & m.kinds.keys() and not (index and "not" in m.kinds):
            continue
        named = _has(marks[:index], *_TARGETS, "effect") or _has(marks[:1], "det")
        if named or not _has(marks[:index], "word"):
            then = any(head(rest[at:], language.back_then) for at in range(len(rest)))
            return Clause("report" if then else "statement", "", m.text, tokens, rest)
    subject = next((i for i, m in enumerate(marks) if _has([m], "track", "part", "mix", "region", "pron")), None)
    if subject is not None and subject + 1 < len(marks) and all("det" in m.kinds for m in marks[:subject]):
        verb = marks[subject + 1]
        if not verb.kinds and verb.text.endswith("s"):
            return Clause("statement", "narrative", verb.text, tokens, rest)
    imperative = len(marks) > 1 and "word" in marks[0].kinds and {"det", "pron"} & marks[1].kinds.keys()
    if imperative and not is_finite(marks[0].text):
        return Clause("order", "verb", marks[0].text, tokens, rest)
    return Clause("bare", "", "", tokens, rest)


def _asked_inside(rest: list[Token], tracks: Sequence[TrackName], language: Language) -> Clause | None:
    """ "can you tell me why", "could you undo that": what is requested is no edit."""
    asked = max((head(rest, phrases) for phrases in language.questions.values()), default=0)
    commanded = max((head(rest, phrases) for phrases in language.commands.values()), default=0)
    if asked < 2 and not commanded:
        return None
    inner = _mood(rest, tracks, language)
    return inner if inner.mood in ("question", "command") else None


def _reported(rest: Sequence[Token], language: Language) -> int:
    """A report: one of the openers, or any "I ...ed"."""
    length = head(rest, language.reports)
    if rest and rest[0].text in language.said_of:
        done = next((i for i, token in enumerate(rest[1:5], 1) if token.text not in (*language.adverbs, "have")), 0)
        if done and rest[done].text.endswith("ed") and rest[done].text != "need":
            return max(length, done + 1)
    return length


def names_only_targets(marks: Sequence[Mark]) -> bool:
    """Whether this names parts and nothing that could be asked of them."""
    named = [m for m in marks if _has([m], *_TARGETS)]
    loose = [
        m
        for m in marks
        if m not in named and not _has([m], "det", "filler") and m.text not in ("other", "one", "and", "not", ",")
    ]
    return bool(named) and not loose


def _inside(tokens: Sequence[Token], language: Language) -> str:
    for intent, phrases in language.inside.items():
        for at in range(len(tokens)):
            if head(tokens[at:], phrases):
                return intent
    return ""
