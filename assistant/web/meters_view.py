"""Meters as HTML: what both sounds measure, their spectra with the equaliser, gain reduction, what the edit reached."""

import numpy as np

from assistant.request import MIX
from assistant.tell import name_channel
from assistant.web.knobs import PROCESSOR_NAMES
from assistant.web.markup import decibels, figure, panel, table, text
from assistant.web.plots import curve_db, spectrum_figure
from assistant.web.reduction import Reduction, reductions
from assistant.web.state import Side, Workbench
from assistant.web.takes import Take
from console.settings import Settings

__all__ = ["meters"]

_POINTS = 300


def meters(bench: Workbench) -> str:
    """Return the panel; renders what is not rendered yet."""
    sides = tuple(bench.side(key) for key in (bench.before, bench.after))
    takes = tuple(bench.take(side, bench.hear) for side in sides)
    body = (
        f'<div class="meters"><div>{_readings(takes)}{_reached(bench)}</div>'
        f"<div>{_spectrum(bench, sides, takes)}{_reductions(bench, sides[1])}</div></div>"
    )
    return panel("meters", "Meters", body, f"<small>{text(bench.heard_as())}</small>")


def _readings(takes: tuple[Take, ...]) -> str:
    rows = (
        ("Loudness, integrated", "LUFS", "loudness_lufs", 1),
        ("Loudest 3 s", "LUFS", "short_term_lufs", 1),
        ("Loudness range", "LU", "range_lu", 1),
        ("True peak", "dBTP", "true_peak_dbtp", 1),
        ("Crest factor", "dB", "crest_db", 1),
        ("Correlation", "", "correlation", 2),
        ("Side against mid", "dB", "width_db", 1),
    )
    lines = [
        (label, *(text(decibels(getattr(take, field), unit, digits)) for take in takes))
        for label, unit, field, digits in rows
    ]
    return table(("Reading", "A", "B"), lines, "What A and B measure")


def _spectrum(bench: Workbench, sides: tuple[Side, ...], takes: tuple[Take, ...]) -> str:
    rate = bench.session.song.sample_rate
    freqs = np.geomspace(25.0, min(20000.0, 0.49 * rate), _POINTS)
    address = "master" if bench.hear == MIX else bench.hear
    curves = tuple(_curve(side.settings, address, freqs, rate) for side in sides)
    drawn = spectrum_figure(takes[0], takes[1], (curves[0], curves[1]), freqs, ("A", "B"))
    return figure(drawn, f"Spectrum and equaliser of {bench.heard_as()}, A and B")


def _curve(settings: Settings | None, address: str, freqs: np.ndarray, rate: int) -> np.ndarray:
    return np.zeros_like(freqs) if settings is None else curve_db(settings, address, freqs, rate)


def _reductions(bench: Workbench, side: Side) -> str:
    if side.settings is None:
        return ""
    address = "master" if bench.hear == MIX else bench.hear
    key = (address, side.settings.to_json())
    if key not in bench.reduced:
        bench.reduced = {key: reductions(bench.session, side.settings, address)}
    found = bench.reduced[key]
    name = name_channel(address)
    if not found:
        return f'<p class="empty">No compressor, gate or limiter works on {text(name)} in B.</p>'
    return "".join(_reduction(one, name) for one in found)


def _reduction(one: Reduction, name: str) -> str:
    count, most = len(one.curve_db), max(6.0, -one.most_db)
    path = " ".join(f"L{x} {60 * -value / most:.1f}" for x, value in enumerate(one.curve_db))
    label = PROCESSOR_NAMES[one.processor]
    return (
        f'<figure class="reduction"><figcaption>{label} of {text(name)}: takes {-one.mean_db:.1f} dB in the mean, '
        f"{-one.most_db:.1f} dB at most</figcaption>"
        f'<svg viewBox="0 0 {count} 60" preserveAspectRatio="none" role="img" aria-label="Gain reduction over '
        f'the song">'
        f'<path d="M0 0 {path} L{count - 1} 0 Z"/></svg><small>0 to -{most:.0f} dB</small></figure>'
    )


def _reached(bench: Workbench) -> str:
    """Return what the last edit changed as it was measured."""
    measured = bench.session.version.measured
    if not measured:
        return '<p class="empty">Every edit is measured here, in units. Nothing was edited in this version.</p>'
    rows = [
        (
            f"{text(entry.what[:1].upper() + entry.what[1:])}<small>{text(name_channel(entry.track))}</small>",
            f"{entry.before:.1f}",
            f"<b>{entry.after:.1f}</b> {text(entry.unit)}",
            "" if entry.wanted is None else f"{entry.wanted:.1f}",
        )
        for entry in measured
    ]
    return (
        f"<h3>Measured</h3>{table(('What', 'Before', 'After', 'Wanted'), rows, 'Measured before and after the edit')}"
    )
