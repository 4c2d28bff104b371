"""Gate, de-esser and compressor against a plain sample loop written from the published equations."""

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import signal

from console.dynamics import compressor, deesser, gate, is_full_band
from console.errors import ParameterError

Signal = NDArray[np.float64]

DB = torch.float64


def ride(
    level: Signal,
    threshold_db: float,
    slope: float,
    knee_db: float,
    range_db: float,
    attack_ms: float,
    release_ms: float,
    sample_rate: int,
    below: bool = False,
) -> Signal:
    """Gain in dB, sample by sample: JAES 60(6), eq. 4 for the curve, eq. 16 branching on the gain.

    `below` mirrors the curve about the threshold: an expander, whose gain falls by its release time.
    """

    def curve(level_db: float) -> float:
        over = threshold_db - level_db if below else level_db - threshold_db
        if 2 * over < -knee_db:
            change = 0.0
        elif 2 * abs(over) <= knee_db and knee_db > 0:
            change = -slope * (over + knee_db / 2) ** 2 / (2 * knee_db)
        else:
            change = -slope * over
        return max(change, -range_db)

    fall_ms, rise_ms = (release_ms, attack_ms) if below else (attack_ms, release_ms)
    fall, rise = math.exp(-1000 / (fall_ms * sample_rate)), math.exp(-1000 / (rise_ms * sample_rate))
    smooth = curve(-180.0)
    out = np.empty(level.size)
    for n, value in enumerate(level):
        change = curve(20 * math.log10(max(value, 1e-9)))
        pole = fall if change < smooth else rise
        smooth = pole * smooth + (1 - pole) * change
        out[n] = smooth
    return out


def programme(sample_rate: int, channels: int, seconds: float = 0.25, seed: int = 0) -> torch.Tensor:
    """Bursts of two tones and noise between -60 and 0 dBFS, with exact silence: (1, channels, samples)."""
    rng = np.random.default_rng(seed)
    n = np.arange(round(seconds * sample_rate))
    envelope = np.repeat(10 ** (rng.uniform(-60, 0, 20) / 20), -(-n.size // 20))[: n.size]
    envelope[n.size // 3 : n.size // 3 + n.size // 8] = 0.0
    sound = [
        0.6 * np.sin(2 * np.pi * 180 * n / sample_rate + k) + 0.4 * np.sin(2 * np.pi * 7300 * n / sample_rate)
        for k in range(channels)
    ]
    return torch.tensor(envelope * (np.array(sound) + rng.uniform(-0.1, 0.1, (channels, n.size))))[None]


def linked(audio: Signal) -> Signal:
    return np.abs(audio).max(axis=0)


COMPRESSORS = {
    "soft": {"threshold_db": -24.0, "ratio": 4.0, "knee_db": 12.0, "attack_ms": 3.0, "release_ms": 80.0},
    "hard knee": {"threshold_db": -30.0, "ratio": 8.0, "knee_db": 0.0, "attack_ms": 0.05, "release_ms": 5.0},
    "release faster than attack": {
        "threshold_db": -40.0,
        "ratio": 10.0,
        "knee_db": 6.0,
        "attack_ms": 40.0,
        "release_ms": 10.0,
    },
    "equal times": {"threshold_db": -40.0, "ratio": 10.0, "knee_db": 6.0, "attack_ms": 10.0, "release_ms": 10.0},
    "all in": {"threshold_db": -80.0, "ratio": 20.0, "knee_db": 40.0, "attack_ms": 0.05, "release_ms": 2500.0},
    "parallel": {
        "threshold_db": -30.0,
        "ratio": 6.0,
        "knee_db": 3.0,
        "attack_ms": 1.0,
        "release_ms": 60.0,
        "makeup_db": 9.0,
        "mix": 0.4,
    },
}


@pytest.mark.parametrize("sample_rate", [22_050, 48_000, 192_000])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("setting", COMPRESSORS.values(), ids=COMPRESSORS)
def test_compressor_equals_the_sample_loop(setting: dict[str, float], channels: int, sample_rate: int) -> None:
    audio = programme(sample_rate, channels, seconds=3000 / sample_rate)
    rest = dict(setting)
    makeup, mix = 10 ** (rest.pop("makeup_db", 0.0) / 20), rest.pop("mix", 1.0)
    slope = 1 - 1 / rest.pop("ratio")
    gain_db = ride(linked(audio[0].numpy()), slope=slope, range_db=1e9, sample_rate=sample_rate, **rest)
    wanted = audio[0].numpy() * (1 - mix + mix * makeup * 10 ** (gain_db / 20))
    assert gain_db.min() < -2.0, "the setting must compress for the comparison to mean anything"
    exact = compressor(audio, sample_rate, **setting)[0].numpy()
    assert np.abs(exact - wanted).max() < 1e-12
    single = compressor(audio.float(), sample_rate, **setting)[0].numpy()
    assert np.abs(single - wanted).max() < 3e-7


@pytest.mark.parametrize("channels", [1, 2])
def test_sidechain_highpass_decides_the_gain_and_is_not_heard(channels: int) -> None:
    audio = programme(48_000, channels)
    heard = signal.sosfilt(signal.butter(2, 300.0, "high", fs=48_000, output="sos"), audio[0].numpy())
    gain_db = ride(linked(heard), -35.0, 0.75, 6.0, 1e9, 5.0, 100.0, 48_000)
    out = compressor(audio, 48_000, -35.0, 4.0, 6.0, 5.0, 100.0, sidechain_highpass_hz=300.0)[0].numpy()
    assert np.abs(out - audio[0].numpy() * 10 ** (gain_db / 20)).max() < 1e-11


def test_sidechain_highpass_keeps_a_kick_from_pumping() -> None:
    n = torch.arange(24_000, dtype=DB)
    kick = 0.9 * torch.sin(2 * math.pi * 50 * n / 48_000)[None, None]
    pumped = compressor(kick, 48_000, -20.0, 8.0)
    spared = compressor(kick, 48_000, -20.0, 8.0, sidechain_highpass_hz=500.0)
    assert float(pumped[..., -4800:].abs().max()) < 0.3
    assert float(spared[..., -4800:].abs().max()) > 0.85


GATES = {
    "gentle": {"threshold_db": -35.0, "ratio": 2.0, "range_db": 20.0, "attack_ms": 1.0, "release_ms": 60.0},
    "shut": {"threshold_db": -20.0, "ratio": 20.0, "range_db": 90.0, "attack_ms": 0.05, "release_ms": 5.0},
    "slow to open": {"threshold_db": -30.0, "ratio": 4.0, "range_db": 40.0, "attack_ms": 100.0, "release_ms": 10.0},
}


@pytest.mark.parametrize("sample_rate", [22_050, 48_000, 192_000])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("setting", GATES.values(), ids=GATES)
def test_gate_equals_the_sample_loop(setting: dict[str, float], channels: int, sample_rate: int) -> None:
    audio = programme(sample_rate, channels, seconds=3000 / sample_rate, seed=1)
    rest = dict(setting)
    slope = rest.pop("ratio") - 1
    gain_db = ride(linked(audio[0].numpy()), slope=slope, knee_db=6.0, sample_rate=sample_rate, below=True, **rest)
    wanted = audio[0].numpy() * 10 ** (gain_db / 20)
    assert gain_db.min() < -10.0
    assert gain_db.max() > -rest["range_db"]
    assert np.abs(gate(audio, sample_rate, **setting)[0].numpy() - wanted).max() < 1e-12
    assert np.abs(gate(audio.float(), sample_rate, **setting)[0].numpy() - wanted).max() < 1e-7


def soft_lowpass(freq_hz: float, sample_rate: int) -> Signal:
    """Bilinear 1 / (1 + s)^2, prewarped: Q 0.5."""
    edge = 2 * sample_rate * math.tan(math.pi * freq_hz / sample_rate)
    b, a = signal.bilinear([edge**2], [1, 2 * edge, edge**2], fs=sample_rate)
    return np.concatenate((b, a))[None]


@pytest.mark.parametrize("sample_rate", [22_050, 48_000, 192_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_deesser_equals_the_sample_loop(channels: int, sample_rate: int) -> None:
    audio = programme(sample_rate, channels, seconds=4000 / sample_rate, seed=2)
    heard = signal.sosfilt(signal.butter(2, 5000.0, "high", fs=sample_rate, output="sos"), audio[0].numpy())
    band = audio[0].numpy() - signal.sosfilt(soft_lowpass(5000.0, sample_rate), audio[0].numpy())
    gain_db = ride(linked(heard), -40.0, 1 - 1 / 6.0, 6.0, 9.0, 0.5, 30.0, sample_rate)
    wanted = audio[0].numpy() + (10 ** (gain_db / 20) - 1) * band
    setting = {
        "threshold_db": -40.0,
        "ratio": 6.0,
        "freq_hz": 5000.0,
        "range_db": 9.0,
        "attack_ms": 0.5,
        "release_ms": 30.0,
    }
    assert gain_db.min() < -8.0
    assert np.abs(deesser(audio, sample_rate, **setting)[0].numpy() - wanted).max() < 1e-11
    assert np.abs(deesser(audio.float(), sample_rate, **setting)[0].numpy() - wanted).max() < 3e-7


def steps(levels_db: list[float], samples: int) -> torch.Tensor:
    """A constant that jumps between levels: its linked peak is the level itself."""
    return torch.cat([torch.full((samples,), 10 ** (db / 20), dtype=DB) for db in levels_db])[None, None]


def gain_db_of(out: torch.Tensor, audio: torch.Tensor) -> torch.Tensor:
    return 20 * torch.log10(out / audio)[0, 0]


@pytest.mark.parametrize("sample_rate", [22_050, 48_000, 192_000])
@pytest.mark.parametrize(("attack_ms", "release_ms"), [(5.0, 50.0), (50.0, 5.0), (0.5, 200.0)])
def test_compressor_times_are_honoured(attack_ms: float, release_ms: float, sample_rate: int) -> None:
    """After attack_ms, and after release_ms, 63 % of the way in dB are covered."""
    half = round(sample_rate * 10 * max(attack_ms, release_ms) / 1000)
    audio = steps([-10.0, -60.0], half)
    gain = gain_db_of(compressor(audio, sample_rate, -20.0, 4.0, 0.0, attack_ms, release_ms), audio)
    settled = -7.5  # 10 dB over at 4:1
    assert float(gain[half - 1]) == pytest.approx(settled, abs=1e-3)
    at = round(attack_ms * sample_rate / 1000) - 1
    assert float(gain[at]) == pytest.approx(settled * (1 - math.exp(-1)), rel=0.02)
    at = half + round(release_ms * sample_rate / 1000) - 1
    assert float(gain[at]) == pytest.approx(settled * math.exp(-1), rel=0.02)


def test_gate_opens_by_attack_and_closes_by_release() -> None:
    audio = steps([-60.0, -10.0, -60.0], 48_000)
    gain = gain_db_of(gate(audio, 48_000, -30.0, 2.0, 20.0, attack_ms=10.0, release_ms=100.0), audio)
    assert float(gain[47_999]) == pytest.approx(-20.0, abs=1e-3)
    assert float(gain[48_000 + 479]) == pytest.approx(-20.0 * math.exp(-1), rel=0.01)
    assert float(gain[95_999]) == pytest.approx(0.0, abs=1e-3)
    assert float(gain[96_000 + 4_799]) == pytest.approx(-20.0 * (1 - math.exp(-1)), rel=0.01)


def settled_gain_db(process, level_db: float) -> float:
    audio = steps([level_db], 4_000)
    return float(gain_db_of(process(audio), audio)[-1])


def test_compressor_s_static_curve_and_knee() -> None:
    """-20 dB, 4:1, knee 10 dB: 0 below -25, a quadratic to -15, then 3/4 of what is over."""

    def process(audio: torch.Tensor) -> torch.Tensor:
        return compressor(audio, 48_000, -20.0, 4.0, 10.0, 0.05, 5.0)

    wanted = {-60.0: 0.0, -26.0: 0.0, -22.0: -0.75 * 9 / 20, -20.0: -0.75 * 25 / 20, -15.0: -3.75, 0.0: -15.0}
    for level_db, gain_db in wanted.items():
        assert settled_gain_db(process, level_db) == pytest.approx(gain_db, abs=1e-6)


def test_gate_s_static_curve_and_range() -> None:
    """-40 dB, 3:1, range 30 dB: 2 dB off for each dB below, at most 30."""

    def process(audio: torch.Tensor) -> torch.Tensor:
        return gate(audio, 48_000, -40.0, 3.0, 30.0, 0.05, 5.0)

    wanted = {0.0: 0.0, -36.0: 0.0, -40.0: -2 * 9 / 12, -50.0: -20.0, -54.0: -28.0, -70.0: -30.0}
    for level_db, gain_db in wanted.items():
        assert settled_gain_db(process, level_db) == pytest.approx(gain_db, abs=1e-6)


def test_range_of_zero_does_nothing() -> None:
    audio = programme(48_000, 2)
    assert torch.equal(gate(audio, 48_000, -10.0, 20.0, range_db=0.0), audio)
    assert torch.equal(deesser(audio, 48_000, -60.0, 20.0, range_db=0.0), audio)


def test_deesser_turns_the_highs_down_by_its_range_and_leaves_the_lows_alone() -> None:
    """A band taken out by a plain high-pass would leave 9 kHz 1.6 dB down here and raise 6 kHz by 1.5 dB."""
    n = torch.arange(48_000, dtype=DB)

    def change_db(freq_hz: float, range_db: float) -> float:
        audio = 0.5 * torch.sin(2 * math.pi * freq_hz * n / 48_000)[None, None]
        loud = 0.9 * torch.sin(2 * math.pi * 15_000 * n / 48_000)[None, None]  # holds the gain down
        setting = {"threshold_db": -70.0, "ratio": 20.0, "freq_hz": 6000.0, "range_db": range_db}
        out = (deesser(audio + loud, 48_000, **setting) - deesser(loud, 48_000, **setting))[0, 0, -4800:].numpy()
        return float(20 * np.log10(np.abs(np.fft.rfft(out))[round(freq_hz / 10)] / (0.5 * 2400)))

    for range_db in (6.0, 12.0):
        assert change_db(200.0, range_db) == pytest.approx(0.0, abs=0.05)
        assert change_db(1000.0, range_db) == pytest.approx(0.0, abs=0.6)
        assert -1.2 * range_db < change_db(6000.0, range_db) < -0.5 * range_db
        assert -1.2 * range_db < change_db(9000.0, range_db) < -0.9 * range_db
        assert -1.25 * range_db < change_db(12_000.0, range_db) < -0.9 * range_db


def test_deesser_is_not_woken_by_lows() -> None:
    n = torch.arange(48_000, dtype=DB)
    low = 0.9 * torch.sin(2 * math.pi * 200 * n / 48_000)[None, None]
    steady = deesser(low, 48_000, threshold_db=-40.0, ratio=20.0, freq_hz=6000.0)
    assert float((steady - low)[..., 24_000:].abs().max()) < 1e-5, "but for the click of the sine's start"


def test_deesser_changes_nothing_while_the_highs_are_quiet() -> None:
    audio = programme(48_000, 2).float() * 1e-3
    assert torch.equal(deesser(audio, 48_000, threshold_db=-20.0, ratio=20.0), audio)


@pytest.mark.parametrize("process", [compressor, gate, deesser], ids=lambda process: process.__name__)
def test_detector_is_linked_by_the_louder_side(process) -> None:
    """Both sides get one gain, set by the greater of the two: no image shift, and no sum of L and R."""
    loud = programme(48_000, 1, seed=3)
    quiet = loud * 0.25
    both = process(torch.cat((loud, quiet), dim=1), 48_000, -30.0, 5.0)
    alone = process(loud, 48_000, -30.0, 5.0)
    assert torch.allclose(both[:, :1], alone, atol=1e-15)
    assert torch.allclose(both[:, 1:], alone * 0.25, atol=1e-15)
    centred = process(torch.cat((loud, loud), dim=1), 48_000, -30.0, 5.0)
    assert torch.equal(centred, alone.expand(-1, 2, -1)), "the centre must not read 6 dB hot"


def test_polarity_of_the_detector_does_not_matter() -> None:
    audio = programme(48_000, 2)
    assert torch.equal(compressor(-audio, 48_000, -30.0, 4.0), -compressor(audio, 48_000, -30.0, 4.0))


def test_mix_of_zero_is_dry_and_makeup_is_on_the_compressed_path_only() -> None:
    audio = programme(48_000, 2)
    assert torch.equal(compressor(audio, 48_000, -40.0, 8.0, makeup_db=12.0, mix=0.0), audio)
    raised = compressor(audio, 48_000, -40.0, 1.0, makeup_db=6.0)
    assert torch.allclose(raised, audio * 10 ** (6 / 20), atol=1e-15)


@pytest.mark.parametrize("process", [compressor, gate, deesser], ids=lambda process: process.__name__)
def test_gradient_at_rest_tells_attack_from_release(process) -> None:
    """At ratio 1 every gain is 0 dB; the slope there must be that of a ratio just above 1, attack and all."""
    audio = programme(48_000, 2, seed=5)
    setting = {"threshold_db": -30.0, "attack_ms": 1.0, "release_ms": 200.0}
    ratio = torch.ones(1, dtype=DB, requires_grad=True)
    out = process(audio, 48_000, ratio=ratio, **setting)
    torch.testing.assert_close(out, audio, rtol=0, atol=1e-12)
    (gradient,) = torch.autograd.grad((out * audio).sum(), ratio)
    moved = process(audio, 48_000, ratio=1.0 + 1e-6, **setting)
    assert gradient.item() == pytest.approx(float(((moved - audio) * audio).sum()) / 1e-6, rel=1e-4)


@pytest.mark.parametrize("process", [gate, deesser], ids=lambda process: process.__name__)
def test_gradient_at_no_range_tells_attack_from_release(process) -> None:
    audio = programme(48_000, 2, seed=5)
    setting = {"threshold_db": -30.0, "ratio": 4.0, "attack_ms": 1.0, "release_ms": 200.0}
    range_db = torch.zeros(1, dtype=DB, requires_grad=True)
    out = process(audio, 48_000, range_db=range_db, **setting)
    torch.testing.assert_close(out, audio, rtol=0, atol=1e-12)
    (gradient,) = torch.autograd.grad((out * audio).sum(), range_db)
    moved = process(audio, 48_000, range_db=1e-6, **setting)
    assert gradient.item() == pytest.approx(float(((moved - audio) * audio).sum()) / 1e-6, rel=1e-4)


@pytest.mark.parametrize("level", [0.0, 1e-30, 1e-9, 1.0, 30.0])
@pytest.mark.parametrize("process", [compressor, gate, deesser], ids=lambda process: process.__name__)
def test_extreme_levels_at_extreme_settings_stay_finite(process, level: float) -> None:
    lowest = {"compressor": -80.0, "gate": 0.0, "deesser": -70.0}[process.__name__]
    for shape in (torch.ones(1, 2, 1000), (torch.arange(1000) % 40 < 20).float().expand(1, 2, -1) * 2 - 1):
        audio = (shape * level).requires_grad_()
        ratio = torch.tensor([20.0], requires_grad=True)
        out = process(audio, 44_100, lowest, ratio)
        out.square().sum().backward()
        for tensor in (out, audio.grad, ratio.grad):
            assert torch.isfinite(tensor).all()
        assert float(out.detach().abs().max()) <= level * 2.0001


def test_is_full_band_at_the_lowest_position_only() -> None:
    assert is_full_band(5.0)
    assert not is_full_band(5.1)


def test_out_of_range_is_named() -> None:
    audio = torch.zeros(1, 1, 8)
    with pytest.raises(ParameterError, match=r"compressor\.ratio=0\.5 :1 is outside 1 to 20 :1"):
        compressor(audio, 44_100, -20.0, 0.5)
    with pytest.raises(ParameterError, match=r"gate\.range_db=-1 dB is outside 0 to 90 dB"):
        gate(audio, 44_100, -20.0, 2.0, -1.0)
    with pytest.raises(ParameterError, match=r"deesser\.freq_hz=100 Hz is outside 2000 to 12000 Hz"):
        deesser(audio, 44_100, -20.0, 2.0, 100.0)
