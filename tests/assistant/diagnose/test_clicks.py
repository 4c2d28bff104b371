"""Which candidates are clicks."""

import pytest

from assistant.diagnose.clicks import Click, ClickFinder

SECONDS = 10.0


def told(candidates: list[Click]) -> list[Click]:
    finder = ClickFinder(44100, 100)
    finder._candidates.extend(candidates)
    return finder.result(SECONDS)


@pytest.fixture
def texture() -> list[Click]:
    """Thirty sounds that are clicks themselves."""
    return [Click(0.3 * index, 6.0, 5.0) for index in range(1, 31)]


def test_music_made_of_clicks_has_none(texture):
    assert told(texture) == []


def test_one_that_towers_over_such_music_is_told(texture):
    torn = Click(5.05, 40.0, 10.0)
    assert told([*texture, torn]) == [torn]


def test_two_alike_in_such_music_are_its_own(texture):
    assert told([*texture, Click(5.05, 40.0, 10.0), Click(7.05, 40.0, 10.0)]) == []


def test_the_same_click_in_two_cells_is_one(texture):
    pair = [Click(5.05, 40.0, 10.0), Click(5.0505, 38.0, 10.0)]
    assert told([*texture, *pair]) == pair[:1]


def test_among_sounds_that_are_nearly_clicks_a_weak_one_is_not_told():
    nearly = [Click(0.5 * index, 4.0, 2.0) for index in range(1, 9)]
    weak, plain = Click(6.05, 5.0, 4.0), Click(6.05, 10.0, 4.5)
    assert told([*nearly, weak]) == []
    assert told([*nearly, plain]) == [plain]


def test_where_most_are_sure_all_of_them_are_told():
    sure = [Click(1.0, 4.0, 4.0), Click(2.0, 5.0, 4.0)]
    assert told([*sure, Click(3.0, 4.0, 2.0)]) == sure
