"""The console as HTML: a rail of channels, and one strip in signal order with every knob of it."""

import json
from collections.abc import Sequence

import numpy as np

from assistant.amount import amount_now
from assistant.parts import part_of
from assistant.sections import clock
from assistant.tell import name_channel
from assistant.web.knobs import PROCESSOR_NAMES, format_value, slider_of
from assistant.web.markup import button, data, panel, text
from assistant.web.plots import curve_db
from assistant.web.state import Workbench
from console.filters import BANDS
from console.parameters import PROCESSORS, ParameterSpec, spec, specs_of
from console.settings import Move, kind_of

__all__ = ["console", "rail"]

_POINTS = 120
_NEUTRAL = {
    "highpass": ("highpass.on", 0.0),
    "lowpass": ("lowpass.on", 0.0),
    "gate": ("gate.ratio", 1.0),
    "deesser": ("deesser.ratio", 1.0),
    "compressor": ("compressor.ratio", 1.0),
    "saturation": ("saturation.mix", 0.0),
    "limiter": ("limiter.on", 0.0),
}
"""What says that a processor does nothing, where one knob says it."""
_ALWAYS_OPEN = ("stereo", "fader")


def console(bench: Workbench) -> str:
    """Return the panel: rail and strip."""
    body = f'<div class="console">{rail(bench)}{_strip(bench)}</div>'
    version = bench.session.version
    aside = f"<small>version {version.number}: {text(bench.version_name(version.number))}</small>"
    return panel("console", "Console", body, aside)


def rail(bench: Workbench) -> str:
    """Return the list of channels: which is shown, which moved, which is locked or heard alone."""
    colours = {track.name: track.colour for track in bench.session.song.tracks}
    moved = {move.track for move in bench.session.version.moves}
    rows = []
    for address in bench.channels():
        name = _name(address)
        marks = ("moved " if address in moved else "") + ("locked" if bench.session.is_locked(address) else "")
        states = " and ".join(marks.split())
        shown = address == bench.channel
        solo = ""
        if address in bench.tracks():
            heard = bench.hear == address
            solo = button(
                "S", "listen_to", name=f"Hear {name} alone", kind="tiny", pressed=heard, ident=f"solo-{address}",
                target="mix" if heard else address,
            )  # fmt: skip
        rows.append(
            f'<li class="{marks}"><button type="button" id="channel-{text(address)}"'
            f'{data(act="channel", payload=_json(address=address))} aria-pressed="{str(shown).lower()}"'
            f' title="{text(name)}"><i style="background:{text(colours.get(address, "var(--muted)"))}"></i>'
            f'<span class="long">{text(name)}</span><small>{_summary(bench, address)}</small>'
            f'<span class="sr">{text(states)}</span></button>{solo}</li>'
        )
    return f'<ul class="rail" aria-label="Channels">{"".join(rows)}</ul>'


def _summary(bench: Workbench, address: str) -> str:
    settings = bench.session.settings
    if address in ("reverb", "delay"):
        return format_value(f"{address}.return_db", settings.get(address, f"{address}.return_db"))
    if settings.get(address, "fader.mute"):
        return "muted"
    return format_value("fader.gain_db", settings.get(address, "fader.gain_db"))


def _name(address: str) -> str:
    name = name_channel(address).removeprefix("group:")
    return name[:1].upper() + name[1:] if address in ("master", "reverb", "delay") else name


def _strip(bench: Workbench) -> str:
    address = bench.channel
    moves = [move for move in bench.session.version.moves if move.track == address]
    here = {move.parameter: move for move in moves if move.time_s is None}
    locked = bench.session.is_locked(address)
    name = _name(address)
    head = (
        f'<div class="strip-head"><h3 class="long" title="{text(name)}">{text(name)}</h3>'
        + button(
            "Locked" if locked else "Lock", "lock", name=f"Lock all of {name}", kind="quiet", pressed=locked,
            ident="lock-channel", track=address, on=not locked,
        )
        + button(
            "Reset", "reset", name=f"Reset every knob of {name}", kind="quiet", ident="reset-channel", track=address
        )
        + _amount(bench, "all of the last edit", None, bool(bench.session.version.parent is not None))
        + "</div>"
    )  # fmt: skip
    cards = "".join(_processor(bench, address, processor, here) for processor in PROCESSORS[kind_of(address)])
    body = f"{head}{cards}{_regions(bench, address)}"
    return f'<div class="strip" role="group" aria-label="{text(name)}, in signal order">{body}</div>'


def _processor(bench: Workbench, address: str, processor: str, moved: dict[str, Move]) -> str:
    specs = [entry for entry in specs_of(kind_of(address)) if entry.processor == processor]
    turned = [entry for entry in specs if entry.name in moved]
    off = _idle(bench, address, processor, specs)
    name = PROCESSOR_NAMES[processor]
    part = part_of(specs[0].name)
    amount = _amount(
        bench, f"what the last edit did to the {name.lower()} of {_name(address)}", (part, address), bool(turned)
    )
    state = "" if not off else '<small class="idle">idle</small>'
    mark = f'<small class="changed">{len(turned)} turned</small>' if turned else ""
    drawn = {entry.name: _knob(bench, address, entry, moved.get(entry.name)) for entry in specs}
    knobs = _bands(bench, address, drawn) if processor == "eq" else "".join(drawn.values())
    opened = " open" if turned or not off or processor in _ALWAYS_OPEN else ""
    return (
        f'<details class="processor {processor}{" off" if off else ""}" '
        f'data-key="{text(f"{address}/{processor}")}"{opened}>'
        f"<summary>{name}{state}{mark}</summary>{amount if turned else ''}{knobs}</details>"
    )


def _bands(bench: Workbench, address: str, drawn: dict[str, str]) -> str:
    """Return the equaliser's curve and a row a band: gain, frequency, width."""
    heads = "".join(f'<span class="head" aria-hidden="true">{head}</span>' for head in ("", "Gain", "Frequency", "Q"))
    rows = "".join(
        f"<span>{spec(f'eq.{band}_gain_db').label}</span>"
        + "".join(drawn[f"eq.{band}_{part}"] for part in ("gain_db", "freq_hz", "q"))
        for band in BANDS
    )
    return f'{_curve(bench, address)}<div class="bands">{heads}{rows}</div>'


def _curve(bench: Workbench, address: str) -> str:
    """Return what the equaliser and the filters do, now and before the last edit."""
    session = bench.session
    rate, parent = session.song.sample_rate, session.version.parent
    freqs = np.geomspace(25.0, min(20000.0, 0.49 * rate), _POINTS)
    now = curve_db(session.settings, address, freqs, rate)
    was = now if parent is None else curve_db(session.versions[parent].settings, address, freqs, rate)
    reach = max(6.0, float(np.abs(np.clip([was, now], -18, 18)).max()) * 1.1)

    def path(curve: np.ndarray) -> str:
        return "M" + " L".join(f"{x} {50 - 50 * max(-1.0, min(1.0, db / reach)):.1f}" for x, db in enumerate(curve))

    before = f'<path class="before" d="{path(was)}"/>' if not np.allclose(was, now) else ""
    return (
        f'<svg class="curve" viewBox="0 0 {_POINTS - 1} 100" preserveAspectRatio="none" role="img"'
        f' aria-label="Equaliser and filters, 25 Hz to 20 kHz, within {reach:.0f} dB">'
        f'<line x1="0" y1="50" x2="{_POINTS}" y2="50"/>{before}<path class="now" d="{path(now)}"/></svg>'
    )


def _knob(bench: Workbench, address: str, entry: ParameterSpec, moved: Move | None) -> str:
    value = bench.session.settings.get(address, entry.name)
    locked = bench.session.is_locked(address, entry.name)
    label = f"{_name(address)}, {entry.label}"
    ident = f"knob-{address}-{entry.name}"
    shown = format_value(entry.name, value)
    payload = _json(track=address, parameter=entry.name)
    if entry.kind == "switch":
        on = bool(value)
        other = _json(track=address, parameter=entry.name, typed="off" if on else "on")
        control = (
            f'<button type="button" class="switch" role="switch" id="{text(ident)}" aria-checked="{str(on).lower()}"'
            f' aria-label="{text(label)}"{" disabled" if locked else ""}'
            f"{data(act='turn', payload=other)}>{shown}</button>"
        )
    elif entry.kind == "choice":
        choices = "".join(
            f'<option value="{text(one)}"{" selected" if one == value else ""}>{text(one)}</option>'
            for one in entry.choices
        )
        control = (
            f'<select id="{text(ident)}" aria-label="{text(label)}"{data(turn=payload)}'
            f"{' disabled' if locked else ''}>{choices}</select>"
        )
    else:
        position, curve = slider_of(entry, float(value))
        disabled = " disabled" if locked else ""
        control = (
            f'<input type="range" min="0" max="1" step="any" value="{position:.5f}" id="{text(ident)}" tabindex="-1"'
            f' aria-label="{text(label)}" aria-valuetext="{text(shown)}"{disabled}'
            f"{data(turn=payload, low=entry.low, high=entry.high, curve=curve)}"
            f"{data(unit=entry.unit, step=entry.step)}>"
            f'<input type="text" class="value" inputmode="decimal" autocomplete="off" value="{text(shown)}"'
            f' id="{text(ident)}-typed" aria-label="{text(label)}, {_range(entry)}"'
            f"{data(typed=payload)}{disabled}>"
        )
    was = ""
    if moved is not None:
        was = (
            f'<span class="was" title="Before the last edit">was {text(format_value(entry.name, moved.before))}</span>'
        )
    off_default = value != entry.default
    return (
        f'<div class="knob{" moved" if moved is not None else ""}{" locked" if locked else ""}">'
        f'<label for="{text(ident)}">{text(entry.label)}</label>{control}{was}'
        + '<span class="marks">'
        + button(
            "L", "lock", name=f"Lock {label}", kind="tiny", pressed=locked, ident=f"lock-{address}-{entry.name}",
            track=address, what=entry.name, on=not locked,
        )
        + button(
            "R", "turn", name=f"Reset {label} to {format_value(entry.name, entry.default)}", kind="tiny",
            disabled=not off_default or locked, ident=f"reset-{address}-{entry.name}",
            track=address, parameter=entry.name, typed=None,
        )
        + "</span></div>"
    )  # fmt: skip


def _range(entry: ParameterSpec) -> str:
    return f"{format_value(entry.name, entry.low)} to {format_value(entry.name, entry.high)}"


def _amount(bench: Workbench, what: str, part: tuple[str, str] | None, usable: bool) -> str:
    """Return the slider that sets how much of the last edit stands, all of it or one part on one channel."""
    if not usable:
        return ""
    now = _share(bench, part)
    payload = _json() if part is None else _json(part=part[0], track=part[1])
    ident = "amount" if part is None else f"amount-{part[1]}-{part[0]}"
    shown = "mixed" if now is None else f"{100 * now:.0f} %"
    return (
        f'<div class="amount"><label for="{text(ident)}">Amount</label><input type="range" min="0" max="150" step="5"'
        f' value="{100 * (1.0 if now is None else now):.0f}" id="{text(ident)}" aria-label="Amount of '
        f'{text(what)}, per cent"'
        f"{data(amount=payload)}><output>{shown}</output></div>"
    )


def _share(bench: Workbench, part: tuple[str, str] | None) -> float | None:
    """Return how much of the last edit stands, of all of it or of a part; None where its parts differ."""
    if part is None:
        return amount_now(bench.session)
    for share in reversed(bench.session.version.shares):
        if (not share.parts or part[0] in share.parts) and (not share.tracks or part[1] in share.tracks):
            return share.amount
    return 1.0


def _idle(bench: Workbench, address: str, processor: str, specs: Sequence[ParameterSpec]) -> bool:
    settings = bench.session.settings
    if processor in _NEUTRAL:
        name, neutral = _NEUTRAL[processor]
        return settings.get(address, name) == neutral
    if processor == "eq":
        return all(settings.number(address, entry.name) == 0.0 for entry in specs if entry.name.endswith("_gain_db"))
    return all(settings.get(address, entry.name) == entry.default for entry in specs)


def _regions(bench: Workbench, address: str) -> str:
    """Return what stands elsewhere in sections of the song: shown, not turned here."""
    rows = []
    for region in bench.session.settings.regions:
        for name, value in region.channels.get(address, {}).items():
            when = f"{clock(region.start_s)}-{clock(region.end_s)}"
            rows.append(f"<li>{when}: {text(spec(name).label)} {text(format_value(name, value))}</li>")
    return f'<div class="regions"><h4>In sections</h4><ul>{"".join(rows)}</ul></div>' if rows else ""


def _json(**payload: object) -> str:
    return json.dumps(payload)
