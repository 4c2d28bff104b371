"""What to match: references with weights and aspects, the goal they add up to, and what is missing from it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from assistant.match.profile import Profile
from console.errors import RequestError
from models import PARTS

__all__ = ["ASPECTS", "Goal", "Missing", "Reference", "goal_of"]

ASPECTS = ("tone", "dynamics", "space", "width")
"""What a reference can be taken for."""

_FEATURES = {"spectrum": "tone", "crest": "dynamics", "spread": "dynamics", "rise": "dynamics", "fill": "space",
             "width": "width", "lean": "width"}  # fmt: skip
"""Part of the production features -> the aspect it belongs to."""
_LIMITS_DB = {"tone": 18.0, "crest": 12.0, "width": 12.0, "lean": 6.0, "features": 12.0}
_MONO_DB, _NO_SIDE_DB = -50.0, -65.0
_SMOOTH = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9.0


@dataclass(frozen=True)
class Reference:
    """One recording to sound like.

    Attributes:
        profile: see `profile_of`.
        weight: against the other references of the same aspect, above 0.
        aspects: what it is taken for, of `ASPECTS`.
    """

    profile: Profile
    weight: float = 1.0
    aspects: tuple[str, ...] = ASPECTS

    def __post_init__(self) -> None:
        unknown = [name for name in self.aspects if name not in ASPECTS]
        if unknown or not self.aspects:
            raise RequestError(f"{', '.join(unknown) or 'Nothing'} cannot be matched. Use {', '.join(ASPECTS)}.")
        if not 0.0 < self.weight < 1e6:
            raise RequestError(
                f"A reference's weight is above 0, not {self.weight:g}. Leave out one that shall not count."
            )


@dataclass(frozen=True, eq=False)
class Missing:
    """How a sound falls short of a goal; None for what is not asked of it.

    Attributes:
        mid_db, side_db: (48,) by how much each band of the mid, of the side, is too low, level left out.
        crest_db, width_db, lean_db: likewise of peaks over RMS, side over mid, right over left.
        features: (dimensions,) of the production features, dB; 0 where nothing is asked.
        embedding: (D,) of the FX embedding.
    """

    mid_db: np.ndarray | None
    side_db: np.ndarray | None
    crest_db: float | None
    width_db: float | None
    lean_db: float | None
    features: np.ndarray
    embedding: np.ndarray | None

    def part(self, name: str) -> float:
        """Return the mean over a part of the features, dB."""
        return float(self.features[PARTS[name]].mean())


@dataclass(frozen=True, eq=False)
class Goal:
    """How a sound should come to sound: absolute, so that it can be measured against at any time.

    Attributes:
        aspects: those some reference is taken for.
        heard: (48,) power of the sound's bands at the start: what counts how much.
        mid_db, side_db, crest_db, width_db, lean_db, features, embedding: as in `Profile`; None where not asked.
        loudness_lufs: integrated.
    """

    aspects: tuple[str, ...]
    heard: np.ndarray
    mid_db: np.ndarray | None
    side_db: np.ndarray | None
    crest_db: float | None
    width_db: float | None
    lean_db: float | None
    features: np.ndarray
    embedding: np.ndarray | None
    loudness_lufs: float

    def missing(self, now: Profile) -> Missing:
        """Compare a sound with the goal."""
        features = self.features - now.features
        for part, aspect in _FEATURES.items():
            if aspect not in self.aspects:
                features[PARTS[part]] = 0.0
        return Missing(
            None if self.mid_db is None else _shape(self.mid_db - now.mid_db, self.heard),
            None if self.side_db is None else _shape(self.side_db - now.side_db, self.heard),
            None if self.crest_db is None else self.crest_db - now.crest_db,
            None if self.width_db is None else self.width_db - now.width_db,
            None if self.lean_db is None else self.lean_db - now.lean_db,
            features,
            None if self.embedding is None else self.embedding - now.embedding,
        )


def goal_of(now: Profile, references: Sequence[Reference], amount: float = 1.0, loudness: bool = False) -> Goal:
    """Return where references take a sound.

    Args:
        now: how it sounds.
        references: at least one; an aspect no reference is taken for stays as it is.
        amount: 0 nothing, 1 all the way, up to 1.5 beyond.
        loudness: also take their loudness; else it is held.
    Raises:
        RequestError: no reference, or an amount outside 0..1.5.
    """
    if not references:
        raise RequestError("There is no reference to match. Name at least one recording.")
    if not 0.0 <= amount <= 1.5:
        raise RequestError(f"amount={amount:g} is outside 0 to 1.5. Use 1 to go all the way.")

    def towards(aspect: str, read: Callable[[Profile], Any], limit: float) -> Any:
        """Return the value to reach: from now by the amount towards the references' weighted mean; or None."""
        taken = [reference for reference in references if aspect in reference.aspects]
        if not taken:
            return None
        total = sum(reference.weight for reference in taken)
        change = sum(reference.weight * (read(reference.profile) - read(now)) for reference in taken) / total
        return read(now) + np.clip(amount * change, -limit, limit)

    aspects = tuple(name for name in ASPECTS if any(name in reference.aspects for reference in references))
    features = now.features.copy()
    for part, aspect in _FEATURES.items():
        value = towards(aspect, lambda profile, where=PARTS[part]: profile.features[where], _LIMITS_DB["features"])
        if value is not None:
            features[PARTS[part]] = value
    sided = now.width_db > _MONO_DB and all(
        reference.profile.side_db.max() > _NO_SIDE_DB for reference in references if "tone" in reference.aspects
    )
    weights = sum(reference.weight for reference in references)
    embeds = set(aspects) >= {"tone", "dynamics", "width"} and now.embedding.size > 0
    change = sum(r.weight * (r.profile.embedding - now.embedding) for r in references) / weights if embeds else None
    mean_lufs = sum(reference.weight * reference.profile.loudness_lufs for reference in references) / weights
    return Goal(
        aspects,
        10 ** (now.spectrum_db / 10),
        towards("tone", lambda profile: profile.mid_db, _LIMITS_DB["tone"]),
        towards("tone", lambda profile: profile.side_db, _LIMITS_DB["tone"]) if sided else None,
        towards("dynamics", lambda profile: profile.crest_db, _LIMITS_DB["crest"]),
        towards("width", lambda profile: profile.width_db, _LIMITS_DB["width"]) if now.width_db > _MONO_DB else None,
        towards("width", lambda profile: profile.lean_db, _LIMITS_DB["lean"]),
        features,
        None if change is None else now.embedding + amount * change,
        now.loudness_lufs + (min(amount, 1.0) * (mean_lufs - now.loudness_lufs) if loudness else 0.0),
    )


def _shape(change_db: np.ndarray, heard: np.ndarray) -> np.ndarray:
    """Leave out single notes (half an octave of smoothing) and the level: the power of the sound as heard is kept."""
    change_db = np.convolve(np.pad(change_db, 2, mode="edge"), _SMOOTH, mode="valid")
    gain = 10 ** (change_db / 10)
    return change_db - 10 * np.log10(float((heard * gain).sum() / heard.sum()))
