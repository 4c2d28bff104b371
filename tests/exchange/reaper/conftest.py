"""The effects under test, run by the small EEL2 translator beside this file."""

import importlib.util
import sys
from pathlib import Path

import pytest

from exchange.reaper.effects import effect_text, slider_value


@pytest.fixture(scope="session")
def eel():
    """The module that runs JSFX."""
    path = Path(__file__).with_name("eel.py")
    module = importlib.util.module_from_spec(spec := importlib.util.spec_from_file_location("eel", path))
    sys.modules["eel"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def effect(eel):
    """Make "strip" or "limiter" with console values."""

    def make(name, sample_rate, **values):
        values = {key.replace("__", "."): value for key, value in values.items()}
        sliders = {key.replace(".", "_"): slider_value(key, value) for key, value in values.items()}
        return eel.Effect(effect_text(name), sample_rate, sliders)

    return make
