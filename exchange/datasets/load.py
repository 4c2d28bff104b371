"""Read one song of a data set: its tracks at one rate and length, with the data set's own names."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from console.errors import DatasetError
from exchange.datasets.entries import DatasetEntry, DatasetTrack
from exchange.destination import unique_names
from exchange.limits import LIMITS, Limits
from exchange.names import guess_instrument
from exchange.stems import Song, load_tracks

__all__ = ["load_entry"]

_DECODER = "ffmpeg"
_LONGEST_DECODE_S = 600


def load_entry(entry: DatasetEntry, sample_rate: int | None = None, limits: Limits = LIMITS) -> Song:
    """Decode a song's tracks.

    Args:
        entry: from `find_songs`.
        sample_rate: Hz; the most common among its files when None.
        limits: the table of limits.
    Returns:
        The song; names and instruments are the data set's, as far as it has any.
    Raises:
        DatasetError: no tracks, files its description names that are not there, or streams that need ffmpeg.
        AudioFileError: a file that cannot be decoded.
    """
    if entry.missing:
        names = ", ".join(path.name for path in entry.missing[:3])
        raise DatasetError(f"{entry.name} lacks {len(entry.missing)} of its files ({names}). Fetch it again.")
    if not entry.tracks:
        raise DatasetError(f"{entry.name} has no tracks. Choose another song.")
    with TemporaryDirectory() as folder:
        paths = [_decoded(track, Path(folder)) for track in entry.tracks]
        song = load_tracks(paths, sample_rate, limits)
    names = unique_names((track.name for track in entry.tracks), reserved=("master", "reverb", "delay"))
    tracks = []
    for track, listed, name in zip(song.tracks, entry.tracks, names, strict=True):
        guess = guess_instrument(listed.instrument or listed.name)
        tracks.append(
            replace(
                track,
                name=name,
                instrument=guess.instrument,
                group=guess.group,
                colour=guess.colour,
                confidence=guess.confidence,
                path=listed.path,
            )
        )
    notes = tuple(note for note in song.notes if "is a guess on" not in note)
    return Song(tuple(tracks), song.sample_rate, song.length, f"{entry.dataset}: {entry.name}", notes)


def _decoded(track: DatasetTrack, folder: Path) -> Path:
    """Return a file that holds just this track: its own, or the stream taken out of a file with several."""
    if track.stream is None:
        return track.path
    decoder = shutil.which(_DECODER)
    if decoder is None:
        raise DatasetError(
            f"{track.path.name} holds several streams that only {_DECODER} takes apart, and it is not installed. "
            f"Install {_DECODER}, or use the uncompressed set (MUSDB18-HQ)."
        )
    out = folder / f"{track.stream}-{track.name}.wav"
    source = ["-i", str(track.path), "-map", f"0:a:{track.stream}"]
    command = [decoder, "-v", "error", "-nostdin", *source, "-c:a", "pcm_f32le", str(out)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST_DECODE_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DatasetError(f"{_DECODER} could not take {track.path.name} apart ({error}). Run it by hand.") from error
    if done.returncode or not out.is_file():
        reason = (done.stderr or "it wrote nothing").strip().splitlines()[-1][:200]
        raise DatasetError(f"{_DECODER} could not take {track.name} out of {track.path.name}: {reason}.")
    return out
