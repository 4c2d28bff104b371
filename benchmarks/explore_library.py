"""The library's half of the exploring benchmark: planted processed versions found again among a thousand clips."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from assistant.library import Library, build_library, find_songs, open_library
from benchmarks.encoder_material import choose_clips
from benchmarks.peers import peer
from exchange import write_audio
from models import Encoder
from models.text_to_effect import TextToEffect
from models.training.corpus import SAMPLE_RATE, Corpus

__all__ = ["measure_library"]

_SECONDS = 6
_QUERIES = 50


def _shelf(gain_db: float, freq_hz: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda audio: peer("pedalboard").HighShelfFilter(freq_hz, gain_db)(audio, SAMPLE_RATE)


def _wide(audio: np.ndarray) -> np.ndarray:
    mid, side = audio.mean(axis=0), (audio[0] - audio[1]) / 2
    return np.stack((mid + 1.9 * side, mid - 1.9 * side))


PLANTED: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "darker": _shelf(-8.0, 3000.0),
    "brighter": _shelf(8.0, 4000.0),
    "wider": _wide,
    "more reverberant": lambda audio: peer("pedalboard").Reverb(0.6, wet_level=0.35, dry_level=0.7)(audio, SAMPLE_RATE),
    "more compressed": lambda audio: peer("pedalboard").Compressor(-34.0, 8.0, 5.0, 120.0)(audio, SAMPLE_RATE),
}
"""What is planted, by the word that asks for it; none of it by our console."""


def measure_library(corpus: Corpus, encoder: Encoder, model: TextToEffect, clips: int, sources: int) -> dict[str, Any]:
    """Plant versions of some test clips among others, index all, search.

    Args:
        corpus: its test clips of finished music are used.
        encoder, model: the FX encoder, and the words' directions in it.
        clips: in the library, planted ones included.
        sources: clips that have a planted version of every kind.
    Returns:
        Recall by words and by sound, index time and size, search time.
    """
    planted = sources * len(PLANTED)
    chosen = choose_clips(corpus, "finished", clips - planted)
    with tempfile.TemporaryDirectory() as folder:
        music = Path(folder, "music")
        music.mkdir()
        for place, clip in enumerate(chosen):
            audio = corpus.read(clip)[:, : _SECONDS * SAMPLE_RATE]
            write_audio(music / f"{place:04d}.wav", audio, SAMPLE_RATE, "pcm16")
            for word, process in PLANTED.items() if place < sources else ():
                version = np.asarray(process(audio), np.float32)
                version *= 0.98 / max(0.98, float(np.abs(version).max()))
                write_audio(music / f"{place:04d} {word}.wav", version, SAMPLE_RATE, "pcm16")
        built = build_library(music, Path(folder, "index"), encoder)
        library = open_library(Path(folder, "index"), encoder)
    by_word = {word: _ranks(library, model, word, sources) for word in PLANTED}
    by_sound = [_rank_of_source(library, model, f"{place:04d}", word) for place in range(sources) for word in PLANTED]
    ranks = [rank for found in by_word.values() for rank in found]
    return {
        "clips": built.songs,
        "planted": planted,
        "words_r1": _recall(ranks, 1),
        "words_r10": _recall(ranks, 10),
        "by_word": {word: {"r1": _recall(found, 1), "r10": _recall(found, 10)} for word, found in by_word.items()},
        "source_r1": _recall(by_sound, 1),
        "source_r10": _recall(by_sound, 10),
        "index_cpu_s_per_song": built.cpu_seconds / max(built.songs, 1),
        "index_bytes_per_song": built.index_bytes / max(built.songs, 1),
        "search_ms": _search_ms(library, model),
    }


def _ranks(library: Library, model: TextToEffect, word: str, sources: int) -> list[int]:
    ranks = []
    for place in range(sources):
        name = f"{place:04d}.wav"
        if name not in library.row_of or f"{place:04d} {word}.wav" not in library.row_of:
            continue
        like = library.sounds[library.row_of[name]]
        found = find_songs(library, f"like this but {word}", model, like, 10, (name,))
        ranks.append(_rank([song.path for song in found], f"{place:04d} {word}.wav"))
    return ranks


def _rank_of_source(library: Library, model: TextToEffect, source: str, word: str) -> int:
    """Return the rank of the first other version of the same clip when searching by a processed one's sound."""
    name = f"{source} {word}.wav"
    if name not in library.row_of:
        return 11
    found = find_songs(library, "", model, library.sounds[library.row_of[name]], 10, (name,))
    return next((place for place, song in enumerate(found, 1) if song.path.startswith(source)), 11)


def _rank(paths: list[str], wanted: str) -> int:
    return paths.index(wanted) + 1 if wanted in paths else 11


def _recall(ranks: list[int], within: int) -> float:
    return float(np.mean([rank <= within for rank in ranks])) if ranks else 0.0


def _search_ms(library: Library, model: TextToEffect) -> dict[str, float]:
    like = library.sounds[0]
    taken = []
    for turn in range(_QUERIES):
        began = time.perf_counter()
        find_songs(library, ("warm and wide", "like this but darker")[turn % 2], model, like)
        taken.append(1000 * (time.perf_counter() - began))
    return {"median": float(np.median(taken)), "most": float(np.max(taken[2:]))}
