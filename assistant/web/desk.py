"""The desk side of the page: menus, player, plot and tables for the two versions that are compared."""

import html
from typing import Any
from urllib.parse import quote

import gradio as gr
import numpy as np

from assistant.amount import amount_now
from assistant.request import MIX
from assistant.tell import name_channel
from assistant.web.knobs import knob_rows, knob_table, measured_table
from assistant.web.players import compare_player
from assistant.web.plots import curve_db, spectrum_figure
from assistant.web.state import FIRST, NOW, PREVIOUS, Workbench
from console.settings import moves

__all__ = ["LOADING", "URL", "heading", "listen", "look", "menus", "menus_after"]

URL = "/bench/"
"""Where the page serves each visitor's own files."""

LOADING = '<section class="panel player-empty"><p class="empty">Loading and rendering the song ...</p></section>'
_POINTS = 300
_SAME = "Nothing: both versions have every knob in the same place."
_UNTOUCHED = "Nothing yet: this is the mix as loaded. Say what you want and every knob that moves is listed here."


def heading(bench: Workbench | None) -> str:
    """Return the name of the program and what is loaded."""
    facts = "Loading ..."
    title = ""
    if bench is not None:
        song = bench.session.song
        title = html.escape(bench.title)
        tracks = "stereo mix" if len(song.tracks) == 1 else f"{len(song.tracks)} tracks"
        seconds = int(song.duration_s)
        facts = f"{tracks}, {seconds // 60}:{seconds % 60:02d}, {song.sample_rate / 1000:g} kHz"
    return (
        f'<header id="head"><h1>Studiospeak</h1><span class="song" title="{title}">{title}</span>'
        f'<span class="facts">{facts}</span></header>'
    )


def menus_after(bench: Workbench, before: str | int, after: str | int, hear: str, look: str) -> list[Any]:
    """Set the menus after something changed: compare with the current version, look at what just moved."""
    del after
    focus = bench.focus() if bench.session.version.moves else look
    return menus(bench, before if before in (FIRST, PREVIOUS) else FIRST, NOW, hear, focus)


def menus(bench: Workbench, before: str | int, after: str | int, hear: str, look: str) -> list[Any]:
    """Return history, undo, the four menus of the desk, the amount of the last edit and what is locked."""
    session = bench.session
    numbered = [(version_name(bench, version.number), version.number) for version in session.versions]
    names = bench.tracks()
    channels = [("The mix", MIX), *((name, name) for name in names)]
    return [
        gr.update(choices=list(reversed(numbered)), value=session.current),
        gr.update(interactive=session.version.parent is not None),
        gr.update(choices=[("As loaded", FIRST), ("Version before", PREVIOUS), *numbered[1:]], value=before),
        gr.update(choices=[("Current", NOW), *numbered], value=after),
        gr.update(choices=channels, value=hear if hear in names else MIX),
        gr.update(choices=channels, value=look if look in names else MIX),
        gr.update(value=round(100 * _amount(bench)), interactive=session.version.parent is not None),
        gr.update(choices=list(names), value=[name for name in names if session.is_locked(name)], visible=bool(names)),
    ]


def _amount(bench: Workbench) -> float:
    found = amount_now(bench.session)
    return 1.0 if found is None else found


def version_name(bench: Workbench, number: int) -> str:
    """Return what a version is called: its number and what was said."""
    return f"{number}: {bench.session.versions[number].said}"


def listen(bench: Workbench, *menus: Any) -> list[Any]:
    """Return heading and player for what the menus say; first, so that something can be heard soon."""
    choice = bench.resolve(*menus)
    one = bench.takes.get(bench.session, choice.before, choice.hear)
    other = bench.takes.get(bench.session, choice.after, choice.hear)
    names = (version_name(bench, choice.before), version_name(bench, choice.after))
    url = f"{URL}{quote(bench.folder.name)}/"
    links = _downloads(bench, choice.after, url)
    return [heading(bench), compare_player(one, other, names, name_channel(choice.hear), url, links)]


def look(bench: Workbench, *menus: Any) -> list[Any]:
    """Return plot, knobs and measurements for what the menus say."""
    choice = bench.resolve(*menus)
    session = bench.session
    one = bench.takes.get(session, choice.before, choice.look)
    other = bench.takes.get(session, choice.after, choice.look)
    first, second = (session.versions[number] for number in (choice.before, choice.after))
    rate = session.song.sample_rate
    freqs = np.geomspace(25.0, min(20000.0, 0.49 * rate), _POINTS)
    address = "master" if choice.look == MIX else choice.look
    curves = (curve_db(first.settings, address, freqs, rate), curve_db(second.settings, address, freqs, rate))
    figure = spectrum_figure(one, other, curves, freqs, (f"version {choice.before}", f"version {choice.after}"))
    turned = moves(first.settings, second.settings)
    colours = {track.name: track.colour for track in session.song.tracks}
    title = f"version {choice.before} to {choice.after}" if choice.before != choice.after else ""
    empty = _SAME if choice.after else _UNTOUCHED
    return [
        figure,
        knob_table(knob_rows(turned, second.moves), colours, title, empty),
        measured_table(second.measured, second.said if second.measured else ""),
    ]


def _downloads(bench: Workbench, number: int, url: str) -> str:
    take = bench.takes.get(bench.session, number)
    settings = bench.write_settings(number)
    return (
        f'<a href="{url}{take.file.name}" download="after.wav">after.wav</a>'
        f'<a href="{url}{settings.name}" download="settings.json">settings.json</a>'
    )
