"""What the song's sections are when nobody said: heard with librosa, an extra (`pip install "studiospeak[sections]"`).

Beats carry chroma and timbre; they are joined into stretches that stay alike (B. McFee's agglomerative segmentation,
librosa.segment), stretches that sound alike get one name. The loudest name is the chorus, the one that lasts longest
beside it the verse; what comes once before or after is intro or outro. That is a guess and is told as one.
"""

import importlib.util
import itertools

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

from console.settings import Stretch
from exchange import Song

__all__ = ["can_hear_sections", "heard_sections", "named"]

_RATE = 22050
_HOP = 2048
_SECTION_S = 10.0
_MOST = 12
_ALIKE = 0.5  # of the greatest distance between two stretches


def can_hear_sections() -> bool:
    """Say whether librosa is installed."""
    return importlib.util.find_spec("librosa") is not None


def heard_sections(song: Song) -> dict[str, tuple[Stretch, ...]]:
    """Return the sections of a song by name, none where it is too short or librosa is not installed."""
    if not can_hear_sections() or song.duration_s < 2 * _SECTION_S:
        return {}
    mix = np.sum([track.audio.mean(axis=0) for track in song.tracks], axis=0)
    return named(*_stretches(mix, song.sample_rate))


def named(edges_s: np.ndarray, sounds: np.ndarray, loudness_db: np.ndarray) -> dict[str, tuple[Stretch, ...]]:
    """Name stretches by how they sound.

    Args:
        edges_s: (stretches + 1,) where they begin, and the end.
        sounds: (stretches, features) how each sounds.
        loudness_db: (stretches,) how loud each is.
    Returns:
        Name -> stretches; neighbours of one name are one.
    """
    if len(sounds) < 2:
        return {}
    tree = linkage(sounds, "average")
    labels = fcluster(tree, _ALIKE * float(tree[-1, 2]), "distance")
    lasts = np.diff(edges_s)
    kinds = np.unique(labels)
    if len(kinds) < 2:
        return {}
    loud = {kind: np.average(loudness_db[labels == kind], weights=lasts[labels == kind]) for kind in kinds}
    long = {kind: lasts[labels == kind].sum() for kind in kinds}
    enough = [kind for kind in kinds if long[kind] >= _SECTION_S / 2] or list(kinds)
    chorus = max(enough, key=lambda kind: loud[kind])
    verse = max((kind for kind in kinds if kind != chorus), key=lambda kind: long[kind])
    names = {chorus: "chorus", verse: "verse"}
    found: dict[str, list[Stretch]] = {}
    for index, label in enumerate(labels):
        outer = "intro" if index == 0 else "outro" if index == len(labels) - 1 else "bridge"
        name = names.get(label, outer)
        stretch = (float(edges_s[index]), float(edges_s[index + 1]))
        if found.get(name) and found[name][-1][1] == stretch[0]:
            stretch = (found[name].pop()[0], stretch[1])
        found.setdefault(name, []).append(stretch)
    return {name: tuple(stretches) for name, stretches in found.items()}


def _stretches(mix: np.ndarray, sample_rate: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return edges, sounds and loudness of the stretches of a mono mix (samples,), as `named` takes them."""
    import librosa

    audio = librosa.resample(mix.astype(np.float32), orig_sr=sample_rate, target_sr=_RATE)
    options = {"sr": _RATE, "hop_length": _HOP, "n_fft": 2 * _HOP}
    chroma = librosa.feature.chroma_stft(y=audio, tuning=0.0, **options)
    timbre = librosa.feature.mfcc(y=audio, n_mfcc=13, **options)
    level = librosa.feature.rms(y=audio, frame_length=2 * _HOP, hop_length=_HOP)
    scaled = (timbre - timbre.mean(axis=1, keepdims=True)) / (timbre.std(axis=1, keepdims=True) + 1e-6)
    _, beats = librosa.beat.beat_track(y=audio, sr=_RATE, units="time")
    frames = np.unique(np.clip(librosa.time_to_frames(beats, sr=_RATE, hop_length=_HOP), 1, chroma.shape[1] - 1))
    if len(frames) < 8:  # no beat: half seconds
        frames = np.arange(5, chroma.shape[1] - 1, 5)
    by_beat = librosa.util.sync(np.vstack((chroma, scaled / 2)), frames, aggregate=np.median)
    loudness = librosa.util.sync(level**2, frames)[0]
    count = int(np.clip(round(len(audio) / _RATE / _SECTION_S), 2, min(_MOST, by_beat.shape[1])))
    starts = librosa.segment.agglomerative(by_beat, count)
    edges = np.append(starts, by_beat.shape[1])
    sounds = np.stack([by_beat[:, one:other].mean(axis=1) for one, other in itertools.pairwise(edges)])
    levels = np.array([loudness[one:other].mean() for one, other in itertools.pairwise(edges)])
    times = librosa.frames_to_time(np.concatenate(([0], frames)), sr=_RATE, hop_length=_HOP)
    edges_s = np.append(times[starts], len(audio) / _RATE)
    return edges_s, sounds, 10 * np.log10(levels + 1e-9)
