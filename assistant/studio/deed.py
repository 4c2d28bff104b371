"""A deed: something that can be done in a studio, with a form to fill and the sentence that says what it is for.

The same deeds are the tools of the chat's models, of MCP clients and of the page. A form is checked before anything is
done: a name that does not exist and a number outside its range are told, never carried out.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter, ValidationError, validate_call

from assistant.events import Event
from assistant.studio.outcome import Outcome
from console.errors import RequestError

__all__ = ["Deed", "Doing"]

Doing = Generator[Event, None, Outcome]
"""Yields what happens, returns what came of it."""


@dataclass(frozen=True)
class Deed:
    """One thing that can be done.

    Attributes:
        function: carries it out; its docstring says what for, its annotations are the form. Where nothing happens on
            the way, it returns the outcome itself.
    """

    function: Callable[..., Doing | Outcome]

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def does(self) -> str:
        """Return what it is for, as a model reads it."""
        return " ".join((self.function.__doc__ or "").split())

    @cached_property
    def form(self) -> dict[str, Any]:
        """Return the JSON schema of what is to be filled in."""
        return {"title": self.name, "description": self.does, **TypeAdapter(self._checked).json_schema()}

    def start(self, arguments: dict[str, Any]) -> Doing:
        """Begin with a filled form.

        Raises:
            RequestError: the form is filled wrongly.
        """
        try:
            begun = self._checked(**arguments)
        except ValidationError as error:
            wrong = "; ".join(
                f"{'.'.join(map(str, one['loc'])) or 'form'}: {one['msg'].removeprefix('Value error, ')}"
                for one in error.errors()
            )
            raise RequestError(f"The form of {self.name} is filled wrongly: {wrong}.") from error
        return _done(begun) if isinstance(begun, Outcome) else begun

    @cached_property
    def _checked(self) -> Callable[..., Doing | Outcome]:
        return validate_call(self.function)


def _done(outcome: Outcome) -> Doing:
    """Return what is over already as something to be done."""
    yield from ()
    return outcome
