"""Deeds on a session: what they do to it, what they say, and what they refuse."""

import json
import re

import numpy as np
import pytest
import soundfile
import torch

from assistant.events import Asked, Moved, Offered, Said, Written
from assistant.library import build_library
from assistant.session import Session
from assistant.studio import Studio
from console.loudness import integrated_lufs
from console.measures import width_db
from console.render import render
from exchange import write_audio


def _say(studio, text):
    events = list(studio.take_turn(text))
    assert isinstance(events[-1], Said)
    return events


def _rendered(studio):
    song = studio.session.song
    tracks = {track.name: torch.from_numpy(track.audio) for track in song.tracks}
    found = render(tracks, studio.session.settings, song.sample_rate)
    return found.master.numpy(), found.tracks


def _kinds(said):
    return [chip.kind for chip in said.chips]


def test_an_edit_is_a_version_with_chips_and_is_saved(studio):
    said = _say(studio, "make the keys brighter")[-1]
    assert studio.session.current == 1
    assert {"more", "less", "undo", "a/b", "why"} <= set(_kinds(said))
    assert Session.open(studio.folder).versions == studio.session.versions
    assert _kinds(_say(studio, "undo")[-1]) == ["redo"]


def test_every_chip_says_something_that_is_understood(studio):
    chips = _say(studio, "make the keys warmer")[-1].chips
    assert any(chip.kind == "other reading" for chip in chips)
    for chip in chips:
        plan = studio.plan(chip.say)
        assert plan.question is None, chip
        assert plan.calls, chip
    names = {chip.kind: studio.plan(chip.say).calls[0][0] for chip in chips}
    assert names["other reading"] == "explore"
    assert names["a/b"] == "compare"


def test_a_question_has_its_answers_as_chips(studio):
    events = _say(studio, "the keys")
    asked = next(event for event in events if isinstance(event, Asked))
    assert [chip.say for chip in events[-1].chips] == list(asked.choices)
    assert set(_kinds(events[-1])) == {"answer"}


def test_knobs_are_set_exactly_clamped_and_held(studio):
    said = list(studio.doing("knobs", settings=[{"channel": "keys", "parameter": "compressor.ratio", "value": 3}]))
    assert studio.session.settings.number("Keys", "compressor.ratio") == 3.0
    assert isinstance(said[-1], Said)
    list(studio.doing("knobs", settings=[{"channel": "master", "parameter": "limiter.ceiling_dbtp", "value": 7}]))
    assert "goes from -20 to 0 dBTP; 0 was set" in studio.outcomes[-1].text
    studio.session.lock("Keys")
    list(studio.doing("knobs", settings=[{"channel": "Keys", "parameter": "fader.gain_db", "value": -6}]))
    assert studio.session.settings.number("Keys", "fader.gain_db") == 0.0
    assert "every knob stands there already" in studio.outcomes[-1].text


@pytest.mark.parametrize(
    ("knob", "why"),
    [
        ({"channel": "Tuba", "parameter": "fader.gain_db", "value": 0}, "No track or group is called 'Tuba'"),
        ({"channel": "Keys", "parameter": "limiter.on", "value": 1}, "Keys has no 'limiter.on'"),
        ({"channel": "Keys", "parameter": "eq.bell_9_gain_db", "value": 1}, "It has eq.low_shelf_gain_db"),
        ({"channel": "Keys", "parameter": "fader.gain_db", "value": "loud"}, "is a number"),
        ({"channel": "Keys", "parameter": "saturation.type", "value": "fuzz"}, "one of tape, tube, clip"),
    ],
)
def test_a_knob_that_is_not_there_is_told(studio, knob, why):
    list(studio.doing("knobs", settings=[knob]))
    assert why in studio.outcomes[-1].failed
    assert studio.session.current == 0


def test_exploring_offers_picking_stands_and_teaches(studio):
    events = _say(studio, "show me two options for a warmer lead vox")
    offered = next(event for event in events if isinstance(event, Offered)).options
    assert studio.session.current == 0
    assert len(offered.options) == 2
    assert [chip.say for chip in events[-1].chips][:2] == ["option 1", "option 2"]
    for option in offered.options:
        assert f"{option.number}. {option.reading.name}" in events[-1].text
    said = _say(studio, "option 2")[-1].text
    assert studio.session.settings == offered.options[1].settings
    assert "to you here" in said
    assert "warm" in studio.assistant.dictionary
    assert studio.session.version.reply == said
    _say(studio, "undo")
    assert studio.session.current == 0
    assert "Forgotten" in _say(studio, "forget warm")[-1].text
    assert "warm" not in studio.assistant.dictionary
    assert "There is no option 7" in _say(studio, "option 7")[-1].text

    folder, assistant = studio.folder, studio.assistant  # options outlive the program
    studio.close()
    again = Studio(Session.open(folder), assistant, folder)
    assert [one.settings for one in again.options.options] == [one.settings for one in offered.options]
    list(again.take_turn("option 1"))
    assert again.session.settings == offered.options[0].settings
    again.close()


def test_an_option_is_what_was_heard_whatever_was_changed_since(studio):
    events = _say(studio, "show me two options for a brighter lead vox")
    offered = next(event for event in events if isinstance(event, Offered)).options
    _say(studio, "turn the keys down 3 dB")
    said = _say(studio, "option 1")[-1].text
    assert studio.session.settings == offered.options[0].settings
    assert "kept as version 1" in said
    studio.session.lock("Lead Vox")
    assert "what is locked stayed" in _say(studio, "option 2")[-1].text
    assert studio.session.settings.channel("Lead Vox") == offered.options[0].settings.channel("Lead Vox")


def test_a_recording_is_matched_only_if_the_person_named_it(studio, song):
    rng = np.random.default_rng(5)
    wide = rng.standard_normal((2, 3 * song.sample_rate)).astype(np.float32) * 0.05
    path = studio.folder / "wide.wav"
    write_audio(path, wide, song.sample_rate, "float")
    list(studio.doing("match_reference", references=[{"recording": str(path)}]))
    assert "Nobody named a recording" in studio.outcomes[-1].failed
    said = _say(studio, "match the width of wide.wav at 50 %")[-1].text
    assert studio.session.current == 1
    assert "towards wide.wav" in said
    tracks = {track.name: torch.from_numpy(track.audio) for track in song.tracks}
    mixes = [render(tracks, version.settings, song.sample_rate).master.numpy() for version in studio.session.versions]
    told = re.search(r"Side against mid went from (-?[\d.]+) to (-?[\d.]+) dB", said)
    assert [float(one) for one in told.groups()] == pytest.approx([width_db(mix) for mix in mixes], abs=0.06)
    assert integrated_lufs(mixes[1], song.sample_rate) == pytest.approx(
        integrated_lufs(mixes[0], song.sample_rate), abs=0.3
    )
    said = _say(studio, "make it sound like nowhere.wav")[-1].text
    assert "nowhere.wav was not found" in said


@pytest.mark.parametrize("kind", ["dawproject", "rpp", "stems", "mix", "json", "report", "recall"])
def test_every_export_is_written_once_into_the_sessions_folder(studio, kind):
    _say(studio, "turn the keys down 3 dB")
    events = list(studio.doing("export_mix", kind=kind))
    files = next(event for event in events if isinstance(event, Written)).files
    assert files
    assert all(studio.folder / "exports" in file.parents for file in files)
    assert str(studio.outcomes[-1].files[0].parent if kind == "stems" else files[0]) in events[-1].text
    list(studio.doing("export_mix", kind=kind))
    assert not set(files) & set(studio.outcomes[-1].files)


def test_an_older_version_is_exported_without_going_there(studio):
    _say(studio, "turn the keys down 3 dB")
    list(studio.doing("export_mix", kind="json", version=0))
    file = studio.outcomes[-1].files[0]
    assert json.loads(file.read_text())["tracks"]["Keys"] == {}
    assert studio.session.current == 1


def test_comparing_measures_both_and_writes_them_equally_loud(song, assistant, tmp_path):
    studio = Studio(Session(song), assistant, tmp_path, renders=True)
    assert "only the mix as it was loaded" in _say(studio, "A/B")[-1].text
    _say(studio, "turn the bass down 6 dB")
    events = _say(studio, "compare with the version before")
    files = next(event for event in events if isinstance(event, Written)).files
    levels = [integrated_lufs(soundfile.read(file, dtype="float32")[0].T.copy(), song.sample_rate) for file in files]
    assert levels[0] == pytest.approx(levels[1], abs=0.1)
    assert not [event for event in events if isinstance(event, Moved)]
    entry = next(e for e in studio.outcomes[-1].measured if e.track == "Bass DI")
    assert entry.after - entry.before == pytest.approx(-6.0, abs=0.1)
    studio.close()


def test_versions_have_names(studio):
    _say(studio, "turn the keys down 3 dB")
    _say(studio, "call this version quiet keys")
    _say(studio, "turn the keys up 6 dB")
    assert 'Back to "quiet keys"' in _say(studio, "back to quiet keys")[-1].text
    assert studio.session.current == 1
    assert Session.open(studio.folder).names == {1: "quiet keys"}


def test_starting_is_a_version_that_can_be_taken_back(studio):
    said = _say(studio, "start me off")[-1].text
    assert studio.session.current == 1
    assert said.startswith("A first mix.")
    assert studio.session.version.requests[0].intent == "start"
    _say(studio, "undo")
    assert studio.session.settings == studio.session.versions[0].settings


def test_looking_tells_where_things_stand(studio):
    _say(studio, "turn the keys down 3 dB")
    list(studio.doing("look"))
    assert "Version 1 (heard now): turn the keys down 3 dB" in studio.outcomes[-1].reply
    list(studio.doing("look", channel="keys"))
    assert "Fader (fader.gain_db): -3 dB" in studio.outcomes[-1].reply


def test_a_fault_is_told_not_thrown(studio, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("boom")

    monkeypatch.setattr("assistant.studio.comparing.differences", broken)
    _say(studio, "turn the keys down 3 dB")
    assert "something broke here (RuntimeError)" in _say(studio, "A/B")[-1].text


@pytest.fixture(scope="module")
def music(tmp_path_factory):
    """Two recordings: one dull and narrow, one bright and wide."""
    folder = tmp_path_factory.mktemp("music")
    rng = np.random.default_rng(4)
    noise = rng.standard_normal((2, 8 * 22050)).astype(np.float32) * 0.05
    low = np.stack([np.convolve(one, np.ones(24) / 24, "same") for one in noise])
    write_audio(folder / "dull.wav", np.stack([low[0], low[0]]).astype(np.float32), 22050, "float")
    write_audio(folder / "bright.wav", (noise - low).astype(np.float32), 22050, "float")
    return folder


def test_a_recording_is_compared_and_stays_the_reference(studio, music):
    said = _say(studio, f'compare with "{music / "bright.wav"}"')[-1].text
    assert "bright.wav" in said
    told = re.search(r"([+-][\d.]+) LU", said)
    mix, _ = _rendered(studio)
    theirs = integrated_lufs(soundfile.read(music / "bright.wav", dtype="float32")[0].T.copy(), 22050)
    assert float(told[1]) == pytest.approx(integrated_lufs(mix, 22050) - theirs, abs=0.06)
    assert studio.plan("match the tone of the reference").calls[0][1]["references"][0]["recording"] == "bright.wav"


def test_references_are_found_in_the_library_and_can_be_matched_then(studio, music, monkeypatch):
    encoder = studio.assistant.explorer.encoder
    place = studio.folder / "index"
    build_library(music, place, encoder)
    monkeypatch.setattr("assistant.studio.finding.known_libraries", lambda: [place])
    said = _say(studio, "find me references that sound bright and wide")[-1].text
    assert said.index("1. bright.wav") < said.index("2. dull.wav")
    assert studio.references.names[0] == "bright.wav"
    assert studio.references.find("bright") == music / "bright.wav"


def test_without_music_indexed_the_library_says_how(studio, monkeypatch):
    monkeypatch.setattr("assistant.studio.finding.known_libraries", lambda: [])
    assert "studiospeak library index" in _say(studio, "find me references that sound warm")[-1].text
