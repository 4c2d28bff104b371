"""Forms and slips of words: which base an ending stands on, and which label a typing slip was meant for."""

from collections.abc import Mapping
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

__all__ = ["Slip", "Speller", "adjective_stems", "stems"]

# Suffix -> what may stand in its place. The longest suffix is tried first.
_ENDINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("sounding", ("",)),
    ("iness", ("y", "e")),
    ("iest", ("y", "ey")),
    ("ness", ("",)),
    ("edly", ("ed",)),
    ("ened", ("", "e")),
    ("ening", ("", "e")),
    ("like", ("",)),
    ("ier", ("y", "ey")),
    ("ily", ("y",)),
    ("ies", ("y",)),
    ("est", ("", "e")),
    ("ish", ("", "e")),
    ("ing", ("", "e", "y", "ed")),
    ("ity", ("", "e")),
    ("ens", ("", "e")),
    ("en", ("", "e")),
    ("ed", ("", "e", "y")),
    ("er", ("", "e")),
    ("ly", ("", "le", "e")),
    ("y", ("", "e")),
    ("s", ("",)),
)
# Endings of adjectives: only these are looked through for a slip in the stem ("brigther"), since those of verbs and
# plurals stand on too many other words ("working" is not "wonky").
_ADJECTIVE_ENDINGS = frozenset({"iness", "iest", "ness", "ier", "est", "er", "ish"})
_LEAST_STEM = 5


@dataclass(frozen=True)
class Slip:
    """A label that was probably meant, and how many slips away it is."""

    label: str
    count: int


def stems(key: str, only: frozenset[str] | None = None) -> list[str]:
    """Return every base form that the endings of English allow, likely ones first.

    Args:
        key: a word in its compared form.
        only: endings to look at; None: all.
    """
    found: list[str] = []
    for ending, replacements in _ENDINGS:
        if only is not None and ending not in only:
            continue
        if key.endswith(ending) and len(key) - len(ending) >= 3:
            base = key[: -len(ending)].rstrip()
            found += [base + replacement for replacement in replacements]
            if len(base) > 3 and base[-1] == base[-2]:  # fatter, thinned
                found.append(base[:-1])
    return found


def adjective_stems(key: str) -> list[str]:
    """Return the bases, long enough to look for a slip in, of what ends like an adjective's form."""
    return [stem for stem in stems(key, _ADJECTIVE_ENDINGS) if len(stem) >= _LEAST_STEM]


class Speller:
    """Labels to compare with, by optimal string alignment: a letter left out, added, changed or swapped is one slip.

    Args:
        owners: label in its compared form -> the word it belongs to; labels of one word do not compete.
    """

    def __init__(self, owners: Mapping[str, str]) -> None:
        self._owners = dict(owners)
        self._labels = list(owners)

    def nearest(self, key: str) -> Slip | None:
        """Return the one label that is near enough, None where there is none or two words are equally near."""
        best: tuple[int, int] | None = None
        near: list[str] = []
        for label, distance, _ in process.extract(
            key, self._labels, scorer=OSA.distance, processor=None, score_cutoff=2, limit=None
        ):
            # The first letter is seldom wrong; swapped letters are, in any word.
            if label[0] not in key[:2]:
                continue
            swapped = sorted(key) == sorted(label) and distance <= len(key) // 3
            if distance > _allowed_slips(key, label) and not swapped:
                continue
            rank = (int(distance), abs(len(label) - len(key)) + (key[0] != label[0]))
            if best is None or rank < best:
                best, near = rank, [label]
            elif rank == best:
                near.append(label)
        if best is None or len({self._owners[label] for label in near}) > 1:
            return None
        return Slip(near[0], best[0])

    def one_slip(self, stem: str) -> str | None:
        """Return the label at most one slip from a stem, None where several words have one."""
        near = [
            label
            for label, _, _ in process.extract(
                stem, self._labels, scorer=OSA.distance, processor=None, score_cutoff=1, limit=None
            )
            if label[0] == stem[0] and len(label) > 3
        ]
        return near[0] if len({self._owners[label] for label in near}) == 1 else None

    def suggestions(self, key: str, count: int = 3) -> list[str]:
        """Return labels that look alike, for a text that was not understood."""
        found = process.extract(
            key, self._labels, scorer=OSA.normalized_similarity, processor=None, score_cutoff=0.5, limit=count
        )
        return [label for label, _, _ in found]


def _allowed_slips(key: str, label: str) -> int:
    """Return how many slips a word of this length survives: short words collide with real ones."""
    return 0 if len(key) < 5 else 1 if max(len(key), len(label)) < 9 else 2
