"""Answers to questions about a mix: measurements in words, with the plot that shows them. Nothing is invented."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from assistant.diagnose.balance import level_against_rest_db, level_range, masking
from assistant.diagnose.diagnosis import findings_of
from assistant.diagnose.expectations import Spectra, expectations, kind_of_sound
from assistant.diagnose.finding import Finding
from assistant.diagnose.image import width_db
from assistant.diagnose.listening import Hearing, Reference
from assistant.diagnose.problems import Problem, problems, row_of
from assistant.diagnose.questions import Question, word_table
from assistant.diagnose.statistics import BAND_HZ, Signal, decibels
from assistant.diagnose.tone import tone_scores
from assistant.diagnose.wording import hertz, say, tell_finding, tell_findings, who
from assistant.request import MIX
from ontology.language import load_language

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["Answer", "answer"]

_OUTER_90 = 1.645
_SAME_DB = 2.0
_DRAWN = 2


@dataclass(frozen=True)
class Answer:
    """What is said, what is drawn, and the findings it speaks of, numbered as told."""

    text: str
    figures: tuple["go.Figure", ...] = ()
    findings: tuple[Finding, ...] = field(default=())


def answer(question: Question, hearing: Hearing, experience: str = "pro-am", told: int = 0) -> Answer:
    """Answer a question from measurements.

    Args:
        question: what is asked.
        hearing: what the song measures as it is now, with the reference that is loaded, if any.
        experience: of the listener; sets words and detail, not facts.
        told: how many findings were told already, for "show the rest".
    """
    if question.answer == "compare":
        return _compare(hearing)
    by_kind: dict[str, Callable[[Question, Hearing, str], Answer]] = {
        "masks": _masks,
        "streaming": _streaming,
        "word": _word,
        "first": _first,
    }
    if question.answer == "rest":
        findings = findings_of(hearing)
        if told >= len(findings):
            return Answer(say("no_more"), (), findings)
        return Answer(tell_findings(findings, experience, len(findings), told), (), findings)
    return by_kind.get(question.answer, _all)(question, hearing, experience)


def _all(question: Question, hearing: Hearing, experience: str) -> Answer:
    findings = findings_of(hearing)
    named = set(question.targets) - {MIX}
    if named:
        findings = tuple(finding for finding in findings if named & set(finding.tracks))
    if not findings:
        return Answer(_nothing(hearing), (_spectrum(hearing, MIX, None),))
    figures = tuple(figure_of(finding, hearing) for finding in findings[:_DRAWN])
    return Answer(tell_findings(findings, experience), figures, findings)


def _first(question: Question, hearing: Hearing, experience: str) -> Answer:
    del question
    findings = findings_of(hearing)
    if not findings:
        return Answer(_nothing(hearing), (_spectrum(hearing, MIX, None),))
    lines = [tell_finding(findings[0], 1, experience), say("offer")]
    return Answer("\n".join(lines), (figure_of(findings[0], hearing),), findings)


def figure_of(finding: Finding, hearing: Hearing) -> "go.Figure":
    """Return the plot that shows a finding."""
    from assistant.diagnose import plots

    row = row_of(finding.problem)
    if row.shape and finding.against == "song" and finding.time_s:
        inside, rest = _apart(hearing.signal(finding.tracks[0]), finding.time_s[0])
        title = f"{who(finding.tracks[0])} in that stretch against the rest of the song"
        usual = Spectra(rest.spectrum_db(), expectations().contrast.covariance, 1, "the rest")
        return plots.spectrum_figure(inside, title, finding.band_hz, usual, "the rest")
    if finding.against == "reference" and hearing.reference is not None:
        return _against(hearing, hearing.reference, finding.band_hz)
    if finding.problem == "masked":
        return plots.masking_figure(masking(hearing), list(hearing.tracks))
    if finding.problem in ("phasey", "narrow", "lopsided", "wide-lows"):
        return plots.stereo_figure(hearing, list(hearing.tracks))
    if finding.problem in ("off-target", "low-headroom") and finding.tracks[0] == MIX:
        return plots.loudness_figure(hearing)
    if finding.time_s:
        return plots.timeline_figure(hearing, finding)
    return _spectrum(hearing, finding.tracks[0], finding.band_hz)


def _apart(signal: Signal, span_s: tuple[float, float]) -> tuple[Signal, Signal]:
    """Return a stretch of a signal and the rest of it, as far as their cells go."""
    inside = np.zeros(len(signal.cells), bool)
    inside[slice(*(round(at / signal.cell_s) for at in span_s))] = True
    return replace(signal, cells=signal.cells[inside]), replace(signal, cells=signal.cells[~inside])


def _against(hearing: Hearing, reference: Reference, band_hz: tuple[float, float] | None) -> "go.Figure":
    from assistant.diagnose import plots

    theirs = reference.hearing.mix.spectrum_db()
    usual = Spectra(theirs, np.eye(BAND_HZ.size) * (_SAME_DB / _OUTER_90) ** 2, 1, reference.name)
    return plots.spectrum_figure(hearing.mix, f"The mix against {reference.name}", band_hz, usual, reference.name)


def _nothing(hearing: Hearing) -> str:
    return say(
        "nothing",
        checked=1 + len(hearing.tracks),
        problems=len(problems()),
        loudness=f"{hearing.loudness_lufs:.1f}",
        peak=f"{hearing.true_peak_dbtp:.1f}",
    )


def _spectrum(hearing: Hearing, name: str, band_hz: tuple[float, float] | None) -> "go.Figure":
    from assistant.diagnose import plots

    instrument = "mix" if name == MIX else hearing.instruments[name]
    kind = kind_of_sound(instrument)
    usual = expectations().spectra_of(kind)
    return plots.spectrum_figure(hearing.signal(name), f"Spectrum of {who(name)}", band_hz, usual, usual.source)


def _word(question: Question, hearing: Hearing, experience: str) -> Answer:
    assert question.word is not None
    name = word_table().get(question.word, question.word)
    targets = [target for target in question.targets if target == MIX or target in hearing.tracks] or [MIX]
    if name == "level":
        return _level(targets, hearing)
    row = problems().get(name)
    if row is None:
        known = ", ".join(sorted(one.replace("-", " ") for one in problems()))
        return Answer(say("word_unknown", word=question.word, known=known))
    if row.shape:
        return _tone(row, question.word, targets, hearing)
    if name == "masked":
        return _masks(question, hearing, experience)
    findings = findings_of(hearing)
    same = tuple(f for f in findings if f.problem == name and (MIX in targets or set(targets) & set(f.tracks)))
    if not same:
        return Answer(
            say("word_not_found", who=" and ".join(map(who, targets))), (_spectrum(hearing, targets[0], None),)
        )
    return Answer(say("word_found", finding=tell_finding(same[0], 1, experience)), (figure_of(same[0], hearing),), same)


def _tone(row: Problem, word: str, targets: list[str], hearing: Hearing) -> Answer:
    """Say how much of a fault of tone is there, who makes it, and in which section it is strongest."""
    table = expectations()
    lines, figures = [], []
    found = tuple(f for f in findings_of(hearing) if f.problem == row.id and (MIX in targets or f.tracks[0] in targets))
    for target in targets:
        kind = kind_of_sound("mix" if target == MIX else hearing.instruments[target])
        spectra = table.spectra_of(kind)
        signal = hearing.signal(target)
        amount, uncertainty = tone_scores(signal.spectrum_db(), spectra, (row.id,))[row.id]
        reach = _OUTER_90 * uncertainty
        stated = amount / uncertainty >= table.threshold(row.id, kind)
        sentence = "word_yes" if stated else "word_some" if amount > reach / 2 else "word_no"
        lines.append(
            say(
                sentence,
                who=who(target),
                word=word,
                measure=row.measure.split(" against")[0],
                value=f"{amount:+.1f}",
                unit="dB",
                expected=f"{-reach:.1f} to {reach:.1f} dB in 9 of 10 ({spectra.count} {spectra.source})",
            )
        )
        figures.append(_spectrum(hearing, target, row.band_hz))
    if MIX in targets and hearing.tracks and row.band_hz is not None:
        lines.append(say("word_from", tracks=_shares(hearing, row.band_hz)))
    lines += [tell_finding(finding, index, "amateur") for index, finding in enumerate(found, 1)]
    return Answer("\n".join(lines), tuple(figures[:_DRAWN]), found)


def _shares(hearing: Hearing, band_hz: tuple[float, float], most: int = 3) -> str:
    """Return the tracks that bring most power to a band, with their shares."""
    inside = (band_hz[0] <= BAND_HZ) & (band_hz[1] >= BAND_HZ)
    power = {name: float(signal.band_power[inside].sum()) for name, signal in hearing.tracks.items()}
    total = max(sum(power.values()), 1e-15)
    ranked = sorted(power, key=lambda name: -power[name])[:most]
    return ", ".join(f"{name} ({100 * power[name] / total:.0f} %)" for name in ranked)


def _level(targets: list[str], hearing: Hearing) -> Answer:
    from assistant.diagnose import plots

    named = [target for target in targets if target in hearing.tracks]
    if not named:
        return Answer(say("level_alone", who="a part"), (plots.loudness_figure(hearing),))
    lines = []
    masked = masking(hearing)
    for name in named:
        usual = level_range(hearing.instruments[name], expectations())
        value = level_against_rest_db(hearing, name)
        low, high = f"{usual.low_db:.0f}", f"{usual.high_db:.0f}"
        lines.append(say("level", who=name, value=f"{value:+.1f}", low=low, high=high, source=usual.source))
        if usual.low_db <= value <= usual.high_db:
            lines.append(say("level_fine"))
        else:
            amount = f"{min(12.0, max(usual.low_db - value, value - usual.high_db) + 1):.1f}"
            lines.append(say("level_low" if value < usual.low_db else "level_high", who=name, amount=amount))
        worst = next((one for one in masked if one.hidden == name), None)
        if worst is not None and worst.share > 0.2:
            low_hz, high_hz = map(hertz, worst.band_hz)
            share = f"{100 * worst.share:.0f}"
            lines.append(say("level_masked", masker=worst.masker, share=share, low=low_hz, high=high_hz))
    found = tuple(f for f in findings_of(hearing) if f.problem in ("buried", "overpowering") and f.tracks[0] in named)
    return Answer(" ".join(lines), (plots.masking_figure(masked, list(hearing.tracks)),), found)


def _masks(question: Question, hearing: Hearing, experience: str) -> Answer:
    del experience
    from assistant.diagnose import plots

    if len(hearing.tracks) < 2:
        return Answer(say("masks_alone"))
    masked = masking(hearing)
    figure = plots.masking_figure(masked, list(hearing.tracks))
    named = [target for target in question.targets if target in hearing.tracks]
    if not named:
        pairs = masked[:3]
        lines = [_masking_line(one) for one in pairs if one.share > 0.2]
        return Answer(" ".join([*lines, say("masks_who", tracks=", ".join(hearing.tracks))]), (figure,))
    lines = []
    for name in named:
        mine = [one for one in masked if one.hidden == name]
        if not mine or mine[0].share < 0.15:
            best = mine[0] if mine else None
            masker, share = (best.masker, best.share) if best else ("no track", 0.0)
            lines.append(say("masks_none", hidden=name, masker=masker, share=f"{100 * share:.0f}"))
            continue
        lines += [_masking_line(one) for one in mine[:2] if one.share >= 0.15]
        centre = round(float(np.sqrt(mine[0].band_hz[0] * mine[0].band_hz[1])), -1)
        amount = min(6.0, max(2.0, mine[0].excess_db / 2))
        sentence = f"cut {amount:.1f} dB at {centre:.0f} Hz on the {mine[0].masker} with a Q of 0.8"
        lines.append(say("masks_fix", say=sentence))
    return Answer(" ".join(lines), (figure,))


def _masking_line(one) -> str:
    low, high = map(hertz, one.band_hz)
    share, excess = f"{100 * one.share:.0f}", f"{one.excess_db:.0f}"
    return say("masks", masker=one.masker, hidden=one.hidden, share=share, low=low, high=high, excess=excess)


def _streaming(question: Question, hearing: Hearing, experience: str) -> Answer:
    del question, experience
    from assistant.diagnose import plots

    table = dict(load_language().platforms)
    date = table.pop("checked", "")
    targets = {name: float(value) for name, value in table.items() if name != "streaming"}
    loudness, peak = hearing.loudness_lufs, hearing.true_peak_dbtp
    lines = [say("streaming", loudness=f"{loudness:.1f}", peak=f"{peak:.1f}", range=f"{hearing.loudness_range_lu:.1f}")]
    why = []
    if peak > -1.0:
        why.append(say("streaming_peak", amount=f"{peak + 1.0:.1f}"))
    facts = tuple(finding for finding in findings_of(hearing) if finding.fact)
    if any(finding.problem == "clipped" for finding in facts):
        why.append(say("streaming_clipped"))
    why += [
        f"{who(f.tracks[0])}: {f.problem.replace('-', ' ')}"
        for f in facts
        if f.problem not in ("clipped", "intersample-peaks", "low-headroom")
    ]
    lines.append(say("streaming_not", why="; ".join(why)) if why else say("streaming_ready"))
    changes = [
        say(
            "streaming_down" if loudness > target else "streaming_under",
            platform=name.title(),
            target=f"{target:g}",
            change=f"{abs(target - loudness):.1f}",
        )
        for name, target in targets.items()
    ]
    lines.append(say("streaming_platforms", date=date, platforms=", ".join(changes)))
    return Answer(" ".join(lines), (plots.loudness_figure(hearing, targets),), facts)


def _compare(hearing: Hearing) -> Answer:
    reference = hearing.reference
    if reference is None:
        return Answer(say("reference_none"))
    other = reference.hearing
    ours, theirs = hearing.mix, other.mix
    difference = ours.spectrum_db() - theirs.spectrum_db()
    difference -= np.median(difference)
    lines = [
        say(
            "reference_loudness",
            reference=reference.name,
            loudness=f"{hearing.loudness_lufs - other.loudness_lufs:+.1f}",
            crest=f"{_crest_db(hearing) - _crest_db(other):+.1f}",
            width=f"{width_db(ours) - width_db(theirs):+.1f}",
        )
    ]
    bands = _regions(difference)
    lines.append(say("reference_bands", bands=", ".join(bands)) if bands else say("reference_same"))
    return Answer(" ".join(lines), (_against(hearing, reference, None),))


_REGIONS_HZ = (
    (20, 60),
    (60, 120),
    (120, 250),
    (250, 500),
    (500, 1000),
    (1000, 2000),
    (2000, 4000),
    (4000, 8000),
    (8000, 16000),
)


def _regions(difference: np.ndarray) -> list[str]:
    told = []
    for low, high in _REGIONS_HZ:
        inside = (low <= BAND_HZ) & (high > BAND_HZ)
        value = float(difference[inside].mean())
        if abs(value) > _SAME_DB:
            told.append(f"{value:+.1f} dB at {hertz(low)}-{hertz(high)}")
    return told


def _crest_db(hearing: Hearing) -> float:
    return float(decibels(hearing.mix.peak**2)) - hearing.loudness_lufs
