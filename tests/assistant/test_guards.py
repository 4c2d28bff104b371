"""What an edit must not cost: mono, sibilance, neighbours; problems go to the tracks that make them."""

import numpy as np
import pytest

from assistant.guards import guard
from assistant.limits import limited
from assistant.measure import SongSound
from assistant.request import MIX, Request
from assistant.session import Session
from assistant.share_out import share_out
from console.settings import Settings
from ontology import BANDS_HZ, load_ontology

ONTOLOGY = load_ontology()
RATE = 22050


def _sound(master, range_lu=6.0):
    return SongSound(Settings(), master.astype(np.float32), {}, -20.0, -3.0, {}, {}, {}, range_lu)


def _noise(seed=0):
    return 0.1 * np.random.default_rng(seed).standard_normal(2 * RATE)


def _guarded(before, after, word="warm", **values):
    request = Request(intent="edit", targets=(MIX,), descriptor=word, **values)
    return guard({MIX: [request]}, before, after, RATE, ONTOLOGY, {MIX: "mix"})


def test_what_is_lost_in_mono_is_told():
    one, other = _noise(0), _noise(1)
    wide = _guarded(_sound(np.stack((one, one))), _sound(np.stack((one, 0.6 * other - 0.4 * one))))
    assert any("mono" in note for note in wide.notes)
    assert not _guarded(_sound(np.stack((one, one))), _sound(np.stack((one, one)))).notes


def test_a_smaller_loudness_range_is_told():
    audio = np.stack((_noise(), _noise()))
    assert any("loudness range" in note for note in _guarded(_sound(audio, 9.0), _sound(audio, 4.0)).notes)


def test_a_neighbour_that_was_not_wanted_is_always_told():
    audio = np.stack((_noise(), _noise()))
    notes = _guarded(_sound(audio), _sound(audio), constraints=("without:muddy",)).notes
    assert any("muddy" in note for note in notes)


def test_limits_hold_inside_the_band_and_loosen_outside():
    request = Request(intent="edit", targets=(MIX,), descriptor="warm", constraints=("without:muddy",))
    held = limited(np.full(40, 6.0), [request], ONTOLOGY, "mix")
    hz = np.array(BANDS_HZ)
    assert held[(hz > 210) & (hz < 490)].max() == pytest.approx(1.0)
    assert held[hz > 2000].min() == 6.0


def test_boom_is_mended_where_the_lows_are(song):
    session = Session(song)
    request = Request(intent="edit", targets=(MIX,), descriptor="boomy", direction="-")
    assert list(share_out({MIX: [request]}, session, session.settings, ONTOLOGY)) == ["Bass DI"]


def test_what_is_no_problem_stays_with_the_mix(song):
    session = Session(song)
    request = Request(intent="edit", targets=(MIX,), descriptor="warm")
    assert list(share_out({MIX: [request]}, session, session.settings, ONTOLOGY)) == [MIX]
