"""`studiospeak bench amount`: what moving the amount of an edit costs, and that amounts and sections keep their word.

An edit in words on eight stems, then its amount moved to and fro. Cost is CPU and wall time from the slider to the
measured new version, against rendering the song anew; the rest is checked on the audio: ends exact, amounts monotone,
tracks as loud as they should be, nothing outside a section.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from assistant.amount import rescale
from assistant.events import Measured
from assistant.hearing import hear
from assistant.measure import hear_song
from assistant.orders import set_amount
from assistant.request import MIX
from assistant.sections import cut
from assistant.session import Session
from assistant.track_level import track_loudness_lufs
from assistant.turn import Assistant
from benchmarks.song import full_settings
from console.blend import blend, differing
from console.measures import band_level_db
from console.sections import RAMP_S
from console.settings import Settings
from exchange import Song, demo_folder, load_tracks

__all__ = ["run", "show"]

_STEMS = 8
_SAID = "make the lead warmer and bring it forward, and tame the boomy bass"
_AMOUNTS = (0.5, 0.25, 1.5, 0.75, 1.2, 0.6)
_LADDER = (0.0, 0.25, 0.5, 1.0, 1.5)
_SECTION = (20.0, 30.0)


def run(quick: bool = False) -> dict[str, Any]:
    """Measure on the demo song.

    Args:
        quick: ten seconds of it and two moves, to see that it works.
    Returns:
        {"benchmark", "quick", "seconds", "stems", "cost": [{"what", "cpu_s", "wall_s"}], "ladder": [{"amount", "goals"
        (each goal of the edit as measured), "loudness_lufs", "lufs"}], "checks": [...]}.
    """
    song = _demo(10.0 if quick else None)
    session = Session(song)
    events = list(Assistant().take_turn(session, _SAID))
    goals = [m for e in events if isinstance(e, Measured) for m in e.measurements if m.wanted is not None]
    edit = session.version
    cost = [_timed("song rendered and measured anew", lambda: hear_song(song, session.settings, ()))]
    moves = [
        _timed("amount", lambda amount=amount: list(set_amount(session, "amount", amount)))
        for amount in _AMOUNTS[: 2 if quick else None]
    ]
    cost.append({**moves[0], "what": "first move of the amount"})
    cost.append(_middle("every further move", moves[1:]))
    back = session.undo(len(moves))
    busy = Session(song, full_settings_for(song))
    hear(busy, busy.settings)
    louder = busy.settings.turned({(song.tracks[6].name, "eq.bell_1_gain_db"): 4.0})
    cost.append(_timed("one knob of one track, every processor of all of them on", lambda: hear(busy, louder)))
    cost.append(_timed("the same rendered anew", lambda: hear_song(song, louder, ())))
    ladder = [_rung(session, edit.number, goals, amount) for amount in _LADDER]
    return {
        "benchmark": "amount",
        "quick": quick,
        "seconds": song.duration_s,
        "stems": len(song.tracks),
        "cost": cost,
        "ladder": ladder,
        "checks": [
            {
                "what": "CPU s of a move",
                "reached": cost[2]["cpu_s"],
                "wanted": "< 1",
                "passed": cost[2]["cpu_s"] < 1.0,
            },
            *_exact(session, back.settings, edit.settings),
            *_monotone(ladder, goals),
            _null(song),
        ],
    }


def show(result: Mapping[str, Any], console: Console | None = None) -> None:
    """Print cost, ladder and checks."""
    console = console or Console()
    table = Table(title=f"Moving the amount: {result['stems']} stems x {result['seconds']:.0f} s")
    for heading in ("", "CPU s", "wall s"):
        table.add_column(heading, justify="right" if heading else "left")
    for row in result["cost"]:
        table.add_row(row["what"], f"{row['cpu_s']:.2f}", f"{row['wall_s']:.2f}")
    console.print(table)
    names = list(result["ladder"][0]["goals"])
    table = Table(title="The same edit at other amounts")
    for heading in ("amount", *names):
        table.add_column(heading, justify="right")
    for rung in result["ladder"]:
        values = [f"{rung['goals'][name]:.2f}" for name in names]
        table.add_row(f"{100 * rung['amount']:.0f} %", *values)
    console.print(table)
    table = Table(title="Checks")
    for heading in ("", "reached", "wanted", ""):
        table.add_column(heading)
    for check in result["checks"]:
        verdict = "[green]pass[/]" if check["passed"] else "[red]miss[/]"
        table.add_row(check["what"], f"{check['reached']:.3g}", check["wanted"], verdict)
    console.print(table)


def full_settings_for(song: Song) -> Settings:
    """Return settings of a song's tracks with every processor on, as `benchmarks.song` sets them."""
    busy = full_settings(len(song.tracks))
    names = [track.name for track in song.tracks]
    channels = dict(zip(names, busy.tracks.values(), strict=True))
    return Settings(tracks=channels, master=busy.master, reverb=busy.reverb, delay=busy.delay)


def _demo(seconds: float | None) -> Song:
    files = sorted(path for path in demo_folder().iterdir() if path.suffix == ".ogg")[: _STEMS + 1]
    song = load_tracks([file for file in files if "Backing" not in file.stem])
    if seconds is None:
        return song
    return cut(song, (15.0, 15.0 + seconds))


def _timed(what: str, job: Callable[[], object]) -> dict[str, Any]:
    cpu, wall = time.process_time(), time.perf_counter()
    job()
    return {"what": what, "cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - wall}


def _middle(what: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"what": what, **{key: float(np.median([row[key] for row in rows])) for key in ("cpu_s", "wall_s")}}


def _rung(session: Session, number: int, goals: list, amount: float) -> dict[str, Any]:
    """Measure the goals of an edit at an amount: band shares as the edit's own check does, levels against the rest."""
    edit = session.versions[number]
    settings = rescale(session, amount).settings if session.current == number else edit.settings
    names = [goal.track for goal in goals if goal.track != MIX]
    sound = hear_song(session.song, settings, names, kept=session.kept)
    measured = {}
    for goal in goals:
        if goal.what.startswith("level and presence"):
            measured[f"{goal.track}: {goal.what}"] = sound.standing_db(goal.track)
        elif "Hz against the whole" in goal.what:
            low, high = (float(text) for text in goal.what.split(" ")[0].split("-"))
            audio, rate = sound.audio(goal.track), session.song.sample_rate
            share = band_level_db(audio, rate, low, high) - band_level_db(audio, rate, 20, 20000)
            measured[f"{goal.track}: {goal.what}"] = share
    return {
        "amount": amount,
        "goals": measured,
        "loudness_lufs": sound.loudness_lufs,
        "lufs": {name: track_loudness_lufs(session.song, settings, name, kept=session.kept) for name in names},
    }


def _exact(session: Session, undone: Settings, full: Settings) -> list[dict[str, Any]]:
    """Check that undo and 100 % are the edit and 0 % what was before, in settings."""
    before = session.versions[0].settings
    keys = differing(before, full)
    none = blend(before, full, dict.fromkeys(keys, 0.0)) == before
    return [
        {"what": "undone moves give the edit again", "reached": float(undone == full), "wanted": "1",
         "passed": undone == full},
        {"what": "0 % is what was before", "reached": float(none), "wanted": "1", "passed": none},
    ]  # fmt: skip


def _monotone(ladder: list[dict[str, Any]], goals: list) -> list[dict[str, Any]]:
    """Check that every goal goes one way all along the ladder."""
    found = []
    for name in ladder[0]["goals"]:
        steps = np.diff([rung["goals"][name] for rung in ladder])
        goal = next(g for g in goals if f"{g.track}: {g.what}" == name)
        worst = float((steps * np.sign(goal.wanted - goal.before)).min())
        found.append({"what": f"{name}, least step (dB)", "reached": worst, "wanted": ">= 0", "passed": worst >= -0.05})
    return found


def _null(song: Song) -> dict[str, Any]:
    """Check that an edit in a section leaves every sample outside it and its ramps as it was."""
    start, end = _SECTION if song.duration_s > _SECTION[1] else (2.0, 5.0)
    busy = full_settings_for(song)
    changes = {(song.tracks[6].name, "eq.bell_1_gain_db"): 6.0, (song.tracks[3].name, "compressor.ratio"): 6.0}
    off = hear_song(song, busy, ()).master
    on = hear_song(song, busy.turned(changes, (start, end)), ()).master
    at = np.arange(song.length) / song.sample_rate
    away = (at < start - RAMP_S - 1 / song.sample_rate) | (at >= end + RAMP_S)
    worst = float(np.abs(on[:, away] - off[:, away]).max())
    inside = float(np.abs(on[:, ~away] - off[:, ~away]).max())
    return {"what": "outside a section, greatest difference", "reached": worst, "wanted": "0",
            "passed": worst == 0.0 and inside > 0.0}  # fmt: skip
