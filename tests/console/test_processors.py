"""One table for every processor: what each of them must do, whatever it sounds like."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest
import torch
from torch import Tensor

from console.dynamics import compressor, deesser, gate
from console.errors import AudioShapeError
from console.filters import highpass, lowpass, parametric_eq
from console.limiter import limiter
from console.saturation import saturate
from console.space import delay, reverb
from console.stereo import place, side_highpass

LENGTHS = [1, 2, 255, 256, 257, 511, 513]
RATES = [22_050, 44_100, 48_000, 96_000, 192_000]


@dataclass(frozen=True)
class Case:
    """One processor.

    Attributes:
        name: shown by pytest.
        process: process(audio, sample_rate, **values).
        working: values at which every parameter is heard.
        neutral: values at which no bit changes; None where there are none.
        mono: takes one channel too, and all its parameters work on it.
        stereo_out: mono comes out stereo.
        one_item: takes a batch of one only.
        one_value: one value of each parameter serves all items.
        samples: length of the test signal.
    """

    name: str
    process: Callable[..., Tensor]
    working: dict[str, float]
    neutral: dict[str, float] | None = None
    mono: bool = True
    stereo_out: bool = False
    one_item: bool = False
    one_value: bool = False
    samples: int = 700


EQ = {
    "low_shelf_gain_db": 6.0,
    "low_shelf_freq_hz": 300.0,
    "low_shelf_q": 0.8,
    "bell_1_gain_db": -7.0,
    "bell_1_freq_hz": 400.0,
    "bell_1_q": 1.5,
    "bell_2_gain_db": 4.0,
    "bell_2_freq_hz": 900.0,
    "bell_2_q": 0.7,
    "bell_3_gain_db": -3.0,
    "bell_3_freq_hz": 2500.0,
    "bell_3_q": 3.0,
    "bell_4_gain_db": 8.0,
    "bell_4_freq_hz": 5200.0,
    "bell_4_q": 1.1,
    "high_shelf_gain_db": -4.0,
    "high_shelf_freq_hz": 7000.0,
    "high_shelf_q": 0.5,
}
GATE = {"threshold_db": -12.0, "ratio": 3.0, "range_db": 18.0, "attack_ms": 0.7, "release_ms": 7.0}
DEESSER = {
    "threshold_db": -26.0,
    "ratio": 3.0,
    "freq_hz": 4000.0,
    "range_db": 7.0,
    "attack_ms": 0.5,
    "release_ms": 8.0,
}
COMPRESSOR = {
    "threshold_db": -24.0,
    "ratio": 4.0,
    "knee_db": 9.0,
    "attack_ms": 0.6,
    "release_ms": 7.0,
    "sidechain_highpass_hz": 150.0,
    "makeup_db": 3.0,
    "mix": 0.7,
}
SATURATION = {"drive_db": 15.0, "mix": 0.6, "output_db": -2.0}

CASES = [
    Case("highpass", highpass, {"freq_hz": 300.0}),
    Case("highpass 24", partial(highpass, slope_db_per_octave="24"), {"freq_hz": 300.0}),
    Case("lowpass", lowpass, {"freq_hz": 3000.0}),
    Case("lowpass 24", partial(lowpass, slope_db_per_octave="24"), {"freq_hz": 3000.0}),
    Case("parametric_eq", parametric_eq, EQ, {name: 0.0 for name in EQ if name.endswith("gain_db")}),
    Case("gate", gate, GATE, {"threshold_db": -12.0, "ratio": 1.0}),
    Case("deesser", deesser, DEESSER, {"threshold_db": -60.0, "ratio": 1.0}),
    Case("compressor", compressor, COMPRESSOR, {"threshold_db": -60.0, "ratio": 1.0}),
    Case("tape", partial(saturate, shape="tape"), SATURATION, {"drive_db": 30.0, "mix": 0.0}),
    Case("tube", partial(saturate, shape="tube"), SATURATION, {"drive_db": 30.0, "mix": 0.0}),
    Case("clip", partial(saturate, shape="clip"), SATURATION, {"drive_db": 30.0, "mix": 0.0}),
    Case(
        "place",
        lambda audio, _sample_rate, **values: place(audio, **values),
        {"width": 1.4, "pan": 0.3},
        {"width": 1.0, "pan": 0.0},
        mono=False,
        stereo_out=True,
    ),
    Case(
        "place mono",
        lambda audio, _sample_rate, **values: place(audio.mean(dim=1, keepdim=True), **values),
        {"pan": 0.3},
        stereo_out=True,
    ),
    Case("side_highpass", side_highpass, {"mono_below_hz": 200.0}, mono=False),
    Case(
        "limiter",
        limiter,
        {"ceiling_dbtp": -3.0, "gain_db": 8.0, "release_ms": 6.0},
        {"ceiling_dbtp": 0.0, "gain_db": 0.0},
        one_item=True,
    ),
    Case(
        "reverb",
        reverb,
        {
            "decay_s": 0.1234,
            "predelay_ms": 0.3,
            "damping_hz": 5000.0,
            "size": 0.1,
            "colour_db": 3.0,
            "lowcut_hz": 200.0,
            "return_db": -3.0,
        },
        stereo_out=True,
        one_value=True,
    ),
    Case(
        "delay",
        delay,
        {"time_ms": 2.3, "feedback": 0.5, "damping_hz": 6000.0, "ping_pong": 0.3, "return_db": -3.0},
        stereo_out=True,
        one_value=True,
    ),
]
each = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
each_neutral = pytest.mark.parametrize(
    "case", [case for case in CASES if case.neutral is not None], ids=lambda case: case.name
)
parameters = pytest.mark.parametrize(
    ("case", "parameter"),
    [pytest.param(case, name, id=f"{case.name} {name}") for case in CASES for name in case.working],
)


def programme(channels: int, samples: int, batch: int = 1, seed: int = 0, level: float = 0.5) -> Tensor:
    """Noise whose level wanders by 40 dB, so that gates open and close: (batch, channels, samples) float64."""
    generator = torch.Generator().manual_seed(seed)
    noise = 2 * torch.rand((batch, channels, samples), generator=generator, dtype=torch.float64) - 1
    knots = torch.rand((batch, 1, max(2, samples // 60)), generator=generator, dtype=torch.float64) * -40
    envelope = torch.nn.functional.interpolate(knots, size=samples, mode="linear", align_corners=True)
    return level * noise * 10 ** (envelope / 20)


def tensors(values: dict[str, float], batch: int = 1) -> dict[str, Tensor]:
    return {name: torch.full((batch,), value, dtype=torch.float64) for name, value in values.items()}


def channels_of(case: Case) -> list[int]:
    return [1, 2] if case.mono else [2]


@each
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("samples", LENGTHS)
def test_length_and_type_are_kept_and_the_result_is_finite(case: Case, samples: int, dtype: torch.dtype) -> None:
    for channels in channels_of(case):
        audio = programme(channels, samples).to(dtype)
        out = case.process(audio, 44_100, **case.working)
        assert out.shape == (1, 2 if case.stereo_out else channels, samples)
        assert out.dtype == dtype
        assert torch.isfinite(out).all()


@each
@pytest.mark.parametrize("sample_rate", RATES)
def test_every_rate_works_and_single_precision_is_close_to_double(case: Case, sample_rate: int) -> None:
    for channels in channels_of(case):
        audio = programme(channels, 3_001)
        exact = case.process(audio, sample_rate, **case.working)
        single = case.process(audio.float(), sample_rate, **case.working)
        assert float(exact.abs().max()) > 1e-4
        assert float((single - exact).abs().max()) < 3e-6 * max(1.0, float(exact.abs().max()))


@each
@pytest.mark.parametrize("signal", ["silence", "DC", "full-scale square", "impulse", "tiny"])
def test_awkward_signals_stay_finite_and_silence_stays_silent(case: Case, signal: str) -> None:
    n = torch.arange(2_000)
    audio = {
        "silence": torch.zeros(2_000),
        "DC": torch.ones(2_000),
        "full-scale square": (n % 100 < 50).float() * 2 - 1,
        "impulse": (n == 0).float(),
        "tiny": 1e-38 * torch.ones(2_000),
    }[signal].expand(1, 2, -1)
    out = case.process(audio, 44_100, **case.working)
    assert torch.isfinite(out).all()
    assert float(out.abs().max()) < 12.0
    if signal == "silence":
        assert not out.any()


@each
def test_batch_equals_a_loop_with_values_of_its_own_for_each_item(case: Case) -> None:
    if case.one_item:
        with pytest.raises(
            AudioShapeError, match=r"holds 2 items; this stage takes one\. Use \(1, channels, samples\)"
        ):
            case.process(programme(2, 32, batch=2), 44_100, **case.working)
        return
    for channels in channels_of(case):
        audio = programme(channels, 777, batch=5)
        spread = torch.tensor([0.8, 0.9, 1.0, 1.1, 1.2], dtype=torch.float64)
        if case.one_value:
            spread = torch.ones(5, dtype=torch.float64)
        values = {name: value * spread for name, value in case.working.items()}
        together = case.process(
            audio, 44_100, **{name: value[0] if case.one_value else value for name, value in values.items()}
        )
        for item in range(5):
            alone = case.process(
                audio[item : item + 1], 44_100, **{name: value[item] for name, value in values.items()}
            )
            torch.testing.assert_close(together[item : item + 1], alone, rtol=0, atol=1e-12)


@each_neutral
@pytest.mark.parametrize("samples", [1, 256, 1_001])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_neutral_values_change_no_bit(case: Case, samples: int, dtype: torch.dtype) -> None:
    for channels in channels_of(case):
        audio = programme(channels, samples).to(dtype)
        assert torch.equal(case.process(audio, 44_100, **case.neutral), audio)
        assert torch.equal(case.process(audio, 44_100, **tensors(case.neutral)), audio)


@each
def test_same_call_twice_is_equal_and_nothing_given_is_written(case: Case) -> None:
    audio = programme(2, case.samples)
    values = tensors(case.working)
    audio_before, values_before = audio.clone(), {name: value.clone() for name, value in values.items()}
    first = case.process(audio, 44_100, **values)
    kept = first.clone()
    case.process(programme(2, case.samples, seed=5), 48_000, **values)  # another call in between leaves no trace
    assert torch.equal(case.process(audio, 44_100, **values), kept)
    assert torch.equal(first, kept)
    assert torch.equal(audio, audio_before)
    assert all(torch.equal(values[name], values_before[name]) for name in values)


@each
def test_audio_in_any_memory_layout_gives_the_same(case: Case) -> None:
    audio = programme(2, case.samples)
    scattered = torch.stack((audio, audio * 0), dim=-1).transpose(1, 2).contiguous().transpose(1, 2)[..., 0]
    assert not scattered.is_contiguous()
    wanted = case.process(audio, 44_100, **case.working)
    torch.testing.assert_close(case.process(scattered, 44_100, **case.working), wanted, rtol=0, atol=1e-14)


@each
def test_tail_of_silence_does_not_change_what_came_before(case: Case) -> None:
    """A longer excerpt of the same audio: beyond the look-ahead, nothing earlier may change."""
    audio = programme(2, 600)
    longer = torch.nn.functional.pad(audio, (0, 333))
    short, long = (case.process(x, 44_100, **case.working) for x in (audio, longer))
    torch.testing.assert_close(long[..., :600], short, rtol=0, atol=1e-12)


@parameters
def test_every_parameter_changes_the_output(case: Case, parameter: str) -> None:
    audio = programme(2, case.samples)
    before = case.process(audio, 44_100, **case.working)
    after = case.process(audio, 44_100, **{**case.working, parameter: case.working[parameter] * 1.1})
    assert float((after - before).abs().max()) > 1e-5 * float(before.abs().max())


def weighted(case: Case, sample_rate: int, names: list[str], shape: torch.Size) -> Callable[..., Tensor]:
    """A scalar of the output in which every sample counts, with weights of its own."""
    weights = torch.randn(shape, generator=torch.Generator().manual_seed(9), dtype=torch.float64)

    def loss(audio: Tensor, *values: Tensor) -> Tensor:
        return (case.process(audio, sample_rate, **dict(zip(names, values, strict=True))) * weights).sum()

    return loss


@each
@pytest.mark.parametrize("samples", [1, 90])
def test_gradients_are_exact_sample_by_sample(case: Case, samples: int) -> None:
    """torch.autograd.gradcheck in float64, of every sample of the audio and every parameter."""
    audio = programme(2, samples, level=1.5 if case.name == "limiter" else 0.8)
    values = tensors(case.working)
    shape = case.process(audio, 44_100, **values).shape
    inputs = [audio.requires_grad_(), *(value.requires_grad_() for value in values.values())]
    heavy = case.name == "reverb"  # 50 ms a call: its audio is checked in one random direction
    loss = weighted(case, 44_100, list(values), shape)
    assert torch.autograd.gradcheck(loss, inputs, eps=1e-7, atol=3e-6, rtol=1e-5, fast_mode=heavy)


@each
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("sample_rate", [22_050, 96_000])
def test_gradients_are_exact_across_blocks(case: Case, channels: int, sample_rate: int) -> None:
    """Audio longer than the kernels' blocks of 256 and 512: along random directions, against central differences."""
    if channels not in channels_of(case):
        return
    audio = programme(channels, 1_301, level=1.5 if case.name == "limiter" else 0.8).requires_grad_()
    values = {name: value.requires_grad_() for name, value in tensors(case.working).items()}
    loss = weighted(case, sample_rate, list(values), case.process(audio, sample_rate, **values).shape)
    gradients = torch.autograd.grad(loss(audio, *values.values()), (audio, *values.values()))
    generator = torch.Generator().manual_seed(3)
    steps = [torch.randn(audio.shape, generator=generator, dtype=torch.float64), *(torch.ones(1) for _ in values)]
    with torch.no_grad():
        for index, (gradient, step) in enumerate(zip(gradients, steps, strict=True)):
            inputs = [audio, *values.values()]
            size = 1e-7 if index == 0 else 1e-6 * float(inputs[index].abs())
            ends = []
            for sign in (1, -1):
                moved = list(inputs)
                moved[index] = inputs[index] + sign * size * step
                ends.append(float(loss(*moved)))
            wanted = (ends[0] - ends[1]) / (2 * size)
            found = float((gradient * step).sum())
            assert found == pytest.approx(wanted, rel=2e-5, abs=1e-5), ["audio", *values][index]
            assert wanted != 0.0, f"{['audio', *values][index]} does nothing here"


@each
def test_gradient_in_single_precision_is_close_to_double(case: Case) -> None:
    grads = []
    for dtype in (torch.float32, torch.float64):
        audio = programme(2, case.samples).to(dtype).requires_grad_()
        values = {name: value.requires_grad_() for name, value in tensors(case.working).items()}
        out = case.process(audio, 44_100, **values)
        (out.square() * out.new_tensor([1.0, 0.4])[: out.shape[1], None]).mean().backward()
        assert audio.grad.dtype == dtype
        grads.append([audio.grad.double(), *(value.grad for value in values.values())])
    for single, double in zip(*grads, strict=True):
        torch.testing.assert_close(single, double, rtol=1e-3, atol=2e-4 * float(double.abs().max()))


@each
def test_single_precision_knobs_receive_their_gradient_too(case: Case) -> None:
    values = {name: torch.tensor([value], requires_grad=True) for name, value in case.working.items()}
    out = case.process(programme(2, case.samples).float(), 44_100, **values)
    (out.square() * out.new_tensor([1.0, 0.4])[: out.shape[1], None]).sum().backward()
    for name, value in values.items():
        assert value.grad is not None, name
        assert torch.isfinite(value.grad).all()
        assert float(value.grad.abs()) > 0, name
