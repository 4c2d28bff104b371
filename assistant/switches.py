"""Words that are a switch of the console, not a way to sound: "flip the polarity" turns one switch over."""

from assistant.request import MIX, Request
from console.errors import RequestError
from console.parameters import Value
from console.settings import Settings

__all__ = ["SWITCHES", "is_switch", "switch_changes"]

SWITCHES = {"polarity": "trim.invert"}
"""Ontology word -> the switch it turns over."""


def is_switch(request: Request) -> bool:
    """Say whether a request turns a switch over."""
    return request.descriptor in SWITCHES and not request.numbers


def switch_changes(request: Request, settings: Settings, target: str) -> dict[tuple[str, str], Value]:
    """Return the switch turned over on one channel.

    Raises:
        RequestError: on the mix, where turning everything over cannot be heard and mends nothing.
    """
    if target == MIX:
        raise RequestError("The polarity of the whole mix cannot be heard. Name the track whose polarity to flip.")
    parameter = SWITCHES[str(request.descriptor)]
    return {(target, parameter): 1.0 - settings.number(target, parameter)}
