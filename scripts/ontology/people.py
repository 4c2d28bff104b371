"""Read people's settings and bring them to one form: one row a person and word.

Traps of the data that are handled here:
- `test` rows of SAFE and rows whose word is no word are dropped; a compound ("warm clean") counts for each of
  its words with a part of its weight.
- One contributor of SAFE supplies 40 % of warm and bright: all settings of one person for one word become one
  curve, so a person counts once.
- SocialEQ names no people; a learning session is taken as a person. Its curves are z-scored: shape, no dB.
- Spanish words are translated where the table is sure and their people do not contradict the English ones,
  otherwise dropped.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.text_to_effect.people import read_translations
from ontology.lookup import Ontology, normalise_label

FLAT_DB = 0.5  # a SAFE curve with less than this rms says nothing about shape
TRANSLATION_R = 0.2  # a translation whose people differ more than this from the English ones is left out
_FILLERS = {"and", "a", "the", "bit", "slightly", "more", "very", "adds", "add", "with", "sound", "some"}


@dataclass(frozen=True)
class Curve:
    """What one person set for one word."""

    word: str
    person: str
    source: str  # id in sources.yaml
    shape: np.ndarray  # (40,), mean 0, rms 1
    weight: float
    rms_db: float | None  # None where the data carries no dB
    language: str


def read_csv(path: Path) -> list[dict[str, str]]:
    """Read one table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def words_of(text: str, ontology: Ontology) -> list[str]:
    """Ids of the words that a descriptor names, empty where any part of it is something else.

    Only exact labels count: a guess at spelling is fine for a user who can object, not for data. The everyday words
    that only come near a word do not count either: their people agree with the word's people by .01 (labels: .32).
    """
    key = normalise_label(text)
    everyday = ontology.everyday.get(key)
    if everyday is not None and ontology[everyday[0]].listening_only:
        return [everyday[0]]
    hit = ontology.labels.get(key)
    if hit is not None:
        return [hit[0]] if hit[2] == "+" else []
    found = []
    for token in re.split(r"[\s,]+", key):
        hit = ontology.labels.get(token)
        if hit is not None and hit[2] == "+":
            found.append(hit[0])
        elif token and token not in _FILLERS:
            return []
    return list(dict.fromkeys(found))


def _shape(curve: np.ndarray) -> tuple[np.ndarray, float]:
    centred = curve - curve.mean()
    rms = float(np.sqrt(np.mean(centred**2)))
    return centred / max(rms, 1e-9), rms


def _social_eq(data: Path, ontology: Ontology) -> Iterator[Curve]:
    spanish = read_translations()
    for row in read_csv(data / "social_eq" / "eq_contributions.csv"):
        word = row["word"]
        if row["language"] == "Spanish":
            word = spanish.get(word, "")
        ids = words_of(word, ontology) if word else []
        if len(ids) != 1:
            continue
        shape, rms = _shape(np.array([float(v) for k, v in row.items() if k.startswith("z_")]))
        if rms < 1e-6:
            continue
        consistency = max(float(row["ratings_consistency"]), 0.0)
        yield Curve(ids[0], f"q{row['row_id']}", "social-eq", shape, consistency, None, row["language"])


def _safe_eq(data: Path, ontology: Ontology) -> Iterator[Curve]:
    gathered: dict[tuple[str, str], list[tuple[np.ndarray, float]]] = defaultdict(list)
    for row in read_csv(data / "safe" / "safe_equaliser_curves_db.csv"):
        ids = [] if "test" in row["descriptor"] else words_of(row["descriptor"], ontology)
        curve = np.array([float(v) for k, v in row.items() if k.startswith("db_")])
        if _shape(curve)[1] >= FLAT_DB:
            for word in ids:
                gathered[word, row["contributor"]].append((curve, 1.0 / len(ids)))
    for (word, person), curves in gathered.items():
        mean = np.average([_shape(curve)[0] for curve, _ in curves], axis=0, weights=[w for _, w in curves])
        shape, left = _shape(mean)
        rms_db = float(np.median([_shape(curve)[1] for curve, _ in curves]))
        if left > 0.1:  # somebody who contradicts himself says nothing
            yield Curve(word, person, "safe-eq", shape, max(w for _, w in curves), rms_db, "English")


def _carries_over(curves: list[Curve]) -> bool:
    """Whether the Spanish word means what the English one does, as far as their people show."""
    tables = [
        [curve.shape for curve in curves if curve.source == "social-eq" and curve.language == language]
        for language in ("English", "Spanish")
    ]
    if min(map(len, tables)) < 3:
        return True
    english, spanish = (_shape(np.mean(table, axis=0))[0] for table in tables)
    return float(np.mean(english * spanish)) >= TRANSLATION_R


def read_curves(data: Path, ontology: Ontology) -> dict[str, list[Curve]]:
    """Every usable EQ curve, by word id, one a person and word."""
    curves: dict[str, list[Curve]] = defaultdict(list)
    for curve in (*_social_eq(data, ontology), *_safe_eq(data, ontology)):
        curves[curve.word].append(curve)
    return {
        word: rows if _carries_over(rows) else [curve for curve in rows if curve.language == "English"]
        for word, rows in curves.items()
    }
