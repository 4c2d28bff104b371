"""What part every track plays in a first mix: the table of roles, and how many share one."""

import functools
import math
from collections import Counter
from importlib import resources

import yaml
from pydantic import BaseModel, ConfigDict, Field

from exchange import Song, Track

__all__ = ["Compression", "Role", "levels_lu", "role_of"]


class Compression(BaseModel):
    """A gentle compressor: what it takes on average while the track plays, and how it moves."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    taken_db: float = Field(gt=0)
    ratio: float = Field(gt=1)
    attack_ms: float
    release_ms: float


class Role(BaseModel):
    """A row of `roles.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    level_lu: float
    side: float = Field(ge=0, le=1)
    compress: Compression | None = None
    reverb_db: float | None = None


def role_of(track: Track) -> Role:
    """Return the role of what plays on a track."""
    return _roles()[track.instrument]


def levels_lu(song: Song) -> dict[str, float]:
    """Return the loudness each track that sounds should have against the lead; tracks of one instrument share it."""
    sounding = [track for track in song.tracks if not track.silent]
    count = Counter(track.instrument for track in sounding)
    return {track.name: role_of(track).level_lu - 10.0 * math.log10(count[track.instrument]) for track in sounding}


@functools.cache
def _roles() -> dict[str, Role]:
    text = resources.files("assistant.start").joinpath("roles.yaml").read_text(encoding="utf-8")
    return {name: Role(**row) for name, row in yaml.safe_load(text).items()}
