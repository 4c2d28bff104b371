"""The map of a session: its versions, the options that were offered, and its references."""

import numpy as np

from assistant.explore import Point, sound_map
from assistant.explore.stage import Stage, stage_for
from assistant.match import read_reference
from assistant.request import MIX
from assistant.web.state import REFERENCES, Workbench
from console.settings import Settings

__all__ = ["draw_map", "stage_of"]

_VERSIONS_SHOWN = 8
_SAME_PLACE = 1e-6


def draw_map(bench: Workbench) -> None:
    """Place the start, now, the named versions, the options and the references; nothing where nobody explored."""
    heard = bench.options
    if heard is None:
        return
    explorer, stage, session = bench.assistant.explorer, stage_of(bench), bench.session
    shown = sorted({0, session.current, *session.names})[:_VERSIONS_SHOWN]
    named = []
    for number in shown:
        settings = session.versions[number].settings
        name = f"{number}: {bench.version_name(number)}"
        named.append((f"v:{number}", Point(name, "version", _placed(bench, stage, settings), settings)))
    named += [
        (f"option:{o.number}", Point(f"Option {o.number}: {o.reading.name}", "option", o.place, o.settings))
        for o in heard.options
    ]
    if heard.target == MIX:
        for index, kept in enumerate(bench.references):
            if kept.file not in bench.places:
                path = bench.folder / REFERENCES / kept.file
                bench.places[kept.file] = read_reference(path, explorer.encoder).embedding
            named.append((f"reference:{index}", Point(kept.name, "reference", bench.places[kept.file])))
    apart = _apart(named)
    if len(apart) > 1:
        bench.keys_on_map = tuple(key for key, _ in apart)
        bench.sounds = sound_map([point for _, point in apart], explorer.model)


def stage_of(bench: Workbench) -> Stage:
    """Return the excerpt on which options were compared."""
    assert bench.options is not None
    return stage_for(bench.session.song, (bench.options.target,), bench.assistant.explorer.encoder)


def _placed(bench: Workbench, stage: Stage, settings: Settings) -> np.ndarray:
    """Return where some settings lie, measured the first time only."""
    key = f"{stage.target}\n{settings.to_json()}"
    if key not in bench.places:
        bench.places[key] = stage.place(settings)
    return bench.places[key]


def _apart(named: list[tuple[str, Point]]) -> list[tuple[str, Point]]:
    """Leave out points that lie where one before them lies: the same sound under two names."""
    kept: list[tuple[str, Point]] = []
    for key, point in named:
        if all(np.linalg.norm(point.place - other.place) > _SAME_PLACE for _, other in kept):
            kept.append((key, point))
    return kept
