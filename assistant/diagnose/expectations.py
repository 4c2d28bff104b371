"""What finished music and single instruments usually measure: figures learnt from a corpus, shipped as a table."""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

import numpy as np

__all__ = [
    "ANY_KIND",
    "MIX_KIND",
    "PART_KIND",
    "Contrast",
    "Expectations",
    "Movement",
    "Spectra",
    "expectations",
    "from_data",
    "kind_of_sound",
    "movement_from",
]

_TABLE = "expectations.json"
MIX_KIND = "mix"
ANY_KIND = "any instrument"
PART_KIND = "part"
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


@dataclass(frozen=True, eq=False)
class Contrast:
    """How much music differs from what is most like it elsewhere in the same song.

    Attributes:
        covariance: (40, 40) between bands, dB squared.
        thresholds: {"mix", "part" or "reference": {fault: score above which it is hinted at, and stated plainly}}.
        count: how many songs.
    """

    covariance: np.ndarray
    thresholds: dict[str, dict[str, tuple[float, float]]]
    count: int


@dataclass(frozen=True)
class Movement:
    """Small networks over `features.motion` that tell faults of movement and space from sound material.

    Attributes:
        faults: problems they know, in the order of their outputs; one more output is "none of them".
        centre, scale: (66,) that numbers are standardised with.
        members: (hidden weights, bias, output weights, bias) of each network.
        thresholds: {fault: score above which it is stated}.
        plain: {fault: its usual score when it is there}.
        told: {fault: index in `MOTION` of the number told with it}.
        usual: {fault: (low, high) that number has in 9 of 10 recordings}.
        count: recordings.
    """

    faults: tuple[str, ...]
    centre: np.ndarray
    scale: np.ndarray
    members: tuple[tuple[np.ndarray, ...], ...]
    thresholds: dict[str, float]
    plain: dict[str, float]
    told: dict[str, int]
    usual: dict[str, tuple[float, float]]
    count: int

    @staticmethod
    def standard(values: np.ndarray, centre: np.ndarray, scale: np.ndarray) -> np.ndarray:
        """Return numbers as the networks take them; far out is all one."""
        return np.clip((values - centre) / scale, -4.0, 4.0)

    def scores(self, moved: np.ndarray) -> dict[str, float]:
        """Return the log-odds of every fault against everything else, from (66,)."""
        given = self.standard(moved, self.centre, self.scale)
        logs = []
        for hidden, hidden_bias, out, out_bias in self.members:
            raw = out @ np.tanh(hidden @ given + hidden_bias) + out_bias
            logs.append(raw - raw.max() - np.log(np.exp(raw - raw.max()).sum()))
        shares = np.exp(np.mean(logs, axis=0))
        shares = np.clip(shares / shares.sum(), 1e-6, 1 - 1e-6)
        return {fault: float(np.log(share / (1 - share))) for fault, share in zip(self.faults, shares, strict=False)}


@dataclass(frozen=True)
class Expectations:
    """The whole table."""

    spectra: dict[str, Spectra]
    movement: dict[str, Movement]
    readings: dict[str, dict[str, tuple[float, ...]]]
    thresholds: dict[str, dict[str, float]]
    contrast: Contrast

    def spectra_of(self, kind: str) -> Spectra:
        """Return a kind's spectra; those of any instrument where the kind was too rare to learn."""
        return self.spectra.get(kind) or self.spectra[ANY_KIND]

    def movement_of(self, kind: str) -> Movement:
        """Return what tells faults of movement in a mix or in a part."""
        return self.movement[MIX_KIND if kind == MIX_KIND else PART_KIND]

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
    movement = {kind: movement_from(entry) for kind, entry in data["movement"].items()}
    readings = {
        name: {kind: tuple(map(float, row)) for kind, row in kinds.items()} for name, kinds in data["readings"].items()
    }
    return Expectations(spectra, movement, readings, data["thresholds"], _contrast(data["contrast"]))


def _contrast(entry: dict) -> Contrast:
    thresholds = {
        kind: {name: (float(hint), float(plain)) for name, (hint, plain) in row.items()}
        for kind, row in entry["thresholds"].items()
    }
    return Contrast(_full(entry["covariance"]), thresholds, int(entry["count"]))


def movement_from(entry: dict) -> Movement:
    """Turn a kind's JSON into arrays."""
    parts = ("hidden", "hidden_bias", "out", "out_bias")
    return Movement(
        faults=tuple(entry["faults"]),
        centre=np.array(entry["centre"]),
        scale=np.array(entry["scale"]),
        members=tuple(tuple(np.array(member[part]) for part in parts) for member in entry["members"]),
        thresholds=entry["thresholds"],
        plain=entry["plain"],
        told=entry["told"],
        usual={fault: (float(low), float(high)) for fault, (low, high) in entry["usual"].items()},
        count=int(entry["count"]),
    )


def _full(rows: list[list[float]]) -> np.ndarray:
    """Return a symmetric matrix from its lower triangle, row by row."""
    size = len(rows)
    full = np.zeros((size, size))
    for index, row in enumerate(rows):
        full[index, : index + 1] = row
        full[: index + 1, index] = row
    return full
