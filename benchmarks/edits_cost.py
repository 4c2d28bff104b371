"""Cost: CPU seconds of an edit, beside the loop of Text2FX rebuilt with a network of its size and random weights.

Text2FX (Chu et al., ICASSP 2025) follows the gradient of CLAP's likeness of text and sound through a differentiable
equaliser, 600 times. What it costs does not depend on the weights, so theirs are not needed to time it.
"""

import time
from typing import Any

import numpy as np
import torch

from assistant.events import Moved, Progress
from assistant.session import Session
from assistant.turn import Assistant, Clock
from benchmarks.edits_material import song_of
from benchmarks.peers import peer
from exchange import Song, Track
from models.clap.mel import MelSettings, log_mel
from models.training.corpus import SAMPLE_RATE

__all__ = ["cost", "longer"]

_TEXT2FX_STEPS = 600
_TIMED_STEPS = 3
_SONGS_S = (60.0, 180.0)
_STEMS = 8
_ORDER = "make the vocal warmer and bring it forward"


def cost(clip: np.ndarray, song: Song, quick: bool = False) -> dict[str, Any]:
    """Time edits of one clip and of a song of eight stems.

    Args:
        clip: (2, samples) of 10 s at 44.1 kHz.
        song: a short multitrack with a "Lead Vocal", which is looped to full length.
        quick: time a single step of the loop, and a song of a minute.
    """
    assistant = Assistant()
    list(assistant.take_turn(Session(song_of({"Mix": clip})), "make it warmer"))  # compiles
    clock = Clock()
    list(assistant.take_turn(Session(song_of({"Mix": clip})), "make it brighter", clock=clock))
    ours = clock.report()
    step = _text2fx_step_s(torch.from_numpy(clip), 1 if quick else _TIMED_STEPS)
    rows = [_song_cost(longer(song, seconds), assistant) for seconds in (_SONGS_S[:1] if quick else _SONGS_S)]
    return {
        "clip": ours,
        "ours_s": ours["total"],
        "text2fx_step_s": step,
        "text2fx_s": step * _TEXT2FX_STEPS,
        "times_cheaper": step * _TEXT2FX_STEPS / ours["total"],
        "songs": rows,
    }


def longer(song: Song, seconds: float) -> Song:
    """Return a song of eight stems and so many seconds: tracks looped, then doubled under other names."""
    length = int(seconds * SAMPLE_RATE)
    tracks = []
    for index in range(_STEMS):
        track = song.tracks[index % len(song.tracks)]
        audio = np.tile(track.audio, (1, -(-length // track.audio.shape[1])))[:, :length]
        name = track.name if index < len(song.tracks) else f"{track.name} {index}"
        shifted = np.ascontiguousarray(np.roll(audio, index * SAMPLE_RATE // 7, axis=1))
        tracks.append(Track(name, track.instrument, track.group, track.colour, shifted, track.path))
    return Song(tuple(tracks), SAMPLE_RATE, length, song.source, ())


def _song_cost(song: Song, assistant: Assistant) -> dict[str, float]:
    """Return CPU seconds until an excerpt can be heard, until the edit is found, and with the whole song rendered."""
    started = time.process_time()
    first = found = whole = 0.0
    for event in assistant.take_turn(Session(song), _ORDER):
        now = time.process_time() - started
        if isinstance(event, Progress) and event.step == "tune" and event.note.startswith("an excerpt"):
            first = first or now
        if isinstance(event, Progress) and event.step == "render" and event.note == "the whole song":
            found = now
        if isinstance(event, Moved):
            whole = now
    return {"seconds": song.duration_s, "first_heard_s": first, "edit_found_s": found, "all_s": whole}


def _text2fx_step_s(clip: torch.Tensor, steps: int) -> float:
    """Return the CPU seconds of a step: equaliser, mel spectrum, ClapModel forward and backward, Adam."""
    from transformers import ClapConfig, ClapModel

    dasp = peer("dasp_pytorch")
    model = ClapModel(ClapConfig()).eval().requires_grad_(False)
    with torch.no_grad():
        text = torch.nn.functional.normalize(torch.randn(1, model.config.projection_dim), dim=-1)
    equaliser = dasp.ParametricEQ(sample_rate=SAMPLE_RATE)
    mono = clip.mean(dim=0)[None, None]
    knobs = torch.zeros(1, equaliser.num_params, requires_grad=True)
    optimiser = torch.optim.Adam([knobs], lr=0.01)
    taken = []
    for _ in range(steps + 1):
        started = time.process_time()
        optimiser.zero_grad()
        shaped = equaliser.process_normalized(mono, torch.sigmoid(knobs))
        mel = log_mel(shaped[0], MelSettings())[:, None]
        features = model.get_audio_features(input_features=mel, is_longer=torch.zeros(1, 1, dtype=torch.bool))
        vector = getattr(features, "pooler_output", features)
        (1.0 - torch.nn.functional.cosine_similarity(vector, text).mean()).backward()
        optimiser.step()
        taken.append(time.process_time() - started)
    return float(np.mean(taken[1:]))
