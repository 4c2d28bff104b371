"""SocialReverb and SocialFX: settings that many people named. What sets a word's settings apart from the others."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.text_to_effect.lexicon import Lexicon
from models.text_to_effect.people import Opinion, read_opinions, read_table
from models.text_to_effect.word_fit import Ties, covariance, gather, posterior
from models.training.chains import Chain
from models.training.human import _social_comp, _social_reverb

__all__ = ["PROCESSORS", "STUDY", "Study", "read_study", "word_settings"]

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


def word_settings(
    lexicon: Lexicon, study: Study, opinions: Sequence[Opinion], rows: np.ndarray, ties: Ties = STUDY
) -> np.ndarray:
    """Return (words, terms): how the settings a word was given differ from all settings of the study.

    Args:
        lexicon: the words.
        study: whose settings.
        opinions: those to learn from.
        rows: (settings, terms) of anything about the settings: measures, changes of an embedding. Terms are brought to
            one scale for the fit and back.
        ties: how words lend each other.
    """
    place, at = lexicon.index(), {name: index for index, name in enumerate(study.settings)}
    centred = rows - rows.mean(axis=0)
    scale = float(np.sqrt(np.mean(np.square(centred)))) or 1.0
    said = Counter((opinion.word, opinion.person) for opinion in opinions)
    people = gather(
        [place[opinion.word] for opinion in opinions],
        centred[[at[opinion.setting] for opinion in opinions]] / scale,
        [opinion.weight / np.sqrt(said[opinion.word, opinion.person]) for opinion in opinions],
    )
    return scale * posterior(covariance(lexicon, ties), people, ties.noise)
