"""Switches turned over by words."""

import pytest

from assistant.request import Request
from assistant.switches import is_switch, switch_changes
from console.errors import RequestError
from console.settings import Settings


def test_polarity_flips_and_flips_back():
    request = Request(intent="edit", targets=("Snare Bottom",), descriptor="polarity", direction="-")
    settings = Settings.neutral(["Snare", "Snare Bottom"])
    assert is_switch(request)
    flipped = settings.turned(switch_changes(request, settings, "Snare Bottom"))
    assert flipped.get("Snare Bottom", "trim.invert") == 1.0
    assert flipped.get("Snare", "trim.invert") == 0.0
    assert flipped.turned(switch_changes(request, flipped, "Snare Bottom")) == settings


def test_the_mix_has_no_polarity_to_flip():
    request = Request(intent="edit", targets=("mix",), descriptor="polarity", direction="-")
    with pytest.raises(RequestError, match="Name the track"):
        switch_changes(request, Settings.neutral(["A"]), "mix")


def test_other_words_are_no_switches():
    assert not is_switch(Request(intent="edit", targets=("A",), descriptor="warm"))
