"""What finished music and single instruments usually measure: figures learnt from a corpus, shipped as a table."""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

import numpy as np

__all__ = ["ANY_KIND", "MIX_KIND", "Expectations", "Learnt", "Spectra", "expectations", "from_data", "kind_of_sound"]

_TABLE = "expectations.json"
MIX_KIND = "mix"
ANY_KIND = "any instrument"
_KINDS = MappingProxyType(
    {
        "lead_vocal": "vocal", "backing_vocal": "vocal", "kick": "kick", "snare": "snare", "hihat": "cymbals",
        "tom": "tom", "cymbals": "cymbals", "overhead": "drums", "room": "drums", "percussion": "percussion",
        "drums": "drums", "bass": "bass", "acoustic_guitar": "guitar", "electric_guitar": "guitar",
        "piano": "keys", "keys": "keys", "organ": "keys", "synth": "synth", "strings": "strings",
        "brass": "winds", "winds": "winds", "mix": MIX_KIND,
    }
)  # fmt: skip


@dataclass(frozen=True)
class Spectra:
    """Band levels of one kind of sound.

    Attributes:
        mean_db: (40,) over the recordings.
        covariance: (40, 40) between bands, dB squared.
        count: how many recordings.
        source: what they are, in words.
    """

    mean_db: np.ndarray
    covariance: np.ndarray
    count: int
    source: str


@dataclass(frozen=True)
class Learnt:
    """One direction in `features.motion` that tells a fault from sound material.

    Attributes:
        mean: (15,) of sound material.
        weights: (15,) such that sound material scores 0 +- 1.
        plain: what the fault scores on average when it is plain.
        usual: (low, high) between which 9 of 10 recordings score on the value that is told.
        told: index in `MOTION` of that value.
    """

    mean: np.ndarray
    weights: np.ndarray
    plain: float
    usual: tuple[float, float]
    told: int


@dataclass(frozen=True)
class Expectations:
    """The whole table."""

    spectra: dict[str, Spectra]
    motion: dict[str, dict[str, Learnt]]
    readings: dict[str, dict[str, tuple[float, ...]]]
    thresholds: dict[str, dict[str, float]]

    def spectra_of(self, kind: str) -> Spectra:
        """Return a kind's spectra; those of any instrument where the kind was too rare to learn."""
        return self.spectra.get(kind) or self.spectra[ANY_KIND]

    def motion_of(self, problem: str, kind: str) -> Learnt | None:
        """Return how a fault shows in a kind of sound, or None where that was not learnt."""
        kinds = self.motion.get(problem, {})
        return kinds.get(kind) or (None if kind == MIX_KIND else kinds.get(ANY_KIND))

    def threshold(self, problem: str, kind: str) -> float:
        """Return the score above which a finding is stated."""
        kinds = self.thresholds.get(problem, {})
        return kinds.get(kind, kinds.get(ANY_KIND, 3.0))


def kind_of_sound(instrument: str) -> str:
    """Return the kind of sound an instrument is measured against."""
    return _KINDS.get(instrument, ANY_KIND)


@cache
def expectations() -> Expectations:
    """Read the table, once."""
    text = resources.files("assistant.diagnose").joinpath(_TABLE).read_text(encoding="utf-8")
    return from_data(json.loads(text))


def from_data(data: dict) -> Expectations:
    """Turn the table's JSON into arrays."""
    spectra = {
        kind: Spectra(np.array(entry["mean_db"]), _full(entry["covariance"]), int(entry["count"]), str(entry["source"]))
        for kind, entry in data["spectra"].items()
    }
    motion = {
        problem: {
            kind: Learnt(
                np.array(entry["mean"]),
                np.array(entry["weights"]),
                float(entry["plain"]),
                (float(entry["usual"][0]), float(entry["usual"][1])),
                int(entry["told"]),
            )
            for kind, entry in kinds.items()
        }
        for problem, kinds in data["motion"].items()
    }
    readings = {
        name: {kind: tuple(map(float, row)) for kind, row in kinds.items()} for name, kinds in data["readings"].items()
    }
    return Expectations(spectra, motion, readings, data["thresholds"])


def _full(rows: list[list[float]]) -> np.ndarray:
    """Return a symmetric matrix from its lower triangle, row by row."""
    size = len(rows)
    full = np.zeros((size, size))
    for index, row in enumerate(rows):
        full[index, : index + 1] = row
        full[: index + 1, index] = row
    return full
