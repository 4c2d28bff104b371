"""Words about the whole mix that the master cannot do: room and punch."""

from dataclasses import replace

import pytest

from assistant.request import MIX, Request
from assistant.session import Session
from assistant.share_out import share_out
from ontology import load_ontology

ONTOLOGY = load_ontology()


def _shared(session, word, direction="+", **more):
    request = Request(intent="edit", targets=(MIX,), descriptor=word, direction=direction, **more)
    return list(share_out({MIX: [request]}, session, session.settings, ONTOLOGY))


@pytest.mark.parametrize("word", ["wet", "dry", "reverberant"])
def test_the_room_of_a_mix_is_that_of_its_tracks_but_drums_and_bass(session, word):
    wet = _shared(session, word)
    assert wet == [track.name for track in session.song.tracks if track.group not in ("drums", "bass")]
    assert 0 < len(wet) < len(session.song.tracks)


def test_the_punch_of_a_mix_is_that_of_its_drums(song):
    tracks = tuple(replace(track, group="drums") if track.name == "Keys" else track for track in song.tracks)
    session = Session(replace(song, tracks=tracks))
    assert _shared(session, "punchy") == ["Keys"]
    assert _shared(session, "punchy", "-") == [MIX], "less of it is the master's"
    assert _shared(Session(song), "punchy") == [MIX], "there are no drums"


def test_other_words_stay_with_the_master(session):
    for word in ("warm", "wide", "tight", "loud"):
        assert _shared(session, word) == [MIX], word


def test_what_is_kept_or_locked_is_left_out(session):
    first, *others = _shared(session, "wet")
    assert _shared(session, "wet", constraints=(f"keep:{first}",)) == (others or [MIX])
    session.lock(first)
    assert first not in _shared(session, "wet")
