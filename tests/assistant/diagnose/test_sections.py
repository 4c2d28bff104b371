"""Stretches of a song against the rest of it, and a mix against its reference."""

from dataclasses import replace

import numpy as np
import pytest

from assistant.diagnose import Ear, Reference, findings_of
from assistant.diagnose.answers import figure_of
from assistant.diagnose.contrast import Blocks, compared
from assistant.diagnose.expectations import expectations
from assistant.diagnose.reference import find_against
from assistant.diagnose.remeasure import outcome, reading_again
from assistant.diagnose.sections import find_sections
from assistant.diagnose.wording import tell_finding
from assistant.session import Session
from assistant.turn import Assistant
from benchmarks.diagnose_faults import FAULTS, gain_fault
from benchmarks.diagnose_sections import SECTION_FAULTS, spoilt_stretch

_SPAN_S = (14.0, 25.0)
_LONG_S = 40.0


@pytest.fixture(scope="module")
def playing(sounds):
    """Forty seconds of hits over a bed, each bar a little different."""
    return (sounds.hits(_LONG_S, rate_hz=3.0) + 0.5 * sounds.noise(_LONG_S, seed=4)).astype(np.float32)


@pytest.fixture(scope="module")
def muddy_part(sounds, playing):
    spoilt = spoilt_stretch(playing, sounds.RATE, FAULTS["muddy"], _SPAN_S, 1)
    return sounds.song({"Keys": ("keys", spoilt), "Bass": ("bass", sounds.noise(_LONG_S, seed=2, slope=2.0))})


def test_nothing_is_told_where_the_song_goes_on_as_it_was(sounds, playing):
    assert find_sections(sounds.heard_mix(playing)) == []


def test_a_short_song_has_no_sections(sounds, playing):
    spoilt = spoilt_stretch(playing, sounds.RATE, FAULTS["muddy"], _SPAN_S, 1)
    assert find_sections(sounds.heard_mix(spoilt[:, : 30 * sounds.RATE])) == []


@pytest.mark.parametrize("fault", ["nasal", "thin", "overpowering"])
def test_a_fault_in_a_stretch_of_a_mix_is_told_with_its_times(sounds, playing, fault):
    spoilt = spoilt_stretch(playing, sounds.RATE, SECTION_FAULTS[fault], _SPAN_S, 1)
    (found,) = find_sections(sounds.heard_mix(spoilt))
    assert found.problem == fault
    assert found.time_s[0] == pytest.approx(_SPAN_S, abs=1.5)
    assert found.against == "song"
    assert found.severity < 0.5, "in a mix alone it is a hint"
    assert "rest of this song" in found.evidence.expected
    assert found.say.endswith("from {} to {}".format(*(f"0:{at:02.0f}" for at in found.time_s[0])))


def test_a_part_at_another_level_is_buried_there(sounds, playing):
    quiet = spoilt_stretch(playing, sounds.RATE, SECTION_FAULTS["buried"], _SPAN_S, 1)
    hearing = sounds.heard({"Keys": ("keys", quiet), "Bass": ("bass", sounds.noise(_LONG_S, seed=2, slope=2.0))})
    (found,) = find_sections(hearing)
    assert (found.problem, found.tracks) == ("buried", ("Keys",))
    assert found.evidence.value == pytest.approx(-10.0, abs=2.0)
    assert reading_again(found, hearing) == pytest.approx(found.evidence.value, abs=1.0)


def test_a_part_that_enters_is_an_arrangement(sounds, playing):
    low = sounds.noise(_LONG_S, seed=3, slope=3.0)
    low[:, : int(20 * sounds.RATE)] = 0.0
    hearing = sounds.heard({"Keys": ("keys", playing), "Bass": ("bass", low)})
    assert find_sections(hearing) == []


def test_its_sentence_mends_that_stretch_alone(muddy_part):
    session, ear = Session(muddy_part), Ear()
    before = ear.listen(session)
    finding = next(one for one in findings_of(before) if one.against == "song")
    assert (finding.problem, finding.tracks) == ("muddy", ("Keys",))
    assert "from 0:14 to 0:25" in tell_finding(finding, 1)
    assert "the rest of the song" in figure_of(finding, before).layout.title.text
    list(Assistant().take_turn(session, finding.say))
    (region,) = session.settings.regions
    assert (region.start_s, region.end_s) == (14.0, 25.0)
    result = outcome(finding, before, ear.listen(session))
    assert result.halved
    assert result.new == ()


def test_a_reference_decides_about_the_tone_of_the_mix(sounds, playing):
    spoilt = spoilt_stretch(playing, sounds.RATE, FAULTS["harsh"], (0.0, _LONG_S), 1)
    reference = Reference("good.wav", sounds.heard_mix(playing[:, : 20 * sounds.RATE]))
    hearing = replace(sounds.heard_mix(spoilt), reference=reference)
    found = find_against(hearing)
    assert [one.problem for one in found] == ["harsh"]
    assert "good.wav" in found[0].evidence.expected
    assert found[0].evidence.value == pytest.approx(reading_again(found[0], hearing), abs=0.01)
    assert "good.wav" in figure_of(found[0], hearing).layout.title.text
    toned = [one for one in findings_of(hearing) if one.tracks == ("mix",) and one.problem in ("harsh", "dull", "thin")]
    assert all(one.against == "reference" for one in toned)
    assert find_against(replace(hearing, reference=Reference("same.wav", hearing))) == []


def test_what_is_unlike_in_other_ways_is_less_certain():
    contrast = expectations().contrast
    bell = np.zeros(40)
    bell[14:18] = 6.0
    other = bell + 8.0 * np.sign(np.sin(np.arange(40) * 2.0))
    assert compared(other, contrast, "boxy")[1] > 2 * compared(bell, contrast, "boxy")[1]


def test_blocks_are_no_more_than_120(sounds):
    signal = sounds.measured(sounds.noise(10.0))
    assert len(Blocks.of(signal).levels_db) == pytest.approx(10, abs=1)
    long = replace(signal, cells=np.ones((1024, 40)), cell_s=0.37, samples=int(1024 * 0.37 * sounds.RATE))
    assert len(Blocks.of(long).levels_db) <= 120


def test_levels_are_turned_by_the_same_amount_at_every_place(sounds):
    audio = sounds.noise(1.0)
    turned, _ = gain_fault((1, 6, 12))(audio, sounds.RATE, 1, np.random.default_rng(0))
    np.testing.assert_allclose(turned, audio * 10 ** (6 / 20), rtol=1e-5)
