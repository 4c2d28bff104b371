"""What edits are tried on: clips of finished music, single sounds and small songs of the corpus's test packages."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.events import Asked, Event, Measured, Said
from assistant.listen import active_start
from assistant.measure import hear_song
from assistant.session import Session
from assistant.turn import Assistant, Clock
from benchmarks.encoder_material import choose_clips
from benchmarks.encoder_sounds import CORPUS_VARIABLE
from console.errors import ModelError
from console.loudness import integrated_lufs
from exchange import Song, Track, guess_instrument, load_tracks
from exchange.demo_song import demo_folder
from models.training.corpus import SAMPLE_RATE, Corpus, open_corpus

__all__ = ["Edited", "clips_of", "open_test_corpus", "say_to", "small_songs", "song_of"]

_PARTS = {"Bass": "bass", "Drums": "drums", "Guitar": "guitar", "Piano": "piano"}
_SONG_S, _STEM_LUFS, _BALANCE_DB = 10.0, -26.0, 3.0
_QUIETEST = 0.01  # rms: a clip below it is a fade or a pause


@dataclass(frozen=True)
class Edited:
    """One turn, done.

    Attributes:
        session: after the turn; its first version is the song as it was.
        before, after: (2, samples) of the mix.
        events: everything the turn yielded.
        clock: CPU seconds by step.
    """

    session: Session
    before: np.ndarray
    after: np.ndarray
    events: tuple[Event, ...]
    clock: Clock

    @property
    def moved(self) -> bool:
        return self.session.settings != self.session.versions[0].settings

    @property
    def reply(self) -> str:
        said = [event.text for event in self.events if isinstance(event, Said)]
        return said[-1] if said else ""

    @property
    def asked(self) -> bool:
        return any(isinstance(event, Asked) for event in self.events)

    @property
    def measured(self) -> Measured | None:
        return next((event for event in self.events if isinstance(event, Measured)), None)


def open_test_corpus(folder: Path | None) -> Corpus:
    """Open the corpus whose test packages are used.

    Raises:
        ModelError: none is named or found.
    """
    named = folder or (Path(os.environ[CORPUS_VARIABLE]) if os.environ.get(CORPUS_VARIABLE) else None)
    if named is None:
        raise ModelError(
            "Edits are measured on a corpus. Build one: python scripts/build_corpus.py --out DIR "
            f"(its test packages are enough), then set {CORPUS_VARIABLE}=DIR."
        )
    return open_corpus(named)


def clips_of(corpus: Corpus, kind: str, count: int, seed: int = 0) -> list[tuple[str, np.ndarray]]:
    """Return (instrument or package, (2, samples)) of test clips that sound, as many sources as there are."""
    found: list[tuple[str, np.ndarray]] = []
    for split in ("test", "valid"):  # nothing here is chosen on single sounds: either will do
        for clip in choose_clips(corpus, kind, 3 * count, seed, split):
            audio = corpus.read(clip)
            if len(found) < count and float(np.sqrt(np.mean(np.square(audio)))) > _QUIETEST:
                found.append((clip.instrument or clip.package, audio))
    return found


def small_songs(corpus: Corpus, count: int, seed: int = 0) -> list[Song]:
    """Return songs of five stems at balances of their own, 10 s each: the demo song's voice with stems of the corpus.

    Raises:
        ModelError: the corpus lacks stems of a part.
    """
    rng = np.random.default_rng(seed)
    voice = next(t.audio for t in load_tracks(demo_folder(), SAMPLE_RATE).tracks if "Lead" in t.name)
    voice = np.broadcast_to(voice, (2, voice.shape[1]))
    stems = [(clip.instrument, clip) for split in ("test", "valid") for clip in corpus.select(split, "stem")]
    songs = []
    for _ in range(count):
        offset = int(rng.integers(voice.shape[1] // 2))
        start = offset + active_start([voice[:, offset:]], SAMPLE_RATE, _SONG_S)
        parts = {"Lead Vocal": voice[:, start : start + int(_SONG_S * SAMPLE_RATE)]}
        for name, instrument in _PARTS.items():
            fitting = [clip for what, clip in stems if what == instrument]
            if not fitting:
                raise ModelError(f"The corpus has no test stems of {instrument}. Build more of it.")
            parts[name] = corpus.read(fitting[int(rng.integers(len(fitting)))])
        length = min(audio.shape[1] for audio in parts.values())
        made = {}
        for name, audio in parts.items():
            loudness = integrated_lufs(np.ascontiguousarray(audio[:, :length]), SAMPLE_RATE)
            gain_db = _STEM_LUFS + rng.uniform(-_BALANCE_DB, _BALANCE_DB) - max(loudness, -50.0)
            made[name] = np.ascontiguousarray(audio[:, :length] * 10 ** (gain_db / 20)).astype(np.float32)
        songs.append(song_of(made))
    return songs


def song_of(tracks: Mapping[str, np.ndarray]) -> Song:
    """Return a song of (2, samples) tracks at 44.1 kHz; their names say what plays."""
    made = []
    for name, audio in tracks.items():
        guess = guess_instrument(name)
        made.append(Track(name, guess.instrument, guess.group, guess.colour, audio, Path(f"{name}.wav")))
    length = made[0].audio.shape[1]
    return Song(tuple(made), SAMPLE_RATE, length, "benchmark", ())


def say_to(song: Song | Session, text: str, assistant: Assistant, amount: float = 1.0) -> Edited:
    """Take one turn and render what was before and what is after."""
    session = song if isinstance(song, Session) else Session(song)
    was, clock = session.settings, Clock()
    events = tuple(assistant.take_turn(session, text, amount, clock))
    before = hear_song(session.song, was, ()).master
    after = before if session.settings == was else hear_song(session.song, session.settings, ()).master
    return Edited(session, before, after, events, clock)
