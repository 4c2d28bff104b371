"""The player as HTML: two sounds on one transport, at matched loudness unless real level is asked for.

The browser plays and switches (`player.js`); levels are matched by turning the louder one down, so the files stay
what they are.
"""

import math
from collections.abc import Sequence

import numpy as np

from assistant.request import MIX
from assistant.sections import clock as exact_clock
from assistant.web.markup import button, clock, data, decibels, text
from assistant.web.state import FIRST, NOW, PREVIOUS, Side, Workbench
from assistant.web.takes import Take

__all__ = ["LOADING", "matched_gains_db", "play_button", "player", "waveform_path"]

LOADING = '<section class="panel player"><p class="empty">Loading and rendering the song ...</p></section>'
_LOUDEST_CUT_DB = -40.0
_REAL = "Real level: what you hear is what the two really differ by."
_X = "X: A or B, hidden; hear it, then say which it is"
_KEYS = "Space plays · A B X switch · M match · L loop · [ ] mark a section · ← → 5 s · ? all keys"


def matched_gains_db(before_lufs: float, after_lufs: float) -> tuple[float, float]:
    """Return what to turn each of two sounds down by, dB (0 or below), so that both are as loud as the quieter.

    Silence cannot be matched: both stay as they are.
    """
    if not (math.isfinite(before_lufs) and math.isfinite(after_lufs)):
        return 0.0, 0.0
    quieter = min(before_lufs, after_lufs)
    return max(quieter - before_lufs, _LOUDEST_CUT_DB), max(quieter - after_lufs, _LOUDEST_CUT_DB)


def waveform_path(waveform: np.ndarray) -> str:
    """Return an SVG path of a waveform (columns,), 100 high around 50, one unit a column."""
    tall = np.clip(waveform, 0.0, 1.0) * 49 + 0.5
    top = " ".join(f"L{x} {50 - y:.1f}" for x, y in enumerate(tall))
    bottom = " ".join(f"L{x} {50 + y:.1f}" for x, y in reversed(list(enumerate(tall))))
    return f"M0 50 {top} {bottom} Z"


def player(bench: Workbench, url: str) -> str:
    """Return the player for what is compared.

    Args:
        bench: knows the two sides and what is heard of them.
        url: where this session's files are served, ending in a slash.
    """
    sides = tuple(bench.side(key) for key in (bench.before, bench.after))
    takes = tuple(bench.take(side, bench.hear) for side in sides)
    gains = matched_gains_db(takes[0].loudness_lufs, takes[1].loudness_lufs)
    length = max(take.duration_s for take in takes)
    lanes = "".join(
        _lane(letter, side, take, gain, url, length)
        for letter, side, take, gain in zip("ab", sides, takes, gains, strict=True)
    )
    same = sides[0].settings is not None and sides[0].settings == sides[1].settings
    note = "A and B are the same sound." if same else _match_note(takes, gains)
    lives = (("Momentary", "lufs"), ("Peak", "peak"), ("Correlation", "correlation"))
    live = "".join(f'<div><dt>{label}</dt><dd data-live="{name}">-</dd></div>' for label, name in lives)
    return f"""<section class="panel player" aria-label="Player" data-length="{length:.3f}">
<div class="transport" role="toolbar" aria-label="Transport">{_do("play", "Play", kind="play")}
<div class="ab" role="group" aria-label="What is heard">{_do("a", "A", f"A: {sides[0].name}", False)}
{_do("b", "B", f"B: {sides[1].name}", True)}{_do("x", "X", _X, False)}</div>
<output class="clock" aria-label="Position">0:00 / {clock(length)}</output>
<label class="match"><input type="checkbox" data-do="match" id="match" checked> Loudness-matched</label>
{_do("loop", "Loop", "Loop all, or the marked section", False)}
{_sections(bench)}<span class="spacer"></span>{_menus(bench)}</div>
<div class="guess" hidden><span>Is X A or B?</span>{_do("guess-a", "It is A")}{_do("guess-b", "It is B")}
<output class="score" aria-live="polite"></output></div>
<div class="lanes">{lanes}<div class="region" aria-hidden="true" hidden></div>
<div class="head" aria-hidden="true"></div>
<input class="seek" id="seek" type="range" min="0" max="{length:.3f}" step="0.01" value="0"
 aria-label="Position in seconds; Shift and drag marks a section to loop"></div>
<div class="live"><canvas class="spectrum" height="64" aria-hidden="true"></canvas>
<dl aria-label="Live meters">{live}</dl></div>
<p class="note"><span data-note="matched">{text(note)}</span><span data-note="real" hidden>{_REAL}</span>
<span class="keys">{_KEYS}</span></p></section>"""


def _do(what: str, label: str, name: str = "", pressed: bool | None = None, kind: str = "") -> str:
    """Return a button that the browser's player answers itself."""
    state = "" if pressed is None else f' aria-pressed="{str(pressed).lower()}"'
    named = f' aria-label="{text(name)}" title="{text(name)}"' if name else ""
    return f'<button type="button" class="{kind}" data-do="{what}" id="do-{what}"{state}{named}>{label}</button>'


def _match_note(takes: Sequence[Take], gains: Sequence[float]) -> str:
    if not all(math.isfinite(take.loudness_lufs) for take in takes):
        return "One of the two is silent; both play at their real level."
    for name, gain in zip("AB", gains, strict=True):
        if gain <= -0.05:
            return f"{name} is turned down {-gain:.1f} dB while you compare."
    return "Both are equally loud as they are."


def _menus(bench: Workbench) -> str:
    """Return the menus of what is A, what is B, and what is heard of them."""
    versions = [(f"v:{v.number}", f"{v.number}: {bench.version_name(v.number)}") for v in bench.session.versions]
    options = [] if bench.options is None else [
        (f"option:{one.number}", f"Option {one.number}: {one.reading.name}") for one in bench.options.options
    ]  # fmt: skip
    others = [(f"reference:{i}", f"Reference: {one.name}") for i, one in enumerate(bench.references)]
    between = [] if bench.between is None else [("between", bench.between.name)]
    named = [(FIRST, "As loaded"), (PREVIOUS, "Version before"), (NOW, "Now")]
    everything = [*named, *versions[1:], *options, *others, *between]
    hear = [(MIX, "The mix"), *((name, name) for name in bench.tracks())]
    menus = (("A", "before", bench.before, everything), ("B", "after", bench.after, everything))
    parts = [_menu(label, f"Sound {label}", name, value, choices) for label, name, value, choices in menus]
    if bench.tracks():
        parts.append(_menu("Hear", "What is heard of both", "hear", bench.hear, hear))
    return f'<div class="menus">{"".join(parts)}</div>'


def _menu(label: str, name: str, field: str, value: str, choices: Sequence[tuple[str, str]]) -> str:
    options = "".join(
        f'<option value="{text(key)}"{" selected" if key == value else ""}>{text(words)}</option>'
        for key, words in choices
    )
    return (
        f'<label class="menu"><span>{label}</span><select id="menu-{field}" '
        f'aria-label="{text(name)}"{data(pick=field)}>'
        f"{options}</select></label>"
    )


def _sections(bench: Workbench) -> str:
    """Return buttons that loop the sections the session knows by name."""
    known = {**(bench.session.heard_sections or {}), **bench.session.sections}
    buttons = "".join(
        f'<button type="button" class="tiny" data-do="section" data-from="{start:.3f}" data-to="{end:.3f}"'
        f' title="Loop {exact_clock(start)}-{exact_clock(end)}">{text(name)}</button>'
        for name, stretches in known.items()
        for start, end in stretches
    )
    return f'<span class="sections" role="group" aria-label="Loop a section">{buttons}</span>' if buttons else ""


def _lane(letter: str, side: Side, take: Take, gain_db: float, url: str, length: float) -> str:
    columns = len(take.waveform)
    loud = decibels(take.loudness_lufs, "LUFS")
    peak = decibels(take.true_peak_dbtp, "dBTP")
    over = " over" if take.true_peak_dbtp > 0 else ""
    width = 100 * take.duration_s / length
    spectrum = " ".join(f"{hz:g}:{max(db, -120.0):.1f}" for hz, db in zip(take.centre_hz, take.level_db, strict=True))
    return (
        f'<div class="lane" data-lane="{letter}" data-src="{url}{take.file.name}" '
        f'data-gain="{10 ** (gain_db / 20):.6f}"'
        f' data-spectrum="{spectrum}">'
        f'<div class="tag"><b>{letter.upper()}</b><span title="{text(side.name)}">{text(side.name)}</span>'
        f'<span class="level{over}">{loud}<br>{peak}</span></div>'
        f'<div class="wave"><svg style="width:{width:.2f}%" viewBox="0 0 {columns} 100" preserveAspectRatio="none"'
        f' aria-hidden="true"><path d="{waveform_path(take.waveform)}"/></svg></div></div>'
    )


def play_button(label: str, key: str, name: str) -> str:
    """Return a button that puts a sound on side B and plays it."""
    return button(label, "audition", name=name, kind="listen", key=key)
