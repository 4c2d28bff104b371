"""Which of its readings each stretch of a clause has here."""

from collections.abc import Sequence

from assistant.understand.marks import Mark
from assistant.understand.numbers import is_panned

__all__ = ["choose"]


_NOUNS = ("track", "part", "mix", "region", "pron")


_QUIET = ("det", "filler")
_ORDER = (
    "speed", "platform", "less", "more", "too", "enough", "not", "needs", "lacks", "copula", "similes", "word", "pron",
    "vague", "effect", "verb", "only", "count", "side", "middle", "quality", "filler",
)  # fmt: skip


def choose(marks: Sequence[Mark]) -> None:
    """Take one reading of every mark, from what stands around it."""
    seen: list[str] = []
    verbed = False
    panned = is_panned(marks)
    for at, m in enumerate(marks):
        kinds = m.kinds
        after = next((n for n in marks[at + 1 :] if "comma" not in n.kinds), None)
        later = after.kinds if after is not None else {}
        noun_next = any(kind in later for kind in (*_NOUNS, "word", "effect")) and "pron" not in later
        start = not [kind for kind in seen if kind not in _QUIET]
        content = next((kind for kind in reversed(seen) if kind not in ("amount",)), "")
        kind = ""
        if "number" in kinds:
            kind = "number"
        elif "processor" in kinds and not ("cue" in kinds and any("number" in n.kinds for n in marks)):
            kind = "processor"
        elif "cue" in kinds and ("word" not in kinds or any("number" in n.kinds for n in marks)):
            kind = "cue"
        elif "verb" in kinds and seen[-1:] != ["det"] and (start or (content == "copula" and not verbed)):
            kind = "verb" if (after is not None and not start) or "word" not in kinds or after is not None else "word"
        elif "exclude" in kinds and "mix" in seen:
            kind = "exclude"
        elif panned and {"side", "middle", "strength"} & kinds.keys():
            kind = next(k for k in ("side", "middle", "strength") if k in kinds)
        elif "det" in kinds and "pron" in kinds:
            kind = "det" if noun_next else "pron"
        elif "det" in kinds and "amount" not in kinds:
            kind = "det"
        elif "amount" in kinds:
            degree = any(
                k in later
                for k in ("word", "more", "less", "too", "vague", "region", "part", "effect", "particle", "det")
            )
            kind = "word" if "word" in kinds and (not degree or content in ("det", "copula")) else "amount"
        elif "particle" in kinds and (verbed or "word" not in kinds):
            kind = "particle"
        elif "rest" in kinds:
            kind = "rest"
        elif {"track", "part", "region", "mix"} & kinds.keys():
            bare = content in ("more", "less", "too", "lacks", "needs", "add", "copula", "enough")
            noun = next(k for k in ("track", "part", "mix", "region") if k in kinds)
            kind = (
                "word"
                if "word" in kinds and noun not in ("region", "mix") and bare and "det" not in seen[-1:]
                else noun
            )
        elif "word" in kinds and "filler" not in kinds:
            kind = "word"
        else:
            kind = next((k for k in _ORDER if k in kinds), "other")
        m.kind = kind
        verbed = verbed or kind == "verb"
        seen.append("add" if kind == "verb" and m.value in ("add", "raise") else kind)
