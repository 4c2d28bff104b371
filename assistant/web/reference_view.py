"""The reference slot as HTML: recordings to sound like, what each is taken for, and how far to go."""

import json

from assistant.match import ASPECTS
from assistant.request import MIX
from assistant.web.markup import button, data, figure, panel, text
from assistant.web.players import play_button
from assistant.web.state import Workbench

__all__ = ["reference"]


def reference(bench: Workbench) -> str:
    """Return the panel."""
    if not bench.references:
        empty = (
            '<p class="empty">Load a finished recording with “Add a reference” below. The mix, or one track, is moved '
            "towards it in tone, dynamics, space and width; loudness is never copied.</p>"
        )
        return panel("reference", "Reference", empty)
    cards = "".join(_card(bench, index) for index in range(len(bench.references)))
    return panel("reference", "Reference", f'<div class="cards references">{cards}</div>{_form(bench)}{_drawn(bench)}')


def _card(bench: Workbench, index: int) -> str:
    kept = bench.references[index]
    boxes = "".join(
        f'<label><input type="checkbox" id="aspect-{index}-{aspect}"{" checked" if aspect in kept.aspects else ""}'
        f"{data(aspect=json.dumps({'index': index, 'aspect': aspect}))}> {aspect}</label>"
        for aspect in ASPECTS
    )
    return (
        f'<article class="card" aria-label="Reference {text(kept.name)}"><h3 class="long" title="{text(kept.name)}">'
        f'{text(kept.name)}</h3><fieldset><legend>Take from it</legend>{boxes}</fieldset><p class="fix">'
        + play_button("Listen", f"reference:{index}", f"Listen to {kept.name}")
        + button("Compare", "ask_reference", name=f"How does the mix compare with {kept.name}?", kind="quiet",
                 disabled=bench.work.busy, ident=f"compare-{index}", index=index)
        + button("Remove", "remove_reference", name=f"Remove {kept.name}", kind="quiet", disabled=bench.work.busy,
                 ident=f"remove-{index}", index=index)
        + "</p></article>"
    )  # fmt: skip


def _form(bench: Workbench) -> str:
    tracks = "".join(f'<option value="{text(name)}">{text(name)}</option>' for name in bench.tracks())
    disabled = " disabled" if bench.work.busy else ""
    blend = ""
    if len(bench.references) == 2:
        blend = (
            '<label><input type="checkbox" name="blend" id="match-blend"> go between both</label>'
            '<input type="range" name="share" id="match-share" min="0" max="100" step="5" value="50"'
            ' aria-label="Share of the way from the first reference to the second, per cent">'
        )
    return (
        f'<form class="ask match" data-form="match"><label>Match <select name="target" id="match-target" '
        f'aria-label="What to match">'
        f'<option value="{MIX}">the mix</option>{tracks}</select></label>'
        '<label>Amount <input type="range" name="amount" id="match-amount" min="0" max="150" step="5" value="100"'
        ' aria-label="Amount of the match, per cent"></label><output for="match-amount">100 %</output>'
        f'{blend}<button type="submit" class="primary"{disabled}>Match</button></form>'
    )


def _drawn(bench: Workbench) -> str:
    return "" if bench.comparison is None else figure(bench.comparison, "The mix beside its references", "wide")
