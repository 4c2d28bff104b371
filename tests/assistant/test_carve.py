"""Space between tracks: who owns a band, who makes room, and that a turn does it."""

import numpy as np
import pytest

from assistant.carve import carve, is_apart
from assistant.measure import SongSound, hear_song
from assistant.request import Request
from assistant.session import Session
from assistant.turn import Assistant
from benchmarks.edits_material import say_to, song_of
from console.settings import Settings, moves
from ontology import BANDS_HZ

RATE = 44100
HZ = np.array(BANDS_HZ, dtype=float)


def _noise(seed, *parts):
    """Noise with bands (low_hz, high_hz, gain) added up, 3 s."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(size=3 * RATE))
    hz = np.fft.rfftfreq(3 * RATE, 1 / RATE)
    shaped = sum(gain * spectrum * ((hz >= low) & (hz <= high)) for low, high, gain in parts)
    audio = np.fft.irfft(shaped)
    return np.broadcast_to(0.1 * audio / np.sqrt(np.mean(audio**2)), (2, 3 * RATE)).astype(np.float32)


@pytest.fixture(scope="module")
def tracks():
    """A kick that lives at 40-80 Hz and a bass at 100-250 Hz, each with some of the other's; a shaker apart."""
    return {
        "Kick": _noise(1, (40, 80, 1.0), (100, 250, 0.3)),
        "Bass": _noise(2, (40, 80, 0.4), (100, 250, 1.0)),
        "Shaker": _noise(3, (6000, 12000, 1.0)),
    }


def _sound(tracks) -> SongSound:
    song = song_of(tracks)
    return hear_song(song, Settings.neutral(list(tracks)), list(tracks))


def test_each_gives_up_what_the_other_lives_on(tracks):
    cuts = carve(_sound(tracks), ["Kick", "Bass"], RATE)
    low, high = (HZ > 40) & (HZ < 80), (HZ > 110) & (HZ < 240)
    assert cuts["Bass"][low].min() < -1.5
    assert cuts["Bass"][high].min() > -1.0
    assert cuts["Kick"][high].min() < -2.0
    assert cuts["Kick"][low].min() > -1.0
    assert all(cut.max() <= 0.0 and cut.min() >= -8.0 for cut in cuts.values())


def test_tracks_that_share_nothing_give_up_nothing(tracks):
    assert carve(_sound(tracks), ["Kick", "Shaker"], RATE) == {}


@pytest.mark.parametrize(
    ("targets", "direction", "apart"),
    [(("Kick", "Bass"), "-", True), (("Kick",), "-", False), (("Kick", "Bass"), "+", False)],
)
def test_only_less_masking_of_several_tracks_is_a_matter_of_room(targets, direction, apart):
    request = Request(intent="edit", targets=targets, descriptor="masked", direction=direction)
    assert is_apart(request) is apart


def test_a_turn_makes_room_and_measures_it(tracks):
    session = Session(song_of(tracks))
    done = say_to(session, "give me some space between the kick and the bass", Assistant())
    shared = next(m for m in done.measured.measurements if m.what.startswith("band shared"))
    assert shared.after < shared.before - 0.3
    turned = {move.track for move in moves(session.versions[0].settings, session.settings)}
    assert turned
    assert turned <= {"Kick", "Bass"}
    assert "out of the way" in done.reply


def test_nothing_shared_is_said(tracks):
    done = say_to(song_of(tracks), "space between the kick and the shaker", Assistant())
    assert not done.moved
    assert "hardly share a band" in done.reply
