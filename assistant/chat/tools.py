"""The tools that a model may call: each fills typed requests and gets back what was measured.

The docstrings are what a model reads. Nothing here can run code, read a path or set a number outside its range.
"""

import functools
import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

from langchain_core.tools import BaseTool, StructuredTool
from langgraph.config import get_stream_writer
from pydantic import Field, ValidationError

from assistant.chat.forms import Change, Part, targets_of, to_request
from assistant.chat.studio import Outcome, Studio
from assistant.events import Event
from assistant.request import Request
from console.errors import RequestError, StudiospeakError
from ontology import render

__all__ = ["make_tools"]

Targets = Annotated[list[str], Field(description='track or group names as listed, or "mix"')]


def make_tools(studio: Studio) -> list[BaseTool]:
    """Return the tools that work on a studio's session."""
    return [_tool(function) for function in (*_turning(studio), *_walking(studio), *_telling(studio))]


def _turning(studio: Studio) -> Sequence[Callable[..., str]]:
    def edit(changes: list[Change]) -> str:
        """Change the mix: one or several changes that belong to one wish. Moves the console and measures."""
        notes: list[str] = []
        requests = []
        for change in changes:
            request, clamped = to_request(change, studio.session.song.tracks, studio.assistant.ontology)
            requests.append(request)
            notes += clamped
        return _carry_out(studio, requests, notes)

    def amount(
        share: Annotated[float, Field(ge=0, le=1.5, description="0 takes the last edit back, 1 as it was, 1.5 more")],
        only: Part | None = None,
        except_: Part | None = None,
    ) -> str:
        """Set how much of the last edit is heard, all of it or just one processor's part."""
        parts = tuple(f"{kind}:{part}" for kind, part in (("only", only), ("except", except_)) if part)
        return _carry_out(studio, [Request(intent="edit", numbers={"amount": share}, constraints=parts)])

    def lock(targets: Targets, locked: bool = True) -> str:
        """Lock tracks so that no edit touches them, or unlock them."""
        names = targets_of(targets, studio.session.song.tracks)
        return _carry_out(
            studio, [Request(intent="lock", targets=names, constraints=() if locked else ("unlock",), direction="=")]
        )

    return edit, amount, lock


def _walking(studio: Studio) -> Sequence[Callable[..., str]]:
    def undo(
        steps: Annotated[int, Field(ge=1, le=100)] = 1,
        only: Part | None = None,
        targets: Annotated[list[str], Field(description="only on these tracks; empty: all of the last edit")] = [],  # noqa: B006
    ) -> str:
        """Take the last edits back, or only one processor's part, or only on some tracks."""
        names = targets_of(targets, studio.session.song.tracks) if targets else ()
        parts = (f"only:{only}",) if only else ()
        return _carry_out(
            studio, [Request(intent="undo", targets=names, constraints=parts, numbers={"versions": float(steps)})]
        )

    def redo(steps: Annotated[int, Field(ge=1, le=100)] = 1) -> str:
        """Put back what was undone."""
        return _carry_out(studio, [Request(intent="redo", numbers={"versions": steps})])

    def restore(version: Annotated[int, Field(ge=0, le=100_000, description="0 is the mix as it was loaded")]) -> str:
        """Go to a version of the mix by its number."""
        return _carry_out(studio, [Request(intent="undo", numbers={"version": version})])

    def section(
        name: Annotated[str, Field(max_length=40, description='"chorus", "verse", "bridge"')],
        stretches_s: Annotated[list[tuple[float, float]], Field(min_length=1, description="from and to, seconds")],
    ) -> str:
        """Remember where a section of the song is."""
        studio.session.name_section(name, stretches_s)
        studio.save()
        where = " and ".join(f"{start:g} to {stop:g} s" for start, stop in stretches_s)
        return _json(studio.note(f"The {name} is {where}."))

    return undo, redo, restore, section


def _telling(studio: Studio) -> Sequence[Callable[..., str]]:
    def ask(
        about: Literal["diagnose", "compare", "explain", "teach"],
        targets: Annotated[list[str], Field(description="tracks the question is about; empty: the mix")] = [],  # noqa: B006
        descriptor: Annotated[str | None, Field(description='what is suspected: "muddy", "buried"')] = None,
    ) -> str:
        """Answer a question from measurements: what is wrong, how versions differ, what was done and why."""
        names = targets_of(targets, studio.session.song.tracks) if targets else ()
        word = None
        if descriptor is not None:
            match = studio.assistant.ontology.find(descriptor)
            if match is None:
                raise RequestError(f"{descriptor!r} is not a word known here. Use a common studio word.")
            word = match.word_id
        return _carry_out(studio, [Request(intent=about, targets=names, descriptor=word, direction="=")])

    def word(word: Annotated[str, Field(max_length=60)]) -> str:
        """Say what a studio word means here: what people set for it, how far they agree, what it is mixed up with."""
        ontology = studio.assistant.ontology
        match = ontology.find(word)
        if match is None:
            raise RequestError(f"{word!r} is not a word known here.")
        return _json(studio.note(render(ontology[match.word_id], ontology)))

    def learn(
        word: Annotated[str, Field(max_length=40, description="the person's own word")],
        means: Annotated[list[str], Field(min_length=1, description='known words with + or -: ["bright+", "boomy-"]')],
    ) -> str:
        """Remember what a person means by a word of their own."""
        return _carry_out(studio, [Request(intent="teach", word=word, means=tuple(means))])

    return ask, word, learn


def _carry_out(studio: Studio, requests: Sequence[Request], notes: Sequence[str] = ()) -> str:
    return _json(studio.carry_out(requests, _tell), notes)


def _tell(event: Event) -> None:
    get_stream_writer()(event)


def _json(outcome: Outcome, notes: Sequence[str] = ()) -> str:
    data = outcome.to_json()
    if notes:
        data["notes"] = list(notes)
    return json.dumps(data, ensure_ascii=False)


def _tool(function: Callable[..., str]) -> BaseTool:
    @functools.wraps(function)
    def careful(**arguments: Any) -> str:
        try:
            return function(**arguments)
        except StudiospeakError as error:  # told to the model, which may ask or try again
            return json.dumps({"failed": str(error)}, ensure_ascii=False)

    def refused(error: ValidationError) -> str:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        return json.dumps({"failed": f"The form is filled wrongly: {wrong}."}, ensure_ascii=False)

    return StructuredTool.from_function(careful, name=function.__name__, handle_validation_error=refused)
