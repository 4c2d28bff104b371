"""People's compressor, reverb and distortion settings as tendencies of a word.

Every setting is compared with all settings of its own study, as a rank 0..1: what is typical of a word is
where its people's ranks lie away from the middle more than chance allows. Only then is a value given, the
median of the people's own values. What has no defensible unit is left out:
- SAFE reverb decay, size, predelay, density, damping and bandwidth are 0..1 without units: out. `mix` is a
  wet share.
- SocialReverb `E` (the gain of the reverberated part) has no common scale with a wet share: out.
  `calc_m1_rt60_s` is a decay time, `f_cutoff_hz` the low-pass of the tail.
- Compressor thresholds mean nothing without the level of the track, which nobody recorded: out.
- SAFE distortion knee, bias and tone are 0..1 without units: out. `input_gain_db` is the drive.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ontology.lookup import Ontology
from ontology.model import EFFECT_RANGES
from scripts.ontology.people import read_csv, words_of

MIN_PEOPLE = 5
CLEAR_Z = 1.96
AGREED_WEIGHT = 0.5  # a ticked word against a written one


@dataclass(frozen=True)
class Setting:
    """One setting that one person gave a word, in the terms of `EFFECT_RANGES`."""

    word: str
    person: str
    source: str
    weight: float
    values: dict[str, float]


def _safe(data: Path, name: str, terms: dict[str, str], source: str, ontology: Ontology) -> Iterator[Setting]:
    for row in read_csv(data / "safe" / f"safe_{name}.csv"):
        ids = [] if "test" in row["descriptor"] else words_of(row["descriptor"], ontology)
        values = {term: float(row[column]) for term, column in terms.items()}
        for word in ids or [""]:  # other descriptors still tell what settings are usual
            yield Setting(word, row["contributor"], source, 1.0 / max(len(ids), 1), values)


def _social(
    path: Path,
    terms: dict[str, tuple[str, float]],
    source: str,
    ontology: Ontology,
    more: dict[str, dict[str, float]] | None = None,
) -> Iterator[Setting]:
    for row in read_csv(path):
        values = {term: scale * float(row[column]) for term, (column, scale) in terms.items()}
        values |= (more or {}).get(row["setting"], {})
        named: dict[str, float] = {}
        for column, weight in (("words", 1.0), ("agreed", AGREED_WEIGHT)):
            for text in filter(None, row[column].split(",")):
                for word in words_of(text, ontology):
                    named[word] = max(named.get(word, 0.0), weight)
        for word, weight in (named or {"": 1.0}).items():
            yield Setting(word, row["user"], source, weight, values)


def read_settings(data: Path, ontology: Ontology) -> dict[str, list[Setting]]:
    """All settings by effect name."""
    reverb_settings = read_csv(data / "social_reverb" / "reverb_settings.csv")
    decay = {row["setting"]: {"decay_s": float(row["calc_m1_rt60_s"])} for row in reverb_settings}
    comp_terms = {name: name for name in ("ratio", "knee_db", "attack_ms", "release_ms")}
    social_terms = {
        "ratio": ("ratio", 1.0), "knee_db": ("knee_db", 1.0),
        "attack_ms": ("attack_s", 1000.0), "release_ms": ("release_s", 1000.0),
    }  # fmt: skip
    return {
        "compression": [
            *_safe(data, "compressor", comp_terms, "safe-comp", ontology),
            *_social(
                data / "social_comp" / "comp_contributions.csv",
                social_terms,
                "social-comp",
                ontology,
            ),
        ],
        "reverb": [
            *_safe(data, "reverb", {"wet": "mix"}, "safe-reverb", ontology),
            *_social(
                data / "social_reverb" / "reverb_contributions.csv",
                {"damping_hz": ("f_cutoff_hz", 1.0)},
                "social-reverb",
                ontology,
                decay,
            ),
        ],
        "saturation": list(_safe(data, "distortion", {"drive_db": "input_gain_db"}, "safe-distortion", ontology)),
    }


@dataclass(frozen=True)
class Tendency:
    """What people do with one processor for one word."""

    values: dict[str, float]
    people: int
    agreement: float | None
    sources: tuple[str, ...]


def _ranks(values: np.ndarray) -> np.ndarray:
    """Mid-ranks in 0..1, ties shared."""
    order = np.sort(values)
    below = np.searchsorted(order, values, side="left")
    upto = np.searchsorted(order, values, side="right")
    return (below + upto) / (2.0 * len(values))


class ProcessorFit:
    """Tendencies of one processor over all words."""

    def __init__(self, name: str, settings: list[Setting]) -> None:
        self.name = name
        self.ranked: list[tuple[Setting, dict[str, float]]] = []
        for source in sorted({setting.source for setting in settings}):
            mine = [setting for setting in settings if setting.source == source]
            ranks = {term: _ranks(np.array([s.values[term] for s in mine])) for term in mine[0].values}
            self.ranked += [(s, {term: float(ranks[term][i]) for term in ranks}) for i, s in enumerate(mine)]

    def _per_person(self, word: str) -> dict[str, tuple[float, dict[str, float], dict[str, float], str]]:
        """One row a person: weight, mean ranks, median values, source."""
        rows: dict[str, list[tuple[Setting, dict[str, float]]]] = defaultdict(list)
        for setting, ranks in self.ranked:
            if setting.word == word:
                rows[f"{setting.source}/{setting.person}"].append((setting, ranks))
        people = {}
        for person, mine in rows.items():
            weights = [setting.weight for setting, _ in mine]
            ranks = {t: float(np.average([r[t] for _, r in mine], weights=weights)) for t in mine[0][1]}
            values = {t: float(np.median([s.values[t] for s, _ in mine])) for t in mine[0][1]}
            people[person] = (max(weights), ranks, values, mine[0][0].source)
        return people

    def people(self, word: str) -> int:
        """How many distinct people used the word for this processor."""
        return len(self._per_person(word))

    def sources(self, word: str) -> set[str]:
        """The studies in which the word was used for this processor."""
        return {row[3] for row in self._per_person(word).values()}

    def tendency(self, word: str) -> Tendency | None:
        """Values of the terms in which the word's people differ from everybody more than chance allows."""
        people = self._per_person(word)
        if len(people) < MIN_PEOPLE:
            return None
        chosen: dict[str, float] = {}
        for term in EFFECT_RANGES[self.name]:
            rows = [(w, ranks[term]) for w, ranks, _, _ in people.values() if term in ranks]
            quotes = sorted((v[term], w) for w, _, v, _ in people.values() if term in v)
            if len(rows) < MIN_PEOPLE or len(quotes) < MIN_PEOPLE:
                continue
            weights = np.array([w for w, _ in rows])
            mean = float(np.average([r for _, r in rows], weights=weights))
            error = np.sqrt(np.sum(weights**2)) / np.sum(weights) / np.sqrt(12.0)
            if abs(mean - 0.5) / error < CLEAR_Z:
                continue
            safe = [(v[term], w) for w, _, v, source in people.values() if term in v and source.startswith("safe")]
            if len(safe) >= MIN_PEOPLE:
                quotes = sorted(safe)
            low, high = EFFECT_RANGES[self.name][term]
            chosen[term] = float(np.clip(_weighted_median(quotes), low, high))
        if not chosen:
            return None
        counted = [row for row in people.values() if any(term in row[1] for term in chosen)]
        return Tendency(
            {term: float(f"{value:.3g}") for term, value in chosen.items()},
            len(counted),
            self._agreement([row[1] for row in counted]),
            tuple(sorted({row[3] for row in counted})),
        )

    def _agreement(self, ranks: list[dict[str, float]]) -> float | None:
        """Mean cosine of one person's ranks (about the middle) with the mean of the others."""
        groups: dict[tuple[str, ...], list[list[float]]] = defaultdict(list)
        for row in ranks:
            groups[tuple(row)].append([value - 0.5 for value in row.values()])
        scores = []
        for rows in groups.values():
            table = np.array(rows)
            for i in range(len(table) if len(table) > 2 else 0):
                others = np.delete(table, i, 0).mean(axis=0)
                size = np.linalg.norm(table[i]) * np.linalg.norm(others)
                if size > 1e-9:
                    scores.append(float(table[i] @ others / size))
        return round(float(np.mean(scores)), 2) if scores else None


def _weighted_median(pairs: list[tuple[float, float]]) -> float:
    values = np.array([value for value, _ in pairs])
    weights = np.cumsum([weight for _, weight in pairs])
    return float(values[int(np.searchsorted(weights, weights[-1] / 2.0))])
