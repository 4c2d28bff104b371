"""One sound on its way to a target: how far a position of the knobs leaves it, and what that cost."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from assistant.aim import Target, aim, band_weights
from assistant.blackbox.chain import Chain, start_of, values_at
from assistant.request import MIX, Request
from console.errors import RequestError
from console.settings import Settings
from exchange import Song
from models import PARTS, Encoder
from ontology import Ontology

__all__ = ["PRICE", "Problem", "problem_for"]

PRICE = 0.1
"""Shares of the way that a knob turned across its whole range must bring, so that idle knobs stay."""
_LEAST = 0.02


class Problem:
    """A chain, an excerpt of sound and the target of its embedding.

    Attributes:
        chain: what is tuned.
        audio: (2, samples) float32, the excerpt.
        goal, now: (dimensions,) target embedding and that of the untouched sound.
        start: (knobs,) where the knobs start, 0..1.
        renders: how often the chain ran.
    """

    def __init__(self, chain: Chain, audio: np.ndarray, sample_rate: int, encoder: Encoder, goal: Tensor, now: Tensor):
        self.chain, self.audio, self.sample_rate, self.encoder = chain, audio, sample_rate, encoder
        self.goal, self.now = goal, now
        self.start = start_of(chain)
        self.renders = 0
        self.weights = _weights(goal, now)
        self._way = float((self.weights * (now - goal).square()).sum())
        if self._way <= 0.0:
            raise RequestError("These words ask for nothing that can be measured here. Say what should change.")

    def embedding(self, position: np.ndarray) -> Tensor:
        """Render at a position (knobs,) and return the (dimensions,) embedding."""
        self.renders += 1
        audio = self.chain.process(self.audio, self.sample_rate, values_at(self.chain, position))
        with torch.no_grad():
            return self.encoder.embed(torch.from_numpy(np.ascontiguousarray(audio))[None], self.sample_rate)[0]

    def left(self, embedding: Tensor) -> Tensor:
        """Return the share of the way that is left at embeddings (..., dimensions): 0 is there, 1 where it began."""
        return (self.weights * (embedding - self.goal).square()).sum(dim=-1) / self._way

    def price(self, position: np.ndarray) -> float:
        """Return what a position's turns cost, in shares of the way."""
        return PRICE * float(np.abs(np.clip(position, 0.0, 1.0) - self.start).mean())

    def cost(self, position: np.ndarray) -> float:
        """Render and return what is left plus the price of the turns."""
        return float(self.left(self.embedding(position))) + self.price(position)


def problem_for(
    requests: Sequence[Request], chain: Chain, song: Song, ontology: Ontology, encoder: Encoder
) -> tuple[Problem, Target]:
    """Return the problem that words pose on a song's most active excerpt, and the target they were read as.

    Raises:
        RequestError: the words ask for nothing that the embedding shows.
    """
    settings = Settings.neutral([track.name for track in song.tracks])
    target = aim(list(requests), MIX, song, settings, ontology, encoder)
    with torch.no_grad():
        audio = target.scene.hear()[0].numpy()
    problem = Problem(chain, audio, song.sample_rate, encoder, target.embedding, target.embedding_now)
    return problem, target


def _weights(goal: Tensor, now: Tensor) -> Tensor:
    """Return (dimensions,) how much each dimension matters: the parts that the target moves, bands by audibility."""
    wanted = goal - now
    weights = torch.zeros_like(wanted)
    for name, part in PARTS.items():
        if float(wanted[part].abs().max()) > _LEAST:
            weights[part] = 1.0 / (part.stop - part.start)
            if name == "spectrum":
                weights[part] *= torch.as_tensor(band_weights(now), dtype=weights.dtype)
    return weights
