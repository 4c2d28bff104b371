"""Amounts of an edit: exact at the ends, monotone, honest in loudness, part by part."""

import numpy as np
import pytest

from assistant.amount import amount_now, rescale
from assistant.measure import hear_song
from assistant.orders import carry_out, set_amount
from assistant.parts import PARTS, all_but, part_named, part_of
from assistant.request import Request
from assistant.track_level import track_loudness_lufs
from console.errors import RequestError
from console.parameters import spec, specs_of

EDIT = {
    ("Lead Vox", "eq.high_shelf_gain_db"): 6.0,
    ("Lead Vox", "eq.bell_1_gain_db"): -4.0,
    ("Lead Vox", "compressor.ratio"): 4.0,
    ("Lead Vox", "compressor.threshold_db"): -30.0,
    ("Lead Vox", "fader.gain_db"): 4.0,
    ("Bass DI", "eq.low_shelf_gain_db"): -3.0,
}


@pytest.fixture
def edited(session):
    """Keys turned, then an edit on voice and bass whose fader holds the voice's loudness."""
    session.add("keys down", session.settings.turned({("Keys", "fader.gain_db"): -2.0}))
    before = track_loudness_lufs(session.song, session.settings, "Lead Vox")
    settings = session.settings.turned(EDIT)
    off = before - track_loudness_lufs(session.song, settings, "Lead Vox")
    fader = settings.number("Lead Vox", "fader.gain_db") + round(off, 1)
    session.add("brighter", settings.turned({("Lead Vox", "fader.gain_db"): fader}))
    return session


def take(order):
    """Run an order and return (events, sentence)."""
    events = []
    while True:
        try:
            events.append(next(order))
        except StopIteration as end:
            return events, end.value


def curve_db(session, settings, name="Lead Vox"):
    """Return the level in octaves of a track as it comes out."""
    audio = hear_song(session.song, settings, [name]).tracks[name].mean(axis=0)
    power = np.abs(np.fft.rfft(audio)) ** 2
    freqs = np.fft.rfftfreq(audio.size, 1 / session.song.sample_rate)
    return np.array([10 * np.log10(power[(freqs > low) & (freqs <= 2 * low)].sum()) for low in (250, 1000, 4000)])


def test_the_ends_are_exact_and_each_move_is_a_version(edited):
    before, full = edited.versions[1].settings, edited.settings
    take(set_amount(edited, "none of it", 0.0))
    assert edited.settings == before
    assert (edited.current, edited.version.parent, edited.version.of) == (3, 2, 2)
    take(set_amount(edited, "all of it", 1.0))
    assert edited.settings == full
    events, said = take(set_amount(edited, "all of it", 1.0))
    assert events == []
    assert "already" in said
    assert edited.current == 4
    for version in edited.versions:
        assert edited.replay(version.number) == version.settings
    assert edited.undo(2).settings == full


def test_amounts_are_monotone_and_loudness_is_held(edited):
    before, full = edited.versions[1].settings, edited.settings
    loudness = track_loudness_lufs(edited.song, before, "Lead Vox")
    tilts = []
    for amount in (0.0, 0.25, 0.5, 1.0, 1.5):
        settings = rescale(edited, amount).settings
        low, _, high = curve_db(edited, settings)
        tilts.append(high - low)
        assert track_loudness_lufs(edited.song, settings, "Lead Vox") == pytest.approx(loudness, abs=0.15)
    assert tilts == sorted(tilts)
    assert tilts[-1] - tilts[3] > 1.0
    assert rescale(edited, 1.0).settings == full


def test_the_untouched_stay_bit_identical(edited):
    one = hear_song(edited.song, edited.settings, ["Keys"])
    other = hear_song(edited.song, rescale(edited, 0.3).settings, ["Keys"])
    assert np.array_equal(one.tracks["Keys"], other.tracks["Keys"])


def test_parts_have_amounts_of_their_own(edited):
    full = edited.settings
    take(set_amount(edited, "without the eq", 0.0, ["eq"]))
    vox = edited.settings.tracks["Lead Vox"]
    assert not any(name.startswith("eq.") for name in vox)
    assert vox["compressor.ratio"] == 4.0
    assert edited.settings.tracks["Bass DI"] == {}
    take(set_amount(edited, "half the compression", 0.5, ["compression"]))
    assert edited.settings.number("Lead Vox", "compressor.ratio") == 1.6
    assert not any(name.startswith("eq.") for name in edited.settings.tracks["Lead Vox"])
    assert amount_now(edited) is None
    take(set_amount(edited, "all of it again", 1.0))
    assert edited.settings == full
    assert amount_now(edited) == 1.0
    assert [share.parts for share in edited.version.shares] == [()]


def test_only_the_eq_part_is_as_loud_as_before_the_edit(edited):
    before = edited.versions[1].settings
    wanted = track_loudness_lufs(edited.song, before, "Lead Vox")
    _, said = take(
        carry_out(
            edited, "keep only the eq", Request(intent="edit", numbers={"amount": 0.0}, constraints=("except:eq",))
        )
    )
    vox = edited.settings.tracks["Lead Vox"]
    assert "compressor.ratio" not in vox
    assert vox["eq.high_shelf_gain_db"] == 6.0
    assert track_loudness_lufs(edited.song, edited.settings, "Lead Vox") == pytest.approx(wanted, abs=0.1)
    assert "the rest of it" in said


def test_taking_back_on_one_track_or_of_an_earlier_edit(edited):
    take(carry_out(edited, "undo that on the bass", Request(intent="undo", targets=("Bass DI",))))
    assert edited.settings.tracks["Bass DI"] == {}
    assert edited.settings.tracks["Lead Vox"]
    take(carry_out(edited, "undo the level", Request(intent="undo", targets=("Keys",), constraints=("only:level",))))
    assert edited.settings.tracks["Keys"] == {}
    assert edited.settings.number("Lead Vox", "eq.high_shelf_gain_db") == 6.0
    assert edited.version.of == 1
    take(set_amount(edited, "and half the vocal", 0.5, (), ["Lead Vox"]))
    assert edited.settings.number("Lead Vox", "eq.high_shelf_gain_db") == 3.0
    assert edited.settings.tracks["Keys"] == {}, "an earlier edit's amount stays"


def test_what_was_turned_again_is_not_rescaled_behind_your_back(edited):
    edited.add("keys up", edited.settings.turned({("Keys", "fader.gain_db"): 1.0}))
    edited.add("darker", edited.settings.turned({("Lead Vox", "eq.high_shelf_gain_db"): -2.0}))
    take(set_amount(edited, "undo the compression", 0.0, ["compression"]))
    assert "compressor.ratio" not in edited.settings.tracks["Lead Vox"]
    assert edited.settings.number("Lead Vox", "eq.high_shelf_gain_db") == -2.0
    take(set_amount(edited, "half of the vocal", 0.5, (), ["Lead Vox"]))
    assert edited.version.of == 2, "the compression part was spoken of last"
    assert edited.settings.number("Lead Vox", "eq.high_shelf_gain_db") == -2.0, "a later edit stays"
    edited.undo(2)
    take(set_amount(edited, "half of the eq", 0.5, ["eq"], ["Lead Vox"]))
    assert edited.version.of == 4
    assert edited.settings.number("Lead Vox", "eq.high_shelf_gain_db") == 2.0


def test_an_equaliser_that_was_rearranged_goes_half_its_curve(session):
    session.add("first", session.settings.turned({("Keys", "eq.bell_1_gain_db"): -6.0,
                                                  ("Keys", "eq.bell_1_freq_hz"): 250.0}))  # fmt: skip
    session.add("second", session.settings.turned({("Keys", "eq.bell_1_gain_db"): 5.0,
                                                   ("Keys", "eq.bell_1_freq_hz"): 4000.0}))  # fmt: skip
    curves = [curve_db(session, version.settings, "Keys") for version in session.versions[1:]]
    half = curve_db(session, rescale(session, 0.5).settings, "Keys")
    assert half == pytest.approx((curves[0] + curves[1]) / 2, abs=0.8)


def test_amounts_that_cannot_be(session):
    with pytest.raises(RequestError, match="No change turned anything"):
        rescale(session, 0.5)
    session.add("louder", session.settings.turned({("Keys", "fader.gain_db"): 2.0}))
    with pytest.raises(RequestError, match="200 % cannot be set"):
        rescale(session, 2.0)
    with pytest.raises(RequestError, match="No change turned the eq of Keys"):
        rescale(session, 0.5, ["eq"], ["Keys"])
    with pytest.raises(RequestError, match="No part of an edit is called 'flanger'"):
        rescale(session, 0.5, ["flanger"])


def test_a_locked_track_keeps_its_amount(edited):
    edited.lock("Bass DI")
    take(set_amount(edited, "half", 0.5))
    assert edited.settings.number("Bass DI", "eq.low_shelf_gain_db") == -3.0
    assert edited.settings.number("Lead Vox", "eq.high_shelf_gain_db") == 3.0


def test_an_edit_in_a_section_has_an_amount(session):
    session.add("loud chorus", session.settings.turned({("Keys", "fader.gain_db"): 4.0}, (2.0, 4.0)))
    take(set_amount(session, "half", 0.5))
    assert session.settings.within((2.0, 4.0)).number("Keys", "fader.gain_db") == 2.0
    assert session.settings.number("Keys", "fader.gain_db") == 0.0
    take(set_amount(session, "none", 0.0))
    assert session.settings == session.versions[0].settings


def test_every_parameter_belongs_to_one_part():
    for kind in ("track", "group", "master", "reverb", "delay"):
        for entry in specs_of(kind):
            assert sum(bool({entry.name, entry.processor} & set(members)) for members in PARTS.values()) == 1
    assert part_of("highpass.on") == "eq"
    assert part_named("compressor") == "compression"
    assert "eq" not in all_but(["eq"])
    assert spec("send.reverb_db").processor == "send"
    assert part_of("send.reverb_db") == "reverb"
