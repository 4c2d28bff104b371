"""What is sent to the browser."""

import pytest

from assistant.web.panels import ORDER, TABS, Seat, changes, render, tab_list


@pytest.fixture
def seat(bench):
    return Seat(bench.token, "")


def sent(updates):
    """Return the names of the panels that are sent anew."""
    return {name for name, value in zip(ORDER, updates, strict=True) if isinstance(value, str)}


def test_everything_comes_once_and_the_sounds_last(bench, seat):
    first, second, third = changes(seat, bench)
    assert sent(first) == set(ORDER) - {"player", "meters"}
    assert sent(second) == {"player"}
    assert sent(third) == {"meters"}
    assert sent(render(seat, bench, sounds=True, measured=True)) == set()


def test_only_what_changed_is_sent_again(bench, seat):
    list(changes(seat, bench))
    bench.session.lock("Bass DI", "fader.gain_db")
    bench.channel = "Bass DI"
    assert sent(render(seat, bench)) == {"console"}
    bench.say("studio", "Hello.")
    assert sent(render(seat, bench, talk_only=True)) == {"talk"}


def test_two_open_pages_are_told_apart(bench, seat):
    list(changes(seat, bench))
    other = Seat(bench.token, "")
    assert "talk" in sent(render(other, bench))


def test_every_panel_has_its_tab():
    page = tab_list()
    for name, label in TABS:
        assert f'aria-controls="panel-{name}"' in page
        assert f">{label}</button>" in page
    assert page.count('aria-selected="true"') == 1
