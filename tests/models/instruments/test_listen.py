import numpy as np
import pytest
import torch

from console.errors import AudioShapeError
from models.fx_encoder.front_end import SAMPLE_RATE, WINDOW_SAMPLES
from models.fx_encoder.statistics import STATISTICS
from models.instruments.listen import columns, listen, mono

RATE = 44100


def plucks(seconds, rate=RATE, seed=0):
    """Return (1, samples) of decaying tones, twice a second."""
    time_s = np.arange(round(seconds * rate)) / rate
    since = time_s % 0.5
    audio = sum(np.sin(2 * np.pi * 220 * n * since) / n for n in range(1, 20)) * np.exp(-since / 0.2)
    noise = np.random.default_rng(seed).standard_normal(len(time_s))
    return (0.1 * audio + 0.001 * noise).astype(np.float32)[None]


def test_columns_are_some_of_the_statistics():
    assert len(set(columns().tolist())) == len(columns()) < STATISTICS
    assert 0 <= int(columns().min()) <= int(columns().max()) < STATISTICS


@pytest.mark.parametrize("seconds", [0.3, 5.0, 7.3])
def test_a_track_becomes_one_row_of_finite_numbers(seconds):
    heard = listen(plucks(seconds), RATE)
    assert heard.shape == (len(columns()),)
    assert bool(torch.isfinite(heard).all())


@pytest.mark.parametrize(
    "audio",
    [
        np.zeros((2, RATE), np.float32),
        np.full((2, RATE), 0.5, np.float32),
        np.ones((1, 1), np.float32),
        np.zeros((1, 0), np.float32),
        np.full((1, RATE), 1e-5, np.float32) * (-1) ** np.arange(RATE),
    ],
    ids=["silence", "dc", "one sample", "nothing", "very quiet"],
)
def test_nothing_to_judge_is_none(audio):
    assert listen(audio, RATE) is None


def test_a_telephone_rate_is_none():
    assert listen(plucks(6.0, 8000), 8000) is None


def test_a_high_rate_is_heard_like_a_common_one():
    low, high = listen(plucks(5.0), RATE), listen(plucks(5.0, 192000), 192000)
    assert float((low - high).abs().median()) < 1.0  # dB; the noise is another one


def test_level_channels_and_offset_do_not_matter():
    audio = plucks(5.0)
    heard = listen(audio, RATE)
    for other in (0.1 * audio, np.repeat(audio, 2, axis=0), np.stack((audio[0], -audio[0])), audio + 0.2):
        assert (
            float((listen(other, RATE) - heard).abs().quantile(0.95)) < 0.05
        )  # a few follow onsets in the noise floor


def test_the_loudest_windows_are_heard():
    audio = np.concatenate((0.01 * plucks(60.0, seed=1), plucks(5.0), 0.01 * plucks(60.0, seed=2)), axis=1)
    torch.testing.assert_close(listen(audio, RATE), listen(audio[:, 60 * RATE : 65 * RATE], RATE), atol=0.5, rtol=0.05)


def test_two_sides_that_cancel_leave_the_louder_one():
    audio = torch.randn((2, 100), generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(mono(audio[:1]), audio[0])
    torch.testing.assert_close(mono(torch.stack((audio[0], -0.9 * audio[0]))), audio[0])


@pytest.mark.parametrize(
    ("audio", "rate", "why"),
    [
        (np.zeros(RATE), RATE, "is not"),
        (np.zeros((3, RATE)), RATE, "is not"),
        (np.ones((2, RATE)), 0, "sample_rate=0"),
        (np.full((2, RATE), np.nan), RATE, "no numbers"),
    ],
)
def test_what_is_no_track_is_refused(audio, rate, why):
    with pytest.raises(AudioShapeError, match=why):
        listen(audio, rate)


def test_a_window_is_five_seconds():
    assert WINDOW_SAMPLES == 5 * SAMPLE_RATE
