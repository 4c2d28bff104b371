"""A second opinion on an edit, by ears that did not steer it: the FX encoder with the words' directions, and CLAP.

The knobs are tuned by measurable features; whether the result also *sounds* the asked way to models that learned it
from people's settings (or, where CLAP's weights are here, from captions) is reported beside the measurements. Nothing
depends on it: what is absent is silent.
"""

import functools
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from assistant.events import Measurement
from assistant.measure import SongSound
from assistant.request import Request
from console.errors import ModelError, RequestError
from models import Clap, Encoder, clap_available, load_clap, load_encoder
from models.text_to_effect import TextToEffect, load_text_to_effect

__all__ = ["second_opinion"]

_EXCERPT_S = 15.0
_LEAST_CONFIDENCE = 0.15
"""Words about which people agree less than this have no direction worth comparing with."""


def second_opinion(
    requests: Sequence[Request], target: str, instrument: str, before: SongSound, after: SongSound, sample_rate: int
) -> tuple[Measurement, ...]:
    """Compare how a channel changed with where its words point.

    Args:
        requests: what was asked of the channel.
        target: the track's name, or "mix".
        instrument: the ontology's name of what plays.
        before, after: the song, both having kept the channel.
        sample_rate: Hz.
    Returns:
        A measurement a model that has one: "towards ... (FX encoder)", a cosine of -1..1 in `after`, above 0 wanted;
        "likeness to ... (CLAP)" before and after. None where nothing changed or no model knows the words.
    """
    words = [request for request in requests if request.descriptor is not None]
    start, stop = _excerpt(before.audio(target), sample_rate)
    pair = [torch.from_numpy(np.ascontiguousarray(song.audio(target)[:, start:stop]))[None] for song in (before, after)]
    if not words or stop <= start or torch.equal(pair[0], pair[1]):
        return ()
    name = " and ".join(_spoken(request) for request in words)
    found = []
    fx = _fx_models()
    if fx is not None:
        wanted = _wanted(fx[1], words, instrument)
        if wanted is not None:
            with torch.no_grad():
                places = fx[0].embed(torch.cat(pair), sample_rate)
            cosine = float(torch.nn.functional.cosine_similarity(places[1] - places[0], wanted, dim=0))
            found.append(_measurement(f"towards {name} (FX encoder)", target, 0.0, cosine))
    clap = _clap()
    if clap is not None and clap.reads_words:
        with torch.no_grad():
            text = clap.embed_text([f"a {request.descriptor} sound" for request in words])
            signs = torch.tensor([-1.0 if request.direction == "-" else 1.0 for request in words])
            likeness = [float((clap.embed_audio(audio, sample_rate) @ text.T @ signs) / len(words)) for audio in pair]
        found.append(_measurement(f"likeness to {name} (CLAP)", target, *likeness))
    return tuple(found)


def _wanted(model: TextToEffect, words: Sequence[Request], instrument: str) -> Tensor | None:
    """Return the sum of the words' changes, or None where people do not agree what they mean."""
    total = torch.zeros(model.dimensions)
    for request in words:
        try:
            direction = model.direction(str(request.descriptor), instrument)
        except RequestError:
            try:
                direction = model.direction(str(request.descriptor))
            except RequestError:
                continue
        if direction.confidence >= _LEAST_CONFIDENCE:
            sign = -1.0 if request.direction == "-" else 1.0
            total += sign * request.amount * direction.magnitude * direction.vector
    return total if bool(total.any()) else None


@functools.lru_cache(maxsize=1)
def _fx_models() -> tuple[Encoder, TextToEffect] | None:
    """Return the shipped encoder with its word directions, or None where an installation lacks them."""
    try:
        encoder, model = load_encoder("fx"), load_text_to_effect("fx")
        model.check_encoder(encoder)
    except ModelError:
        return None
    return encoder, model


@functools.lru_cache(maxsize=1)
def _clap() -> Clap | None:
    return load_clap() if clap_available() is not None else None


def _excerpt(audio: np.ndarray, sample_rate: int) -> tuple[int, int]:
    """Return the loudest stretch of _EXCERPT_S, so that both versions are heard where the sound plays."""
    length = int(_EXCERPT_S * sample_rate)
    if audio.shape[1] <= length:
        return 0, audio.shape[1]
    energy = np.concatenate(([0.0], np.cumsum(np.square(audio.astype(np.float64)).sum(axis=0))))
    start = int(np.argmax(energy[length:] - energy[:-length]))
    return start, start + length


def _spoken(request: Request) -> str:
    return f"{'less ' if request.direction == '-' else ''}{request.descriptor}"


def _measurement(what: str, track: str, before: float, after: float) -> Measurement:
    unit = "cosine"
    return Measurement(what=what, track=track, before=round(before, 3), after=round(after, 3), unit=unit, wanted=None)
