"""Every limit on audio that comes in, in one table, and how sizes and lengths are said."""

from dataclasses import dataclass

__all__ = ["EXTENSIONS", "LIMITS", "Limits", "describe_bytes", "describe_samples", "describe_seconds"]

#: File name extension -> what its contents should be. Files with another extension are not audio to us.
EXTENSIONS: dict[str, str] = {
    ".wav": "WAV",
    ".wave": "WAV",
    ".bwf": "WAV",
    ".rf64": "WAV",
    ".flac": "FLAC",
    ".aif": "AIFF",
    ".aiff": "AIFF",
    ".aifc": "AIFF",
    ".ogg": "OGG",
    ".oga": "OGG",
    ".opus": "OGG",
    ".mp3": "MP3",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file or a song may be at most, or at least.

    The defaults fit a laptop with 8 GiB: 32 stereo tracks of 8 minutes at 48 kHz are 5.5 GiB decoded.
    """

    max_file_bytes: int = 4 * 2**30  # on disk; also the most a WAV can say of itself
    max_decoded_bytes: int = 2 * 2**30  # one file as float32, at its own or the session rate
    max_song_bytes: int = 6 * 2**30  # all tracks as float32, padded to the longest, at the session rate
    max_channels: int = 2
    min_sample_rate: int = 8_000  # Hz
    max_sample_rate: int = 192_000  # Hz
    min_duration_s: float = 0.01  # shorter than this nothing can be heard or measured
    max_duration_s: float = 3600.0
    max_tracks: int = 128
    silence_dbfs: float = -80.0  # a peak below this is silent; the dither of a 16-bit file peaks at -84


LIMITS = Limits()


def describe_bytes(count: float) -> str:
    """Say a number of bytes for people: `3.2 GB`, `12 kB` (powers of ten, as file managers show it)."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            value = count / size
            return f"{value:,.0f} {unit}" if value >= 99.5 else f"{value:.3g} {unit}"
    return f"{count:.0f} byte" + ("" if count == 1 else "s")


def describe_seconds(seconds: float) -> str:
    """Say a duration for people: `10 h 0 min`, `4 min 5 s`, `0.25 s`."""
    if seconds >= 3600:
        hours, minutes = divmod(round(seconds / 60), 60)
        return f"{hours:,} h {minutes} min"
    if seconds >= 60:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes} min {rest} s"
    return f"{seconds:.3g} s"


def describe_samples(count: int) -> str:
    """Say a number of samples: `1 sample`, `44,100 samples`."""
    return f"{count:,} sample" + ("" if count == 1 else "s")
