"""The console's processors as JSFX: REAPER effects in text, with sliders made from the parameter table.

`strip.jsfx` is one channel, `limiter.jsfx` the master's limiter, `convolver.jsfx` an effect bus that plays the response
it had at export. Their code is ours; what they compute is compared with the console in the tests.
"""

import functools
from importlib import resources

import numpy as np
import torch

from console.filters import cut_sections, shelf_section
from console.parameters import PROCESSORS, ParameterSpec, Value, spec, specs_of
from console.recursions import biquad_cascade
from console.settings import Settings
from console.space import delay_response, reverb_response

__all__ = ["bus_effect", "bus_response", "effect_text", "slider_numbers", "slider_value", "sliders"]

_STRIP = tuple(processor for processor in PROCESSORS["track"] if processor != "send")
_PROCESSORS = {"strip": _STRIP, "limiter": ("limiter",)}
_TITLES = {"strip": "Studiospeak channel strip", "limiter": "Studiospeak true-peak limiter"}
_RING_S = 0.25  # in which a cut at 20 Hz has died away


def sliders(effect: str) -> tuple[ParameterSpec, ...]:
    """Return the parameters of "strip" or "limiter" in the order of the effect's sliders."""
    kind = "track" if effect == "strip" else "master"
    return tuple(entry for entry in specs_of(kind) if entry.processor in _PROCESSORS[effect])


@functools.cache
def slider_numbers(effect: str) -> dict[str, int]:
    """Return parameter -> index of its slider, from 0."""
    return {entry.name: index for index, entry in enumerate(sliders(effect))}


def slider_value(parameter: str, value: Value) -> float:
    """Return where a slider stands: the value itself, or which of the choices it is."""
    entry = spec(parameter)
    return float(entry.choices.index(str(value))) if entry.kind == "choice" else float(value)


def effect_text(effect: str) -> str:
    """Return the whole JSFX file of "strip" or "limiter"."""
    lines = [_slider(index + 1, entry) for index, entry in enumerate(sliders(effect))]
    return "\n".join([f"desc:{_TITLES[effect]}", *lines, "", _code(effect)])


def bus_effect(bus: str, file_name: str) -> str:
    """Return the JSFX file of the "reverb" or "delay" bus, which loads its response from a file beside it."""
    lines = [f"desc:Studiospeak {bus}", f"filename:0,{file_name}", "options:maxmem=33554432"]
    return "\n".join([*lines, "", _code("convolver")])


def bus_response(settings: Settings, bus: str, sample_rate: int) -> np.ndarray:
    """Return (2, samples) float32: what a bus makes of one mono impulse, its return level left out."""

    def number(name: str) -> torch.Tensor:
        return torch.tensor(settings.number(bus, f"{bus}.{name}"), dtype=torch.float64)

    if bus == "delay":
        names = ("time_ms", "feedback", "damping_hz", "ping_pong")
        return delay_response(sample_rate, *(number(name) for name in names)).numpy().astype(np.float32)
    names = ("decay_s", "predelay_ms", "damping_hz", "size")
    response = reverb_response(sample_rate, *(number(name) for name in names))
    half, full, q = number("colour_db")[None] / 2, torch.tensor([900.0]).double(), torch.tensor([0.5]).double()
    tone = torch.cat(
        (
            cut_sections(sample_rate, number("lowcut_hz")[None], "12", "high"),
            shelf_section(sample_rate, half, full, q, high=True)[:, None],
            shelf_section(sample_rate, -half, full, q, high=False)[:, None],
        ),
        dim=1,
    )
    ringing = torch.nn.functional.pad(response, (0, round(_RING_S * sample_rate)))
    return biquad_cascade(ringing[None], tone)[0].numpy().astype(np.float32)


def _code(name: str) -> str:
    return resources.files("exchange.reaper").joinpath(f"{name}.jsfx").read_text(encoding="utf-8")


def _slider(number: int, entry: ParameterSpec) -> str:
    """Return a slider's line; its variable is the parameter's name with `_` for the dot."""
    variable = entry.name.replace(".", "_")
    if entry.kind == "choice":
        names = ",".join(entry.choices)
        return f"slider{number}:{variable}=0<0,{len(entry.choices) - 1},1{{{names}}}>{entry.label}"
    if entry.kind == "switch":
        return f"slider{number}:{variable}=0<0,1,1{{off,on}}>{entry.label}"
    shape = ":log" if entry.curve == "log" else ""
    unit = f" ({entry.unit})" if entry.unit and entry.unit != "Q" else ""
    step = entry.step / 10 if entry.curve == "log" else entry.step
    default = float(entry.default)
    return f"slider{number}:{variable}={default:g}<{entry.low:g},{entry.high:g},{step:g}{shape}>{entry.label}{unit}"
