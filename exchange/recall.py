"""The recall sheet: every knob that stands off its default, in signal order, for a person with another desk."""

from collections.abc import Callable, Mapping
from importlib import metadata

from console.filters import BANDS
from console.parameters import PROCESSORS, SATURATION_TYPES, Value, spec
from console.settings import BUSES, Region, Settings, kind_of
from exchange.project import Project

__all__ = ["Row", "channel_name", "channel_rows", "clock", "recall_sheet"]

Row = tuple[str, str]
"""What is turned, and how it stands in words and units."""

_WIDTH = 78
_LABEL = 14
_CURVES = dict(zip(SATURATION_TYPES, ("tape", "tube", "hard clip"), strict=True))

_HOW_TO_READ = """HOW TO READ
  Processors stand in signal order; what is not named is not in use.
  Levels are dB; fader and send at 0 dB are unity, sends are post fader.
  Pan is constant power, 0 dB in the centre, +3 dB at the ends; L100 is hard
  left. Bells and shelves are second order, Q as in the Audio EQ Cookbook;
  cuts are Butterworth, -3 dB at their frequency. Gate and compressor follow
  the peak, stereo linked; attack and release are times to 63 % of the way.
  Drive is gain into the curve; what it adds at -18 dBFS is taken off again.
  The reverb's decay is RT60 well below its damping frequency."""


def recall_sheet(project: Project) -> str:
    """Return the sheet as plain text, 80 columns wide.

    Args:
        project: the mix.
    Returns:
        A heading, a block for every channel in signal order, the sections, and how to read the numbers.
    """
    song, settings = project.song, project.settings
    lines = [
        "=" * _WIDTH,
        f"RECALL SHEET   {project.title}",
        f"{song.sample_rate} Hz, {clock(song.duration_s)}, {len(song.tracks)} tracks; "
        f"Studiospeak {metadata.version('studiospeak')}",
        "=" * _WIDTH,
    ]
    instruments = {track.name: track.instrument for track in song.tracks}
    for address in settings.addresses():
        rows = channel_rows(settings, address)
        if address in ("reverb", "delay") and not rows:
            continue
        heading = channel_name(address).upper() if kind_of(address) != "track" else address
        if instruments.get(address, "unknown") != "unknown":
            heading += f"  ({instruments[address].replace('_', ' ')})"
        into = settings.routing.get(address)
        lines += ["", heading + (f"  -> {into}" if into else "")]
        lines += [line for row in rows for line in _wrapped(*row)] or ["  as recorded, fader 0 dB, centre"]
    lines += [line for region in settings.regions for line in _section(project, region)]
    return "\n".join([*lines, "", "-" * _WIDTH, _HOW_TO_READ, ""])


def channel_rows(settings: Settings, address: str) -> list[Row]:
    """Return how a channel stands, a row for each processor in use; empty where nothing is."""
    values = settings.channel(address)
    if address in ("reverb", "delay") and _is_fed(settings, address):
        values = {f"{address}.return_db": settings.get(address, f"{address}.return_db"), **values}
    return _rows(kind_of(address), values, settings, address)


def channel_name(address: str) -> str:
    """Return what a person calls a channel."""
    if kind_of(address) == "group":
        return f"{address.removeprefix('group:')} group"
    return address.capitalize() if address in BUSES else address


def clock(seconds: float) -> str:
    """Return a time as minutes and seconds, 1:05.0."""
    tenths = round(seconds * 10)
    return f"{tenths // 600}:{tenths % 600 / 10:04.1f}"


def _rows(kind: str, values: Mapping[str, Value], settings: Settings, address: str) -> list[Row]:
    rows = []
    for processor in PROCESSORS[kind]:
        here = {name.split(".")[1]: value for name, value in values.items() if name.startswith(f"{processor}.")}
        if here:

            def get(name: str, processor: str = processor) -> Value:
                return values.get(f"{processor}.{name}", settings.get(address, f"{processor}.{name}"))

            rows.append((_LABELS[processor], _WORDS[processor](get, here)))
    return rows


def _section(project: Project, region: Region) -> list[str]:
    named = [part.name for part in project.sections if (part.start_s, part.end_s) == region.time_s]
    heading = f"FROM {clock(region.start_s)} TO {clock(region.end_s)}" + (f"  ({named[0]})" if named else "")
    lines = ["", heading]
    for address, values in region.channels.items():
        lines.append(f"  {channel_name(address)}")
        for row in _rows(kind_of(address), values, project.settings, address):
            lines += [f"  {line}" for line in _wrapped(*row)]
    return lines


def _is_fed(settings: Settings, bus: str) -> bool:
    sent = [
        *(settings.channel(a) for a in settings.addresses()),
        *(c for r in settings.regions for c in r.channels.values()),
    ]
    return any(f"send.{bus}_db" in channel for channel in sent)


def _wrapped(label: str, text: str) -> list[str]:
    """Break a row at its commas and bars so that it stays on the page."""
    lines, line = [], ""
    for part in text.replace(", ", ",\n").replace(" | ", " |\n").split("\n"):
        if line and len(line) + 1 + len(part) > _WIDTH - _LABEL - 2:
            lines.append(line)
            line = part
        else:
            line = f"{line} {part}".strip()
    lines.append(line)
    return [f"  {label if number == 0 else '':<{_LABEL}}{line}" for number, line in enumerate(lines)]


Get = Callable[[str], Value]


def _db(value: Value) -> str:
    return f"{float(value):+.4g} dB" if value else "0 dB"


def _hz(value: Value) -> str:
    return f"{float(value) / 1000:.4g} kHz" if float(value) >= 1000 else f"{float(value):.4g} Hz"


def _share(value: Value) -> str:
    return f"{float(value) * 100:.4g} %"


def _times(get: Get) -> str:
    return f"attack {float(get('attack_ms')):.4g} ms, release {float(get('release_ms')):.4g} ms"


def _trim(get: Get, here: Mapping[str, Value]) -> str:
    words = [_db(get("gain_db"))] if "gain_db" in here else []
    return ", ".join([*words, *(["polarity inverted"] if float(get("invert")) else [])]) or "polarity as recorded"


def _cut(get: Get, _: Mapping[str, Value]) -> str:
    off = "" if float(get("on")) else "off; stands at "
    return f"{off}{_hz(get('freq_hz'))}, {get('slope_db_per_octave')} dB/octave"


def _eq(get: Get, here: Mapping[str, Value]) -> str:
    used = [band for band in BANDS if any(name.startswith(band) for name in here)]
    return " | ".join(
        f"{spec(f'eq.{band}_gain_db').label.lower()} {_db(get(f'{band}_gain_db'))} at "
        f"{_hz(get(f'{band}_freq_hz'))} Q {float(get(f'{band}_q')):.4g}"
        for band in used
    )


def _gate(get: Get, _: Mapping[str, Value]) -> str:
    return (
        f"threshold {float(get('threshold_db')):.4g} dB, expansion {float(get('ratio')):.4g}:1, "
        f"range {float(get('range_db')):.4g} dB, {_times(get)}, knee 6 dB"
    )


def _deesser(get: Get, _: Mapping[str, Value]) -> str:
    return (
        f"above {_hz(get('freq_hz'))}, threshold {float(get('threshold_db')):.4g} dB, "
        f"{float(get('ratio')):.4g}:1, range {float(get('range_db')):.4g} dB, {_times(get)}, split band"
    )


def _compressor(get: Get, here: Mapping[str, Value]) -> str:
    words = [
        f"threshold {float(get('threshold_db')):.4g} dB",
        f"{float(get('ratio')):.4g}:1",
        _times(get),
        f"knee {float(get('knee_db')):.4g} dB",
    ]
    if "makeup_db" in here:
        words.append(f"make-up {_db(get('makeup_db'))}")
    if "mix" in here:
        words.append(f"dry/wet {_share(get('mix'))}")
    if "sidechain_highpass_hz" in here:
        words.append(f"side-chain high-pass {_hz(get('sidechain_highpass_hz'))}")
    return ", ".join(words)


def _saturation(get: Get, here: Mapping[str, Value]) -> str:
    words = [
        _CURVES[str(get("type"))],
        f"drive {float(get('drive_db')):.4g} dB",
        f"dry/wet {_share(get('mix'))}",
    ]
    return ", ".join([*words, *([f"output {_db(get('output_db'))}"] if "output_db" in here else [])])


def _stereo(get: Get, here: Mapping[str, Value]) -> str:
    words = []
    if "width" in here:
        words.append(f"width {_share(get('width'))}")
    if "mono_below_hz" in here:
        words.append(f"mono below {_hz(get('mono_below_hz'))}")
    if "pan" in here:
        pan = float(get("pan"))
        words.append(f"pan {'L' if pan < 0 else 'R'}{abs(pan) * 100:.4g}" if pan else "pan centre")
    return ", ".join(words)


def _fader(get: Get, here: Mapping[str, Value]) -> str:
    level = _db(get("gain_db")) if "gain_db" in here or "mute" not in here else "0 dB"
    return f"{level}, muted" if float(get("mute")) else level


def _send(get: Get, here: Mapping[str, Value]) -> str:
    low = float(spec("send.reverb_db").low)
    return ", ".join(
        f"{bus} {_db(get(f'{bus}_db')) if float(get(f'{bus}_db')) > low else 'off'}"
        for bus in ("reverb", "delay")
        if f"{bus}_db" in here
    )


def _limiter(get: Get, _: Mapping[str, Value]) -> str:
    off = "" if float(get("on")) else "off; stands at "
    return (
        f"{off}ceiling {float(get('ceiling_dbtp')):.4g} dBTP, input {_db(get('gain_db'))}, "
        f"release {float(get('release_ms')):.4g} ms, look-ahead 2 ms"
    )


def _reverb(get: Get, _: Mapping[str, Value]) -> str:
    return (
        f"decay {float(get('decay_s')):.4g} s, pre-delay {float(get('predelay_ms')):.4g} ms, "
        f"damping {_hz(get('damping_hz'))}, size {_share(get('size'))}, tilt {_db(get('colour_db'))}, "
        f"low cut {_hz(get('lowcut_hz'))}, return {_db(get('return_db'))}"
    )


def _delay(get: Get, _: Mapping[str, Value]) -> str:
    return (
        f"time {float(get('time_ms')):.4g} ms, feedback {_share(get('feedback'))}, "
        f"damping {_hz(get('damping_hz'))}, ping-pong {_share(get('ping_pong'))}, return {_db(get('return_db'))}"
    )


_WORDS: dict[str, Callable[[Get, Mapping[str, Value]], str]] = {
    "trim": _trim,
    "highpass": _cut,
    "lowpass": _cut,
    "eq": _eq,
    "gate": _gate,
    "deesser": _deesser,
    "compressor": _compressor,
    "saturation": _saturation,
    "stereo": _stereo,
    "fader": _fader,
    "send": _send,
    "limiter": _limiter,
    "reverb": _reverb,
    "delay": _delay,
}
_LABELS = {
    "trim": "Trim",
    "highpass": "High-pass",
    "lowpass": "Low-pass",
    "eq": "Equaliser",
    "gate": "Gate",
    "deesser": "De-esser",
    "compressor": "Compressor",
    "saturation": "Saturation",
    "stereo": "Image",
    "fader": "Fader",
    "send": "Sends",
    "limiter": "Limiter",
    "reverb": "Reverb",
    "delay": "Delay",
}
