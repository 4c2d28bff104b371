"""SocialReverb and SocialFX: settings that many people named. What sets a word's settings apart from the others."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.text_to_effect.lexicon import Lexicon
from models.text_to_effect.people import Opinion, read_opinions, read_table
from models.text_to_effect.word_fit import Gathered, Ties, covariance, posterior
from models.training.chains import Chain
from models.training.human import _social_comp, _social_reverb

__all__ = ["PROCESSORS", "STUDY", "Study", "heard_matrix", "read_study", "study_prior", "word_settings"]

PROCESSORS = ("reverb", "compressor")
STUDY = Ties(books=0.0, mean=0.0, noise=3.0)
_TABLES = {"reverb": "social_reverb/reverb_settings.csv", "compressor": "social_comp/comp_settings.csv"}
_LOGARITHMIC = {
    "reverb": ("calc_m1_rt60_s", "imp_m2_echo_density_per_s", "imp_m4_central_time_s", "imp_m5_spectral_centroid_hz"),
    "compressor": ("ratio", "attack_s", "release_s"),
}
_LINEAR = {"reverb": ("imp_m3_clarity_db",), "compressor": ("threshold_db", "knee_db")}
_LEAST = 1e-4


@dataclass(frozen=True)
class Study:
    """One study.

    Attributes:
        processor: "reverb" or "compressor".
        settings: names, in the order of the rows below.
        measures: (settings, terms) of each setting, mean 0 and deviation 1 over the study.
        chains: each setting on our console; None where it does next to nothing.
        opinions: who called which setting what.
    """

    processor: str
    settings: tuple[str, ...]
    measures: np.ndarray
    chains: tuple[Chain | None, ...]
    opinions: tuple[Opinion, ...]


def read_study(folder: Path, lexicon: Lexicon, processor: str) -> Study:
    """Read a study from the folder of the human data.

    Raises:
        ModelError: a table is missing or has other columns.
    """
    rows = read_table(folder / _TABLES[processor])
    columns = [np.log(np.maximum([float(row[name]) for row in rows], _LEAST)) for name in _LOGARITHMIC[processor]]
    columns += [np.array([float(row[name]) for row in rows]) for name in _LINEAR[processor]]
    table = np.stack(columns, axis=1)
    chain_of = _social_reverb if processor == "reverb" else _social_comp
    settings = tuple(row["setting"] for row in rows)
    opinions = tuple(o for o in read_opinions(folder, lexicon, processor) if o.setting in set(settings))
    measures = (table - table.mean(axis=0)) / table.std(axis=0)
    return Study(processor, settings, measures, tuple(chain_of(row) for row in rows), opinions)


def heard_matrix(lexicon: Lexicon, study: Study, opinions: Sequence[Opinion]) -> np.ndarray:
    """Return (words, settings): how much each setting was called each word.

    Somebody who gives a word to many settings counts with the root of their number.

    Args:
        lexicon: the words.
        study: whose settings.
        opinions: those to count.
    """
    place, at = lexicon.index(), {name: index for index, name in enumerate(study.settings)}
    said = Counter((opinion.word, opinion.person) for opinion in opinions)
    heard = np.zeros((len(place), len(at)))
    for opinion in opinions:
        weight = opinion.weight / np.sqrt(said[opinion.word, opinion.person])
        heard[place[opinion.word], at[opinion.setting]] += weight
    return heard


def word_settings(prior: np.ndarray, heard: np.ndarray, rows: np.ndarray, noise: float = STUDY.noise) -> np.ndarray:
    """Return (words, terms): how the settings a word was given differ from all settings of the study.

    Args:
        prior: (words, words) covariance, `study_prior`.
        heard: (words, settings), `heard_matrix`.
        rows: (settings, terms) of anything about the settings: measures, changes of an embedding. Terms are brought to
            one scale for the fit and back.
        noise: variance of one person.
    """
    centred = rows - rows.mean(axis=0)
    scale = float(np.sqrt(np.mean(np.square(centred)))) or 1.0
    totals = heard.sum(axis=1)
    places = np.flatnonzero(totals > 0)
    people = Gathered(places, heard[places] @ centred / (scale * totals[places, None]), totals[places])
    return scale * posterior(prior, people, noise)


def study_prior(lexicon: Lexicon, ties: Ties = STUDY) -> np.ndarray:
    """Return (words, words): how words covary in what settings they are given."""
    return covariance(lexicon, ties)
