"""Stopping: what was done until then stays, what was not begun is named."""

import numpy as np
import pytest

from assistant.events import Moved, Progress, Said
from assistant.explore import Explorer
from assistant.turn import Assistant


def test_a_stopped_edit_keeps_the_track_it_was_at_and_names_the_rest(session):
    said = []
    for event in Assistant().take_turn(session, "make the lead warmer and the bass less boomy"):
        if isinstance(event, Progress) and event.step == "tune":
            session.stop.set()
        said.append(event)
    moved = next(event for event in said if isinstance(event, Moved))
    touched = {move.track for move in moved.moves}
    assert len(touched & {"Lead Vox", "Bass DI"}) == 1
    left = ({"Lead Vox", "Bass DI"} - touched).pop()
    assert f"{left} was not touched: you stopped me before its turn." in said[-1].text
    assert isinstance(said[-1], Said)
    assert len(session.versions) == 2


def test_what_a_stopped_edit_left_alone_stays_so_where_another_track_is_to_stay_clear(session, monkeypatch):
    monkeypatch.setattr("assistant.editing._KEPT_LOSS_DB", -50.0)  # whatever happens is too much
    said = []
    text = "make the lead warmer and the bass less boomy, but keep the keys clear"
    for event in Assistant().take_turn(session, text):
        if isinstance(event, Progress) and event.step == "tune":
            session.stop.set()
        said.append(event)
    moved = next(event for event in said if isinstance(event, Moved))
    assert len({move.track for move in moved.moves} & {"Lead Vox", "Bass DI"}) == 1
    assert any(isinstance(event, Progress) and "stay clear" in event.note for event in said)


@pytest.mark.slow  # the explorer loads its encoder
def test_a_stopped_exploration_keeps_the_options_it_has(session):
    found = Explorer().explore(session.song, session.settings, "warmer keys", 4, stop=lambda: True)
    assert len(found.options) == 1
    assert found.notes == ("Stopped after 1 of 4.",)
    assert np.isfinite(found.options[0].place).all()
