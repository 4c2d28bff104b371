"""The JSFX compute what the console computes: sample by sample, and coefficient by coefficient."""

import numpy as np
import pytest
import torch

from console.filters import bell_section, cut_sections, eq_sections, upper_section
from console.limiter import latency, limiter
from console.parameters import specs_of
from console.settings import Settings
from console.space import delay, reverb
from console.strip import strip
from exchange.reaper.effects import bus_effect, bus_response, effect_text, slider_numbers, sliders

RATE = 44_100
STRIPS = {
    "trim and polarity": {"trim__gain_db": -4.0, "trim__invert": 1.0},
    "cuts": {
        "highpass__on": 1.0,
        "highpass__freq_hz": 200.0,
        "highpass__slope_db_per_octave": "24",
        "lowpass__on": 1.0,
        "lowpass__freq_hz": 9000.0,
    },
    "equaliser": {
        "eq__low_shelf_gain_db": -3.0,
        "eq__bell_1_gain_db": 6.0,
        "eq__bell_2_gain_db": -5.0,
        "eq__bell_2_q": 4.0,
        "eq__bell_3_gain_db": 2.0,
        "eq__bell_4_gain_db": 9.0,
        "eq__high_shelf_gain_db": 5.0,
    },
    "gate": {"gate__ratio": 4.0, "gate__threshold_db": -12.0, "gate__attack_ms": 1.0, "gate__release_ms": 5.0},
    "de-esser": {"deesser__ratio": 6.0, "deesser__freq_hz": 3000.0, "deesser__attack_ms": 1.0},
    "compressor": {
        "compressor__ratio": 4.0,
        "compressor__threshold_db": -24.0,
        "compressor__sidechain_highpass_hz": 120.0,
        "compressor__mix": 0.8,
        "compressor__makeup_db": 3.0,
        "compressor__attack_ms": 2.0,
    },
    "tape": {"saturation__mix": 0.7, "saturation__drive_db": 18.0, "saturation__type": "tape"},
    "tube": {"saturation__mix": 0.5, "saturation__drive_db": 12.0, "saturation__type": "tube"},
    "clip": {"saturation__mix": 1.0, "saturation__drive_db": 12.0, "saturation__type": "clip"},
    "image and fader": {
        "stereo__width": 1.4,
        "stereo__mono_below_hz": 150.0,
        "stereo__pan": -0.4,
        "fader__gain_db": -2.5,
    },
    "mute": {"fader__mute": 1.0},
    "nothing": {},
}
ALL = {**{key: value for name in STRIPS if name != "mute" for key, value in STRIPS[name].items()}}


@pytest.fixture(scope="module")
def sound():
    """(2, 700) of noise with a loud middle, so that gain riders fall and rise."""
    noise = 0.05 * np.random.default_rng(3).standard_normal((2, 700))
    noise[:, 200:450] *= 8
    return noise


@pytest.mark.parametrize("values", [*STRIPS.values(), ALL], ids=[*STRIPS, "all of it"])
def test_the_strip_gives_the_consoles_samples(values, sound, effect):
    running = effect("strip", RATE, **values)
    late = running.latency
    assert late == (32 if "saturation__mix" in values else 0)
    ours = running.run(np.pad(sound, ((0, 0), (0, late))))[:, late:]
    audio = torch.nn.functional.pad(torch.tensor(sound)[None], (64, 64))  # a stream begins in silence
    console = strip(audio, RATE, {key.replace("__", "."): value for key, value in values.items()})
    assert np.abs(ours - console[0, :, 64:-64].numpy()).max() < 1e-12


@pytest.mark.parametrize("sample_rate", [22_050, 48_000, 96_000])
def test_filter_coefficients_are_the_consoles_at_every_rate(sample_rate, effect):
    values = {key: value for key, value in ALL.items() if key.split("__")[0] in ("highpass", "lowpass", "eq")}
    memory = effect("strip", sample_rate, deesser__ratio=2.0, deesser__freq_hz=11_000.0, **values).memory
    sections = np.array(memory[:50]).reshape(10, 5)

    def tensor(value):
        return torch.tensor([value], dtype=torch.float64)

    high = cut_sections(sample_rate, tensor(200.0), "24", "high")[0].numpy()
    bands = {key[4:]: value for key, value in values.items() if key.startswith("eq__")}
    equaliser = eq_sections(torch.zeros(1, 1, 1), sample_rate, **bands)[0].numpy()
    assert np.allclose(sections[:2], high, rtol=0, atol=1e-14)
    assert np.allclose(sections[4:], equaliser, rtol=0, atol=1e-12)
    assert np.allclose(memory[220:225], upper_section(sample_rate, tensor(11_000.0))[0].numpy(), rtol=0, atol=1e-13)


def test_a_band_above_what_the_rate_can_hold_is_tuned_where_the_consoles_is(effect):
    memory = effect("strip", 22_050, eq__bell_4_gain_db=6.0, eq__bell_4_freq_hz=15_000.0).memory
    console = bell_section(22_050, *(torch.tensor([v], dtype=torch.float64) for v in (6.0, 15_000.0, 1.0)))[0]
    assert np.allclose(memory[40:45], console.numpy(), rtol=0, atol=1e-12)


def test_the_limiter_gives_the_consoles_samples(effect):
    loud = 0.7 * np.random.default_rng(1).standard_normal((2, 900))
    running = effect("limiter", RATE, limiter__on=1.0, limiter__gain_db=3.0, limiter__ceiling_dbtp=-1.5)
    late = running.latency
    assert late == latency(RATE)
    ours = running.run(np.pad(loud, ((0, 0), (0, late))))[:, late:]
    audio = torch.nn.functional.pad(torch.tensor(loud)[None], (late, late))
    console = limiter(audio, RATE, -1.5, 3.0)[0, :, late:-late].numpy()
    assert np.abs(ours - console).max() < 1e-12


def test_a_limiter_that_is_off_passes_everything(effect, sound):
    running = effect("limiter", RATE, limiter__gain_db=6.0)
    assert running.latency == 0
    assert np.array_equal(running.run(sound), sound)


@pytest.mark.parametrize("bus", ["reverb", "delay"])
def test_an_effect_bus_gives_the_consoles_room(bus, eel):
    turned = {
        "reverb": {"reverb.decay_s": 0.1, "reverb.colour_db": 5.0, "reverb.lowcut_hz": 400.0, "reverb.size": 0.8},
        "delay": {"delay.time_ms": 40.0, "delay.feedback": 0.2, "delay.ping_pong": 1.0},
    }[bus]
    settings = Settings.neutral(["a"]).turned({(bus, name): value for name, value in turned.items()})
    running = eel.Effect(bus_effect(bus, f"{bus}.wav"), RATE, files=[bus_response(settings, bus, RATE)])
    assert f"filename:0,{bus}.wav" in bus_effect(bus, f"{bus}.wav")
    sent = np.zeros((2, 6000))
    sent[:, :500] = 0.3 * np.random.default_rng(2).standard_normal((2, 500))
    ours = running.run(sent)[:, running.latency :]
    arguments = {name.split(".")[1]: value for name, value in turned.items()}
    console = {"reverb": reverb, "delay": delay}[bus](torch.tensor(sent)[None], RATE, **arguments)[0].numpy()
    assert np.abs(ours - console[:, : ours.shape[1]]).max() < 1e-6


def test_every_knob_before_the_sends_has_a_slider_in_its_range():
    text = effect_text("strip")
    expected = [entry for entry in specs_of("track") if entry.processor != "send"]
    assert list(sliders("strip")) == expected
    assert len(expected) <= 64
    for entry in expected:
        number = slider_numbers("strip")[entry.name] + 1
        high = len(entry.choices) - 1 if entry.kind == "choice" else entry.high
        low = 0 if entry.kind == "choice" else entry.low
        assert f"slider{number}:{entry.name.replace('.', '_')}=" in text
        assert f"<{low:g},{high:g}," in text.split(f"slider{number}:")[1].split("\n")[0]
