"""How much of the last change to keep: "half of that", "only 30 % of it", "keep only the EQ part"."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.request import MIX, Request
from assistant.understand.clarify import ask_range
from assistant.understand.marks import Mark, head, mark
from assistant.understand.numbers import out_of_range
from assistant.understand.refer import Context, again
from assistant.understand.tokens import Token
from assistant.understand.tracks import TrackName, tracks_of_part
from ontology.language import load_language

__all__ = ["Share", "rescaled", "shares_in"]

_JOINTS = ("and", ",", "but")


@dataclass(frozen=True, slots=True)
class Share:
    """A share of the last change.

    Attributes:
        kind: "of": that share is kept; "only": nothing but the parts; "add": that share is added; "drop": the parts go.
        value: the share; 1.0 for "only".
        parts: processors that are meant; empty: all of them.
        targets: tracks that are meant; empty: all that were changed.
    """

    kind: str
    value: float
    parts: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()


def shares_in(tokens: Sequence[Token], tracks: Sequence[TrackName]) -> list[Share]:
    """Read a clause as shares of the last change; empty unless all of it says so.

    "half of that", "30 % of the EQ and 70 % of the stereo field", "keep only the reverb part", "double it".
    """
    language = load_language()
    rest = _after(_after(tokens, language.requests), language.rescale)
    kept = _after(rest, language.keep_only)
    limited, rest = len(kept) < len(rest), _after(kept, language.drop_part)
    dropped = len(rest) < len(kept)
    found: list[Share] = []
    while rest:
        percent = rest[0].unit == "percent"
        kind, value, rest = ("drop", 0.0, rest) if dropped else _size(rest, limited)
        if not kind:
            return []
        spoken, parts, targets, rest = _object(rest, tracks)
        of_change = spoken or (parts and (percent or kind == "only"))
        if not (of_change or (percent and limited)) or (kind in ("only", "drop") and not parts):
            return []
        found.append(Share(kind, value, parts, targets))
        while rest and rest[0].text in _JOINTS:
            rest = rest[1:]
    return found


def _after(tokens: Sequence[Token], phrases: tuple[str, ...]) -> Sequence[Token]:
    """What follows one of the phrases; all of it where none stands at the front."""
    language, rest = load_language(), tokens
    while rest:
        if length := head(rest, phrases):
            return rest[length:]
        if not (skipped := 1 if rest[0].text == "," else head(rest, language.fillers)):
            break
        rest = rest[skipped:]
    return tokens


def _size(tokens: Sequence[Token], limited: bool) -> tuple[str, float, Sequence[Token]]:
    """The share at the front and what follows; kind is "" where there is none."""
    language = load_language()
    if tokens[0].unit == "percent" and tokens[0].value is not None:
        rest = tokens[1:]
        return "of", tokens[0].value / 100, rest[1:] if rest and rest[0].text == "of" else rest
    for kind, table in (("add", language.repeats), ("of", language.shares)):
        length = head(tokens, tuple(table))
        if length:
            value = table[" ".join(token.text for token in tokens[:length])]
            rest = tokens[length:]
            return kind, value, rest[1:] if rest and rest[0].text == "of" else rest
    return ("only", 1.0, tokens) if limited else ("", 0.0, tokens)


def _object(
    tokens: Sequence[Token], tracks: Sequence[TrackName]
) -> tuple[bool, tuple[str, ...], tuple[str, ...], Sequence[Token]]:
    """What the share is of: (whether a change is spoken of, processors, tracks, what follows)."""
    language = load_language()
    spoken, parts, targets = False, [], []
    for at, m in _marks(tokens, tracks):
        if m.text in language.change or (m.text in language.part_of_change and parts):
            spoken = True
        elif "effect" in m.kinds:
            parts.append(m.kinds["effect"])
        elif "part" in m.kinds or "track" in m.kinds:
            targets += m.kinds["track"] if "track" in m.kinds else tracks_of_part(*m.kinds["part"], tracks)
        elif not ({"det", "filler"} & m.kinds.keys() or m.text in (*language.small, *_JOINTS)):
            return False, (), (), tokens
        elif m.text in _JOINTS and _size_follows(tokens[at + 1 :]):
            return spoken, tuple(parts), tuple(targets), tokens[at + 1 :]
    return spoken, tuple(parts), tuple(targets), ()


def _size_follows(tokens: Sequence[Token]) -> bool:
    return bool(tokens) and _size(tokens, False)[0] != ""


def _marks(tokens: Sequence[Token], tracks: Sequence[TrackName]) -> Iterator[tuple[int, Mark]]:
    at = 0
    for m in mark(tokens, tracks):
        yield at, m
        at += len(m.text.split()) if m.token is None or m.token.value is None else 1


def rescaled(shares: Sequence[Share], context: Context) -> list[Request]:
    """The requests that shares of the last edits ask for; a share that cannot be is asked about."""
    changed = tuple(dict.fromkeys(target for request in context.edits for target in request.targets))
    requests: list[Request] = []
    for share in shares:
        targets = share.targets or changed or (MIX,)
        if wrong := out_of_range({"amount": share.value} if share.kind == "of" else {}):
            return [ask_range(wrong, {}, targets, ())]
        if share.kind == "drop":
            only = tuple(f"only:{part}" for part in share.parts)
            requests.append(
                Request(
                    intent="undo", targets=share.targets, direction="=", constraints=only, numbers={"versions": 1.0}
                )
            )
            continue
        if share.kind == "add":
            requests += [r for r in again(context, share.value) if not share.targets or set(r.targets) & set(targets)]
            continue
        side = "except" if share.kind == "only" else "only"
        requests.append(
            Request(
                intent="edit",
                targets=targets,
                direction="=",
                constraints=tuple(f"{side}:{part}" for part in share.parts),
                numbers={"amount": 0.0 if share.kind == "only" else share.value},
            )
        )
    return requests
