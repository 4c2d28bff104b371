"""The console's changed knobs and what was measured, as rows and as tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from assistant.events import Measurement
from assistant.sections import clock
from assistant.tell import name_channel
from console.parameters import Value, spec, specs_of
from console.settings import Move, kind_of

__all__ = ["KnobRow", "format_value", "knob_rows", "knob_table", "measured_table"]

_PROCESSORS = {
    "trim": "Trim",
    "highpass": "High-pass",
    "lowpass": "Low-pass",
    "eq": "EQ",
    "gate": "Gate",
    "deesser": "De-esser",
    "compressor": "Compressor",
    "saturation": "Saturation",
    "stereo": "Stereo",
    "fader": "Fader",
    "send": "Send",
    "limiter": "Limiter",
    "reverb": "Reverb",
    "delay": "Delay",
}


@dataclass(frozen=True)
class KnobRow:
    """One knob that stands differently; values with their unit, as people write them."""

    channel: str
    processor: str
    label: str
    before: str
    after: str
    fresh: bool


def format_value(parameter: str, value: Value) -> str:
    """Return a knob's value with its unit: "+2.5 dB", "3.2 kHz", "4:1", "L 30", "on"."""
    entry = spec(parameter)
    if entry.kind == "switch":
        return "on" if value else "off"
    if entry.kind == "choice":
        return str(value)
    number = float(value)
    if entry.unit == "Hz":
        return f"{number / 1000:.3g} kHz" if number >= 1000 else f"{number:.4g} Hz"
    if entry.unit == "dB":
        signed = entry.low < 0 < entry.high or parameter == "fader.gain_db"
        return f"{number:+.1f} dB" if signed and number else f"{number:.1f} dB"
    if entry.unit == "-1..1":
        return "centre" if number == 0 else f"{'L' if number < 0 else 'R'} {abs(number) * 100:.0f}"
    if ".." in entry.unit:
        return f"{number * 100:.0f} %"
    if entry.unit == ":1":
        return f"{number:g}:1"
    return f"Q {number:g}" if entry.unit == "Q" else f"{number:g} {entry.unit}"


def knob_rows(moves: Sequence[Move], fresh: Sequence[Move] = ()) -> list[KnobRow]:
    """Return a row a move, channels as they come, knobs in signal order; those of the last edit,
    `fresh`, are marked where there are others."""
    channels = list(dict.fromkeys((move.track, move.time_s) for move in moves))
    new = {_knob(move) for move in fresh}
    if new >= {_knob(move) for move in moves}:
        new = set()  # all of it is new: nothing to tell apart
    order = {
        (address, entry.name): place
        for address, _ in channels
        for place, entry in enumerate(specs_of(kind_of(address)))
    }
    ranked = sorted(
        moves, key=lambda move: (channels.index((move.track, move.time_s)), order[move.track, move.parameter])
    )
    return [
        KnobRow(
            _channel(move),
            _PROCESSORS[spec(move.parameter).processor],
            spec(move.parameter).label,
            format_value(move.parameter, move.before),
            format_value(move.parameter, move.after),
            _knob(move) in new,
        )
        for move in ranked
    ]


def _knob(move: Move) -> tuple:
    return move.time_s, move.track, move.parameter


def _channel(move: Move) -> str:
    """Return a channel's name, with the section in which the knob was turned."""
    name = name_channel(move.track)
    return name if move.time_s is None else f"{name}, {clock(move.time_s[0])}-{clock(move.time_s[1])}"


def knob_table(rows: Sequence[KnobRow], colours: dict[str, str], title: str, empty: str) -> str:
    """Return the rows as an HTML table, one body a channel; names are escaped."""
    head = _heading("What turned", title)
    if not rows:
        return f'<section class="panel" id="knobs">{head}<p class="empty">{escape(empty)}</p></section>'
    bodies = []
    for channel in dict.fromkeys(row.channel for row in rows):
        colour = colours.get(channel, "var(--muted)")
        inside = "".join(_knob_line(row) for row in rows if row.channel == channel)
        bodies.append(
            f'<tbody><tr class="channel"><th scope="rowgroup" colspan="4" title="{escape(channel)}">'
            f'<i style="background:{escape(colour)}"></i>{escape(channel)}</th></tr>{inside}</tbody>'
        )
    columns = _columns(("Processor", ""), ("Knob", ""), ("Before", "number"), ("After", "number"))
    return f'<section class="panel" id="knobs">{head}<table>{columns}{"".join(bodies)}</table></section>'


def measured_table(measurements: Sequence[Measurement], title: str) -> str:
    """Return what an edit changed as measured, as an HTML table."""
    head = _heading("Measured", title)
    if not measurements:
        empty = "Nothing measured yet. Every edit is checked here, in units."
        return f'<section class="panel" id="measured">{head}<p class="empty">{empty}</p></section>'
    lines = "".join(
        f'<tr><th scope="row">{escape(_capital(entry.what))}'
        f"<small>{escape(_capital(name_channel(entry.track)))}</small></th>"
        f'<td class="number">{entry.before:.1f}</td><td class="number after">{entry.after:.1f}</td>'
        f'<td class="number">{"" if entry.wanted is None else format(entry.wanted, ".1f")}</td>'
        f"<td>{escape(entry.unit)}</td></tr>"
        for entry in measurements
    )
    columns = _columns(("What", ""), ("Before", "number"), ("After", "number"), ("Wanted", "number"), ("Unit", ""))
    return f'<section class="panel" id="measured">{head}<table>{columns}<tbody>{lines}</tbody></table></section>'


def _heading(name: str, title: str) -> str:
    return f"<h2>{name}<small>{escape(title)}</small></h2>"


def _columns(*names: tuple[str, str]) -> str:
    cells = "".join(f'<th scope="col" class="{kind}">{name}</th>' for name, kind in names)
    return f"<thead><tr>{cells}</tr></thead>"


def _knob_line(row: KnobRow) -> str:
    fresh = ' class="fresh"' if row.fresh else ""
    return (
        f'<tr{fresh}><td class="muted">{row.processor}</td><th scope="row">{escape(row.label)}</th>'
        f'<td class="number">{escape(row.before)}</td><td class="number after">{escape(row.after)}</td></tr>'
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
