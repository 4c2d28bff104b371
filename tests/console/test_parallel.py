"""The torch path for accelerators equals the compiled path, forwards and backwards, on every device there is."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from console import parallel, recursions
from console.errors import AudioShapeError
from console.filters import bell_section, cut_sections
from console.kernels import dynamics, limiter
from console.settings import Settings

DB = torch.float64
DEVICES = [
    "cpu",
    pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")),
]
devices = pytest.mark.parametrize("device", DEVICES)
lengths = pytest.mark.parametrize("samples", [1, 2, 255, 513, 2_000])


def programme(batch: int, channels: int, samples: int, seed: int = 0, level: float = 0.7) -> Tensor:
    """Noise in bursts 30 dB apart: (batch, channels, samples) float64."""
    generator = torch.Generator().manual_seed(seed)
    noise = 2 * torch.rand((batch, channels, samples), generator=generator, dtype=DB) - 1
    return level * noise * (0.03 + (torch.sin(torch.arange(samples) / 60) > 0))


def both(
    compiled: Callable[..., Tensor], batched: Callable[..., Tensor], inputs: list[Tensor], device: str
) -> tuple[list[Tensor], list[Tensor]]:
    """The output and the gradient of each input, of the compiled path and of the batched one."""
    results = []
    for function, where in ((compiled, "cpu"), (batched, device)):
        given = [tensor.detach().to(where).requires_grad_() for tensor in inputs]
        out = function(*given)
        weights = torch.randn(out.shape, generator=torch.Generator().manual_seed(2), dtype=DB).to(out)
        gradients = torch.autograd.grad((out * weights).sum(), given)
        results.append([tensor.detach().cpu() for tensor in (out, *gradients)])
    return results[0], results[1]


def assert_equal(compiled: list[Tensor], batched: list[Tensor], rtol: float = 1e-8) -> None:
    for one, other in zip(compiled, batched, strict=True):
        assert one.dtype == other.dtype
        torch.testing.assert_close(other, one, rtol=rtol, atol=1e-12 + rtol * float(one.abs().max()))


@devices
@lengths
def test_cascade(device: str, samples: int) -> None:
    batch = 3
    freq_hz = torch.tensor([60.0, 900.0, 9000.0], dtype=DB)
    cut = cut_sections(44_100, freq_hz, "24", "high")
    bell = bell_section(44_100, torch.tensor([-9.0, 0.0, 15.0], dtype=DB), 2 * freq_hz, torch.tensor([0.5, 2.0, 9.0]))
    sections = torch.cat((cut, bell[:, None]), dim=1)
    inputs = [programme(batch, 2, samples), sections]
    assert_equal(*both(recursions.biquad_cascade, parallel.biquad_cascade, inputs, device))


def rider(batch: int, below: bool = False) -> Tensor:
    columns = {
        dynamics.THRESHOLD_DB: -30.0,
        dynamics.SLOPE: 0.7,
        dynamics.KNEE_DB: 8.0,
        dynamics.RANGE_DB: 25.0,
        dynamics.FALL: 0.98,
        dynamics.RISE: 0.999,
        dynamics.MAKEUP: 1.4,
        dynamics.MIX: 0.8,
        dynamics.DIRECTION: -1.0 if below else 1.0,
    }
    row = torch.tensor([columns[index] for index in range(dynamics.COLUMNS)], dtype=DB)
    rows = row.repeat(batch, 1)
    rows[:, dynamics.FALL] -= 0.01 * torch.arange(batch)
    rows[-1, dynamics.FALL], rows[-1, dynamics.RISE] = 0.999, 0.95  # falls slower than it rises
    return rows


@devices
@lengths
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("below", [False, True], ids=["compressor", "expander"])
@pytest.mark.parametrize("split", [False, True], ids=["whole", "split"])
def test_rider(device: str, samples: int, channels: int, below: bool, split: bool) -> None:
    audio, detector = programme(3, channels, samples), programme(3, channels, samples, seed=1)
    compiled, batched = both(
        lambda a, d, p: recursions.ride_gain(a, d, p, split),
        lambda a, d, p: parallel.ride_gain(a, d, p, split),
        [audio, detector, rider(3, below)],
        device,
    )
    for results in (compiled, batched):
        results[-1] = results[-1][:, : dynamics.DIRECTION]  # the direction is not differentiated
    assert_equal(compiled, batched)


@devices
def test_rider_that_hears_itself(device: str) -> None:
    compiled, batched = both(
        lambda a, p: recursions.ride_gain(a, a, p),
        lambda a, p: parallel.ride_gain(a, a, p, False),
        [programme(3, 2, 1_300), rider(3)],
        device,
    )
    for results in (compiled, batched):
        results[-1] = results[-1][:, : dynamics.DIRECTION]
    assert_equal(compiled, batched)


@devices
@lengths
@pytest.mark.parametrize("shape", ["tape", "tube", "clip"])
def test_shaper(device: str, samples: int, shape: str) -> None:
    def batched(audio: Tensor, drive: Tensor) -> Tensor:
        context = torch.nn.functional.pad(audio, (recursions.HALF, recursions.HALF))
        return parallel.shape_wave(context, drive, shape)

    inputs = [programme(3, 2, samples), torch.tensor([0.9, 4.0, 60.0], dtype=DB)]
    assert_equal(*both(lambda a, d: recursions.shape_wave(a, d, shape), batched, inputs, device))


@devices
@lengths
@pytest.mark.parametrize("lookahead", [1, 88])
def test_limiter(device: str, samples: int, lookahead: int) -> None:
    around = lookahead + limiter.DETECTOR_HALF

    def batched(audio: Tensor, ceiling: Tensor, pole: Tensor) -> Tensor:
        context = torch.nn.functional.pad(audio, (around, around))
        return parallel.limit_peaks(context, ceiling, pole, lookahead)[..., lookahead:]

    inputs = [programme(1, 2, samples, level=2.0), torch.tensor(0.6, dtype=DB), torch.tensor(0.997, dtype=DB)]
    compiled = both(lambda a, c, p: recursions.limit_peaks(a, c, p, lookahead), batched, inputs, device)
    assert_equal(*compiled)


@devices
def test_single_precision_comes_back_in_single_precision(device: str) -> None:
    audio = programme(2, 2, 700).float()
    sections = cut_sections(44_100, torch.tensor([100.0, 3000.0], dtype=DB), "12", "high")
    for compiled, batched in (
        (recursions.biquad_cascade(audio, sections), parallel.biquad_cascade(audio.to(device), sections.to(device))),
        (
            recursions.ride_gain(audio, audio, rider(2)),
            parallel.ride_gain(audio.to(device), audio.to(device), rider(2).to(device), False),
        ),
    ):
        assert batched.dtype == torch.float32
        torch.testing.assert_close(batched.cpu(), compiled, rtol=0, atol=2e-7)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_whole_desk_on_cuda_equals_the_cpu() -> None:
    from console.desk import mix

    settings = Settings.neutral(["a", "b"], {"a": "g"}).turned(
        {
            ("a", "eq.bell_2_gain_db"): 5.0,
            ("a", "compressor.ratio"): 4.0,
            ("a", "gate.ratio"): 2.0,
            ("a", "deesser.ratio"): 3.0,
            ("a", "send.reverb_db"): -10.0,
            ("b", "saturation.mix"): 0.7,
            ("b", "send.delay_db"): -12.0,
            ("group:g", "highpass.on"): 1.0,
            ("master", "limiter.on"): 1.0,
            ("master", "limiter.gain_db"): 9.0,
        }
    )
    tracks = {"a": programme(1, 1, 20_000)[0], "b": programme(1, 2, 20_000, seed=4)[0]}
    here = mix(tracks, settings, 44_100).master
    there = mix({name: audio.cuda() for name, audio in tracks.items()}, settings, 44_100).master
    torch.testing.assert_close(there.cpu(), here, rtol=0, atol=1e-8)


def test_a_stream_off_the_cpu_is_refused_and_not_silently_restarted() -> None:
    elsewhere = torch.zeros(1, 2, 64, device="meta")
    with pytest.raises(AudioShapeError, match=r"runs on the CPU; this block is on meta\. Use audio\.cpu\(\)\."):
        recursions.biquad_cascade(elsewhere, torch.zeros(1, 1, 5), memory={})
    with pytest.raises(AudioShapeError, match="A stream runs on the CPU"):
        recursions.ride_gain(elsewhere, elsewhere, torch.zeros(1, dynamics.COLUMNS), memory={})
    with pytest.raises(AudioShapeError, match="A stream runs on the CPU"):
        recursions.shape_wave(elsewhere, torch.ones(1), "tape", memory={})
    with pytest.raises(AudioShapeError, match="A stream runs on the CPU"):
        recursions.limit_peaks(elsewhere, torch.tensor(1.0), torch.tensor(0.9), 8, memory={})
