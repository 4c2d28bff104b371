"""Play MIDI with a soundfont through FluidSynth, dry."""

import tempfile
from pathlib import Path

import numpy as np
import soundfile as sf

from models.training.corpus import SAMPLE_RATE
from scripts.corpus.fetch import Run, run_command
from scripts.corpus.table import CorpusError

__all__ = ["play_midi"]

_GAIN = "0.4"


def play_midi(midi: bytes, soundfont: Path, run: Run = run_command) -> np.ndarray:
    """Return (2, samples) float32 at SAMPLE_RATE, without reverb or chorus.

    Raises:
        CorpusError: the soundfont is missing (FluidSynth would take another without a word), or nothing sounded.
    """
    if not soundfont.is_file():
        raise CorpusError(f"No soundfont at {soundfont}. Correct its row in the table.")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "score.mid").write_bytes(midi)
        command = ["fluidsynth", "-ni", "-R", "0", "-C", "0", "-g", _GAIN, "-r", str(SAMPLE_RATE), "-T", "wav"]
        run([*command, "-O", "float", "-F", "out.wav", str(soundfont.resolve()), "score.mid"], Path(folder))
        try:
            audio, rate = sf.read(str(Path(folder, "out.wav")), dtype="float32", always_2d=True)
        except sf.LibsndfileError as error:
            raise CorpusError(f"FluidSynth wrote no audio: {error}. The score is left out.") from error
    if rate != SAMPLE_RATE or not np.any(audio):
        raise CorpusError(f"FluidSynth gave {rate} Hz, silent: {not np.any(audio)}. The score is left out.")
    return np.ascontiguousarray(audio.T)
