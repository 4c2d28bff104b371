"""Chains that people chose: the settings of the SAFE and SocialFX studies as knobs of our console.

The rows are read from a folder of the studies' tables; none of them is shipped. Compressor thresholds were set for
tracks whose level nobody recorded, and SAFE's reverb and distortion knobs are 0..1 without units: they are mapped
onto our ranges in their own order, which makes them varied material for training, not a statement about a word.
"""

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from console.errors import ModelError
from console.parameters import Value, spec
from models.training.chains import Chain, joined

__all__ = ["HumanSettings", "draw_human_chain", "read_human_settings"]

_LEAST_EQ_DB = 1.0
_JUNK = "test"
_THRESHOLDS_DB = (-50.0, -20.0)


@dataclass(frozen=True)
class HumanSettings:
    """Chains of one effect each, by effect, with who chose them."""

    chains: Mapping[str, tuple[Chain, ...]]
    people: Mapping[str, tuple[str, ...]]


def read_human_settings(folder: Path) -> HumanSettings:
    """Read the tables under `folder` (safe/, social_comp/, social_reverb/).

    Raises:
        ModelError: a table is missing or has other columns.
    """
    readers = {
        "eq": (("safe/safe_equaliser.csv", _eq),),
        "compressor": (("safe/safe_compressor.csv", _safe_compressor), ("social_comp/comp_settings.csv", _social_comp)),
        "saturation": (("safe/safe_distortion.csv", _distortion),),
        "reverb": (("safe/safe_reverb.csv", _safe_reverb), ("social_reverb/reverb_settings.csv", _social_reverb)),
    }
    chains: dict[str, tuple[Chain, ...]] = {}
    people: dict[str, tuple[str, ...]] = {}
    for effect, tables in readers.items():
        found: list[tuple[str, Chain]] = []
        for name, read in tables:
            try:
                with (folder / name).open(encoding="utf-8", newline="") as file:
                    rows = [row for row in csv.DictReader(file) if _JUNK not in row.get("descriptor", "")]
                found += [
                    (row.get("contributor", f"setting {row.get('setting', '')}"), chain)
                    for row in rows
                    if (chain := read(row)) is not None
                ]
            except OSError as error:
                raise ModelError(f"{folder / name} is missing. Give the folder of the human data.") from error
            except (KeyError, ValueError) as error:
                raise ModelError(f"{folder / name} has other columns than expected: {error!r}.") from error
        chains[effect] = tuple(chain for _, chain in found)
        people[effect] = tuple(person for person, _ in found)
    return HumanSettings(chains, people)


def draw_human_chain(generator: np.random.Generator, settings: HumanSettings, n_effects: int = 1) -> Chain:
    """Draw settings of `n_effects` different effects, every person as likely as any other within an effect."""
    names = list(settings.chains)
    chosen = generator.choice(len(names), size=n_effects, replace=False)
    chain = Chain()
    for index in chosen:
        effect = names[index]
        owners = settings.people[effect]
        person = sorted(set(owners))[int(generator.integers(len(set(owners))))]
        mine = [chain for owner, chain in zip(owners, settings.chains[effect], strict=True) if owner == person]
        chain = joined(chain, mine[int(generator.integers(len(mine)))])
    return chain


def _clipped(values: Mapping[str, float]) -> dict[str, Value]:
    return {name: spec(name).clip(value) for name, value in values.items()}


def _eq(row: Mapping[str, str]) -> Chain | None:
    """SAFE's five bands: two shelves without Q, three bells."""
    values: dict[str, float] = {}
    for number, band in enumerate(("low_shelf", "bell_1", "bell_2", "bell_3", "high_shelf"), 1):
        values[f"eq.{band}_gain_db"] = float(row[f"b{number}_gain_db"])
        values[f"eq.{band}_freq_hz"] = float(row[f"b{number}_freq_hz"])
        if f"b{number}_q" in row:
            values[f"eq.{band}_q"] = float(row[f"b{number}_q"])
    gains = [abs(value) for name, value in values.items() if name.endswith("gain_db")]
    return Chain(("eq",), _clipped(values)) if max(gains) >= _LEAST_EQ_DB else None


def _compressor(threshold: float, ratio: float, knee: float, attack: float, release: float) -> Chain | None:
    """Lay thresholds of -100..0 dB onto those that bite at our reference level, in their order."""
    if ratio <= 1.05:
        return None
    low, high = _THRESHOLDS_DB
    values = {
        "compressor.threshold_db": low + (high - low) * (min(max(threshold, -100.0), 0.0) + 100.0) / 100.0,
        "compressor.ratio": ratio,
        "compressor.knee_db": knee,
        "compressor.attack_ms": attack,
        "compressor.release_ms": release,
    }
    return Chain(("compressor",), _clipped(values))


def _safe_compressor(row: Mapping[str, str]) -> Chain | None:
    names = ("threshold_db", "ratio", "knee_db", "attack_ms", "release_ms")
    return _compressor(*(float(row[name]) for name in names))


def _social_comp(row: Mapping[str, str]) -> Chain | None:
    threshold, ratio, knee = (float(row[name]) for name in ("threshold_db", "ratio", "knee_db"))
    return _compressor(threshold, ratio, knee, 1000.0 * float(row["attack_s"]), 1000.0 * float(row["release_s"]))


def _distortion(row: Mapping[str, str]) -> Chain | None:
    """Hard knees clip, a bias makes it asymmetric, the rest is tape."""
    drive, knee, bias = (float(row[name]) for name in ("input_gain_db", "knee", "bias"))
    if drive <= 0.0:
        return None
    shape = "tube" if abs(bias) > 0.5 else "clip" if knee < 0.3 else "tape"
    values = _clipped({"saturation.drive_db": drive, "saturation.mix": 1.0})
    return Chain(("saturation",), {"saturation.type": shape, **values})


def _room(mix: float, **values: float) -> Chain | None:
    if mix <= 0.02:
        return None
    send_db = 20.0 * math.log10(mix / max(1.0 - mix, 0.1))
    knobs = _clipped({f"reverb.{name}": value for name, value in values.items()})
    room = {name: float(value) for name, value in knobs.items()}
    return Chain(("reverb",), reverb=room, reverb_send_db=spec("send.reverb_db").clip(send_db))


def _safe_reverb(row: Mapping[str, str]) -> Chain | None:
    unit = {name: float(row[name]) for name in ("damping_freq", "decay", "predelay", "size", "mix")}
    return _room(
        unit["mix"],
        decay_s=0.3 * 20.0 ** unit["decay"],
        predelay_ms=100.0 * unit["predelay"],
        damping_hz=1000.0 * 16.0 ** unit["damping_freq"],
        size=unit["size"],
    )


def _social_reverb(row: Mapping[str, str]) -> Chain | None:
    """Its gain has no common scale with a wet share: the clarity index that was measured gives one."""
    clarity_db = float(row["calc_m3_clarity_db"])
    return _room(
        1.0 / (1.0 + 10 ** (min(max(clarity_db, -20.0), 30.0) / 20)),
        decay_s=float(row["calc_m1_rt60_s"]),
        damping_hz=float(row["p_f_cutoff_hz"]),
    )
