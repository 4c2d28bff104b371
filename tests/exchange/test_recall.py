"""The recall sheet names every knob that is turned, with its value and unit, and nothing that is not."""

import re

import pytest

from console.parameters import PROCESSORS, specs_of
from console.settings import Settings
from exchange.project import Project
from exchange.recall import channel_rows, recall_sheet


def test_a_channel_reads_in_signal_order(project):
    rows = channel_rows(project.settings, "Lead Vox")
    assert [label for label, _ in rows] == ["Gate", "De-esser", "Sends"]
    assert dict(rows)["Sends"] == "reverb -12.3 dB"
    assert dict(channel_rows(project.settings, "Kick")) == {
        "High-pass": "80 Hz, 24 dB/octave",
        "Equaliser": "low shelf +3.3 dB at 120 Hz Q 0.71 | bell 2 -4.1 dB at 500 Hz Q 2.2",
    }


def test_the_sheet_has_every_channel_and_fits_the_page(project):
    sheet = recall_sheet(project)
    for heading in ("Kick  -> Drums", "Gtr/L", "DRUMS GROUP", "MASTER", "REVERB", "DELAY", "FROM 0:00.2 TO 0:00.5"):
        assert heading in sheet
    assert "pan L31" in sheet
    assert "threshold -20 dB, 3.7:1, attack 3.3 ms, release 150 ms," in sheet
    assert max(map(len, sheet.splitlines())) <= 80


def test_a_bus_that_is_fed_is_written_out_even_where_it_stands_at_its_default(project):
    names = [track.name for track in project.song.tracks]
    sent = Settings.neutral(names).turned({("Kick", "send.reverb_db"): -20.0})
    assert dict(channel_rows(sent, "reverb"))["Reverb"].startswith("decay 1.6 s, pre-delay 20 ms")
    assert channel_rows(sent, "delay") == []


@pytest.mark.parametrize("kind", PROCESSORS)
def test_no_knob_is_left_out(kind, project):
    """Turn one knob at a time to an odd value and find that value on the sheet."""
    names = [track.name for track in project.song.tracks]
    settings = Settings.neutral(names, {"Kick": "G"})
    address = {"track": "Kick", "group": "group:G"}.get(kind, kind)
    for entry in specs_of(kind):
        value = entry.choices[-1] if entry.kind == "choice" else 1.0
        if entry.kind == "number":
            value = round(entry.denormalise(0.377), 3)
        rows = channel_rows(settings.turned({(address, entry.name): value}), address)
        text = " ".join(part for row in rows for part in row)
        assert rows, entry.name
        if entry.kind == "number":
            numbers = [float(number) for number in re.findall(r"-?\d+\.?\d*", text.replace("+", ""))]
            shown = {value, value * 100, abs(value) * 100, value / 1000}
            near = [number for number in numbers for wanted in shown if number == pytest.approx(wanted, rel=6e-3)]
            assert near, (entry.name, value, text)


def test_an_untouched_track_says_so(project):
    plain = Project("plain", project.song, project.settings.neutral(["Kick", "Snare", "Lead Vox", "Gtr/L"]))
    assert recall_sheet(plain).count("as recorded, fader 0 dB, centre") == 5
