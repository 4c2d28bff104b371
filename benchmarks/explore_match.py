"""The match's half of the exploring benchmark: our console beside Matchering on pairs of packages never trained on."""

import itertools
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from assistant.between import between_sounds
from assistant.match import Matched, Reference, match, profile_of, settings_for_match
from assistant.measure import hear_song
from benchmarks.encoder_material import choose_clips
from benchmarks.explore_loss import feature_loss
from benchmarks.peers import peer
from console.settings import moves
from exchange import Song, Track, read_audio, write_audio
from models import Encoder
from models.training.corpus import SAMPLE_RATE, Corpus

__all__ = ["measure_blend", "measure_match"]

_TERMS = ("total", "spectrum", "crest", "width", "imbalance")


def measure_match(corpus: Corpus, encoder: Encoder, pairs: int) -> dict[str, Any]:
    """Match clips to clips of other packages.

    Args:
        corpus: its test clips of finished music are used.
        encoder: the FX encoder.
        pairs: how many.
    Returns:
        The loss before, ours and Matchering's (means of every term), the share of pairs in which ours is lower, CPU
        seconds, and whether every match undone renders bit-exactly.
    """
    rows: dict[str, list[list[float]]] = {"before": [], "ours": [], "matchering": []}
    seconds: dict[str, list[float]] = {"ours": [], "matchering": []}
    exact = []
    for dry, wet in _pairs(corpus, pairs):
        began = time.process_time()
        song, found = _match(dry, wet, encoder)
        seconds["ours"].append(time.process_time() - began)
        began = time.process_time()
        theirs = _matchering(dry, wet)
        seconds["matchering"].append(time.process_time() - began)
        for name, audio in (("before", dry), ("ours", found.sound.master), ("matchering", theirs)):
            loss = feature_loss(audio, wet, SAMPLE_RATE)
            rows[name].append([getattr(loss, term) for term in _TERMS])
        neutral = settings_for_match(song)
        undone = found.settings.turned({(m.track, m.parameter): m.before for m in moves(neutral, found.settings)})
        exact.append(bool(np.array_equal(hear_song(song, undone, ()).master, dry)))
    table = {name: np.array(values) for name, values in rows.items()}
    return {
        "pairs": pairs,
        "loss": {name: dict(zip(_TERMS, values.mean(axis=0).tolist(), strict=True)) for name, values in table.items()},
        "lower_than_matchering": float((table["ours"][:, 0] < table["matchering"][:, 0]).mean()),
        "after_over_before": float(table["ours"][:, 0].mean() / table["before"][:, 0].mean()),
        "matchering_after_over_before": float(table["matchering"][:, 0].mean() / table["before"][:, 0].mean()),
        "cpu_s": {name: float(np.mean(values)) for name, values in seconds.items()},
        "undone_bit_exact": all(exact),
    }


def measure_blend(corpus: Corpus, encoder: Encoder, songs: int, steps: int = 11) -> dict[str, Any]:
    """Go from one reference's match to another's in equal steps of sound.

    Returns:
        Spearman's correlation of the step with the distance to A (rising) and to B (falling), in the FX embedding.
    """
    rising, falling = [], []
    for (dry, one), (_, other) in itertools.islice(itertools.pairwise(_pairs(corpus, songs + 1)), songs):
        song, first = _match(dry, one, encoder)
        _, last = _match(dry, other, encoder)

        def place(settings, song=song) -> np.ndarray:
            return profile_of(hear_song(song, settings, ()).master, SAMPLE_RATE, "here", encoder).embedding

        ends = place(first.settings), place(last.settings)
        shares = np.linspace(0.0, 1.0, steps)
        there = [place(between_sounds(first.settings, last.settings, float(share), place)[0]) for share in shares]
        rising.append(float(spearmanr(shares, [np.linalg.norm(p - ends[0]) for p in there]).statistic))
        falling.append(float(-spearmanr(shares, [np.linalg.norm(p - ends[1]) for p in there]).statistic))
    return {"songs": songs, "steps": steps, "to_a": rising, "to_b": falling, "least": min(*rising, *falling)}


def _pairs(corpus: Corpus, count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return (mix, reference) pairs whose packages differ."""
    clips = [clip for clip in choose_clips(corpus, "finished", 6 * count) if clip.source_rate >= SAMPLE_RATE]
    found = []
    for place, clip in enumerate(clips):
        other = next((c for c in clips[place + 1 :] + clips[:place] if c.package != clip.package), None)
        if other is not None and len(found) < count:
            found.append((corpus.read(clip), corpus.read(other)))
    return found


def _match(dry: np.ndarray, wet: np.ndarray, encoder: Encoder) -> tuple[Song, Matched]:
    track = Track("mix", "mix", "mix", "#888888", dry, Path("mix.wav"))
    song = Song((track,), SAMPLE_RATE, dry.shape[1], "a clip", ())
    reference = Reference(profile_of(wet, SAMPLE_RATE, "reference", encoder))
    return song, match(song, settings_for_match(song), [reference], encoder=encoder)


def _matchering(dry: np.ndarray, wet: np.ndarray) -> np.ndarray:
    matchering = peer("matchering")
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("dry.wav", "wet.wav", "out.wav")]
        for path, audio in zip(paths, (dry, wet), strict=False):
            write_audio(path, audio, SAMPLE_RATE, "float")
        wanted = matchering.Result(str(paths[2]), subtype="FLOAT")
        matchering.process(target=str(paths[0]), reference=str(paths[1]), results=[wanted])
        return read_audio(paths[2]).audio
