"""Acts of references: say what one is for, match, compare, remove."""

from typing import Annotated

from pydantic import Field

from assistant.diagnose import Reference, inspect
from assistant.diagnose import hear as measure
from assistant.request import MIX
from assistant.web.acts import Job
from assistant.web.acts_talk import take_in
from assistant.web.state import REFERENCES, Workbench
from console.errors import RequestError
from console.settings import Settings
from exchange import load_tracks

__all__ = ["ask_reference", "aspect", "match", "remove_reference"]

Name = Annotated[str, Field(max_length=200)]
Index = Annotated[int, Field(ge=0)]
_QUESTION = "how does this compare with the reference?"


def aspect(bench: Workbench, index: Index, aspect: Name, on: bool) -> None:
    """Say whether a reference is taken for one aspect."""
    if index >= len(bench.references):
        return
    kept = bench.references[index]
    wanted = (*(name for name in kept.aspects if name != aspect), *((aspect,) if on else ()))
    if not wanted:
        bench.notice = "A reference is taken for one thing at least. Remove it if it shall not count."
        return
    bench.references[index] = kept.model_copy(update={"aspects": wanted})


def remove_reference(bench: Workbench, index: Index) -> None:
    """Take a reference away, and its copy out of the session's folder."""
    if index < len(bench.references):
        kept = bench.references.pop(index)
        (bench.folder / REFERENCES / kept.file).unlink(missing_ok=True)
        bench.comparison = None


def ask_reference(bench: Workbench, index: Index) -> Job:
    """Say how the mix compares with a reference."""
    if index >= len(bench.references):
        raise RequestError("That reference is gone.")
    kept = bench.references[index]

    def run() -> None:
        song = load_tracks(bench.folder / REFERENCES / kept.file)
        hearing = measure(song, Settings.neutral([track.name for track in song.tracks]), inspect(song))
        bench.assistant.consultant.compare_with(bench.session, Reference(kept.name, hearing))
        take_in(bench, _QUESTION, bench.studio.take_turn(_QUESTION))
        if bench.figures:
            bench.comparison, bench.panel = bench.figures.pop()[1], "reference"

    return Job(f"Listening to {kept.name}", run)


def match(
    bench: Workbench,
    target: Name = MIX,
    percent: Annotated[float, Field(ge=0, le=150)] = 100,
    way: Annotated[float, Field(ge=0, le=100)] | None = None,
) -> Job:
    """Move the mix or one track towards the references, or a share of the way from the first to the second."""
    if not bench.references:
        raise RequestError("There is no reference yet. Add one.")
    wanted = [{"recording": kept.file, "aspects": list(kept.aspects)} for kept in bench.references]
    names = " and ".join(kept.name for kept in bench.references)
    said = f"match {'the mix' if target == MIX else target} to {names}, {percent:.0f} %"

    def run() -> None:
        bench.panel = "reference"
        form = {"references": wanted, "target": target, "amount": percent / 100}
        if way is not None and len(wanted) == 2:
            form["between"] = way / 100
        take_in(bench, said, bench.studio.doing("match_reference", said, **form))

    return Job("Listening to the references", run)
