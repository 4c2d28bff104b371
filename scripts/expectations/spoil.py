"""Put faults of dynamics and space into sound training material and see which way `features.motion` moves."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from assistant.diagnose.dynamics import MOVING
from assistant.diagnose.expectations import MIX_KIND, kind_of_sound
from assistant.diagnose.features import motion
from benchmarks.diagnose_faults import FAULTS
from exchange import load_tracks
from models.training.corpus import SAMPLE_RATE
from scripts.expectations.measure import finished_pieces, measure_alone, read_excerpt
from scripts.expectations.variants import VARIANTS, treated

__all__ = ["Moved", "moved_mixes", "moved_stems", "moved_sums"]

_SECONDS = 13.0
_OTHERS = (
    "clipped", "noisy", "muddy", "fizzy", "thin", "lossy", "ringing", "dropout", "hum", "boomy", "dull",
    *3 * ("gap",), "phasey", "mono-loss", "wide-lows", "lopsided", "boxy", "nasal",
)  # fmt: skip
"""Faults that are none of movement, though some change its numbers: they must not be called so."""
_EACH = 2  # faults of movement drawn for an excerpt
_PLACES = (0.3, 0.7)
Moved = list[tuple[str, str, np.ndarray]]
"""(kind of sound, "clean", "other" or a fault, (66,) its motion)"""


def moved_mixes(packages: Path, cache: Path, split: str) -> dict[str, Moved]:
    """Return {package: motion of its finished music, as it is and with faults}, of a split."""
    found: dict[str, Moved] = {}
    for place in _PLACES:
        for package, name, recording in finished_pieces(packages, split):

            def excerpt(recording=recording, place=place) -> np.ndarray:
                return read_excerpt(recording, _SECONDS, place)

            path = cache / "motion" / f"{_key(package, name, str(place))}.npz"
            rows = _moved(path, excerpt, "mix")
            found.setdefault(package, []).extend((MIX_KIND, label, row) for label, row in rows)
    return found


def moved_stems(songs: Path, cache: Path) -> dict[str, Moved]:
    """Return {song: motion of its stems, as they are and with faults} of every song in a folder."""
    found: dict[str, Moved] = {}
    for folder, name, instrument, audio in _stems(songs):
        for treat in (False, True):
            key = _key(songs.name, folder, name, str(treat))

            def excerpt(audio=audio, seed=int(key[:8], 16), treat=treat) -> np.ndarray:
                cut = audio[:, : int(_SECONDS * SAMPLE_RATE)]
                return treated(cut, SAMPLE_RATE, np.random.default_rng(seed)) if treat else cut

            path = cache / "motion" / f"{key}.npz"
            rows = _moved(path, excerpt, instrument)
            found.setdefault(folder, []).extend((kind_of_sound(instrument), label, row) for label, row in rows)
    return found


def moved_sums(songs: Path, cache: Path) -> dict[str, Moved]:
    """Return {song: motion of the sum of its stems, as it is and with faults}: mixes before any mastering."""
    found: dict[str, Moved] = {}
    for folder in sorted(path for path in songs.iterdir() if path.is_dir()):
        key = _key(songs.name, folder.name, "sum")

        def excerpt(folder=folder, seed=int(key[:8], 16)) -> np.ndarray:
            total = np.sum([_stereo(track.audio) for track in load_tracks(folder).tracks], axis=0, dtype=np.float32)
            cut = total[:, : int(_SECONDS * SAMPLE_RATE)]
            return treated(cut, SAMPLE_RATE, np.random.default_rng(seed)) if seed % 2 else cut

        rows = _moved(cache / "motion" / f"{key}.npz", excerpt, "mix")
        found[folder.name] = [(MIX_KIND, label, row) for label, row in rows]
    return found


def _stereo(audio: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.broadcast_to(audio, (2, audio.shape[1])))


def _key(*parts: str) -> str:
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:20]


def _stems(songs: Path) -> Iterator[tuple[str, str, str, np.ndarray]]:
    for folder in sorted(path for path in songs.iterdir() if path.is_dir()):
        for track in load_tracks(folder).tracks:
            if not track.silent:
                yield folder.name, track.name, track.instrument, _stereo(track.audio)


def _moved(path: Path, excerpt: Callable[[], np.ndarray], instrument: str) -> list[tuple[str, np.ndarray]]:
    """Return (label, motion) of an excerpt as it is, with some faults of movement and two others; cached."""
    if path.is_file():
        with np.load(path) as found:
            return list(zip(found["labels"].tolist(), found["rows"], strict=True))
    audio = excerpt()
    generator = np.random.default_rng(int(path.stem[:8], 16))
    told = [("clean", motion(measure_alone(audio)))]
    if told[0][1] is not None:
        fitting = [name for name in MOVING if not FAULTS[name].only or instrument in FAULTS[name].only]
        for name in generator.permutation(fitting)[:_EACH]:
            told.append((str(name), motion(measure_alone(_spoilt(audio, str(name), generator)))))
        for other in generator.choice(_OTHERS, 2):
            spoilt = FAULTS[str(other)].spoil(audio.copy(), SAMPLE_RATE, 1, generator)[0]
            told.append(("other", motion(measure_alone(spoilt))))
    kept = [(label, row) for label, row in told if row is not None]
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = np.array([row for _, row in kept]) if kept else np.zeros((0, 0))
    np.savez(path, labels=np.array([label for label, _ in kept]), rows=rows)
    return kept


def _spoilt(audio: np.ndarray, name: str, generator: np.random.Generator) -> np.ndarray:
    """Put a fault in: the benchmark's, plain or gross, or another way of making it."""
    if generator.random() < 0.5:
        return FAULTS[name].spoil(audio.copy(), SAMPLE_RATE, int(generator.choice([1, 1, 2])), generator)[0]
    makers = VARIANTS[name]
    out = makers[int(generator.integers(len(makers)))](audio, SAMPLE_RATE, generator)
    kept = np.sqrt(np.square(audio).mean() / max(float(np.square(out).mean()), 1e-20))
    return np.asarray(out * min(kept, 1.0 / max(float(np.abs(out).max()), 1e-9)), dtype=np.float32)
