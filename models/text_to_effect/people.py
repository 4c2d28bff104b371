"""What people set for words: their equaliser curves and their settings of other processors. Read for training only.

The folder holds SocialEQ, SocialReverb, SocialFX and SAFE as tables, with rows that are no statement about a word
("test"), with one contributor who supplies 40 % of warm and bright, and with curves without dB. So:
- all a person's settings for a word become one curve, and a person counts once;
- a descriptor counts only if all of it is known; of two words named, each gets half;
- Spanish words count where the table of translations has them, and less: a translated word is a guess at what
  somebody meant. They are never what is predicted, only what is learnt from.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from console.errors import ModelError
from models.text_to_effect.lexicon import Lexicon, words_of

__all__ = ["SPANISH", "Curve", "Opinion", "read_curves", "read_opinions", "read_table", "read_translations", "shape_of"]

_FLAT_DB = 0.5
_CONSISTENT = 0.1
_RATER_FLOOR = 0.3
_AGREED = 0.5  # a word ticked from others' against one written
_TRANSLATED = 0.6  # a person who said it in Spanish against one who said it in English
SPANISH = Path(__file__).with_name("spanish.csv")
_SOCIAL = {"reverb": "social_reverb/reverb", "compressor": "social_comp/comp"}


@dataclass(frozen=True)
class Curve:
    """One person's equaliser for one word.

    Attributes:
        word: id.
        person: unique over all studies.
        shape: (40,) mean 0, rms 1.
        weight: of this person among the others.
        rms_db: strength; None where the study kept no dB.
        translated: the word was said in Spanish.
    """

    word: str
    person: str
    shape: np.ndarray
    weight: float
    rms_db: float | None
    translated: bool = False


@dataclass(frozen=True)
class Opinion:
    """One person called one setting of a study by a word."""

    word: str
    person: str
    setting: str
    weight: float


def shape_of(curve: np.ndarray) -> tuple[np.ndarray, float]:
    """Return a curve's shape (mean 0, rms 1) and its rms."""
    centred = curve - curve.mean()
    rms = float(np.sqrt(np.mean(np.square(centred))))
    return centred / max(rms, 1e-9), rms


def read_table(path: Path) -> list[dict[str, str]]:
    """Read a CSV.

    Raises:
        ModelError: it is not there.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except OSError as error:
        raise ModelError(f"{path} cannot be read. Give the folder of the human data.") from error


def read_translations() -> dict[str, str]:
    """Return Spanish word -> English word, those that are sure."""
    return {row["spanish"]: row["word"] for row in read_table(SPANISH)}


def read_curves(folder: Path, lexicon: Lexicon, translations: Mapping[str, str] | None = None) -> list[Curve]:
    """Read every usable equaliser curve, one a person and word.

    Args:
        folder: holds social_eq/ and safe/.
        lexicon: the words to look for.
        translations: Spanish word -> English; None: the table that is shipped; empty: none.
    Raises:
        ModelError: a table is missing or has other columns.
    """
    names = lexicon.names()
    try:
        table = read_translations() if translations is None else translations
        return [*_social_eq(folder, names, table), *_safe_eq(folder, names)]
    except (KeyError, ValueError) as error:
        raise ModelError(f"A table in {folder} has other columns than expected: {error!r}.") from error


def _social_eq(folder: Path, names: Mapping[str, tuple[str, int]], translations: Mapping[str, str]) -> Iterator[Curve]:
    for row in read_table(folder / "social_eq" / "eq_contributions.csv"):
        translated = row["language"] != "English"
        word = translations.get(row["word"], "") if translated else row["word"]
        found = words_of(word, names) if word else []
        shape, rms = shape_of(np.array([float(value) for name, value in row.items() if name.startswith("z_")]))
        if len(found) == 1 and rms > 1e-6:
            weight = _RATER_FLOOR + max(float(row["ratings_consistency"]), 0.0)
            weight *= _TRANSLATED if translated else 1.0
            yield Curve(found[0], f"session {row['row_id']}", shape, weight, None, translated)


def _safe_eq(folder: Path, names: Mapping[str, tuple[str, int]]) -> Iterator[Curve]:
    gathered: dict[tuple[str, str], list[tuple[np.ndarray, float]]] = defaultdict(list)
    for row in read_table(folder / "safe" / "safe_equaliser_curves_db.csv"):
        found = [] if "test" in row["descriptor"] else words_of(row["descriptor"], names)
        curve = np.array([float(value) for name, value in row.items() if name.startswith("db_")])
        if found and shape_of(curve)[1] >= _FLAT_DB:
            for word in found:
                gathered[word, row["contributor"]].append((curve, 1.0 / len(found)))
    for (word, person), rows in gathered.items():
        weights = [weight for _, weight in rows]
        mean = np.average([shape_of(curve)[0] for curve, _ in rows], axis=0, weights=weights)
        shape, left = shape_of(mean)
        if left > _CONSISTENT:  # somebody who contradicts himself says nothing
            strength = float(np.median([shape_of(curve)[1] for curve, _ in rows]))
            yield Curve(word, f"safe {person}", shape, _RATER_FLOOR + max(weights), strength)


def read_opinions(folder: Path, lexicon: Lexicon, processor: str) -> list[Opinion]:
    """Read who called which setting of SocialReverb ("reverb") or SocialFX ("compressor") by which word.

    Raises:
        ModelError: the table is missing or has other columns.
    """
    names = lexicon.names()
    path = folder / f"{_SOCIAL[processor]}_contributions.csv"
    opinions: dict[tuple[str, str, str], float] = {}
    try:
        for row in read_table(path):
            for column, weight in (("words", 1.0), ("agreed", _AGREED)):
                for text in filter(None, row[column].split(",")):
                    for word in words_of(text, names):
                        key = (word, row["user"], row["setting"])
                        opinions[key] = max(opinions.get(key, 0.0), weight)
    except KeyError as error:
        raise ModelError(f"{path} has other columns than expected: {error!r}.") from error
    return [Opinion(word, person, setting, weight) for (word, person, setting), weight in opinions.items()]
