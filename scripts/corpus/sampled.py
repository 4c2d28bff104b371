"""Clips of composed parts, played with GUS patches."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from models.training.corpus import SAMPLE_RATE
from scripts.corpus.gus import read_kit, read_patch
from scripts.corpus.sampler import draw_envelope, play_notes
from scripts.corpus.scores import compose, instrument_name
from scripts.corpus.table import CorpusError
from scripts.demo_song.midi import TEMPO_BPM

__all__ = ["patch_clips"]

_DRUMS = "drums"
_TINY_S = 1e-6
_PERCUSSIVE = 112  # programs from here on are one-shots and sound effects
_KIT_FOLDER, _TONE_FOLDER = "Drum_000", "Tone_000"

Clips = Iterator[tuple[float, str, np.ndarray]]
"""(start in the score, s; what plays; (2, samples))."""


def patch_clips(generator: np.random.Generator, clip_s: float, folder: Path, leave: Sequence[str] = ()) -> Clips:
    """Play a composed song, each part but the drums with a patch drawn from all.

    Args:
        generator: the only source of chance.
        clip_s: length of a clip, s.
        folder: holds Tone_000 and Drum_000.
        leave: globs of patches that are not used.
    Raises:
        CorpusError: no patches there.
    """
    tones = sorted(
        path
        for path in (folder / _TONE_FOLDER).glob("*.pat")
        if not any(path.match(pattern) for pattern in leave) and int(path.name[:3]) < _PERCUSSIVE
    )
    if not tones:
        raise CorpusError(f"{folder.name} holds no patches. Correct the row in the table.")
    for start_s, name, notes in _parts(generator, clip_s):
        if name == _DRUMS:
            instrument = read_kit(folder / _KIT_FOLDER)
        else:
            path = tones[int(generator.integers(len(tones)))]
            name = instrument_name(0, int(path.name[:3]))
            instrument = draw_envelope(generator, read_patch(path).samples)
        yield start_s, name, play_notes(instrument, notes, round(clip_s * SAMPLE_RATE))


def _parts(
    generator: np.random.Generator, clip_s: float
) -> Iterator[tuple[float, str, list[tuple[float, float, int, int]]]]:
    """Yield (start, what plays, notes from that start) of a composed song's parts."""
    notes, _, parts = compose(generator, clip_s)
    seconds = 60 / TEMPO_BPM
    for part in parts:
        mine = [
            (note.start * seconds - part.start_s, note.length * seconds, note.pitch, note.velocity)
            for note in notes
            if -_TINY_S <= note.start * seconds - part.start_s < clip_s
        ]
        yield part.start_s, part.instrument, [(max(start, 0.0), *rest) for start, *rest in mine]
