"""What is wrong, as HTML: a card a finding with its evidence, its plot and what mends it."""

from assistant.diagnose import Finding
from assistant.diagnose.wording import FIRST, name_of, who
from assistant.sections import clock
from assistant.web.kept import Mended
from assistant.web.markup import button, figure, panel, text
from assistant.web.state import Workbench

__all__ = ["findings"]

_WEIGHT = ((0.66, "plain"), (0.4, "noticeable"), (0.0, "slight"))


def findings(bench: Workbench) -> str:
    """Return the panel."""
    asked = bench.findings is not None
    words, kind = ("Listen again", "quiet") if asked else ("What is wrong with this mix?", "primary")
    ask = button(words, "diagnose", kind=kind, disabled=bench.work.busy, ident="diagnose")
    if bench.findings is None:
        empty = (
            '<p class="empty">Nobody listened for faults yet. What is found is measured, shown with its plot, '
            "and mended on request.</p>"
        )
        return panel("findings", "Diagnosis", f"{empty}{_more(bench)}{ask}")
    mended = "".join(_mended(one) for one in bench.mended)
    done = f'<ul class="mended" aria-label="Fixed and measured again">{mended}</ul>' if mended else ""
    if not bench.findings:
        empty = '<p class="empty">Nothing is wrong that can be measured.</p>'
        return panel("findings", "Diagnosis", f"{_more(bench)}{done}{empty}{ask}")
    shown = [(number, finding) for number, finding in enumerate(bench.findings, 1)]
    cards = "".join(_card(bench, number, finding) for number, finding in shown[:FIRST])
    rest = "".join(_card(bench, number, finding) for number, finding in shown[FIRST:])
    more = (
        f'<details class="rest" data-key="rest"><summary>{len(shown) - FIRST} more</summary>{rest}</details>'
        if rest
        else ""
    )
    count = f"<small>{len(shown)} found, the most noticeable first</small>"
    return panel(
        "findings",
        "Diagnosis",
        f'{_more(bench)}{done}<div class="cards">{cards}</div>{more}',
        f'{count}<span class="tools">{ask}</span>',
    )


def _more(bench: Workbench) -> str:
    """Return the plots of an answer that belong to no single finding."""
    drawn = "".join(figure(one, name, "wide") for name, one in bench.figures)
    return f'<div class="answers-drawn">{drawn}</div>' if drawn else ""


def _card(bench: Workbench, number: int, finding: Finding) -> str:
    weight = next(word for least, word in _WEIGHT if finding.severity >= least)
    where = who(finding.tracks[0])
    others = f" with {', '.join(finding.tracks[1:])}" if len(finding.tracks) > 1 else ""
    band = "" if finding.band_hz is None else f"{_hz(finding.band_hz[0])} to {_hz(finding.band_hz[1])}"
    times = "" if not finding.time_s else f"at {', '.join(clock(start) for start, _ in finding.time_s[:4])}"
    if finding.time_s and len(finding.time_s) > 4:
        times += f" and {len(finding.time_s) - 4} more"
    if finding.against == "song" and finding.time_s:
        times = "from {} to {}".format(*map(clock, finding.time_s[0]))
    evidence = finding.evidence
    causes = "".join(f"<li>{text(cause)}</li>" for cause in finding.causes)
    drawn = bench.plots.get(number)
    title = f"{where[:1].upper()}{where[1:]}{others}: {name_of(finding)}"
    plot = figure(drawn, f"Plot: {title}") if drawn is not None else ""
    facts = " · ".join(
        part for part in (band, times, "a fault in the signal" if finding.fact else "a suggestion") if part
    )
    fix = button("Fix", "fix", name=f"Fix {number}: {title}", kind="primary", disabled=bench.work.busy,
                 ident=f"fix-{number}", number=number) if finding.mendable else ""  # fmt: skip
    said = f"<q>{text(finding.say)}</q>" if finding.mendable else ""
    advice = f"<p>{text(finding.advice)}</p>" if finding.advice else ""
    return (
        f'<article class="card finding" aria-labelledby="finding-{number}"><div class="words">'
        f'<h3 id="finding-{number}">{number}. {text(title)}</h3>'
        f'<p class="weight"><meter min="0" max="1" value="{finding.severity:.2f}" aria-label="How noticeable"></meter>'
        f"{weight} <small>{text(facts)}</small></p><p>{text(_sentence(finding.sounds_like))}</p>"
        f'<p class="evidence">{text(evidence.measure)}: <b>{evidence.value:.4g} {text(evidence.unit)}</b>,'
        f" usually {text(evidence.expected)}</p>"
        f'<details data-key="causes-{number}"><summary>Likely causes</summary><ol>{causes}</ol></details>{advice}'
        f'<p class="fix">{fix}{said}</p></div>{plot}</article>'
    )


def _mended(mended: Mended) -> str:
    after = "gone" if mended.after is None else f"{mended.after:.4g} {mended.unit}"
    return f"<li>{text(mended.what)}: {mended.before:.4g} {text(mended.unit)} before, now {text(after)}</li>"


def _hz(value: float) -> str:
    return f"{value / 1000:.3g} kHz" if value >= 1000 else f"{value:.0f} Hz"


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + ("" if words.endswith(".") else ".")
