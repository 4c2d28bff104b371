"""A whole song with every processor on: our block render against the same chain of pedalboard."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from torch import Tensor

from benchmarks.material import SAMPLE_RATE, bursts
from benchmarks.peers import pedalboard_compressor, pedalboard_eq, peer
from console.parameters import spec
from console.render import BLOCK_SAMPLES, render_blocks
from console.settings import Settings

__all__ = ["compare_songs", "full_settings"]

_LOOP_S = 20.0
_THREADS = 2
_GROUPS = ("drums", "music", "vocals", "extras")
_SATURATION = ("tape", "tube", "clip")
_EQ = {
    "eq.low_shelf_gain_db": 2.0,
    "eq.bell_1_gain_db": -3.0,
    "eq.bell_2_gain_db": 1.5,
    "eq.bell_3_gain_db": -2.0,
    "eq.bell_4_gain_db": 2.5,
    "eq.high_shelf_gain_db": 1.0,
}
_GLUE = {"compressor.threshold_db": -18.0, "compressor.ratio": 2.0, "compressor.makeup_db": 1.0}
_STRIP = {
    **_EQ,
    **_GLUE,
    "trim.gain_db": -2.0,
    "highpass.on": 1.0,
    "lowpass.on": 1.0,
    "gate.threshold_db": -45.0,
    "gate.ratio": 4.0,
    "deesser.ratio": 3.0,
    "compressor.sidechain_highpass_hz": 60.0,
    "saturation.mix": 0.4,
    "stereo.width": 1.2,
    "stereo.mono_below_hz": 80.0,
    "stereo.pan": 0.2,
    "fader.gain_db": -6.0,
    "send.reverb_db": -12.0,
    "send.delay_db": -18.0,
}
_VARIED = {
    "trim.gain_db": 0.1,
    "highpass.freq_hz": 5.0,
    "eq.low_shelf_gain_db": 0.2,
    "eq.bell_1_freq_hz": 20.0,
    "eq.bell_2_freq_hz": 40.0,
    "eq.bell_3_gain_db": 0.05,
    "eq.bell_4_q": 0.05,
    "eq.high_shelf_freq_hz": 100.0,
    "gate.threshold_db": -0.5,
    "deesser.freq_hz": 50.0,
    "compressor.threshold_db": -0.5,
    "compressor.attack_ms": 1.0,
    "compressor.release_ms": 10.0,
    "saturation.drive_db": 0.2,
    "stereo.pan": -0.05,
    "stereo.width": -0.02,
    "send.reverb_db": 0.3,
}
_MASTER = {**_EQ, **_GLUE, "saturation.mix": 0.2, "limiter.on": 1.0, "limiter.gain_db": 3.0}
_LACKS = (
    "pedalboard has no de-esser, side-chain filter, soft knee, width, pan or true-peak limiter, its distortion is not "
    "oversampled and its high- and low-pass are 6 dB/octave (ours 12): its chain is that much shorter."
)


def compare_songs(tracks: int, seconds: float, runs: int) -> dict[str, Any]:
    """Render the song with both, in turn, on two threads each.

    Args:
        tracks: stereo tracks, in four groups.
        seconds: length of the song; it loops `_LOOP_S` of material, so that memory stays small.
        runs: the best of so many.
    Returns:
        {"tracks", "seconds", "ours": {"wall_s", "cpu_s", "times_real_time"}, "pedalboard": same, "notes"}.
    """
    material = bursts(tracks, min(_LOOP_S, seconds))
    length = round(seconds * SAMPLE_RATE)
    settings = full_settings(tracks)
    jobs: dict[str, Callable[[int], None]] = {
        "ours": lambda samples: _render_ours(material, settings, samples),
        "pedalboard": lambda samples: _render_pedalboard(material, settings, samples),
    }
    result: dict[str, Any] = {"tracks": tracks, "seconds": seconds}
    for job in jobs.values():
        job(1 << 12)  # compiles
    for _ in range(runs):
        for name, job in jobs.items():
            wall, cpu = time.perf_counter(), time.process_time()
            job(length)
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            if name not in result or wall < result[name]["wall_s"]:
                result[name] = {"wall_s": wall, "cpu_s": cpu, "times_real_time": seconds / wall}
    result["notes"] = [
        f"Song: {tracks} stereo tracks, {seconds:g} s, both on {_THREADS} threads in blocks of {BLOCK_SAMPLES}.",
        _LACKS,
    ]
    return result


def full_settings(tracks: int) -> Settings:
    """Return settings of so many tracks in four groups, with every processor on."""
    names = [f"track {index}" for index in range(tracks)]
    routing = {name: _GROUPS[index % len(_GROUPS)] for index, name in enumerate(names)}
    settings = Settings.neutral(names, routing)
    changes: dict[tuple[str, str], float | str] = {
        (address, parameter): value
        for addresses, values in ((names, _STRIP), ([f"group:{name}" for name in settings.groups], {**_EQ, **_GLUE}))
        for address in addresses
        for parameter, value in values.items()
    }
    changes |= {("master", parameter): value for parameter, value in _MASTER.items()}
    for index, name in enumerate(names):
        changes[name, "saturation.type"] = _SATURATION[index % len(_SATURATION)]
        for parameter, step in _VARIED.items():  # no two tracks alike
            low, high = spec(parameter).low, spec(parameter).high
            start = changes.get((name, parameter), spec(parameter).default)
            changes[name, parameter] = min(max(float(start) + index * step, low), high)
    return settings.turned(changes)


def _loop(material: Tensor, start: int, stop: int) -> Tensor:
    """Return (tracks, 2, stop - start) of the material played over and over."""
    first = start % material.shape[-1]
    last = first + stop - start
    if last <= material.shape[-1]:
        return material[..., first:last]
    index = np.arange(first, last) % material.shape[-1]
    return material[..., index]


def _render_ours(material: Tensor, settings: Settings, length: int) -> None:
    def read(start: int, stop: int) -> Mapping[str, Tensor]:
        return dict(zip(settings.tracks, _loop(material, start, stop), strict=True))

    for _ in render_blocks(read, length, settings, SAMPLE_RATE):
        pass


def _render_pedalboard(material: Tensor, settings: Settings, length: int) -> None:
    board = peer("pedalboard")
    strips = {name: _strip(board, settings, name) for name in settings.tracks}
    groups = {name: _strip(board, settings, f"group:{name}", full=False) for name in settings.groups}
    value = settings.number
    buses = {
        "reverb": board.Pedalboard([board.Reverb(room_size=0.5, wet_level=1.0, dry_level=0.0)]),
        "delay": board.Pedalboard([board.Delay(0.32, feedback=0.3, mix=1.0)]),
    }
    master = _strip(board, settings, "master", full=False)
    master.append(board.Distortion(value("master", "saturation.drive_db")))
    master.append(board.Gain(value("master", "limiter.gain_db")))
    master.append(board.Limiter(value("master", "limiter.ceiling_dbtp"), value("master", "limiter.release_ms")))

    def play(chain: Any, audio: np.ndarray) -> np.ndarray:
        return chain.process(audio, SAMPLE_RATE, buffer_size=8192, reset=False)

    with ThreadPoolExecutor(_THREADS) as workers:
        for start in range(0, length, BLOCK_SAMPLES):
            block = _loop(material, start, min(start + BLOCK_SAMPLES, length)).numpy()
            outputs = dict(zip(strips, workers.map(play, strips.values(), block), strict=True))
            parts = []
            for name, chain in groups.items():
                members = [outputs[track] for track in outputs if settings.routing[track] == name]
                parts.append(play(chain, sum(members)))
            for bus, chain in buses.items():
                sent = sum(10 ** (value(name, f"send.{bus}_db") / 20) * audio for name, audio in outputs.items())
                parts.append(play(chain, sent.astype(np.float32)))
            play(master, sum(parts))


def _strip(board: Any, settings: Settings, address: str, full: bool = True) -> Any:
    """Return pedalboard's processors for a channel, in our order, as far as it has them."""

    def values(processor: str, *names: str) -> dict[str, float]:
        return {name: settings.number(address, f"{processor}.{name}") for name in names}

    bands = ("low_shelf", "bell_1", "bell_2", "bell_3", "bell_4", "high_shelf")
    eq = pedalboard_eq(values("eq", *(f"{band}_{part}" for band in bands for part in ("gain_db", "freq_hz", "q"))))
    ride = pedalboard_compressor(values("compressor", "threshold_db", "ratio", "attack_ms", "release_ms"))
    makeup = board.Gain(settings.number(address, "compressor.makeup_db"))
    if not full:
        return board.Pedalboard([*eq, ride, makeup])
    return board.Pedalboard(
        [
            board.Gain(settings.number(address, "trim.gain_db")),
            board.HighpassFilter(settings.number(address, "highpass.freq_hz")),
            board.LowpassFilter(settings.number(address, "lowpass.freq_hz")),
            *eq,
            board.NoiseGate(**values("gate", "threshold_db", "ratio", "attack_ms", "release_ms")),
            ride,
            makeup,
            board.Distortion(settings.number(address, "saturation.drive_db")),
            board.Gain(settings.number(address, "fader.gain_db")),
        ]
    )
