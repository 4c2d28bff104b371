"""People: what the whole system does to sound for a word, against curves of people left out of the fit.

The people are split into three; the words are fitted anew without each third (related words, strengths and all), and
the system edits sounds with that fit. A word's sounds are shared out over the thirds. For words nobody set, all people
of the word are left out. The ceiling of a person is the mean of everybody else who used the word.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.bands import band_powers
from assistant.tones import helping, shrunk, tone_of_senses
from assistant.turn import Assistant
from benchmarks.edits_material import say_to, song_of
from benchmarks.text import DATA_VARIABLE
from console.errors import ModelError
from models.text_to_effect.lexicon import Lexicon, lexicon_of, read_associations
from models.text_to_effect.people import Curve, read_curves, shape_of
from models.text_to_effect.tone import expect_shapes
from models.training.corpus import SAMPLE_RATE
from ontology import BANDS_HZ, Word, load_ontology
from ontology.load import read_literature

__all__ = ["change_curve", "people"]

_FOLDS = 3
_LEAST_PEOPLE = 5
_SECONDS = 6
_TYPICAL_PEOPLE = 3.0
_PEAK_DB = (3.0, 9.0)
_FADE_SAMPLES = 4410
_EMPTY = 1e-10
"""Of a sound's whole power: a band that holds less is empty (synthesized sounds end somewhere), and has no change."""


@dataclass(frozen=True)
class Heard:
    """One person who was left out: what the system's change has in common with theirs, and what the others' mean has.

    Correlations; errors in dB, None where the person's or the others' settings carry no dB.
    """

    word: str
    reached: float
    ceiling: float
    error_db: float | None
    ceiling_error_db: float | None


def people(
    data: Path | None,
    sounds: Sequence[tuple[str, np.ndarray]],
    most_words: int | None,
    progress: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Edit sounds for every word of at least five people and compare with people who were left out.

    Args:
        data: folder of the human data; None: what STUDIOSPEAK_HUMAN_DATA names.
        sounds: (what plays, (2, samples) at 44.1 kHz).
        most_words: only so many words; None: all.
        progress: told what is done.
    Raises:
        ModelError: no data.
    """
    folder = data or (Path(os.environ[DATA_VARIABLE]) if os.environ.get(DATA_VARIABLE) else None)
    if folder is None:
        raise ModelError(f"The people table needs the human data (SocialEQ, SAFE). Set {DATA_VARIABLE}=DIR.")
    lexicon = lexicon_of(read_literature().values(), read_associations())
    curves = read_curves(folder, lexicon)
    english = [curve for curve in curves if not curve.translated]
    count = {word: sum(curve.word == word for curve in english) for word in lexicon.ids}
    known = load_ontology()
    words = [word for word in lexicon.ids if count[word] >= _LEAST_PEOPLE and word in set(known)][:most_words]
    persons = sorted({curve.person for curve in english})
    fold_of = dict(zip(persons, np.random.default_rng(0).integers(_FOLDS, size=len(persons)).tolist(), strict=True))
    excerpts = [(name, audio[:, : _SECONDS * SAMPLE_RATE]) for name, audio in sounds]
    seen: list[Heard] = []
    for fold in range(_FOLDS):
        kept = [curve for curve in curves if fold_of.get(curve.person) != fold]
        assistant = Assistant(tones=_tones(lexicon, kept))
        for word in words:
            left_out = [curve for curve in english if curve.word == word and fold_of[curve.person] == fold]
            if left_out:
                seen += _compare(
                    word, left_out, english, _changes(word, assistant, excerpts[fold::_FOLDS] or excerpts[:1])
                )
        if progress is not None:
            progress(f"people: {fold + 1} of {_FOLDS} parts")
    never: list[Heard] = []
    for number, word in enumerate(words):
        kept = [curve for curve in curves if curve.word != word]
        assistant = Assistant(tones=_tones(lexicon, kept))
        left_out = [curve for curve in english if curve.word == word]
        at = number % max(1, len(excerpts) - 1)
        never += _compare(word, left_out, english, _changes(word, assistant, excerpts[at : at + 2]))
    return {
        "words": len(words),
        "sounds": len(sounds),
        "seen": _summary(seen),
        "never_seen": _summary(never),
        "by_word": {word: _summary([row for row in seen if row.word == word]) for word in words},
    }


def change_curve(before: np.ndarray, after: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return (40,) the change of the power in bands around `BANDS_HZ`, dB; NaN where the sound has nothing."""
    powers = [band_powers(audio * _faded(audio.shape[1]), sample_rate) for audio in (before, after)]
    heard = np.minimum(*(power / max(power.sum(), 1e-30) for power in powers)) > _EMPTY
    change_db = 10 * np.log10(np.maximum(powers[1], 1e-30) / np.maximum(powers[0], 1e-30))
    return np.where(heard, change_db, np.nan)


def _faded(samples: int) -> np.ndarray:
    """Return a gain that opens and closes without a step: an edge has all frequencies."""
    edge = min(_FADE_SAMPLES, samples // 4)
    gain = np.ones(samples)
    gain[:edge] = 0.5 - 0.5 * np.cos(np.pi * np.arange(edge) / max(edge, 1))
    gain[samples - edge :] = gain[:edge][::-1]
    return gain


def _tones(lexicon: Lexicon, kept: Sequence[Curve]) -> Callable[[Word], np.ndarray]:
    """Return what the assistant takes for a word's tone, fitted to these people alone."""
    expected, place = expect_shapes(lexicon, kept), lexicon.index()
    typical = float(np.median([curve.rms_db for curve in kept if curve.rms_db]))

    def tone(word: Word) -> np.ndarray:
        if word.id not in place or not np.any(tone_of_senses(word)):
            return np.zeros(len(BANDS_HZ))
        shape, agreed = shape_of(expected[place[word.id]])
        own = [curve.rms_db for curve in kept if curve.word == word.id and curve.rms_db]
        logs = np.sum(np.log(own)) + _TYPICAL_PEOPLE * np.log(typical)
        rms_db = float(np.exp(logs / (len(own) + _TYPICAL_PEOPLE)))
        peak_db = rms_db * float(np.abs(shape).max())
        full_db = shape * rms_db * float(np.clip(peak_db, *_PEAK_DB)) / max(peak_db, 1e-9)
        return helping(word, shrunk(full_db, agreed))

    return tone


def _changes(word: str, assistant: Assistant, sounds: Sequence[tuple[str, np.ndarray]]) -> list[np.ndarray]:
    """Return what the system does to each sound when asked for the word."""
    changes = []
    for name, audio in sounds:
        done = say_to(song_of({name: audio}), f"make it more {word.replace('-', ' ')}", assistant)
        changes.append(change_curve(done.before, done.after, SAMPLE_RATE))
    return changes


def _compare(
    word: str, left_out: Sequence[Curve], everybody: Sequence[Curve], changes: Sequence[np.ndarray]
) -> list[Heard]:
    rows = []
    for curve in left_out:
        others = [other for other in everybody if other.word == word and other.person != curve.person]
        consensus = np.average([o.shape for o in others], axis=0, weights=[o.weight for o in others])
        reached = float(np.mean([_correlation(change, curve.shape) for change in changes]))
        ceiling = float(np.mean([_correlation(np.where(np.isnan(c), np.nan, consensus), curve.shape) for c in changes]))
        strong = [other.shape * other.rms_db for other in others if other.rms_db]
        error = ceiling_error = None
        if curve.rms_db and strong:
            own_db, mean_db = curve.shape * curve.rms_db, np.mean(strong, axis=0)
            error = float(np.mean([_error_db(change, own_db) for change in changes]))
            ceiling_error = float(np.mean([_error_db(np.where(np.isnan(c), np.nan, mean_db), own_db) for c in changes]))
        rows.append(Heard(word, reached, ceiling, error, ceiling_error))
    return rows


def _summary(rows: Sequence[Heard]) -> dict[str, float]:
    """Average, every person once and every word once."""
    by_word: Mapping[str, list[Heard]] = defaultdict(list)
    for row in rows:
        by_word[row.word].append(row)
    found = {
        "people": float(len(rows)),
        "reached_by_person": float(np.mean([row.reached for row in rows])),
        "ceiling_by_person": float(np.mean([row.ceiling for row in rows])),
        "reached_by_word": float(np.mean([np.mean([row.reached for row in mine]) for mine in by_word.values()])),
        "ceiling_by_word": float(np.mean([np.mean([row.ceiling for row in mine]) for mine in by_word.values()])),
    }
    strong = [row for row in rows if row.error_db is not None and row.ceiling_error_db is not None]
    if strong:
        found["safe_people"] = float(len(strong))
        found["error_db"] = float(np.mean([row.error_db for row in strong]))
        found["ceiling_error_db"] = float(np.mean([row.ceiling_error_db for row in strong]))
    return found


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Return the correlation over the bands that the first has."""
    there = ~np.isnan(first)
    return float(np.mean(shape_of(first[there])[0] * shape_of(second[there])[0])) if there.sum() > 1 else 0.0


def _error_db(change_db: np.ndarray, wanted_db: np.ndarray) -> float:
    """Return the rms error in shape over the bands that the change has, dB."""
    there = ~np.isnan(change_db)
    off_db = (change_db - wanted_db)[there]
    return float(np.sqrt(np.mean(np.square(off_db - off_db.mean())))) if there.any() else 0.0
