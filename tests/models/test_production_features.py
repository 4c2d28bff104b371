import pytest
import torch

from console.errors import AudioShapeError
from console.strip import strip
from models import BAND_CENTRES_HZ, PARTS, ProductionFeatures

RATE = 44100
ENCODER = ProductionFeatures()


@pytest.fixture
def music():
    generator = torch.Generator().manual_seed(3)
    time_s = torch.arange(2 * RATE) / RATE
    beat = torch.exp(-(time_s % 0.5) * 12)
    tones = sum(torch.sin(2 * torch.pi * f * time_s) / f**0.5 for f in (110.0, 440.0, 1320.0, 5000.0))
    noise = torch.randn(2, time_s.numel(), generator=generator)
    return (0.3 * beat * tones + 0.02 * noise)[None]


def _moved(music, **values):
    values = {name.replace("__", "."): value for name, value in values.items()}
    return (ENCODER.measure(strip(music, RATE, values), RATE) - ENCODER.measure(music, RATE))[0]


def test_level_changes_nothing(music):
    for gain in (0.01, 0.1, 4.0):
        assert torch.allclose(ENCODER.embed(gain * music, RATE), ENCODER.embed(music, RATE), atol=2e-3)


def test_shape_is_as_promised(music):
    embedding = ENCODER.embed(music, RATE)
    assert embedding.shape == (1, ENCODER.dimensions)
    assert sorted(index for part in PARTS.values() for index in range(part.start, part.stop)) == list(
        range(ENCODER.dimensions)
    )


def test_a_batch_equals_its_items(music):
    batch = torch.cat((music, music.flip(-1)))
    assert torch.allclose(ENCODER.embed(batch, RATE)[1:], ENCODER.embed(music.flip(-1), RATE), atol=1e-5)


def test_a_bell_shows_in_its_band(music):
    change = _moved(music, eq__bell_2_gain_db=9.0, eq__bell_2_freq_hz=1320.0, eq__bell_2_q=2.0)[PARTS["spectrum"]]
    assert BAND_CENTRES_HZ[int(change.argmax())] == pytest.approx(1320.0, rel=0.2)


def test_compression_lowers_the_crest_and_the_swing(music):
    change = _moved(
        music,
        compressor__ratio=8.0,
        compressor__threshold_db=-35.0,
        compressor__attack_ms=0.05,
        compressor__release_ms=20.0,
    )
    assert change[PARTS["crest"]] < -1.0
    assert change[PARTS["spread"]][:2].max() < -0.3


def test_width_moves_the_side(music):
    assert _moved(music, stereo__width=2.0)[PARTS["width"]].min() > 3.0
    assert _moved(music, stereo__width=0.5)[PARTS["width"]].max() < -3.0


def test_pan_moves_the_lean(music):
    assert _moved(music, stereo__pan=0.5)[PARTS["lean"]] > 3.0


@pytest.mark.parametrize("samples", [1, 100, 4095, 4096, 4097])
@pytest.mark.parametrize("rate", [22050, 48000, 192000])
def test_short_and_silent_audio_give_finite_vectors_and_gradients(samples, rate):
    for audio in (torch.zeros(1, 2, samples), torch.full((1, 2, samples), 0.5)):
        audio.requires_grad_(True)
        embedding = ENCODER.embed(audio, rate)
        embedding.sum().backward()
        assert embedding.isfinite().all()
        assert audio.grad.isfinite().all()


def test_the_gradient_is_the_slope(music):
    audio = music[..., :8192].clone()
    direction = torch.randn(audio.shape, generator=torch.Generator().manual_seed(5)) * audio.std()
    audio.requires_grad_(True)
    weights = torch.linspace(-1, 1, ENCODER.dimensions)
    (ENCODER.embed(audio, RATE) * weights).sum().backward()
    slope = float((audio.grad * direction).sum())
    with torch.no_grad():
        step = 5e-3
        up, down = ((ENCODER.embed(audio + s * direction, RATE) * weights).sum() for s in (step, -step))
    assert float(up - down) / (2 * step) == pytest.approx(slope, rel=0.05)


def test_mono_arrays_are_refused():
    with pytest.raises(AudioShapeError, match="Use stereo"):
        ENCODER.embed(torch.zeros(1, 1, 1000), RATE)
