"""The words as one page for a browser: every word, its curves, its senses, its sources. No script, nothing fetched."""

from collections import defaultdict
from collections.abc import Sequence
from html import escape

import numpy as np

from ontology.lookup import Ontology
from ontology.model import BANDS_HZ, Sense, Word
from ontology.render import effect_text, sense_heading, sense_origin

__all__ = ["curve_svg", "words_page"]

_WIDTH, _HEIGHT, _RANGE_DB = 160, 44, 10.0
_STYLE = """\
body{font:15px/1.45 system-ui,sans-serif;max-width:62em;margin:2em auto;padding:0 1em;color:#222;background:#fff}
h2{margin:1.6em 0 .3em;border-bottom:1px solid #ddd}h3{margin:1.2em 0 .1em}
p{margin:.15em 0}.d{color:#666;font-size:90%}
svg{vertical-align:middle;background:#f6f6f4;margin-right:.6em}path{fill:none;stroke:#b5460f;stroke-width:1.5}
line{stroke:#bbb}nav a{margin-right:.5em}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}svg{background:#262626}.d{color:#999}a{color:#8bf}}"""
_KINDS = {
    "tone": "Tone", "dynamics": "Dynamics", "space": "Space", "width": "Width", "balance": "Balance",
    "character": "Character", "mood": "Mood", "fault": "Faults",
}  # fmt: skip


def curve_svg(eq_db: Sequence[float]) -> str:
    """Draw a curve on a logarithmic axis, 20 Hz to 20 kHz, -10 to 10 dB, with lines at 0 dB, 100, 1 k and 10 kHz.

    Args:
        eq_db: one value a band of `BANDS_HZ`, dB.
    """
    at = np.log2(np.array(BANDS_HZ) / BANDS_HZ[0]) / np.log2(BANDS_HZ[-1] / BANDS_HZ[0]) * _WIDTH
    down = _HEIGHT / 2 * (1 - np.clip(np.array(eq_db) / _RANGE_DB, -1, 1))
    points = "L".join(f"{x:.0f} {y:.0f}" for x, y in zip(at, down, strict=True))
    marks = "".join(
        f'<line x1="{x:.0f}" x2="{x:.0f}" y2="{_HEIGHT}"/>'
        for x in np.log2(np.array([100, 1000, 10000]) / BANDS_HZ[0]) / np.log2(BANDS_HZ[-1] / BANDS_HZ[0]) * _WIDTH
    )
    label = f"{min(eq_db):+.1f} to {max(eq_db):+.1f} dB"
    return (
        f'<svg width="{_WIDTH}" height="{_HEIGHT}" role="img" aria-label="{label}"><title>{label}</title>'
        f'{marks}<line y1="{_HEIGHT // 2}" x2="{_WIDTH}" y2="{_HEIGHT // 2}"/><path d="M{points}"/></svg>'
    )


def words_page(ontology: Ontology) -> str:
    """Write the page.

    Args:
        ontology: the words and their sources.
    Returns:
        HTML, complete.
    """
    groups: dict[str, list[Word]] = defaultdict(list)
    for word in sorted(ontology.values(), key=lambda word: word.id):
        groups[word.kind].append(word)
    numbers = {key: number for number, key in enumerate(ontology.sources, start=1)}
    fitted = sum(any(sense.people for sense in word.senses) for word in ontology.values())
    body = [
        "<h1>Studio words</h1>",
        f"<p>{len(ontology)} words, {len(ontology.labels)} names in orders, {len(ontology.everyday)} everyday words. "
        f"{fitted} words carry what people set; the rest is the books' or leans on other words, and says so. Curves "
        "run from 20 Hz to 20 kHz and from -10 to 10 dB, with lines at 100 Hz, 1 kHz and 10 kHz: what a sound has when "
        "it is more so. Agreement is the correlation of one person with the mean of the others.</p>",
        "<nav>" + "".join(f'<a href="#kind-{kind}">{name}</a>' for kind, name in _KINDS.items()) + "</nav>",
    ]
    for kind, name in _KINDS.items():
        body.append(f'<h2 id="kind-{kind}">{name}</h2>')
        body += [_entry(word, ontology, numbers) for word in groups[kind]]
    body.append('<h2 id="sources">Sources</h2><ol>')
    body += [f"<li>{escape(source.full)}</li>" for source in ontology.sources.values()]
    body.append("</ol>")
    head = f'<meta charset="utf-8"><title>Studio words</title><style>{_STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>\n' + "\n".join(body) + "\n</body></html>\n"


def _entry(word: Word, ontology: Ontology, numbers: dict[str, int]) -> str:
    lines = [f'<h3 id="{word.id}">{escape(word.id)}</h3>', f"<p>{escape(word.gloss)}</p>"]
    lines += [_sense(sense, numbers) for sense in word.senses]
    if word.labels:
        lines.append(f'<p class="d">also: {escape(", ".join(word.labels))}</p>')
    relations = [
        (name, ids)
        for name, ids in (
            ("opposite", word.opposites),
            ("a kind of", word.broader),
            ("kinds of it", ontology.narrower(word.id)),
            ("related", word.related),
            ("often confused with", tuple(confusion.id for confusion in word.confused_with)),
        )
        if ids
    ]
    if relations:
        text = "; ".join(f"{name} " + ", ".join(f'<a href="#{i}">{i}</a>' for i in ids) for name, ids in relations)
        lines.append(f'<p class="d">{text}</p>')
    if word.remedies:
        lines.append(f'<p class="d">helps: {escape("; ".join(word.remedies))}</p>')
    return "\n".join(lines)


def _sense(sense: Sense, numbers: dict[str, int]) -> str:
    cited = ", ".join(str(numbers[key]) for key in sense.sources)
    effects = "; ".join(effect_text(effect) for effect in sense.effects)
    drawn = curve_svg(sense.eq_db) if any(sense.eq_db) else ""
    about = escape(f"{sense_heading(sense)} - {sense_origin(sense)}")
    more = f"<br>{escape(effects)}" if effects else ""
    return f"<p>{drawn}{about} [{cited}]{more}</p>"
