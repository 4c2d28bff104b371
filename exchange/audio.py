"""Decode one file to an array, and write one array to a file, losing neither."""

import os
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

from console.errors import AudioFileError, AudioShapeError
from exchange.encode import BITS, write_samples
from exchange.headers import AudioInfo, inspect_audio, native_name
from exchange.limits import LIMITS, Limits, describe_bytes, describe_samples

__all__ = ["AudioClip", "WrittenAudio", "check_sample_rate", "inspect_audio", "read_audio", "write_audio"]

_MP3_SLACK = 1152  # one MPEG frame: some encoders announce one more than they wrote
_WRITABLE = {".wav": ("float", "pcm16", "pcm24"), ".flac": ("pcm16", "pcm24")}


@dataclass(frozen=True, slots=True, eq=False)
class AudioClip:
    """One decoded file.

    Attributes:
        audio: (channels, samples) float32, channels 1 or 2, at sample_rate.
        sample_rate: Hz, of `audio`.
        path: the file it came from.
        source_sample_rate: Hz, of the file.
        container: WAV, FLAC, AIFF, OGG or MP3.
        subtype: how the file stores samples, in libsndfile's words.
        silent: no sample reaches the silence limit.
        notes: sentences worth telling, empty when all is usual.
    """

    audio: np.ndarray
    sample_rate: int
    path: Path
    source_sample_rate: int
    container: str
    subtype: str
    silent: bool
    notes: tuple[str, ...]

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.audio.shape[1] / self.sample_rate


@dataclass(frozen=True, slots=True)
class WrittenAudio:
    """What became of an array that was written.

    Attributes:
        path: the file.
        subtype: pcm16, pcm24 or float.
        frames: samples per channel.
        peak_dbfs: highest absolute sample before writing, dB; -inf when silent.
        clipped_samples: samples beyond full scale that whole numbers could not hold; 0 for float.
        notes: sentences worth telling, empty when nothing was clipped.
    """

    path: Path
    subtype: str
    frames: int
    peak_dbfs: float
    clipped_samples: int
    notes: tuple[str, ...]


def read_audio(path: str | os.PathLike[str], sample_rate: int | None = None, limits: Limits = LIMITS) -> AudioClip:
    """Decode a WAV, FLAC, AIFF, OGG or MP3 file, resampled when asked.

    Args:
        path: the file.
        sample_rate: Hz to resample to; the file's own when None.
        limits: the table of limits.
    Returns:
        The clip; its audio is (channels, samples) float32. After resampling it has
        floor(frames * sample_rate / source rate + 0.5) samples. A silent file is noted, not refused.
    Raises:
        AudioFileError: what `inspect_audio` refuses, or damaged data, or samples that are not finite.
    """
    info = inspect_audio(path, limits)
    if sample_rate is None:
        sample_rate = info.sample_rate
    check_sample_rate(sample_rate, limits)
    resampled_bytes = info.decoded_bytes * sample_rate / info.sample_rate
    if resampled_bytes > limits.max_decoded_bytes:
        raise AudioFileError(
            f"{info.path.name} would take {describe_bytes(resampled_bytes)} of memory at {sample_rate} Hz, "
            f"more than the {describe_bytes(limits.max_decoded_bytes)} allowed. Use a lower sample rate."
        )
    audio = _decode(info)
    _check_finite(audio, info.sample_rate, info.path.name)
    if sample_rate != info.sample_rate:
        audio = np.stack([soxr.resample(row, info.sample_rate, sample_rate, quality="VHQ") for row in audio])
    notes = list(info.notes)
    silent = bool(_peak(audio) < 10 ** (limits.silence_dbfs / 20))
    if silent:
        notes.append(f"{info.path.name} is silent (no sample above {limits.silence_dbfs:g} dBFS).")
    return AudioClip(
        audio=audio,
        sample_rate=sample_rate,
        path=info.path,
        source_sample_rate=info.sample_rate,
        container=info.container,
        subtype=info.subtype,
        silent=silent,
        notes=tuple(notes),
    )


def write_audio(
    path: str | os.PathLike[str],
    audio: np.ndarray,
    sample_rate: int,
    subtype: str = "float",
    *,
    dither: bool = True,
    overwrite: bool = False,
    protect: Iterable[str | os.PathLike[str]] = (),
) -> WrittenAudio:
    """Write a WAV or FLAC file, whole or not at all.

    The file appears under its name only when all of it is on disk (temporary file, fsync, rename), and the
    same audio always gives the same bytes. Float keeps samples beyond full scale; pcm16 and pcm24 clip them,
    and the result says how many and how far.

    Args:
        path: ends in .wav or .flac, in a folder that exists.
        audio: (channels, samples) float, channels 1 or 2, at least one sample.
        sample_rate: Hz.
        subtype: float (32 bit, WAV only), pcm16 or pcm24.
        dither: add triangular dither to pcm16, from a fixed seed. The other subtypes have none.
        overwrite: replace a file that is already there.
        protect: files that are never written, whatever `overwrite` says: the inputs.
    Returns:
        Where it went, its peak, and what was clipped.
    Raises:
        AudioFileError: the file exists, is protected, has another ending, or the disk refuses.
        AudioShapeError: the array is not audio, or holds samples that are not finite.
    """
    path = Path(path)
    _check_writable(path, subtype, sample_rate, overwrite, protect)
    _check_array(path, audio, subtype)
    peak = _peak(audio)
    clipped = 0 if subtype == "float" else int(np.count_nonzero(np.abs(audio) > 1.0))
    partial = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        write_samples(partial, path.suffix.lower(), audio, sample_rate, subtype, dither)
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        if not overwrite and os.path.lexists(path):
            raise AudioFileError(f"{path.name} appeared while it was being written. Choose another name.")
        partial.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        reason = error.strerror or str(error)
        raise AudioFileError(
            f"{path.name} could not be written to {path.parent} ({reason}). Check the free space and permissions there."
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    peak_dbfs = 20 * float(np.log10(peak)) if peak > 0 else -np.inf
    notes: tuple[str, ...] = ()
    if clipped:
        notes = (
            f"{path.name}: {describe_samples(clipped)} beyond full scale (peak {peak_dbfs:+.1f} dBFS) "
            "had to be clipped. Lower the level or write float.",
        )
    return WrittenAudio(path, subtype, audio.shape[1], peak_dbfs, clipped, notes)


def check_sample_rate(sample_rate: int, limits: Limits = LIMITS) -> None:
    """Refuse a session rate outside the table.

    Raises:
        AudioFileError: not a whole number of Hz within the limits.
    """
    whole = isinstance(sample_rate, int | np.integer) and not isinstance(sample_rate, bool)
    if not whole or not limits.min_sample_rate <= sample_rate <= limits.max_sample_rate:
        raise AudioFileError(
            f"sample_rate={sample_rate} is not a whole number of Hz from {limits.min_sample_rate} to "
            f"{limits.max_sample_rate}. Use 44100 or 48000."
        )


def _peak(audio: np.ndarray) -> float:
    """Highest absolute sample, without a copy of the array."""
    return float(max(audio.max(), -audio.min()))


def _decode(info: AudioInfo) -> np.ndarray:
    """Read all frames a header promises as (channels, frames) float32.

    In one read: soundfile seeks after each, and after a seek libsndfile's MP3 decoder returns other samples
    (a sine read in blocks of 16384 was wrong by 0.5 in places). This costs a second copy for stereo.
    """
    frames = np.empty((info.frames, info.channels), dtype=np.float32)  # (samples, channels)
    try:
        with soundfile.SoundFile(native_name(info.path)) as file:
            done = len(file.read(out=frames))
    except (soundfile.LibsndfileError, OSError) as error:
        raise AudioFileError(
            f"{info.path.name} is cut short or damaged and cannot be decoded. Copy or export it again."
        ) from error
    slack = _MP3_SLACK if info.container == "MP3" else 0
    if done < max(info.frames - slack, 1):
        raise AudioFileError(
            f"{info.path.name} is cut short or damaged: {done / info.sample_rate:.2f} s of the "
            f"{info.duration_s:.2f} s it promises could be decoded. Copy or export it again."
        )
    return np.ascontiguousarray(frames[:done].T)  # (channels, samples)


def _check_finite(audio: np.ndarray, sample_rate: int, name: str) -> None:
    """Refuse NaN and infinity, saying how many and where the first is."""
    finite = np.isfinite(audio)
    if finite.all():
        return
    bad = audio.size - int(np.count_nonzero(finite))
    first_s = int(np.argmin(finite.all(axis=0))) / sample_rate
    raise AudioFileError(
        f"{name} holds {describe_samples(bad)} that are not numbers (NaN or infinite), the first at "
        f"{first_s:.3f} s. Export it again without the plug-in that made them."
    )


def _check_array(path: Path, audio: np.ndarray, subtype: str) -> None:
    """Refuse arrays that are not (channels, samples) of finite floats."""
    if audio.ndim != 2 or not 1 <= audio.shape[0] <= LIMITS.max_channels or audio.shape[1] == 0:
        raise AudioShapeError(
            f"{path.name}: an array of shape {audio.shape} is not (channels, samples) with 1 or 2 channels. "
            "Transpose or split it."
        )
    if not np.issubdtype(audio.dtype, np.floating):
        raise AudioShapeError(f"{path.name}: samples are {audio.dtype}, not float. Scale them to -1..1.")
    size = audio.size * BITS[subtype] // 8
    if size >= LIMITS.max_file_bytes - 1024:  # room for the header
        raise AudioFileError(
            f"{path.name} would be {describe_bytes(size)}, more than a WAV can hold. Write FLAC or a shorter file."
        )
    if not np.isfinite(audio).all():
        bad = audio.size - int(np.count_nonzero(np.isfinite(audio)))
        raise AudioShapeError(
            f"{path.name}: {describe_samples(bad)} to write are not numbers (NaN or infinite). Undo the last change."
        )


def _check_writable(
    path: Path, subtype: str, sample_rate: int, overwrite: bool, protect: Iterable[str | os.PathLike[str]]
) -> None:
    """Refuse names that must not or cannot be written."""
    subtypes = _WRITABLE.get(path.suffix.lower())
    if subtypes is None:
        raise AudioFileError(f"{path.name} ends in neither .wav nor .flac. Choose one of them.")
    if subtype not in subtypes:
        raise AudioFileError(f"{path.name} cannot be written as {subtype!r}. Choose one of {', '.join(subtypes)}.")
    check_sample_rate(sample_rate)
    if any(_same_file(path, other) for other in protect):
        raise AudioFileError(f"{path.name} is an input and is never written over. Choose another folder.")
    if not path.parent.is_dir():
        raise AudioFileError(f"The folder {path.parent} for {path.name} does not exist. Create it first.")
    if path.is_dir():
        raise AudioFileError(f"{path.name} is a folder. Choose another name.")
    if not overwrite and os.path.lexists(path):
        raise AudioFileError(f"{path.name} already exists in {path.parent}. Choose another name or folder.")


def _same_file(path: Path, other: str | os.PathLike[str]) -> bool:
    """Whether two paths lead to one file, through links and odd spellings too."""
    if path.exists() and os.path.exists(other):
        return os.path.samefile(path, other)
    return os.path.normcase(os.path.realpath(path)) == os.path.normcase(os.path.realpath(other))


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut. Only POSIX can open a folder for this."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
