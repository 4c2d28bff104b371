"""What a file claims to be, checked before a single sample is decoded.

The order is from cheap to dear: name, existence, size on disk, header. A header that promises hours, many
channels or more data than the file holds is refused here, so a lying file never costs memory.
"""

import os
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import soundfile

from console.errors import AudioFileError
from exchange.limits import (
    EXTENSIONS,
    LIMITS,
    Limits,
    describe_bytes,
    describe_samples,
    describe_seconds,
)
from exchange.ogg import find_damage

__all__ = ["BYTES_PER_SAMPLE", "READABLE", "AudioInfo", "inspect_audio", "native_name"]

BYTES_PER_SAMPLE = 4  # everything is decoded to float32
READABLE = "WAV, FLAC, AIFF, OGG or MP3"

#: libsndfile's container name -> ours, which EXTENSIONS uses too.
_CONTAINERS = {
    "WAV": "WAV",
    "WAVEX": "WAV",
    "RF64": "WAV",
    "FLAC": "FLAC",
    "AIFF": "AIFF",
    "OGG": "OGG",
    "MP3": "MP3",
}
#: First bytes -> container, to tell a damaged audio file from something that never was one.
_SIGNATURES = {
    b"RIFF": "WAV",
    b"RF64": "WAV",
    b"fLaC": "FLAC",
    b"FORM": "AIFF",
    b"OggS": "OGG",
    b"ID3": "MP3",
    b"\xff\xfb": "MP3",
    b"\xff\xf3": "MP3",
}
_UNKNOWN_FRAMES = 2**62  # libsndfile reports 2**63 - 1 where a header does not say how long the file is
_STREAMED_SIZE = 0xFFFFFFFF  # what programs write when they pipe a WAV and cannot go back to its header


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What is known of a file before it is decoded.

    Attributes:
        path: the file as given.
        container: WAV, FLAC, AIFF, OGG or MP3, by its contents and not by its name.
        subtype: how samples are stored, in libsndfile's words (PCM_16, FLOAT, VORBIS, ...).
        sample_rate: Hz.
        channels: 1 or 2.
        frames: samples per channel.
        file_bytes: size on disk.
        decoded_bytes: size as float32 at its own sample rate.
        notes: sentences worth telling, empty when all is usual.
    """

    path: Path
    container: str
    subtype: str
    sample_rate: int
    channels: int
    frames: int
    file_bytes: int
    decoded_bytes: int
    notes: tuple[str, ...] = field(default=())

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.frames / self.sample_rate


def inspect_audio(path: str | os.PathLike[str], limits: Limits = LIMITS) -> AudioInfo:
    """Check what a file claims, without decoding it.

    Args:
        path: an audio file.
        limits: the table of limits.
    Returns:
        What the header says, once every limit holds.
    Raises:
        AudioFileError: missing, a folder, empty, too big, not audio, cut short, or outside a limit; one
            sentence with the file name and what to do.
    """
    path = Path(path)
    file_bytes = _size_on_disk(path, limits)
    try:
        with soundfile.SoundFile(native_name(path)) as file:
            container = _CONTAINERS.get(file.format, file.format)
            subtype, sample_rate = file.subtype, file.samplerate
            channels, frames = file.channels, file.frames
    except (soundfile.LibsndfileError, OSError) as error:
        raise AudioFileError(_why_unreadable(path)) from error
    if container not in EXTENSIONS.values():
        raise AudioFileError(f"{path.name} holds {container} audio, which is not read here. Export it as {READABLE}.")
    notes = _check_whole(path, container, frames, file_bytes)
    _check_limits(path, sample_rate, channels, frames, limits)
    expected = EXTENSIONS[path.suffix.lower()]
    if container != expected:
        notes.append(f"{path.name} is named like {expected} but holds {container}; it was read as {container}.")
    return AudioInfo(
        path=path,
        container=container,
        subtype=subtype,
        sample_rate=sample_rate,
        channels=channels,
        frames=frames,
        file_bytes=file_bytes,
        decoded_bytes=frames * channels * BYTES_PER_SAMPLE,
        notes=tuple(notes),
    )


def native_name(path: Path) -> str | bytes:
    """Give libsndfile a path it can open: bytes on POSIX, where names need not be valid text."""
    return os.fsencode(path) if os.name == "posix" else str(path)


def _size_on_disk(path: Path, limits: Limits) -> int:
    """Refuse what is not a readable file of a sensible size; return its size in bytes."""
    try:
        exists, is_folder, is_file = path.exists(), path.is_dir(), path.is_file()
    except OSError as error:
        raise AudioFileError(
            f"{path.name} cannot be reached ({error.strerror}). Check the path and its permissions."
        ) from error
    if not exists:
        raise AudioFileError(f"{path.name} was not found in {path.parent}. Check the path.")
    if is_folder:
        raise AudioFileError(f"{path.name} is a folder, not an audio file. Give a file inside it.")
    if not is_file:
        raise AudioFileError(f"{path.name} is a pipe or a device, not an audio file. Give a saved file.")
    if path.suffix.lower() not in EXTENSIONS:
        raise AudioFileError(f"{path.name} is not a kind of file that is read here ({READABLE}). Export it as WAV.")
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
    except OSError as error:
        raise AudioFileError(
            f"{path.name} cannot be opened ({error.strerror}). Check its permissions and its disk."
        ) from error
    if size == 0:
        raise AudioFileError(f"{path.name} is empty (0 bytes). Copy or export it again.")
    if size > limits.max_file_bytes:
        raise AudioFileError(
            f"{path.name} is {describe_bytes(size)} on disk, more than the "
            f"{describe_bytes(limits.max_file_bytes)} allowed. Export a shorter file or a lower sample rate."
        )
    return size


def _why_unreadable(path: Path) -> str:
    """Say why libsndfile could not open a file, from its first bytes."""
    with path.open("rb") as file:
        start = file.read(4)
    for signature, container in _SIGNATURES.items():
        if start.startswith(signature):
            return (
                f"{path.name} starts like {container} but its header is damaged or cut short. Copy or export it again."
            )
    return (
        f"{path.name} does not contain audio that can be read ({READABLE}). "
        "Check that it is the right file and export it again."
    )


def _check_limits(path: Path, sample_rate: int, channels: int, frames: int, limits: Limits) -> None:
    """Refuse channels, rates and lengths outside the table."""
    if channels > limits.max_channels:
        raise AudioFileError(
            f"{path.name} has {channels} channels; only mono and stereo are read. "
            "Export it as stereo, or as one file per channel."
        )
    if not limits.min_sample_rate <= sample_rate <= limits.max_sample_rate:
        raise AudioFileError(
            f"{path.name} has a sample rate of {sample_rate} Hz, outside {limits.min_sample_rate} to "
            f"{limits.max_sample_rate} Hz. Export it at 44100 or 48000 Hz."
        )
    duration_s = frames / sample_rate
    if duration_s > limits.max_duration_s:
        raise AudioFileError(
            f"{path.name} says it lasts {describe_seconds(duration_s)}, more than the "
            f"{describe_seconds(limits.max_duration_s)} allowed. Cut it into shorter files."
        )
    if duration_s < limits.min_duration_s:
        raise AudioFileError(
            f"{path.name} holds only {describe_samples(frames)} ({1000 * duration_s:.2g} ms), less than the "
            f"{1000 * limits.min_duration_s:g} ms that can be mixed. Leave it out or export it again."
        )
    decoded_bytes = frames * channels * BYTES_PER_SAMPLE
    if decoded_bytes > limits.max_decoded_bytes:
        raise AudioFileError(
            f"{path.name} would take {describe_bytes(decoded_bytes)} of memory, more than the "
            f"{describe_bytes(limits.max_decoded_bytes)} allowed. "
            "Export a shorter file or a lower sample rate."
        )


def _check_whole(path: Path, container: str, frames: int, file_bytes: int) -> list[str]:
    """Refuse files that hold less than their header promises; return notes on odd but whole ones."""
    if frames >= _UNKNOWN_FRAMES:
        raise AudioFileError(f"{path.name} does not say how long it is. Export it again.")
    with path.open("rb") as file:
        if container in ("WAV", "AIFF"):
            promised, start = _chunk_size(file, b"data" if container == "WAV" else b"SSND")
            there = max(file_bytes - start, 0) if start else 0
            if promised == _STREAMED_SIZE:
                return [f"{path.name} does not say how long it is; it was read to its end."]
            if promised > there:
                raise AudioFileError(
                    f"{path.name} is cut short: its header promises {describe_bytes(promised)} of audio and "
                    f"{describe_bytes(there)} are there. Copy or export it again."
                )
            if promised == 0 and there > 0:
                raise AudioFileError(
                    f"{path.name} was never finished: its header says no audio follows and "
                    f"{describe_bytes(there)} do. Open it in an audio editor and save it again."
                )
        elif container == "OGG" and (damage := find_damage(file)):
            raise AudioFileError(f"{path.name} is {damage}. Copy or export it again.")
    if frames == 0:
        raise AudioFileError(f"{path.name} has a header but no audio after it (0 samples). Record or export it again.")
    return []


def _chunk_size(file: BinaryIO, wanted: bytes) -> tuple[int, int]:
    """Find a chunk of a WAV, RF64 or AIFF file.

    Args:
        file: at its start.
        wanted: the four letters of the chunk.
    Returns:
        The size in bytes the chunk claims, and where its contents start; (0, 0) when there is no such chunk.
    """
    order = ">" if file.read(12)[:4] == b"FORM" else "<"
    size_64 = None
    while len(head := file.read(8)) == 8:
        name, size = struct.unpack(order + "4sI", head)
        if name == b"ds64":
            size_64 = struct.unpack("<QQ", file.read(16))[1]  # RIFF size, then data size: EBU Tech 3306
            file.seek(-16, os.SEEK_CUR)
        if name == wanted:
            if size == _STREAMED_SIZE and size_64 is not None:
                size = size_64
            return size, file.tell()
        file.seek(size + size % 2, os.SEEK_CUR)
    return 0, 0
