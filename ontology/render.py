"""An entry as a person reads it in a terminal, and as a program reads it in JSON."""

from collections.abc import Sequence
from io import StringIO
from typing import Any

from ontology.lookup import Ontology
from ontology.model import BANDS_HZ, Effect, Sense, Word

__all__ = ["curve_text", "effect_text", "render", "sense_heading", "sense_origin", "to_json"]

_BLOCKS = " ▁▂▃▄▅▆▇█"
_UNITS = {"db": "dB", "hz": "Hz", "ms": "ms", "s": "s"}
_ORIGINS = {"people": "people's settings", "literature": "books", "both": "people and books", "you": "you"}
_AGREE = (
    (0.6, "they largely agree"),
    (0.35, "they agree somewhat"),
    (0.15, "they agree little"),
    (-1.0, "they do not agree"),
)


def curve_text(eq_db: Sequence[float], height: int = 3) -> list[str]:
    """Draw a curve as `height` lines of blocks above 0 dB and as many below.

    Args:
        eq_db: one value a band, dB.
        height: lines each side; the tallest value fills them.
    """
    peak = max(max(abs(db) for db in eq_db), 1e-9)
    steps = [round(db / peak * height * 8) for db in eq_db]
    rows = []
    for row in range(height, 0, -1):
        rows.append("".join(_BLOCKS[min(max(step - (row - 1) * 8, 0), 8)] for step in steps))
    for row in range(1, height + 1):
        # Blocks grow from the bottom of a cell, so below the line a part-filled cell is drawn as a half.
        fill = [min(max(-step - (row - 1) * 8, 0), 8) for step in steps]
        rows.append("".join("█" if f > 5 else "▀" if f > 2 else "▔" if f > 0 else " " for f in fill))
    return rows


def effect_text(effect: Effect) -> str:
    """Say what a processor does for a word, where it comes from and by how many people."""
    terms = []
    for term, value in effect.values.items():
        name, _, unit = term.rpartition("_")
        if unit in _UNITS:
            terms.append(f"{name} {value:g} {_UNITS[unit]}")
        else:
            signed = effect.name not in ("compression",) and term in ("wet", "change", "punch")
            terms.append(f"{term} {value:+g}" if signed else f"{term} {value:g}")
    if effect.type:
        terms.append(effect.type)
    people = f", {effect.people} people" if effect.people else ""
    return f"{effect.name.replace('_', '-')}: {', '.join(terms)}  ({_ORIGINS[effect.origin]}{people})"


def sense_heading(sense: Sense) -> str:
    """Say what a sense is, whose, and how far they agree."""
    if sense.people:
        heading = f"{sense.name}: {sense.share:.0%} of the people, {sense.people} counted"
        if sense.agreement is not None:
            said = next(text for least, text in _AGREE if sense.agreement >= least)
            heading += f"; {said} ({sense.agreement:+.2f})"
    else:
        heading = sense.name
    return heading


def sense_origin(sense: Sense) -> str:
    """Say where a sense comes from, and what a thin one leans on."""
    if not sense.shrunk_towards:
        return f"from {_ORIGINS[sense.origin]}"
    lean = ", ".join("the books" if name == "literature" else name for name in sense.shrunk_towards)
    why = "few people set it" if sense.people else "nobody set it"
    return f"from {_ORIGINS[sense.origin]}; {why}: it leans on {lean}"


def render(word: Word, ontology: Ontology, width: int = 88, color: bool = False) -> str:
    """Write one entry for a terminal.

    Args:
        word: the entry.
        ontology: where names of other words and sources are looked up.
        width: columns.
        color: emit ANSI colours.
    """
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    out = StringIO()
    console = Console(file=out, width=width, force_terminal=color, no_color=not color, highlight=False)

    def say(text: str, style: str = "", indent: int = 0) -> None:
        console.print(Padding(Text(text, style=style), (0, 0, 0, indent)))

    title = word.id if word.opposite is None else f"{word.id}  <->  {', '.join(word.opposites)}"
    say(title, "bold")
    say(f"{word.gloss} ({word.kind}{', usually unwanted' if word.problem else ''})")
    if word.labels:
        say(f"also: {', '.join(word.labels)}", "dim")
    for sense in word.senses:
        console.print()
        say(sense_heading(sense), "bold cyan")
        if any(sense.eq_db):
            for edge, row, style in _plot(sense.eq_db):
                say(f"{edge:>8} {row}", style, indent=2)
        for effect in sense.effects:
            say(effect_text(effect), indent=2)
        say(sense_origin(sense), "dim", indent=2)
    if word.bands:
        console.print()
        say("where it lives", "bold cyan")
        for instrument, bands in word.bands.items():
            ranges = ", ".join(
                f"{band.low_hz:g}-{band.high_hz:g} Hz ({ontology.sources[band.source].short})" for band in bands
            )
            say(f"{instrument.replace('_', ' ')}: {ranges}", indent=2)
    for heading, rows in (("usual causes", word.causes), ("what helps", word.remedies)):
        if rows:
            console.print()
            say(heading, "bold cyan")
            for index, row in enumerate(rows, start=1):
                say(f"{index}. {row}", indent=2)
    if word.confused_with:
        console.print()
        say("often confused with", "bold cyan")
        for confusion in word.confused_with:
            say(f"{confusion.id}: {confusion.tells_apart}", indent=2)
    relatives = (
        ("a kind of", word.broader), ("kinds of it", ontology.narrower(word.id)), ("related", word.related),
    )  # fmt: skip
    if any(names for _, names in relatives):
        console.print()
    for heading, names in relatives:
        if names:
            say(f"{heading}: {', '.join(names)}", "dim")
    console.print()
    say("sources", "bold cyan")
    for source in word.sources:
        say(ontology.sources[source].full, "dim", indent=2)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _plot(eq_db: Sequence[float]) -> list[tuple[str, str, str]]:
    """A curve with its edges in dB, a line at 0 dB and a ruler: (label, row, style)."""
    rows = curve_text(eq_db)
    half = len(rows) // 2
    above = [row for row in rows[:half] if row.strip()]
    below = [row for row in rows[half:] if row.strip()]
    low, high = min(eq_db), max(eq_db)
    lines = [(f"{high:+5.1f} dB" if index == 0 else "", row, "green") for index, row in enumerate(above)]
    lines.append(("0 dB", "┄" * len(eq_db), "dim"))
    last = len(below) - 1
    lines += [(f"{low:+5.1f} dB" if index == last else "", row, "red") for index, row in enumerate(below)]
    lines.append(("Hz", _axis(), "dim"))
    return lines


def _axis() -> str:
    """A ruler under the curve: where 100 Hz, 1 kHz and 10 kHz stand."""
    ruler = [" "] * (len(BANDS_HZ) + 4)
    for mark_hz, text in (
        (20, "20"),
        (120, "120"),
        (455, "450"),
        (1114, "1.1k"),
        (3070, "3k"),
        (9917, "10k"),
    ):
        at = BANDS_HZ.index(mark_hz)
        ruler[at : at + len(text)] = text
    return "".join(ruler).rstrip()


def to_json(word: Word, ontology: Ontology) -> dict[str, Any]:
    """The entry as `studiospeak word --json` prints it, with sources spelt out."""

    def cite(ids: Sequence[str]) -> list[str]:
        return [ontology.sources[key].full for key in ids]

    return {
        "id": word.id,
        "labels": [word.id, *word.labels],
        "opposite": word.opposite,
        "senses": [
            {
                "name": sense.name,
                "share": sense.share,
                "eq_db": {str(hz): db for hz, db in zip(BANDS_HZ, sense.eq_db, strict=True)},
                "effects": {
                    effect.name: {
                        **effect.values,
                        **({"type": effect.type} if effect.type else {}),
                        "origin": effect.origin,
                        "people": effect.people,
                        "agreement": effect.agreement,
                        "sources": cite(effect.sources),
                    }
                    for effect in sense.effects
                },
                "people": sense.people,
                "agreement": sense.agreement,
                "origin": sense.origin,
                "shrunk_towards": list(sense.shrunk_towards),
                "sources": cite(sense.sources),
            }
            for sense in word.senses
        ],
        "instruments": {
            instrument: [
                {"band_hz": [band.low_hz, band.high_hz], "source": ontology.sources[band.source].full} for band in bands
            ]
            for instrument, bands in word.bands.items()
        },
        "often_confused_with": [
            {"id": confusion.id, "tells_apart": confusion.tells_apart} for confusion in word.confused_with
        ],
    }
