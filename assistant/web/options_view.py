"""Options and the map as HTML: mixes that differ for one sentence, and how they lie to one another."""

import json

from assistant.explore import Option, SoundMap
from assistant.tell import describe_moves, name_channel
from assistant.web.markup import button, data, panel, text
from assistant.web.players import play_button
from assistant.web.state import Workbench

__all__ = ["options"]

_MAP = 860, 420
_MARGIN = 70
_LETTER, _LINE = 6.4, 14.0
"""Width of a letter and height of a line on the map, about."""


def options(bench: Workbench) -> str:
    """Return the panel."""
    found = bench.options
    ask = (
        '<form class="ask" data-form="explore"><label for="explore-text">Show me mixes that are</label>'
        '<input type="text" id="explore-text" name="text" maxlength="200" placeholder="warmer, 80s vibes, '
        'bigger chorus"'
        f' autocomplete="off"><button type="submit" '
        f'class="primary"{" disabled" if bench.work.busy else ""}>Explore</button></form>'
    )
    if found is None:
        empty = (
            '<p class="empty">Ask for options and you get mixes that differ audibly and are all a fair reading of your '
            "words, level-matched, on a map you can drag across.</p>"
        )
        return panel("options", "Options", ask + empty)
    cards = "".join(_card(bench, option) for option in found.options)
    notes = "".join(f'<p class="empty">{text(note)}</p>' for note in found.notes)
    none = button("None of these", "none_of_these", kind="quiet", disabled=bench.work.busy, ident="none-of-these")
    aside = f"<small>for “{text(found.prompt)}”</small>"
    return panel(
        "options", "Options", f'{ask}<div class="cards options">{cards}</div>{notes}<p>{none}</p>{_map(bench)}', aside
    )


def _card(bench: Workbench, option: Option) -> str:
    number, name = option.number, option.reading.name
    channels = dict.fromkeys(move.track for move in option.moves)
    moves = "".join(
        f"<li><b>{text(name_channel(channel))}</b> "
        f"{text(describe_moves([move for move in option.moves if move.track == channel]))}</li>"
        for channel in channels
    )
    heard = bench.after == f"option:{number}"
    return (
        f'<article class="card option{" heard" if heard else ""}" aria-labelledby="option-{number}">'
        f'<h3 id="option-{number}" class="long">{number}. {text(name)}</h3><p>{text(option.reading.why)}</p>'
        f'<p class="fix">{play_button("Listen", f"option:{number}", f"Listen to option {number}")}'
        + button("Pick", "pick", name=f"Pick option {number}", kind="primary", disabled=bench.work.busy,
                 ident=f"pick-{number}", number=number)
        + f'</p><form class="ask" data-form="like" data-number="{number}">'
        f'<label for="like-{number}">More like this, but</label>'
        f'<input type="text" id="like-{number}" name="rest" maxlength="80" placeholder="wider" autocomplete="off">'
        f'<button type="submit" class="quiet"{" disabled" if bench.work.busy else ""}>Go</button></form>'
        f'<details data-key="moves-{number}"><summary>{len(option.moves)} knobs</summary><ul>{moves}</ul>'
        f'</details></article>'
    )  # fmt: skip


def _map(bench: Workbench) -> str:
    sounds = bench.sounds
    if sounds is None:
        return ""
    places = _places(sounds)
    width, height = _MAP
    arrows = "".join(_arrow(arrow.word, arrow.x, arrow.y) for arrow in sounds.arrows)
    labels = _labels([_short(point.name) for point in sounds.points], places)
    points = "".join(
        f'<g class="point {point.kind}{" playable" if point.settings is not None else ""}" role="button" tabindex="0"'
        f' aria-label="Hear {text(point.name)}"'
        f"{data(point=number, key=bench.keys_on_map[number], x=f'{x:.1f}', y=f'{y:.1f}')}>"
        f'<title>{text(point.name)}</title><circle cx="{x:.1f}" cy="{y:.1f}" r="8"/></g>'
        for number, (point, (x, y)) in enumerate(zip(sounds.points, places, strict=True))
    )
    names = "".join(
        f'<text x="{left:.1f}" y="{base:.1f}">{text(_short(point.name))}</text>'
        for point, (left, base) in zip(sounds.points, labels, strict=True)
    )
    points += f'<g class="names" aria-hidden="true">{names}</g>'
    between = ""
    if bench.between is not None:
        between = (
            f'<p class="fix"><span>{text(bench.between.name)}</span>{play_button("Listen", "between", "Listen to it")}'
            + button(
                "Keep",
                "keep_between",
                name="Make it the mix",
                kind="primary",
                disabled=bench.work.busy,
                ident="keep-between",
            )
            + "</p>"
        )
    return (
        f'<div class="map" data-points="{text(json.dumps([[round(x, 1), round(y, 1)] for x, y in places]))}">'
        f"<h3>Map</h3><p><small>Click a point to hear it. Drag from one point towards another, or use the "
        f"menus below, to go "
        f"between them. {100 * sounds.shown:.0f} % of how the sounds differ is in this picture.</small></p>"
        f'<svg viewBox="0 0 {width} {height}" role="group" aria-label="Map of sounds">'
        f'<g class="arrows" aria-hidden="true">{arrows}</g><line class="way" x1="0" y1="0" x2="0" y2="0" '
        f'visibility="hidden"/>'
        f'<circle class="here" r="6" visibility="hidden"/>{points}</svg>{_way(bench, sounds)}{between}</div>'
    )


def _way(bench: Workbench, sounds: SoundMap) -> str:
    """Return the same way across the map without a pointer: two menus and a slider."""
    playable = [(number, point) for number, point in enumerate(sounds.points) if point.settings is not None]
    if len(playable) < 2:
        return ""

    def menu(name: str, label: str, chosen: int) -> str:
        rows = "".join(
            f'<option value="{number}"{" selected" if number == chosen else ""}>{text(point.name)}</option>'
            for number, point in playable
        )
        return f'<label>{label} <select name="{name}" id="way-{name}" aria-label="{label}">{rows}</select></label>'

    disabled = " disabled" if bench.work.busy else ""
    return (
        f'<form class="ask way" data-form="between">{menu("one", "From", playable[0][0])}'
        '<input type="range" name="share" id="way-share" min="0" max="100" step="5" value="50" '
        'aria-label="Share of the way, per cent">'
        f'{menu("other", "to", playable[1][0])}<button type="submit" class="quiet"{disabled}>Go there</button></form>'
    )


def _places(sounds: SoundMap) -> list[tuple[float, float]]:
    """Return where the points lie on the picture, one scale both ways."""
    width, height = _MAP
    reach_x = max(1e-6, *(abs(point.x) for point in sounds.points))
    reach_y = max(1e-6, *(abs(point.y) for point in sounds.points))
    scale = min((width / 2 - _MARGIN) / reach_x, (height / 2 - _MARGIN) / reach_y)
    return [(width / 2 + scale * point.x, height / 2 - scale * point.y) for point in sounds.points]


def _labels(names: list[str], places: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the left end of each label's base line: beside its point where it is free, inside the picture."""
    width, height = _MAP
    taken = [(x - 9, y - 9, x + 9, y + 9) for x, y in places]
    found = []
    for name, (x, y) in zip(names, places, strict=True):
        long = _LETTER * len(name)
        tries = ((x + 12, y + 4), (x - 12 - long, y + 4), (x - long / 2, y - 13), (x - long / 2, y + 22),
                 (x + 10, y - 12), (x + 10, y + 20), (x - 10 - long, y - 12), (x - 10 - long, y + 20))  # fmt: skip
        inside = [(min(max(4.0, left), width - long - 4), min(max(_LINE, base), height - 4)) for left, base in tries]
        boxes = [(left, base - _LINE + 3, left + long, base + 3) for left, base in inside]
        free = [n for n, box in enumerate(boxes) if not any(_cross(box, other) for other in taken)]
        best = free[0] if free else 0
        taken.append(boxes[best])
        found.append(inside[best])
    return found


def _cross(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _arrow(word: str, x: float, y: float) -> str:
    width, height = _MAP
    size = max(abs(complex(x, y)), 1e-9)
    reach = min(width, height) * 0.36
    dx, dy = reach * x / size * min(1.0, 0.4 + size), -reach * y / size * min(1.0, 0.4 + size)
    cx, cy = width / 2, height / 2
    return (
        f'<line x1="{cx}" y1="{cy}" x2="{cx + dx:.1f}" y2="{cy + dy:.1f}"/>'
        f'<text x="{cx + 1.12 * dx:.1f}" y="{cy + 1.12 * dy:.1f}" text-anchor="middle">{text(word)}</text>'
    )


def _short(name: str) -> str:
    return name if len(name) <= 32 else f"{name[:30]}…"
