"""An edit by the FX embedding alone: the equaliser follows the gradient towards where the word points."""

import numpy as np
import torch

from assistant.listen import Scene, scene_for
from assistant.request import MIX
from assistant.session import Session
from assistant.turn import Assistant
from assistant.understand import understand
from benchmarks.edits_material import say_to
from console.errors import RequestError
from console.filters import BANDS
from console.parameters import spec
from console.render import render
from console.settings import Settings
from exchange import Song
from models import load_encoder
from models.text_to_effect import load_text_to_effect

__all__ = ["embedding_edit"]

_STEPS, _RATE_DB = 20, 0.8
_PLACES_HZ = {"bell_1": 150.0, "bell_2": 500.0, "bell_3": 1500.0, "bell_4": 4000.0}


def embedding_edit(song: Song, text: str, assistant: Assistant, after_people: bool = False) -> np.ndarray:
    """Return (2, samples) of a one-track song, its master equaliser led by the FX encoder.

    Args:
        song: one stereo mix.
        text: words of tone.
        assistant: makes the start where `after_people`; words are read as it reads them.
        after_people: start from people's settings instead of a flat equaliser.
    """
    settings = Session(song).settings
    if after_people:
        settings = say_to(song, text, assistant).session.settings
    encoder, model = load_encoder("fx"), load_text_to_effect("fx")
    wanted = torch.zeros(model.dimensions)
    for request in understand(text, song.tracks):
        if request.intent == "edit" and request.descriptor is not None:
            try:
                direction = model.direction(request.descriptor, "mix")
            except RequestError:
                continue
            sign = -1.0 if request.direction == "-" else 1.0
            wanted += sign * request.amount * direction.magnitude * direction.vector
    if bool(wanted.any()):
        settings = _follow(scene_for(song, Session(song).settings, MIX), settings, encoder, wanted)
    tracks = {track.name: torch.from_numpy(track.audio) for track in song.tracks}
    return render(tracks, settings, song.sample_rate).master.numpy()


def _follow(scene: Scene, settings: Settings, encoder, wanted: torch.Tensor) -> Settings:
    with torch.no_grad():
        goal = encoder.embed(scene.hear(), scene.sample_rate)[0] + wanted
    start = scene.settings.model_copy(update={"master": {**scene.settings.master, **settings.master}})
    first = [settings.number("master", f"eq.{band}_gain_db") for band in BANDS]
    places = {
        ("master", f"eq.{band}_freq_hz"): hz
        for band, hz in _PLACES_HZ.items()
        if settings.number("master", f"eq.{band}_gain_db") == 0.0
    }
    gains = torch.tensor(first, requires_grad=True)
    optimiser = torch.optim.Adam([gains], lr=_RATE_DB)
    for _ in range(_STEPS):
        optimiser.zero_grad()
        overrides = {("master", f"eq.{band}_gain_db"): gains[i] for i, band in enumerate(BANDS)}
        heard = encoder.embed(scene.hear(start.turned(places), overrides), scene.sample_rate)[0]
        (heard - goal).square().sum().backward()
        optimiser.step()
        with torch.no_grad():
            gains.clamp_(-15.0, 15.0)
    found = {("master", f"eq.{band}_gain_db"): spec(f"eq.{band}_gain_db").round(float(gain))
             for band, gain in zip(BANDS, gains.detach(), strict=True)}  # fmt: skip
    return settings.turned({**places, **found})
