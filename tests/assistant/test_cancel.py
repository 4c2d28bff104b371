"""What is asked back word for word goes back knob for knob."""

import pytest

from assistant.cancel import cancelled
from assistant.request import Request
from assistant.session import Session


def _edit(direction, **values):
    return Request(intent="edit", targets=("Bass DI",), descriptor="warm", direction=direction, **values)


@pytest.fixture
def warmed(session) -> Session:
    settings = session.settings.turned({("Bass DI", "eq.low_shelf_gain_db"): 3.0})
    session.add("warmer", settings, (_edit("+"),))
    return session


def test_the_opposite_goes_back(warmed):
    assert cancelled(warmed, [_edit("-")]) == warmed.versions[0].settings


@pytest.mark.parametrize("edit", [_edit("+"), _edit("-", amount=0.5), _edit("-", constraints=("only:eq",))])
def test_anything_else_does_not(warmed, edit):
    assert cancelled(warmed, [edit]) is None


def test_nothing_was_done_yet(session):
    assert cancelled(session, [_edit("-")]) is None
