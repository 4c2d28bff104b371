"""A channel strip: signal order, exact neutrality, and every knob of the table with its gradient."""

import math

import pytest
import torch
from torch import Tensor

from console.dynamics import compressor, deesser, gate
from console.errors import ParameterError
from console.filters import highpass, lowpass, parametric_eq
from console.parameters import specs_of
from console.recursions import HALF, Memory
from console.saturation import saturate
from console.stereo import place, side_highpass
from console.strip import numbers, saturates, send_gain, strip

DB = torch.float64

WORKING: dict[str, float | str] = {
    "trim.gain_db": 3.0,
    "trim.invert": 1.0,
    "highpass.on": 1.0,
    "highpass.freq_hz": 90.0,
    "highpass.slope_db_per_octave": "24",
    "lowpass.on": 1.0,
    "lowpass.freq_hz": 9000.0,
    "eq.low_shelf_gain_db": 2.0,
    "eq.bell_1_gain_db": -4.0,
    "eq.bell_2_gain_db": 1.0,
    "eq.bell_3_gain_db": 3.0,
    "eq.bell_4_gain_db": -2.0,
    "eq.high_shelf_gain_db": 4.0,
    "gate.threshold_db": -20.0,
    "gate.ratio": 2.0,
    "gate.range_db": 10.0,
    "deesser.threshold_db": -30.0,
    "deesser.ratio": 4.0,
    "deesser.range_db": 8.0,
    "compressor.threshold_db": -25.0,
    "compressor.ratio": 3.0,
    "compressor.sidechain_highpass_hz": 120.0,
    "compressor.makeup_db": 4.0,
    "compressor.mix": 0.8,
    "saturation.type": "tube",
    "saturation.drive_db": 12.0,
    "saturation.mix": 0.5,
    "saturation.output_db": -1.0,
    "stereo.width": 1.3,
    "stereo.mono_below_hz": 140.0,
    "stereo.pan": -0.2,
    "fader.gain_db": -3.0,
}
READ = [entry for entry in specs_of("track") if entry.processor != "send" and entry.kind == "number"]


def programme(channels: int, samples: int, batch: int = 1, dtype: torch.dtype = DB) -> Tensor:
    """Noise in bursts: (batch, channels, samples)."""
    generator = torch.Generator().manual_seed(7)
    noise = 2 * torch.rand((batch, channels, samples), generator=generator, dtype=DB) - 1
    bursts = 0.05 + 0.6 * (torch.sin(torch.arange(samples) / 150) > 0)
    return (noise * bursts).to(dtype)


@pytest.mark.parametrize("dtype", [torch.float32, DB])
@pytest.mark.parametrize("samples", [1, 2, 255, 256, 257, 513, 2_001])
@pytest.mark.parametrize("channels", [1, 2])
def test_neutral_strip_changes_no_bit(channels: int, samples: int, dtype: torch.dtype) -> None:
    audio = programme(channels, samples, 2, dtype)
    wanted = audio.expand(-1, 2, -1)
    assert torch.equal(strip(audio, 44_100, {}), wanted)
    at_default = {entry.name: entry.default for entry in specs_of("track")}
    assert torch.equal(strip(audio, 44_100, at_default), wanted)
    as_tensors = {
        name: value if isinstance(value, str) else torch.tensor([value] * 2) for name, value in at_default.items()
    }
    assert torch.equal(strip(audio, 44_100, as_tensors), wanted)


@pytest.mark.parametrize("processor", sorted({entry.processor for entry in READ} - {"trim", "fader", "stereo"}))
def test_a_processor_at_rest_is_left_out_however_its_other_knobs_stand(processor: str) -> None:
    """Gain 0, ratio 1, mix 0 or off: the rest of its knobs must not be heard."""
    resting = {"gain_db", "ratio", "mix", "on", "makeup_db"}
    values = {
        entry.name: entry.high
        for entry in READ
        if entry.processor == processor and not any(entry.name.endswith(name) for name in resting)
    }
    audio = programme(2, 500)
    assert torch.equal(strip(audio, 44_100, values), audio)


@pytest.mark.parametrize("channels", [1, 2])
def test_processors_run_in_the_order_of_the_design(channels: int) -> None:
    """trim, polarity, high-pass, low-pass, EQ, gate, de-esser, compressor, saturation, width, pan, fader."""
    audio = programme(channels, 2_000)
    values = WORKING
    wanted = -audio * 10 ** (3 / 20)
    wanted = lowpass(highpass(wanted, 48_000, 90.0, "24"), 48_000, 9000.0)
    wanted = parametric_eq(wanted, 48_000, **numbers(values, "eq"))
    wanted = gate(wanted, 48_000, **numbers(values, "gate"))
    wanted = deesser(wanted, 48_000, **numbers(values, "deesser"))
    wanted = compressor(wanted, 48_000, **numbers(values, "compressor"))
    wanted = saturate(wanted, 48_000, 12.0, 0.5, -1.0, "tube")
    wanted = side_highpass(wanted, 48_000, 140.0)
    wanted = place(place(wanted, width=1.3), pan=-0.2) * 10 ** (-3 / 20)
    torch.testing.assert_close(strip(audio, 48_000, values), wanted, rtol=0, atol=1e-12)


def test_polarity_and_mute() -> None:
    audio = programme(1, 300)
    assert torch.equal(strip(audio, 44_100, {"trim.invert": 1.0}), -audio.expand(-1, 2, -1))
    muted = strip(audio, 44_100, {**WORKING, "fader.mute": 1.0})
    assert muted.shape == (1, 2, 300)
    assert not muted.any()


def tuned(requires_grad: bool) -> dict[str, Tensor | str | float]:
    """Every numeric knob of a strip as a tensor, WORKING where it says so."""
    values: dict[str, Tensor | str | float] = dict(WORKING)
    for entry in READ:
        value = float(WORKING.get(entry.name, entry.default))
        values[entry.name] = torch.tensor([value], dtype=DB, requires_grad=requires_grad)
    return values


@pytest.mark.parametrize("channels", [1, 2])
def test_every_knob_of_the_table_has_its_true_gradient(channels: int) -> None:
    """All at once through the whole chain, against central differences."""
    audio = programme(channels, 1_500)
    weights = torch.randn((1, 2, 1_500), generator=torch.Generator().manual_seed(1), dtype=DB)
    values = tuned(requires_grad=True)
    names = [entry.name for entry in READ]
    gradients = torch.autograd.grad(
        (strip(audio, 44_100, values) * weights).sum(), [values[name] for name in names], allow_unused=True
    )
    deaf = {"stereo.width", "stereo.mono_below_hz"} if channels == 1 else set()
    fixed = tuned(requires_grad=False)
    for entry, gradient in zip(READ, gradients, strict=True):
        step = 1e-6 * (entry.high - entry.low) if entry.curve == "linear" else 1e-6 * float(fixed[entry.name])
        ends = [
            float((strip(audio, 44_100, {**fixed, entry.name: fixed[entry.name] + sign * step}) * weights).sum())
            for sign in (1, -1)
        ]
        wanted = (ends[0] - ends[1]) / (2 * step)
        if entry.name in deaf:
            assert gradient is None or not gradient.any()
            assert wanted == 0.0
            continue
        assert gradient is not None, entry.name
        assert wanted != 0.0, f"{entry.name} does nothing here"
        assert float(gradient) == pytest.approx(wanted, rel=1e-4, abs=1e-6), entry.name


AWAKENED = [
    "trim.gain_db",
    "eq.low_shelf_gain_db",
    "eq.bell_1_gain_db",
    "eq.high_shelf_gain_db",
    "gate.ratio",
    "deesser.ratio",
    "compressor.ratio",
    "compressor.makeup_db",
    "saturation.mix",
    "stereo.width",
    "stereo.pan",
    "fader.gain_db",
]


@pytest.mark.parametrize("name", AWAKENED)
def test_a_knob_at_rest_can_be_woken_by_its_gradient(name: str) -> None:
    """An optimiser starts from neutral settings: there the knob must change nothing yet and still have a slope."""
    audio = programme(2, 1_500)
    values = {"gate.threshold_db": -10.0, "deesser.threshold_db": -50.0, "compressor.threshold_db": -50.0}
    neutral = next(float(entry.default) for entry in READ if entry.name == name)
    knob = torch.tensor([neutral], dtype=DB, requires_grad=True)
    out = strip(audio, 44_100, {**values, name: knob})
    torch.testing.assert_close(out, audio, rtol=0, atol=1e-12)
    weights = torch.randn(out.shape, generator=torch.Generator().manual_seed(1), dtype=DB)
    (gradient,) = torch.autograd.grad((out * weights).sum(), knob)
    step = 1e-5
    moved = strip(audio, 44_100, {**values, name: torch.tensor([neutral + step], dtype=DB)})
    assert float(gradient) == pytest.approx(float(((moved - audio) * weights).sum()) / step, rel=2e-3)
    assert float(gradient.abs()) > 1e-3


def test_knobs_may_differ_from_item_to_item_of_a_batch() -> None:
    audio = programme(2, 800, batch=3)
    values = {
        name: value if isinstance(value, str) else torch.full((3,), value, dtype=DB) for name, value in WORKING.items()
    }
    values["compressor.ratio"] = torch.tensor([1.0, 2.0, 8.0], dtype=DB)
    values["eq.bell_1_gain_db"] = torch.tensor([0.0, -6.0, 9.0], dtype=DB)
    together = strip(audio, 44_100, values)
    for item in range(3):
        alone = {name: value if isinstance(value, str) else value[item] for name, value in values.items()}
        torch.testing.assert_close(
            together[item : item + 1], strip(audio[item : item + 1], 44_100, alone), rtol=0, atol=1e-12
        )


def test_send_gain_opens_from_exact_silence() -> None:
    audio = programme(2, 8)
    assert send_gain({}, "send.reverb_db", audio) is None
    assert send_gain({"send.reverb_db": -60.0}, "send.reverb_db", audio) is None
    for level_db in (-59.9, -20.0, 0.0, 6.0):
        gain = send_gain({"send.reverb_db": level_db}, "send.reverb_db", audio)
        assert float(gain) == pytest.approx(10 ** (level_db / 20) - 1e-3, abs=1e-12)
    closed = torch.tensor([-60.0], dtype=DB, requires_grad=True)
    gain = send_gain({"send.reverb_db": closed}, "send.reverb_db", audio)
    assert gain.item() == 0.0
    (slope,) = torch.autograd.grad(gain.sum(), closed)
    assert float(slope) == pytest.approx(1e-3 * math.log(10) / 20)


def test_saturates_says_whether_the_stage_looks_ahead() -> None:
    assert not saturates({})
    assert not saturates({"saturation.mix": 0.0, "saturation.drive_db": 40.0})
    assert saturates({"saturation.mix": 0.01})
    assert saturates({"saturation.mix": torch.zeros(1, requires_grad=True)})


@pytest.mark.parametrize("values", [{}, WORKING], ids=["neutral", "working"])
def test_a_late_stream_is_the_same_audio_later(values: dict[str, float | str]) -> None:
    audio = programme(2, 1_000)
    silent = torch.zeros(1, 2, HALF, dtype=DB)
    memory: Memory = {}
    pieces = [
        strip(piece, 44_100, values, memory, late=True)
        for piece in torch.cat((audio, silent), dim=-1).split(97, dim=-1)
    ]
    # In a stream the saturation rings before the first sample too.
    padded = strip(torch.cat((silent, audio, silent), dim=-1), 44_100, values)[..., HALF : HALF + 1_000]
    torch.testing.assert_close(torch.cat(pieces, dim=-1)[..., HALF:], padded, rtol=0, atol=1e-12)


@pytest.mark.parametrize("values", [{}, WORKING], ids=["neutral", "working"])
@pytest.mark.parametrize("channels", [1, 2])
def test_extreme_audio_stays_finite(values: dict[str, float | str], channels: int) -> None:
    square = (torch.arange(2_000) % 50 < 25).float() * 2 - 1
    for audio in (square, torch.ones(2_000), torch.zeros(2_000), 1e-30 * square, 100 * square):
        out = strip(audio.expand(1, channels, -1), 22_050, values)
        assert torch.isfinite(out).all()


def test_every_numeric_knob_at_both_ends_stays_finite_at_every_rate() -> None:
    audio = programme(2, 600, dtype=torch.float32)
    for sample_rate in (22_050, 192_000):
        for entry in READ:
            for value in (entry.low, entry.high):
                out = strip(audio, sample_rate, {**WORKING, entry.name: value})
                assert torch.isfinite(out).all(), (entry.name, value)


def test_out_of_range_is_named() -> None:
    with pytest.raises(ParameterError, match=r"fader\.gain_db=20 dB is outside -90 to 12 dB"):
        strip(programme(1, 8), 44_100, {"fader.gain_db": 20.0})
