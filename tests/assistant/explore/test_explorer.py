"""Exploring a small song: options differ audibly, go the way they mean, go on, and teach."""

import json
from dataclasses import replace

import numpy as np
import pytest

from assistant.explore import Explorer, FollowUp, Point, option_of, sound_map
from assistant.explore.choose import cosine
from assistant.explore.figure import draw_map
from assistant.explore.keep import FILE, load_options, save_options
from assistant.explore.map import setting_between
from assistant.explore.pick import learn_from, picked
from assistant.measure import hear_song
from console.errors import RequestError, SessionError
from console.settings import Settings, moves
from ontology import PersonalDictionary, load_ontology

PROMPT = "make the keys warmer"


@pytest.fixture(scope="module")
def explorer():
    return Explorer(load_ontology())


@pytest.fixture(scope="module")
def neutral(song):
    return Settings.neutral([track.name for track in song.tracks])


@pytest.fixture(scope="module")
def found(explorer, song, neutral):
    return explorer.explore(song, neutral, PROMPT, 3)


def test_options_are_audibly_different_and_go_their_way(found):
    assert len(found.options) == 3
    assert found.target == "Keys"
    assert found.nearest >= found.audible
    assert all(np.linalg.norm(option.place - found.here) >= found.audible for option in found.options)
    assert all(option.cosine >= 0 for option in found.options)


def test_options_turn_only_the_track_that_was_asked_about(found):
    assert {move.track for option in found.options for move in option.moves} <= {"Keys", "reverb", "delay", "master"}
    assert all(option.moves for option in found.options)


def test_senses_come_first(found):
    word = load_ontology()["warm"]
    if len(word.senses) > 1:
        assert found.options[0].reading.kind == "sense"
    assert found.options[0].reading.name.startswith("warm")


def test_audio_of_the_options_is_equally_loud(found, song, neutral):
    before = hear_song(song, neutral, ()).loudness_lufs
    for option in found.options:
        assert hear_song(song, option.settings, ()).loudness_lufs + option.gain_db == pytest.approx(before, abs=0.1)


@pytest.mark.slow
def test_the_same_prompt_gives_the_same_options(explorer, song, neutral, found):
    again = explorer.explore(song, neutral, PROMPT, 3)
    assert [option.settings for option in again.options] == [option.settings for option in found.options]


@pytest.mark.slow
def test_more_like_one_but_wider_starts_from_it(explorer, song, found):
    more = explorer.follow(song, found, FollowUp("like", (2,), "brighter"), "more like 2 but brighter", 2)
    start = option_of(found, 2).settings
    assert more.before == start
    assert more.began == found.before
    assert all(option.moves == tuple(moves(start, option.settings)) for option in more.options)
    assert all("brighter" in option.reading.name for option in more.options)


def test_between_two_lies_between_them(explorer, song, found):
    one, other = found.options[0], found.options[1]
    between = explorer.follow(song, found, FollowUp("between", (1, 2)), "between 1 and 2", 2)
    way = other.place - one.place
    shares = [float((option.place - one.place) @ way / (way @ way)) for option in between.options]
    assert shares == pytest.approx([1 / 3, 2 / 3], abs=0.15)


@pytest.mark.slow
def test_none_of_these_gives_others(explorer, song, found):
    others = explorer.follow(song, found, FollowUp("none"), "nothing like these", 2)
    for option in others.options:
        gaps = [np.linalg.norm(option.place - heard.place) for heard in found.options]
        assert min(gaps) >= found.audible


def test_an_option_that_is_not_there_is_told(explorer, song, found):
    with pytest.raises(RequestError, match="no option 9"):
        explorer.follow(song, found, FollowUp("between", (1, 9)), "between 1 and 9")


def test_options_are_kept_and_read_again(found, tmp_path):
    save_options(tmp_path / FILE, found, ["a.wav"])
    back, audio = load_options(tmp_path / FILE)
    assert audio == ["a.wav"]
    assert [option.settings for option in back.options] == [option.settings for option in found.options]
    assert [option.reading for option in back.options] == [option.reading for option in found.options]
    assert back.options[0].place == pytest.approx(found.options[0].place, abs=1e-4)


def test_where_exploring_began_is_kept_with_options_that_go_on(found, neutral, tmp_path):
    onward = replace(found, before=found.options[1].settings, stood=neutral)
    save_options(tmp_path / FILE, onward, [])
    back, _ = load_options(tmp_path / FILE)
    assert back.before == found.options[1].settings
    assert back.began == neutral


def test_stopping_early_still_gives_one(explorer, song, neutral):
    stopped = explorer.explore(song, neutral, PROMPT, 3, stop=lambda: True)
    assert len(stopped.options) == 1
    assert stopped.notes == ("Stopped after 1 of 3.",)


def test_damaged_options_are_told(tmp_path):
    with pytest.raises(SessionError, match="holds no options"):
        load_options(tmp_path / FILE)
    (tmp_path / FILE).write_text(json.dumps({"version": 1}))
    with pytest.raises(SessionError, match="damaged"):
        load_options(tmp_path / FILE)


def test_a_pick_teaches_the_word(found, tmp_path):
    words = PersonalDictionary(tmp_path / "words.json")
    chosen = next(option for option in found.options if option.reading.kind != "sense" or option.reading.sense)
    said = picked(found, chosen, words)
    assert "warm" in words
    assert chosen.reading.name in said
    assert "warm" in PersonalDictionary(tmp_path / "words.json")


def test_a_style_is_learnt_as_the_traits_that_were_picked(explorer, song, tmp_path):
    from assistant.explore import readings_of

    words = PersonalDictionary(tmp_path / "words.json")
    reading = readings_of([], "intimate, late at night", song, explorer.ontology, explorer.model)[1]
    assert learn_from("intimate, late at night", reading, words, load_ontology()) is not None
    (learnt,) = words.values()
    assert {part.id for part in learnt.parts} == {request.descriptor for request in reading.requests}


def test_the_map_keeps_distances_and_points_words_the_right_way(found, explorer):
    points = [Point("before", "version", found.here, found.before)]
    points += [Point(option.reading.name, "option", option.place, option.settings) for option in found.options]
    drawn = sound_map(points, explorer.model)
    exact = [np.linalg.norm(a.place - b.place) for a in points for b in points]
    paper = [np.hypot(a.x - b.x, a.y - b.y) for a in drawn.points for b in drawn.points]
    assert all(flat <= far + 1e-6 for flat, far in zip(paper, exact, strict=True))
    assert 0.5 < drawn.shown <= 1.0
    for arrow in drawn.arrows:
        vector = explorer.model.direction(arrow.word, "mix").vector.numpy()
        assert cosine(drawn.axes @ vector, np.array([arrow.x, arrow.y])) == pytest.approx(1.0)
    figure = draw_map(drawn)
    assert sorted(number for trace in figure.data for number in trace.customdata) == list(range(len(points)))
    assert {note.text for note in figure.layout.annotations if note.text} == {arrow.word for arrow in drawn.arrows}


def test_a_reference_has_no_settings_to_go_to(found):
    here = Point("before", "version", found.here, found.before)
    there = Point("a record", "reference", found.here + 1.0)
    with pytest.raises(RequestError, match="recording without settings"):
        setting_between(here, there, 0.5, lambda _: found.here, 44100)
    with pytest.raises(RequestError, match="needs two sounds"):
        sound_map([here], None)


def test_counts_outside_the_range_are_told(explorer, song, neutral):
    with pytest.raises(RequestError, match="2 to 8"):
        explorer.explore(song, neutral, PROMPT, 1)
