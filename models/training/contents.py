"""The sounds that groups of chains are put on: drawn from a corpus, and varied so that few instruments become many.

A content may be played at another speed (pitch, formants and decays move together, as on tape), a stem may be one that
no corpus holds (`synthesised`) or have a second one laid under it, and anything may lack its top, as samples of a low
rate do. All this happens before any chain, so that all chains of a content get the same sound.
"""

from collections.abc import Sequence

import numpy as np
import soxr
import torch
from scipy.signal import butter, sosfilt
from torch import Tensor

from models.fx_encoder.front_end import WINDOW_SAMPLES
from models.training.corpus import SAMPLE_RATE, Clip, Corpus
from models.training.synthesised import play

__all__ = ["Contents"]

_MIXTURES = {("finished",): 0.3, ("stem",): 0.44, ("finished", "stem", "voice"): 0.26}
_DRAWN = "synthesised"
_KINDS = ("finished", "stem", "voice")
_VARISPEED = {"finished": 0.4, "stem": 0.6, "voice": 0.4}
_SEMITONES = {"finished": 3.0, "stem": 5.0, "voice": 3.0}
_LAYERED = 0.25
_LAYER_DB = (-15.0, -3.0)
_SYNTHESISED = 0.35
_BAND_LIMITED = {"finished": 0.15, "stem": 0.3, "voice": 0.15}
_LIMIT_HZ = (3500.0, 16000.0)


class Contents:
    """Draws contents of one corpus.

    Args:
        corpus: the sounds.
        splits: the splits they may come from.
        varied: whether speeds are changed, stems layered and synthesised, tops cut off.
    """

    def __init__(self, corpus: Corpus, splits: Sequence[str], varied: bool = True) -> None:
        self._corpus = corpus
        self._varied = varied
        self._clips = {kind: [clip for split in splits for clip in corpus.select(split, kind)] for kind in _KINDS}
        self._shares = {kind: _shares(clips) for kind, clips in self._clips.items()}
        if not any(self._clips.values()):
            raise ValueError(f"The corpus holds no clips of {', '.join(splits)}.")

    def draw(self, generator: np.random.Generator, count: int) -> tuple[list[Clip], Tensor]:
        """Return clips of different sources and (count, 2, WINDOW_SAMPLES) of their sound."""
        kinds = list(_MIXTURES)[int(generator.choice(len(_MIXTURES), p=list(_MIXTURES.values())))]
        kinds = tuple(kind for kind in kinds if self._clips[kind]) or tuple(
            kind for kind in _KINDS if self._clips[kind]
        )
        chosen: list[Clip] = []
        while len(chosen) < count:
            clip = self._clip(generator, kinds[int(generator.integers(len(kinds)))])
            if _source(clip) not in {_source(other) for other in chosen}:
                chosen.append(clip)
        return chosen, torch.from_numpy(np.stack([self._sound(generator, clip) for clip in chosen]))

    def _clip(self, generator: np.random.Generator, kind: str) -> Clip:
        if self._varied and kind == "stem" and generator.random() < _SYNTHESISED:
            return _drawn(int(generator.integers(2**32)))
        return self._clips[kind][int(generator.choice(len(self._clips[kind]), p=self._shares[kind]))]

    def _sound(self, generator: np.random.Generator, clip: Clip) -> np.ndarray:
        sound = self._excerpt(generator, clip)
        if self._varied and clip.kind == "stem" and generator.random() < _LAYERED:
            under = self._excerpt(generator, self._clip(generator, "stem"))
            gain = 10 ** (generator.uniform(*_LAYER_DB) / 20)
            sound = sound + under * np.float32(gain * _rms(sound) / max(_rms(under), 1e-6))
        if self._varied and generator.random() < _BAND_LIMITED[clip.kind]:
            edge_hz = _LIMIT_HZ[0] * (_LIMIT_HZ[1] / _LIMIT_HZ[0]) ** generator.random()
            sound = sosfilt(butter(8, edge_hz, fs=SAMPLE_RATE, output="sos"), sound).astype(np.float32)
        return sound

    def _excerpt(self, generator: np.random.Generator, clip: Clip) -> np.ndarray:
        if clip.package == _DRAWN:
            return play(np.random.default_rng(int(clip.source)))
        audio = self._corpus.read(clip)
        if self._varied and generator.random() < _VARISPEED[clip.kind]:
            semitones = generator.uniform(-1.0, 1.0) * _SEMITONES[clip.kind]
            audio = soxr.resample(audio.T, SAMPLE_RATE * 2 ** (semitones / 12), SAMPLE_RATE).T
        start = int(generator.integers(audio.shape[1] - WINDOW_SAMPLES + 1))
        return np.ascontiguousarray(audio[:, start : start + WINDOW_SAMPLES])


def _shares(clips: Sequence[Clip]) -> np.ndarray:
    """Return how likely each clip is: packages in proportion to the square root of their lengths."""
    if not clips:
        return np.zeros(0)
    names, counts = np.unique([clip.package for clip in clips], return_counts=True)
    each = dict(zip(names.tolist(), counts**-0.5, strict=True))
    shares = np.array([each[clip.package] for clip in clips])
    return np.asarray(shares / shares.sum())


def _drawn(seed: int) -> Clip:
    """Return a stand-in for a clip that is synthesised from a seed."""
    return Clip(f"{_DRAWN}/{seed}", "", 0, _DRAWN, "", "stem", "", str(seed), 0.0, SAMPLE_RATE, "", "")


def _source(clip: Clip) -> tuple[str, str, str]:
    return clip.package, clip.source, clip.instrument


def _rms(audio: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(audio), dtype=np.float64)))
