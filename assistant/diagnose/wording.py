"""Findings and measurements in words, in as much detail as the listener wants."""

import functools
from collections.abc import Sequence
from importlib import resources

import yaml

from assistant.diagnose.finding import Finding
from assistant.request import MIX

__all__ = ["EXPERIENCES", "hertz", "name_of", "say", "tell_finding", "tell_findings", "who"]

FIRST = 5
"""How many findings are told at first."""
EXPERIENCES = ("amateur", "pro-am", "professional")


@functools.cache
def _sentences() -> dict:
    text = resources.files("assistant.diagnose").joinpath("sentences.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


def say(name: str, /, **values: object) -> str:
    """Return a sentence of the table with its blanks filled."""
    return _sentences()[name].format(**values)


def who(track: str) -> str:
    """Return what a person calls a track."""
    return "the mix" if track == MIX else track


def name_of(finding: Finding) -> str:
    """Return a problem's name as a person says it."""
    return finding.problem.replace("-", " ")


def hertz(value: float) -> str:
    """Return a frequency as a person writes it."""
    return f"{value / 1000:.3g} kHz" if value >= 1000 else f"{value:.0f} Hz"


def tell_finding(finding: Finding, number: int, experience: str = "pro-am") -> str:
    """Return one finding in words.

    Args:
        finding: what was found.
        number: its place in the list, from 1.
        experience: "amateur", "pro-am" or "professional": sets how much is told, never what is true.
    """
    detail = _sentences()["experience"][experience]
    fix = say("fix_mends" if finding.mendable else "fix_eases", say=finding.say, advice=finding.advice)
    name = _capital(who(finding.tracks[0]))
    others = f" with {', '.join(finding.tracks[1:])}" if len(finding.tracks) > 1 else ""
    line = say(
        f"finding_{detail}",
        number=number,
        who=name + others,
        name=name_of(finding),
        where=""
        if finding.band_hz is None
        else say("in_band", low=hertz(finding.band_hz[0]), high=hertz(finding.band_hz[1])),
        when=_when(finding),
        measure=_capital(finding.evidence.measure),
        value=f"{finding.evidence.value:.4g}",
        unit=finding.evidence.unit,
        expected=finding.evidence.expected,
        sounds_like=finding.sounds_like,
        cause=finding.causes[0],
        causes="; ".join(finding.causes),
        severity=f"{finding.severity:.2f}",
        say=finding.say,
        fix=fix,
    )
    return " ".join(line.split())


def tell_findings(findings: Sequence[Finding], experience: str = "pro-am", first: int = FIRST, skip: int = 0) -> str:
    """Return findings as a numbered list, at most `first` of them after the first `skip`."""
    told = findings[skip : skip + first]
    lines = [tell_finding(finding, skip + index, experience) for index, finding in enumerate(told, 1)]
    if not skip:
        lines.insert(0, say("found_one") if len(findings) == 1 else say("found", count=len(findings)))
    left = len(findings) - skip - len(told)
    if left > 0:
        lines.append(say("more", count=left))
    lines.append(say("offer"))
    return "\n".join(lines)


def _when(finding: Finding) -> str:
    if not finding.time_s:
        return ""
    if finding.against == "song":
        return ""  # the measure says from when to when
    times = ", ".join(_clock(start) for start, _ in finding.time_s[:3])
    more = say("and_more", count=len(finding.time_s) - 3) if len(finding.time_s) > 3 else ""
    return say("at_times", times=times) + more


def _clock(seconds: float) -> str:
    return f"{int(seconds // 60)}:{seconds % 60:05.2f}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
