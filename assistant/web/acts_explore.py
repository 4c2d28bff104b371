"""Acts of exploring: options for a sentence, more like one, pick one, go between two points of the map."""

from typing import Annotated

from pydantic import Field

from assistant.explore.map import setting_between
from assistant.web.acts import Job
from assistant.web.acts_talk import take_in
from assistant.web.drawing import draw_map, stage_of
from assistant.web.state import NOW, Side, Workbench
from console.errors import RequestError
from console.settings import moves

__all__ = ["between", "explore", "keep_between", "like", "none_of_these", "pick"]

Number = Annotated[int, Field(ge=1)]


def explore(bench: Workbench, text: Annotated[str, Field(max_length=300)]) -> Job:
    """Make options for a sentence."""
    said = f"show me options: {text.strip()}" if text.strip() else "show me options"
    return Job(
        "Loading the ears", lambda: take_in(bench, said, bench.studio.doing("explore", said, prompt=text.strip()))
    )


def like(bench: Workbench, number: Number, rest: Annotated[str, Field(max_length=80)] = "") -> Job:
    """Make more options like one, changed as said."""
    rest = rest.strip()
    said = f"more like {number} but {rest}" if rest else f"more like {number}"
    return Job(
        "Going on", lambda: take_in(bench, said, bench.studio.doing("more_options", said, like=number, but=rest))
    )


def none_of_these(bench: Workbench) -> Job:
    """Make options unlike those that were heard."""
    said = "nothing like these"
    return Job("Going on", lambda: take_in(bench, said, bench.studio.doing("more_options", said)))


def pick(bench: Workbench, number: Number) -> Job:
    """Make an option the mix, and learn what was meant."""
    said = f"option {number}"
    return Job(f"Taking option {number}", lambda: take_in(bench, said, bench.studio.doing("pick", said, number=number)))


def between(bench: Workbench, one: int, other: int, share: Annotated[float, Field(ge=0, le=1)]) -> Job:
    """Go a share of the way between two points of the map: real settings, to hear and to keep."""
    sounds = bench.sounds
    if sounds is None or not all(0 <= number < len(sounds.points) for number in (one, other)):
        raise RequestError("There is no such point on the map. Explore again.")
    ends = sounds.points[one], sounds.points[other]

    def run() -> None:
        settings = setting_between(*ends, share, stage_of(bench).place, bench.session.song.sample_rate)
        name = f"{100 * share:.0f} % of the way from “{ends[0].name}” to “{ends[1].name}”"
        bench.between = Side("between", name, settings)
        bench.before, bench.after = NOW, "between"

    return Job("Finding the settings on the way", run)


def keep_between(bench: Workbench) -> Job:
    """Make the point on the way the mix."""
    side = bench.between
    if side is None or side.settings is None:
        raise RequestError("Go somewhere on the map first.")
    turned = moves(bench.session.settings, side.settings)
    if not turned:
        raise RequestError("Every knob stands there already.")
    knobs = [
        {"channel": move.track, "parameter": move.parameter, "value": move.after}
        for move in turned
        if move.time_s is None
    ]

    def run() -> None:
        take_in(bench, side.name, bench.studio.doing("knobs", side.name, settings=knobs))
        draw_map(bench)

    return Job("Taking it", run)
