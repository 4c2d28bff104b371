"""`studiospeak bench console`: the console against dasp-pytorch, scipy, pedalboard and a bare FFT.

Everything is timed in one run on the same sound. Times of single processors are CPU time on one thread, the least of
several interleaved rounds; a song is rendered on two threads and given in wall time and CPU time.
"""

import functools
import os
import platform
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
import torch
from torch import Tensor

from assistant.one_thread import one_thread
from benchmarks import peers
from benchmarks.material import SAMPLE_RATE, bursts
from benchmarks.song import compare_songs
from benchmarks.table import show
from benchmarks.timing import cpu_seconds
from console.desk import mix
from console.dynamics import compressor
from console.filters import BANDS, eq_sections, parametric_eq
from console.settings import Settings

__all__ = ["run", "show"]

_ROUNDS = 7
_EQ = {
    "low_shelf": (3.0, 110.0, 0.7),
    "bell_1": (-4.0, 250.0, 1.2),
    "bell_2": (2.0, 700.0, 1.0),
    "bell_3": (-3.0, 2000.0, 2.0),
    "bell_4": (4.0, 5000.0, 1.0),
    "high_shelf": (2.0, 9000.0, 0.7),
}
_COMPRESSOR = {
    "threshold_db": -24.0,
    "ratio": 4.0,
    "knee_db": 6.0,
    "attack_ms": 5.0,
    "release_ms": 120.0,
    "makeup_db": 3.0,
}
_EQ_NUMBERS = {
    f"{band}_{part}": value
    for band in BANDS
    for part, value in zip(("gain_db", "freq_hz", "q"), _EQ[band], strict=True)
}
_STRIP = {"trim": {"gain_db": -3.0}, "eq": _EQ_NUMBERS, "compressor": _COMPRESSOR, "stereo": {"pan": 0.3}}
_MASTER = {"eq": _EQ_NUMBERS, "compressor": _COMPRESSOR}

Job = Callable[[], object]


def run(quick: bool = False) -> dict[str, Any]:
    """Measure everything; `quick` does it on a fraction of a second, to see that it works.

    Returns:
        {"benchmark", "quick", "seconds", "machine", "rows", "song", "targets", "notes"}, ready for JSON.
    Raises:
        StudiospeakError: a peer is not installed.
    """
    for name in ("dasp_pytorch", "pedalboard"):
        peers.peer(name)
    seconds_long = 0.2 if quick else 10.0
    audio = bursts(8, seconds_long)
    with one_thread():
        for job in _jobs(bursts(8, 0.02)).values():
            job()
        seconds = cpu_seconds(_jobs(audio), 1 if quick else _ROUNDS)
        errors = _eq_errors(audio)
    machine = _machine()
    song = compare_songs(tracks=2 if quick else 16, seconds=1.0 if quick else 240.0, runs=1 if quick else 2)
    return {
        "benchmark": "console",
        "quick": quick,
        "seconds": seconds_long,
        "machine": machine,
        "rows": [
            {
                "what": name,
                "cpu_ms": 1e3 * taken,
                "fft_pairs": taken / seconds["FFT pair"],
                "eq_error": errors.get(name),
            }
            for name, taken in seconds.items()
        ],
        "song": song,
        "targets": _targets(seconds, song),
        "notes": [
            "EQ error: greatest difference from scipy.signal.sosfilt in float64, full scale 1.",
            "dasp ignores release times and sums channels in its detector; pedalboard has a hard knee.",
            "dasp pans mono tracks only; with stereo tracks its panner is replaced by two gains.",
            *song.pop("notes"),
        ],
    }


def _jobs(audio: Tensor) -> dict[str, Job]:
    """Return everything timed on 8 stereo tracks, by name."""
    samples, rate = audio.shape[-1], SAMPLE_RATE
    upstream = torch.ones_like(audio) / samples
    board = peers.peer("pedalboard")
    arrays = list(audio.numpy())
    wide = audio.numpy().astype(np.float64)
    sections = eq_sections(audio, rate, **_EQ_NUMBERS).numpy()
    pedal_eq = board.Pedalboard(peers.pedalboard_eq(_EQ_NUMBERS))
    pedal_compressor = board.Pedalboard([peers.pedalboard_compressor(_COMPRESSOR)])
    ours_eq = functools.partial(_call, lambda x, k: parametric_eq(x, rate, **k), audio, _EQ_NUMBERS, torch.float64)
    dasp_eq = functools.partial(_call, lambda x, k: peers.dasp_eq(x, rate, k), audio, _EQ_NUMBERS, torch.float32)
    ours_comp = functools.partial(_call, lambda x, k: compressor(x, rate, **k), audio, _COMPRESSOR, torch.float64)
    dasp_comp = functools.partial(
        _call, lambda x, k: peers.dasp_compressor(x, rate, k), audio, _COMPRESSOR, torch.float32
    )
    mono = audio[:, :1].contiguous()
    return {
        "FFT pair": lambda: torch.fft.irfft(torch.fft.rfft(audio), n=samples),
        "EQ, ours": ours_eq,
        "EQ, ours, forward + backward": lambda: ours_eq(upstream),
        "EQ, scipy sosfilt float64": lambda: peers.scipy_eq(wide, sections),
        "EQ, pedalboard": lambda: [pedal_eq(part, rate) for part in arrays],
        "EQ, dasp": dasp_eq,
        "EQ, dasp, forward + backward": lambda: dasp_eq(upstream),
        "compressor, ours": ours_comp,
        "compressor, ours, forward + backward": lambda: ours_comp(upstream),
        "compressor, pedalboard": lambda: [pedal_compressor(part, rate) for part in arrays],
        "compressor, dasp": dasp_comp,
        "compressor, dasp, forward + backward": lambda: dasp_comp(upstream),
        "EQ of one stereo track, ours": lambda: parametric_eq(audio[:1], rate, **_EQ_NUMBERS),
        "EQ of one stereo track, scipy": lambda: peers.scipy_eq(wide[:1], sections[:1]),
        "console, 8 mono tracks, ours, forward + backward": lambda: _our_console(mono),
        "console, 8 mono tracks, dasp, forward + backward": lambda: _dasp_console(mono),
        "console, 8 stereo tracks, ours, forward + backward": lambda: _our_console(audio),
        "console, 8 stereo tracks, dasp, forward + backward": lambda: _dasp_console(audio),
    }


def _call(
    process: Callable[[Tensor, Mapping[str, Tensor]], Tensor],
    audio: Tensor,
    numbers: Mapping[str, float],
    dtype: torch.dtype,
    upstream: Tensor | None = None,
) -> Tensor:
    """Run a processor with one knob a track; with `upstream`, back to the audio and every knob as well."""
    wanted = upstream is not None
    knobs = _leaves(numbers, audio.shape[0], dtype, wanted)
    audio = audio.detach().requires_grad_(wanted)
    out = process(audio, knobs)
    if upstream is not None:
        out.backward(upstream)
    return out


def _leaves(numbers: Mapping[str, float], tracks: int, dtype: torch.dtype, wanted: bool = True) -> dict[str, Tensor]:
    return {name: torch.full((tracks,), value, dtype=dtype, requires_grad=wanted) for name, value in numbers.items()}


def _our_console(audio: Tensor) -> None:
    tracks = {f"track {index}": part for index, part in enumerate(audio)}
    overrides = {}
    for address, strip in (*((name, _STRIP) for name in tracks), ("master", _MASTER)):
        for processor, numbers in strip.items():
            for name, value in numbers.items():
                knob = torch.tensor(value, dtype=torch.float64, requires_grad=True)
                overrides[address, f"{processor}.{name}"] = knob
    mixed = mix(tracks, Settings.neutral(list(tracks)), SAMPLE_RATE, overrides)
    mixed.master.square().mean().backward()


def _dasp_console(audio: Tensor) -> None:
    tracks = {kind: _leaves(numbers, audio.shape[0], torch.float32) for kind, numbers in _STRIP.items()}
    master = {kind: _leaves(numbers, 1, torch.float32) for kind, numbers in _MASTER.items()}
    peers.dasp_console(audio, SAMPLE_RATE, tracks, master).square().mean().backward()


def _eq_errors(audio: Tensor) -> dict[str, float]:
    """Return the greatest difference of each EQ from scipy in float64."""
    truth = peers.scipy_eq(audio.double().numpy(), eq_sections(audio, SAMPLE_RATE, **_EQ_NUMBERS).numpy())
    board = peers.peer("pedalboard").Pedalboard(peers.pedalboard_eq(_EQ_NUMBERS))
    knobs = _leaves(_EQ_NUMBERS, audio.shape[0], torch.float32, wanted=False)
    outputs = {
        "EQ, ours": parametric_eq(audio, SAMPLE_RATE, **_EQ_NUMBERS).numpy(),
        "EQ, pedalboard": np.stack([board(part, SAMPLE_RATE) for part in audio.numpy()]),
        "EQ, dasp": peers.dasp_eq(audio, SAMPLE_RATE, knobs).numpy(),
    }
    return {name: float(np.abs(out - truth).max()) for name, out in outputs.items()}


def _targets(seconds: Mapping[str, float], song: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what the console is asked to reach and what it reached."""
    pair = seconds["FFT pair"]
    ours, theirs = song["ours"], song["pedalboard"]
    console = {
        kind: seconds[f"console, 8 {kind} tracks, dasp, forward + backward"]
        / seconds[f"console, 8 {kind} tracks, ours, forward + backward"]
        for kind in ("mono", "stereo")
    }
    one_track = seconds["EQ of one stereo track, ours"] / seconds["EQ of one stereo track, scipy"]
    most = [
        ("EQ forward", seconds["EQ, ours"] / pair, 1.0, "FFT pairs"),
        ("EQ forward + backward", seconds["EQ, ours, forward + backward"] / pair, 4.0, "FFT pairs"),
        ("compressor forward", seconds["compressor, ours"] / pair, 0.8, "FFT pairs"),
        ("compressor forward + backward", seconds["compressor, ours, forward + backward"] / pair, 1.5, "FFT pairs"),
        ("EQ of one stereo track", one_track, 1.0, "of scipy's time"),
        ("song, wall time", ours["wall_s"] / theirs["wall_s"], 1.0, "of pedalboard's"),
        ("song, CPU time", ours["cpu_s"] / theirs["cpu_s"], 1.0, "of pedalboard's"),
    ]
    least = [
        ("console of 8 mono tracks, forward + backward", console["mono"], 18.0, "x faster than dasp"),
        ("console of 8 stereo tracks, forward + backward", console["stereo"], 18.0, "x faster than dasp"),
        ("song, every processor on", ours["times_real_time"], 25.0, "x real time"),
    ]
    return [
        {"what": what, "reached": reached, "wanted": f"{sign} {bound:g} {unit}", "passed": passed(reached, bound)}
        for rows, sign, passed in ((most, "<=", float.__le__), (least, ">=", float.__ge__))
        for what, reached, bound, unit in rows
    ]


def _machine() -> dict[str, Any]:
    packages = {}
    for name in ("torch", "numba", "scipy", "pedalboard", "dasp-pytorch"):
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            packages[name] = "unknown"
    return {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "load_average": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "packages": packages,
    }
