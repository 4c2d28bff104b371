"""Audio in and out: files and folders of stems become arrays, arrays become files nobody loses.

`headers` looks at what a file claims before anything is decoded, `audio` reads and writes one file, `stems`
loads a whole song, `names` guesses instruments from file names, `limits` holds every limit in one table. A mix leaves
as a `project`: `bounce`, `dawproject`, `reaper`, `settings_file`, `report` and `recall` write it; `datasets` reads the
trees of multitrack sets.
"""

from exchange.audio import AudioClip, WrittenAudio, read_audio, write_audio
from exchange.demo_song import copy_demo, demo_folder
from exchange.headers import AudioInfo, inspect_audio
from exchange.limits import LIMITS, Limits
from exchange.names import InstrumentGuess, guess_instrument, instrument_ids
from exchange.stems import Song, Track, list_audio, load_tracks

__all__ = [
    "LIMITS",
    "AudioClip",
    "AudioInfo",
    "InstrumentGuess",
    "Limits",
    "Song",
    "Track",
    "WrittenAudio",
    "copy_demo",
    "demo_folder",
    "guess_instrument",
    "inspect_audio",
    "instrument_ids",
    "list_audio",
    "load_tracks",
    "read_audio",
    "write_audio",
]
