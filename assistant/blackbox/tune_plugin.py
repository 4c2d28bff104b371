"""From words to a plug-in's knobs: aim, search, hold the loudness, measure."""

from dataclasses import dataclass

import numpy as np

from assistant.blackbox.chain import Chain, values_at
from assistant.blackbox.estimator import Estimator
from assistant.blackbox.problem import problem_for
from assistant.check import check
from assistant.events import Measurement
from assistant.measure import SongSound
from assistant.understand import understand
from console.errors import RequestError
from console.loudness import integrated_lufs
from console.settings import Settings
from console.true_peak import true_peak_dbtp
from exchange import Song
from models import Encoder
from ontology import Ontology

__all__ = ["LEAST_RENDERS", "TunedPlugin", "tune_plugin"]

LEAST_RENDERS = 20


@dataclass(frozen=True)
class TunedPlugin:
    """A plug-in tuned to words.

    Attributes:
        before, after: (2, samples), equally loud.
        values: where the knobs stand, by name.
        started: where they stood.
        gain_db: what holds the loudness, after the plug-in.
        left: share of the way that is left on the excerpt that was listened to.
        renders: how often the plug-in ran on it.
        measured: goals and loudness on the whole sound.
    """

    before: np.ndarray
    after: np.ndarray
    values: dict[str, float]
    started: dict[str, float]
    gain_db: float
    left: float
    renders: int
    measured: tuple[Measurement, ...]


def tune_plugin(
    chain: Chain,
    song: Song,
    text: str,
    ontology: Ontology,
    encoder: Encoder,
    estimator: Estimator,
    renders: int = 150,
    seed: int = 0,
) -> TunedPlugin:
    """Tune a chain until a sound goes where words want it.

    Args:
        chain: a plug-in, or anything with knobs.
        song: one stereo track.
        text: what the person wants.
        ontology, encoder: what words mean and how processing is heard.
        estimator: how to search.
        renders: how often the chain may run on an excerpt.
        seed: the same seed gives the same knobs.
    Raises:
        RequestError: the words ask for no change of sound, or too few renders.
    """
    if renders < LEAST_RENDERS:
        raise RequestError(f"{renders} renders are too few to search. Allow at least {LEAST_RENDERS}.")
    requests = understand(text, song.tracks)
    edits = [request for request in requests if request.intent == "edit" and request.descriptor is not None]
    if not edits:
        asked = next((request.question for request in requests if request.question), None)
        raise RequestError(asked or 'A plug-in is tuned by a word for its sound. Say, for example, "warmer".')
    problem, target = problem_for(edits, chain, song, ontology, encoder)
    found = estimator(problem, renders, seed)
    before = song.tracks[0].audio
    before = before if before.shape[0] == 2 else np.repeat(before, 2, axis=0)
    values = values_at(chain, found.position)
    after = chain.process(before, song.sample_rate, values)[:, : before.shape[1]]
    was, now = integrated_lufs(before, song.sample_rate), integrated_lufs(after, song.sample_rate)
    gain_db = was - now if np.isfinite(was) and np.isfinite(now) else 0.0
    after = (after * 10 ** (gain_db / 20)).astype(np.float32)
    settings = Settings.neutral([track.name for track in song.tracks])
    sounds = (_sound(audio, song, settings) for audio in (before, after))
    return TunedPlugin(
        before,
        after,
        values,
        values_at(chain, problem.start),
        gain_db,
        found.left,
        found.renders,
        check(target, *sounds).measurements,
    )


def _sound(audio: np.ndarray, song: Song, settings: Settings) -> SongSound:
    loudness, peak = integrated_lufs(audio, song.sample_rate), true_peak_dbtp(audio, song.sample_rate)
    return SongSound(settings, audio, {}, loudness, peak, {}, {}, {})
