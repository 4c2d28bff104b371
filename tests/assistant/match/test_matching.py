"""Matching on small songs: known changes are found again, loudness is left alone, what is impossible is said."""

from pathlib import Path

import numpy as np
import pytest
import torch

from assistant.match import Reference, goal_of, match, profile_of, settings_for_match
from assistant.match.matching import distance
from console.errors import AudioFileError, RequestError
from console.render import render
from console.settings import Settings, moves
from exchange import Song, Track

RATE = 22050


def music(seconds=8.0, seed=0, side=0.3):
    """Return (2, samples): decaying noise strokes of pink-like spectrum with some side signal."""
    rng = np.random.default_rng(seed)
    count = int(seconds * RATE)
    spectrum = np.fft.rfftfreq(count, 1 / RATE)
    pink = 1 / np.sqrt(np.maximum(spectrum, 30.0))
    mid, different = (np.fft.irfft(np.fft.rfft(rng.standard_normal(count)) * pink, count) for _ in range(2))
    stroke = 0.15 + np.exp(-5 * np.mod(np.arange(count) / RATE, 0.5))
    audio = np.stack((mid + side * different, mid - side * different)) * stroke
    return (0.1 * audio / audio.std()).astype(np.float32)


def one_file(audio):
    return Song((Track("mix", "mix", "mix", "#888888", audio, Path("mix.wav")),), RATE, audio.shape[1], "a test", ())


def processed(audio, **knobs):
    settings = Settings(tracks={"mix": {name.replace("__", "."): value for name, value in knobs.items()}})
    return render({"mix": torch.from_numpy(audio)}, settings, RATE).master.numpy()


@pytest.fixture(scope="module")
def brighter_and_wider():
    dry = music()
    wanted = processed(
        dry, eq__high_shelf_gain_db=6.0, eq__high_shelf_freq_hz=3000.0, eq__low_shelf_gain_db=-4.0, stereo__width=1.5
    )
    song = one_file(dry)
    reference = Reference(profile_of(wanted, RATE, "wanted"))
    return song, reference, match(song, settings_for_match(song), [reference])


def test_a_known_equaliser_and_width_are_found_again(brighter_and_wider):
    _, reference, found = brighter_and_wider
    assert found.after.spectrum_db == pytest.approx(reference.profile.spectrum_db, abs=1.2)
    assert found.after.width_db == pytest.approx(reference.profile.width_db, abs=0.5)
    assert distance(found.goal, found.after) < 0.15 * distance(found.goal, found.before)


def test_loudness_is_held(brighter_and_wider):
    _, _, found = brighter_and_wider
    assert found.after.loudness_lufs == pytest.approx(found.before.loudness_lufs, abs=0.2)


def test_loudness_is_taken_when_asked():
    dry = music()
    song = one_file(dry)
    reference = Reference(profile_of(dry * 10 ** (-7 / 20), RATE, "quieter"))
    found = match(song, settings_for_match(song), [reference], loudness=True)
    assert found.after.loudness_lufs == pytest.approx(reference.profile.loudness_lufs, abs=0.2)


def test_undone_it_renders_bit_exact(brighter_and_wider):
    song, _, found = brighter_and_wider
    neutral = settings_for_match(song)
    back = found.settings.turned({(m.track, m.parameter): m.before for m in moves(neutral, found.settings)})
    assert back == neutral
    rendered = render({"mix": torch.from_numpy(song.tracks[0].audio)}, back, RATE).master.numpy()
    assert np.array_equal(rendered, song.tracks[0].audio)


def test_only_width_turns_only_width():
    dry = music()
    song = one_file(dry)
    wide = processed(dry, stereo__width=1.6, eq__high_shelf_gain_db=8.0)
    found = match(song, settings_for_match(song), [Reference(profile_of(wide, RATE, "wide"), 1.0, ("width",))])
    turned = {move.parameter for move in moves(settings_for_match(song), found.settings)}
    assert turned <= {"stereo.width", "stereo.pan", "fader.gain_db"}
    assert found.after.width_db > found.before.width_db + 2.0


def test_tone_from_one_width_from_another():
    dry = music()
    now = profile_of(dry, RATE, "now")
    bright = profile_of(processed(dry, eq__high_shelf_gain_db=9.0), RATE, "bright")
    wide = profile_of(processed(dry, stereo__width=1.8), RATE, "wide")
    goal = goal_of(now, [Reference(bright, 1.0, ("tone",)), Reference(wide, 1.0, ("width",))])
    assert goal.width_db == pytest.approx(wide.width_db)
    assert goal.mid_db == pytest.approx(bright.mid_db, abs=1e-6)
    assert goal.crest_db is None


def test_weights_and_amount_scale_the_goal():
    dry = music()
    now = profile_of(dry, RATE, "now")
    one, other = (profile_of(processed(dry, stereo__width=w), RATE, "x") for w in (1.5, 0.5))
    references = [Reference(one, 3.0, ("width",)), Reference(other, 1.0, ("width",))]
    change = 0.75 * (one.width_db - now.width_db) + 0.25 * (other.width_db - now.width_db)
    assert goal_of(now, references).width_db == pytest.approx(now.width_db + change)
    assert goal_of(now, references, 0.5).width_db == pytest.approx(now.width_db + 0.5 * change)


def test_amount_nothing_changes_nothing():
    song = one_file(music())
    reference = Reference(profile_of(processed(song.tracks[0].audio, eq__low_shelf_gain_db=9.0), RATE, "x"))
    found = match(song, settings_for_match(song), [reference], amount=0.0)
    assert moves(settings_for_match(song), found.settings) == []


def test_one_track_is_matched_alone():
    lead, keys = music(seed=1), music(seed=2)
    tracks = tuple(
        Track(n, "keys", "keys", "#888888", a, Path(f"{n}.wav")) for n, a in (("Lead", lead), ("Keys", keys))
    )
    song = Song(tracks, RATE, lead.shape[1], "a test", ())
    dark = processed(lead, eq__high_shelf_gain_db=-9.0, eq__high_shelf_freq_hz=2000.0)
    reference = Reference(profile_of(dark, RATE, "dark"), 1.0, ("tone",))
    found = match(song, settings_for_match(song), [reference], target="Lead")
    assert {move.track for move in moves(settings_for_match(song), found.settings)} == {"Lead"}
    assert found.after.spectrum_db == pytest.approx(reference.profile.spectrum_db, abs=1.5)


def test_a_mono_file_cannot_be_widened_and_is_told_so():
    mono = music(side=0.0)
    song = one_file(mono)
    found = match(
        song, settings_for_match(song), [Reference(profile_of(music(side=0.6), RATE, "wide"), 1.0, ("width",))]
    )
    assert any("mono" in note for note in found.notes)


def test_fewer_peaks_are_reached_with_the_limiter():
    dry = music()
    song = one_file(dry)
    squashed = np.tanh(6.0 * dry).astype(np.float32)
    reference = Reference(profile_of(squashed, RATE, "squashed"), 1.0, ("dynamics",))
    found = match(song, settings_for_match(song), [reference])
    wanted, was = reference.profile.crest_db, found.before.crest_db
    assert was - found.after.crest_db > 0.6 * min(was - wanted, 8.0)
    assert found.after.loudness_lufs == pytest.approx(found.before.loudness_lufs, abs=0.3)


def test_a_stereo_reference_gives_room_to_stems():
    dry = music()
    song = one_file(dry)
    wet = processed(dry, send__reverb_db=-6.0)
    reference = Reference(profile_of(wet, RATE, "wet"), 1.0, ("space",))
    found = match(song, settings_for_match(song), [reference])
    assert found.settings.number("mix", "send.reverb_db") > -60.0
    assert found.after.part("fill") > found.before.part("fill")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda profile: Reference(profile, 1.0, ("colour",)), "cannot be matched"),
        (lambda profile: Reference(profile, 0.0), "weight is above 0"),
        (lambda profile: goal_of(profile, []), "no reference"),
        (lambda profile: goal_of(profile, [Reference(profile)], 2.0), "outside 0 to 1.5"),
    ],
)
def test_wrong_wishes_are_told(make, said):
    with pytest.raises(RequestError, match=said):
        make(profile_of(music(2.0), RATE, "x"))


def test_silence_cannot_be_matched():
    with pytest.raises(AudioFileError, match="silent"):
        profile_of(np.zeros((2, RATE), np.float32), RATE, "nothing")
