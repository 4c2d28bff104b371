"""A first mix: levels by role whatever the faders were, places, headroom, and a reason for everything."""

from dataclasses import replace

import numpy as np
import pytest

from assistant.recognise import recognised
from assistant.start import levels_lu, start_mix
from assistant.start.places import places
from assistant.start.words import sentences
from console.errors import RequestError
from console.loudness import integrated_lufs
from console.measures import power_spectrum
from console.render import render
from console.settings import Settings, moves
from console.true_peak import true_peak_dbtp
from exchange import demo_folder, load_tracks


def _scaled(song, gains_db):
    tracks = tuple(
        replace(track, audio=(track.audio * 10 ** (gain_db / 20)).astype(np.float32))
        for track, gain_db in zip(song.tracks, gains_db, strict=True)
    )
    return replace(song, tracks=tracks)


def _neutral(song):
    return Settings.neutral([track.name for track in song.tracks])


@pytest.fixture(scope="module")
def started(song):
    return start_mix(song, _neutral(song))


def _levels(song, settings):
    """Each track's loudness at its fader, measured here: rendered alone, dry."""
    found = {}
    import torch

    for track in song.tracks:
        channel = {name: value for name, value in settings.channel(track.name).items() if not name.startswith("send.")}
        one = render(
            {track.name: torch.from_numpy(track.audio)}, Settings(tracks={track.name: channel}), song.sample_rate
        )
        found[track.name] = integrated_lufs(one.tracks[track.name].numpy(), song.sample_rate)
    return found


def test_levels_stand_as_the_roles_say(song, started):
    measured, wanted = _levels(song, started.settings), levels_lu(song)
    for name, level_lu in wanted.items():
        assert measured[name] - measured["Lead Vox"] == pytest.approx(level_lu, abs=0.3)


@pytest.mark.parametrize("gains_db", [(9.0, -12.0, 4.0), (-15.0, 6.0, -3.0)])
def test_the_same_mix_comes_of_stems_at_any_level(song, started, gains_db):
    other = _scaled(song, gains_db)
    again = start_mix(other, _neutral(other))
    one, two = _levels(song, started.settings), _levels(other, again.settings)
    for name in one:
        assert two[name] - two["Lead Vox"] == pytest.approx(one[name] - one["Lead Vox"], abs=0.4)


def test_the_mix_keeps_headroom(started):
    peak = true_peak_dbtp(started.sound.master, 22050)
    assert -6.2 <= peak <= -2.8
    assert peak == pytest.approx(started.sound.true_peak_dbtp, abs=0.05)


def test_rumble_goes_where_studios_cut_it_and_the_bass_stays_whole(song, started):
    assert started.settings.number("Lead Vox", "highpass.on") == 1.0
    assert started.settings.number("Bass DI", "highpass.on") == 0.0
    cut_hz = started.settings.number("Lead Vox", "highpass.freq_hz")
    lead = next(track for track in song.tracks if track.name == "Lead Vox")
    spectrum = power_spectrum(lead.audio, song.sample_rate)
    below = spectrum.power[np.asarray(spectrum.freq_hz) < cut_hz].sum() / spectrum.power.sum()
    assert below <= 0.01


def test_everything_that_moved_has_its_reason(song, started):
    turned = {move.track for move in moves(_neutral(song), started.settings)}
    assert turned == set(started.why)
    text = sentences(started)
    assert all(name in text for name in ("Lead Vox", "Bass DI", "Keys"))
    assert "compressor" in text


def test_what_is_to_stay_stays(song):
    before = _neutral(song).turned({("Keys", "fader.gain_db"): -7.0})
    found = start_mix(song, before, balance=False, tone=False)
    assert {move.parameter for move in moves(before, found.settings)} <= {"stereo.pan"}
    with pytest.raises(RequestError, match="nothing to set"):
        start_mix(song, before, False, False, False)


def test_one_mix_and_silence_are_refused(song):
    alone = replace(song, tracks=song.tracks[:1])
    with pytest.raises(RequestError, match="several tracks"):
        start_mix(alone, _neutral(alone))
    silent = replace(song, tracks=tuple(replace(t, audio=np.zeros_like(t.audio), silent=True) for t in song.tracks))
    with pytest.raises(RequestError, match="silent"):
        start_mix(silent, _neutral(silent))


def _mono(song, *names):
    one = next(track for track in song.tracks if track.name == "Lead Vox")
    return replace(song, tracks=tuple(replace(one, name=name, instrument=what) for name, what in names))


def test_what_carries_the_song_stands_in_the_centre_and_pairs_apart(song):
    band = _mono(
        song, ("Vox", "lead_vocal"), ("Kick", "kick"), ("Gtr 1", "electric_guitar"), ("Gtr 2", "electric_guitar"),
        ("OH R", "overhead"), ("OH L", "overhead"),
    )  # fmt: skip
    found = places(band, levels_lu(band))
    assert found["Vox"] == found["Kick"] == 0.0
    assert found["Gtr 1"] == -found["Gtr 2"] != 0.0
    assert found["OH L"] == -found["OH R"] < 0.0


def test_single_tracks_balance_each_other(song):
    band = _mono(song, ("Keys", "keys"), ("Strings", "strings"), ("Gtr", "acoustic_guitar"))
    found = places(band, levels_lu(band))
    assert found["Keys"] * found["Strings"] < 0.0


@pytest.mark.slow
def test_the_demo_song_with_its_faders_scrambled_comes_back_to_one_balance():
    song = recognised(load_tracks(demo_folder()))
    rng = np.random.default_rng(3)
    off = []
    plain = _levels(song, start_mix(song, _neutral(song)).settings)
    for _ in range(3):
        gains_db = rng.uniform(-12, 12, len(song.tracks))
        scrambled = {(t.name, "fader.gain_db"): round(float(g), 1) for t, g in zip(song.tracks, gains_db, strict=True)}
        found = _levels(song, start_mix(song, _neutral(song).turned(scrambled)).settings)
        off += [abs(found[name] - plain[name]) for name in plain]
    assert max(off) <= 0.3
