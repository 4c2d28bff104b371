"""The compare player: two takes on one transport, at matched loudness unless real level is asked for.

The browser does the switching (`player.js`); levels are matched with the audio element's volume, which can only turn
down, so the files stay what they are.
"""

import math
from html import escape

import numpy as np

from assistant.web.takes import Take

__all__ = ["compare_player", "matched_gains_db", "waveform_path"]

_LOUDEST_CUT_DB = -40.0


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


def compare_player(
    before: Take,
    after: Take,
    names: tuple[str, str],
    what: str,
    url: str,
    downloads: str,
) -> str:
    """Return the player's HTML.

    Args:
        before, after: the two takes.
        names: what the two versions are called.
        what: what is listened to: "the mix" or a track.
        url: where the takes' files are served, ending in a slash.
        downloads: HTML of the links at the end.
    """
    gains = matched_gains_db(before.loudness_lufs, after.loudness_lufs)
    lanes = "".join(
        _lane(side, label, name, take, gain, url)
        for side, label, name, take, gain in (
            ("a", "Before", names[0], before, gains[0]),
            ("b", "After", names[1], after, gains[1]),
        )
    )
    return f"""<section class="panel player" data-side="b" data-matched="1" aria-label="Compare before and after">
<div class="transport">
<button type="button" class="play" data-do="play" aria-label="Play">Play</button>
<div class="ab" role="group" aria-label="Which version is heard">
<button type="button" data-do="a" aria-pressed="false">Before</button>
<button type="button" data-do="b" aria-pressed="true">After</button></div>
<output class="clock" aria-label="Position">0:00 / {_clock(after.duration_s)}</output>
<label class="match"><input type="checkbox" data-do="match" checked> Loudness-matched</label>
<button type="button" class="loop" data-do="loop" aria-pressed="false">Loop</button>
<span class="spacer"></span><span class="downloads">{downloads}</span>
</div>
<div class="lanes">{lanes}<div class="head" aria-hidden="true"></div>
<input class="seek" type="range" min="0" max="{after.duration_s:.3f}" step="0.01" value="0"
 aria-label="Position in {escape(what)}, seconds"></div>
<p class="note"><span data-note="matched">{escape(match_note(before, after))}</span><span data-note="real" hidden>Real
 level: what you hear is what the two versions really differ by.</span>
<span class="keys">Space plays, A and B switch, arrows move 5 s</span></p>
</section>"""


def match_note(before: Take, after: Take) -> str:
    """Say what matching did."""
    gains = matched_gains_db(before.loudness_lufs, after.loudness_lufs)
    if not (math.isfinite(before.loudness_lufs) and math.isfinite(after.loudness_lufs)):
        return "One of the two is silent; both play at their real level."
    for name, gain in zip(("Before", "After"), gains, strict=True):
        if gain <= -0.05:
            return f"{name} is turned down {-gain:.1f} dB while you compare."
    return "Both are equally loud as they are."


def _lane(side: str, label: str, name: str, take: Take, gain_db: float, url: str) -> str:
    columns = len(take.waveform)
    loud = "silent" if not math.isfinite(take.loudness_lufs) else f"{take.loudness_lufs:.1f} LUFS"
    peak = "" if not math.isfinite(take.true_peak_dbtp) else f"peak {take.true_peak_dbtp:.1f} dB"
    over = " over" if take.true_peak_dbtp > 0 else ""
    return (
        f'<div class="lane" data-lane="{side}"><div class="tag"><b>{label}</b><span title="{escape(name)}">'
        f'{escape(name)}</span><span class="level{over}">{loud}<br>{peak}</span></div>'
        f'<svg viewBox="0 0 {columns} 100" preserveAspectRatio="none" aria-hidden="true">'
        f'<path d="{waveform_path(take.waveform)}"/></svg>'
        f'<audio data-audio="{side}" data-gain="{10 ** (gain_db / 20):.6f}" src="{url}{take.file.name}" '
        f'preload="auto" aria-label="{label}: {escape(name)}"></audio></div>'
    )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"
