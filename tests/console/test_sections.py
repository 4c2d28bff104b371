"""Sections: heard where they are, gone where they are not, bit for bit."""

import itertools

import pytest
import torch

from console.desk import mix
from console.errors import SettingsError
from console.kept import KeptStrips
from console.render import render, render_blocks
from console.sections import RAMP_S, layers
from console.settings import Settings, moves

RATE = 8000
SECONDS = 6
NAMES = ["Vox", "Gtr", "Kick"]
EDITED = {
    ("Vox", "eq.bell_1_gain_db"): 6.0,
    ("Vox", "eq.bell_1_freq_hz"): 400.0,
    ("Vox", "compressor.ratio"): 4.0,
    ("Vox", "compressor.threshold_db"): -40.0,
    ("Vox", "fader.gain_db"): 2.0,
}
BASE = {
    ("Vox", "compressor.ratio"): 2.0,
    ("Gtr", "saturation.mix"): 0.4,
    ("Gtr", "send.reverb_db"): -6.0,
    ("master", "compressor.ratio"): 2.0,
    ("master", "compressor.threshold_db"): -20.0,
    ("master", "limiter.on"): 1.0,
}


@pytest.fixture(scope="module")
def tracks() -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(5)
    return {
        name: 0.2 * torch.randn(1 + (name == "Gtr"), SECONDS * RATE, generator=generator).cumsum(-1).sin()
        for name in NAMES
    }


def settings(changes=EDITED, time_s=(2.0, 3.5)) -> Settings:
    return Settings.neutral(NAMES, {"Kick": "drums"}).turned(BASE).turned(changes, time_s)


def outside(time_s, ramp_s=RAMP_S, fall_s=RAMP_S) -> torch.Tensor:
    at = torch.arange(SECONDS * RATE) / RATE
    return (at < time_s[0] - ramp_s - 1e-4) | (at >= time_s[1] + fall_s)


def inside(time_s) -> torch.Tensor:
    at = torch.arange(SECONDS * RATE) / RATE
    return (at >= time_s[0]) & (at < time_s[1])


@pytest.mark.parametrize("block_samples", [3001, 1 << 18])
def test_nothing_is_there_outside_and_everything_inside(tracks, block_samples) -> None:
    automated = settings()
    got = render(tracks, automated, RATE, block_samples)
    off = render(tracks, automated.whole(), RATE, block_samples)
    on = render(tracks, automated.within((2.0, 3.5)), RATE, block_samples)
    away, there = outside((2.0, 3.5)), inside((2.0, 3.5))
    for kind in ("master", "tracks", "groups", "buses"):
        parts = [getattr(part, kind) for part in (got, off, on)]
        for one, without, with_it in [parts] if kind == "master" else zip(*(p.values() for p in parts), strict=True):
            assert torch.equal(one[:, away], without[:, away])
            assert torch.equal(one[:, there], with_it[:, there])
    assert not torch.equal(got.master[:, there], off.master[:, there])
    for name in ("Gtr", "Kick"):
        assert torch.equal(got.tracks[name], off.tracks[name])


def test_a_ramp_goes_over_without_a_step() -> None:
    """On a steady tone the level moves from one state to the other and never jumps."""
    tone = {"A": torch.sin(2 * torch.pi * 100 * torch.arange(SECONDS * RATE) / RATE)[None] * 0.3}
    automated = Settings.neutral(["A"]).turned({("A", "fader.gain_db"): -20.0}, (2.0, 3.5))
    got = render(tone, automated, RATE).master[0]
    steepest = float((tone["A"][0, 1:] - tone["A"][0, :-1]).abs().max())
    assert float((got[1:] - got[:-1]).abs().max()) < 1.1 * steepest
    start = round((2.0 - RAMP_S) * RATE)
    peaks = got[start : 2 * RATE].abs().reshape(-1, RATE // 200).amax(dim=1)  # half a period each
    assert all(one >= other - 1e-6 for one, other in itertools.pairwise(peaks.tolist()))
    assert float(peaks[0]) > 0.25
    assert float(peaks[-1]) < 0.06


def test_a_turned_send_rings_on_past_its_section(tracks) -> None:
    automated = settings({("Vox", "send.reverb_db"): 0.0})
    (layer,) = layers(automated, RATE, SECONDS * RATE)
    assert layer.fall == round(0.8 * RATE)
    got, off = (render(tracks, part, RATE).master for part in (automated, automated.whole()))
    away = outside((2.0, 3.5), fall_s=0.8)
    assert torch.equal(got[:, away], off[:, away])
    tail = (got - off)[:, round(3.55 * RATE) : round(3.9 * RATE)]
    assert float(tail.abs().max()) > 1e-3


def test_a_shorter_section_lies_on_a_longer_one(tracks) -> None:
    both = settings().turned({("Vox", "fader.gain_db"): -9.0, ("Kick", "fader.gain_db"): 3.0}, (2.5, 3.0))
    states = sorted(layers(both, RATE, SECONDS * RATE), key=lambda layer: layer.start)
    assert [(layer.start / RATE, layer.stop / RATE) for layer in states] == [(2.0, 2.5), (2.5, 3.0), (3.0, 3.5)]
    assert [layer.settings.number("Vox", "fader.gain_db") for layer in states] == [2.0, -9.0, 2.0]
    assert all(layer.settings.number("Vox", "eq.bell_1_gain_db") == 6.0 for layer in states)
    got = render(tracks, both, RATE)
    middle = render(tracks, both.within((2.5, 3.0)), RATE)
    there = inside((2.5, 3.0))
    assert torch.equal(got.master[:, there], middle.master[:, there])


def test_sections_at_the_ends_and_past_the_song(tracks) -> None:
    for time_s in ((0.0, 1.0), (5.0, 6.0), (5.5, 99.0)):
        automated = settings(time_s=time_s)
        got, off = (render(tracks, part, RATE) for part in (automated, automated.whole()))
        assert got.master.shape == off.master.shape
        assert torch.equal(got.master[:, outside(time_s)], off.master[:, outside(time_s)])
        assert not torch.equal(got.master, off.master)
    assert layers(settings(time_s=(7.0, 9.0)), RATE, SECONDS * RATE) == []


def test_one_piece_refuses_what_changes_within_the_song(tracks) -> None:
    with pytest.raises(SettingsError, match="change within the song"):
        mix(tracks, settings(), RATE)


def test_kept_strips_give_the_same_bits_and_only_the_turned_one_runs(tracks, monkeypatch) -> None:
    ran = []
    from console import desk

    real = desk.strip

    def counted(audio, *args, **options):
        ran.append(audio.shape[0])
        return real(audio, *args, **options)

    monkeypatch.setattr(desk, "strip", counted)
    kept = KeptStrips()

    def read(start, stop):
        return {name: audio[:, start:stop] for name, audio in tracks.items()}

    def play(what, strips):
        ran.clear()
        parts = list(render_blocks(read, SECONDS * RATE, what, RATE, 20_000, kept=strips))
        return torch.cat([part.master for part in parts], dim=-1), len(ran)

    start = settings().whole().turned({(name, "eq.low_shelf_gain_db"): 2.0 for name in NAMES})
    first, all_strips = play(start, kept)
    again, none = play(start, kept)
    assert torch.equal(first, again)
    turned = start.turned({("Vox", "eq.bell_2_gain_db"): -4.0, ("Kick", "send.reverb_db"): -20.0})
    with_kept, one = play(turned, kept)
    without, _ = play(turned, None)
    assert torch.equal(with_kept, without)
    blocks = 3
    assert (all_strips - none, one - none) == (3 * blocks, blocks)  # Vox anew; a send is no part of Kick's strip


def test_kept_strips_stay_within_their_bytes() -> None:
    kept = KeptStrips(most_bytes=1000)
    for number in range(4):
        kept.keep(number, [torch.zeros(1, 2, 50)])
    assert kept.used_bytes == 800
    assert kept.find(0) is None
    assert kept.find(3) is not None


def test_regions_in_settings() -> None:
    start = settings()
    assert Settings.from_json(start.to_json()) == start
    assert Settings.from_json('{"version": 1, "tracks": {"A": {}}}').regions == ()
    back = start.turned({key: start.get(*key) for key in EDITED}, (2.0, 3.5))
    assert back == start.whole()
    assert start.within((2.2, 3.0)).get("Vox", "fader.gain_db") == 2.0
    assert start.within((1.0, 3.0)).get("Vox", "fader.gain_db") == 0.0
    for text in (
        '{"tracks": {"A": {}}, "regions": [{"start_s": 3, "end_s": 2, "channels": {}}]}',
        '{"tracks": {"A": {}}, "regions": [{"start_s": 0, "end_s": 1e999, "channels": {}}]}',
    ):
        with pytest.raises(SettingsError, match="cannot last from"):
            Settings.from_json(text)
    with pytest.raises(SettingsError, match="'B', which is no channel"):
        Settings.from_json(
            '{"tracks": {"A": {}}, "regions": [{"start_s": 0, "end_s": 2, "channels": {"B": {"fader.gain_db": 1}}}]}'
        )


def test_moves_of_a_section_say_when_and_rebuild_it() -> None:
    start = Settings.neutral(NAMES).turned({("Vox", "fader.gain_db"): -2.0})
    end = start.turned(EDITED, (2.0, 3.5)).turned({("Gtr", "stereo.pan"): 0.5})
    turned = moves(start, end)
    assert {move.time_s for move in turned if move.track == "Vox"} == {(2.0, 3.5)}
    fader = next(move for move in turned if move.parameter == "fader.gain_db")
    assert (fader.before, fader.after) == (-2.0, 2.0)
    rebuilt = start
    for move in turned:
        rebuilt = rebuilt.turned({(move.track, move.parameter): move.after}, move.time_s)
    assert rebuilt == end
    assert [move.after for move in moves(end, start) if move.parameter == "fader.gain_db"] == [-2.0]


def test_a_track_alone_keeps_its_sections_and_drops_its_sends(tracks) -> None:
    automated = settings().turned({("Vox", "send.reverb_db"): 0.0, ("Kick", "fader.gain_db"): 3.0}, (4.0, 5.0))
    alone = automated.turned({("Vox", "send.delay_db"): -3.0}).alone("Vox")
    assert [region.time_s for region in alone.regions] == [(2.0, 3.5)]
    assert "send.delay_db" not in alone.tracks["Vox"]
    own = render({"Vox": tracks["Vox"]}, alone, RATE).tracks["Vox"]
    assert torch.equal(own, render(tracks, automated, RATE).tracks["Vox"])
