"""Changed knobs and measurements as rows and tables."""

import pytest

from assistant.events import Measurement
from assistant.web.knobs import format_value, knob_rows, knob_table, measured_table
from console.parameters import specs_of
from console.settings import Settings, moves

BEFORE = Settings.neutral(["Kick", "Lead Vox"])
AFTER = BEFORE.turned(
    {
        ("Lead Vox", "fader.gain_db"): 1.5,
        ("Lead Vox", "eq.high_shelf_gain_db"): -2.0,
        ("Lead Vox", "eq.low_shelf_gain_db"): 2.5,
        ("Lead Vox", "eq.low_shelf_freq_hz"): 210.0,
        ("Kick", "compressor.ratio"): 4.0,
        ("master", "limiter.on"): 1.0,
    }
)


@pytest.mark.parametrize(
    ("parameter", "value", "text"),
    [
        ("eq.bell_1_gain_db", 2.5, "+2.5 dB"),
        ("eq.bell_1_gain_db", -3.0, "-3.0 dB"),
        ("eq.bell_1_gain_db", 0.0, "0.0 dB"),
        ("gate.range_db", 40.0, "40.0 dB"),
        ("compressor.threshold_db", -20.0, "-20.0 dB"),
        ("eq.bell_1_freq_hz", 310.0, "310 Hz"),
        ("eq.bell_4_freq_hz", 3200.0, "3.2 kHz"),
        ("eq.bell_1_q", 0.71, "Q 0.71"),
        ("compressor.ratio", 4.0, "4:1"),
        ("compressor.attack_ms", 12.0, "12 ms"),
        ("stereo.pan", -0.3, "L 30"),
        ("stereo.pan", 1.0, "R 100"),
        ("stereo.pan", 0.0, "centre"),
        ("stereo.width", 1.2, "120 %"),
        ("highpass.on", 1.0, "on"),
        ("highpass.on", 0.0, "off"),
        ("saturation.type", "tube", "tube"),
        ("limiter.ceiling_dbtp", -1.0, "-1 dBTP"),
        ("reverb.decay_s", 1.6, "1.6 s"),
    ],
)
def test_values_are_written_with_their_unit(parameter, value, text):
    assert format_value(parameter, value) == text


def test_every_parameter_of_the_console_can_be_written():
    for kind in ("track", "group", "master", "reverb", "delay"):
        for entry in specs_of(kind):
            assert format_value(entry.name, entry.default)


def test_rows_follow_the_console_and_the_signal():
    rows = knob_rows(moves(BEFORE, AFTER))
    assert [(row.channel, row.label) for row in rows] == [
        ("Kick", "Ratio"),
        ("Lead Vox", "Low shelf"),
        ("Lead Vox", "Low shelf frequency"),
        ("Lead Vox", "High shelf"),
        ("Lead Vox", "Fader"),
        ("the mix", "Limiter"),
    ]
    assert [(row.before, row.after) for row in rows[:3]] == [
        ("1:1", "4:1"),
        ("0.0 dB", "+2.5 dB"),
        ("120 Hz", "210 Hz"),
    ]


def test_knobs_of_the_last_edit_are_marked_only_beside_older_ones():
    turned = moves(BEFORE, AFTER)
    assert not any(row.fresh for row in knob_rows(turned, turned))
    marked = [row.label for row in knob_rows(turned, [move for move in turned if move.track == "Kick"]) if row.fresh]
    assert marked == ["Ratio"]


def test_names_are_shown_as_text_never_as_markup():
    name = "<img src=x onerror=alert(1)>"
    one = Settings.neutral([name])
    rows = knob_rows(moves(one, one.turned({(name, "fader.gain_db"): 1.0})))
    table = knob_table(rows, {name: "#123456"}, name, "none")
    assert "<img" not in table
    assert "&lt;img" in table
    assert "<img" not in measured_table([Measurement(what=name, track=name, before=0, after=1, unit="dB")], name)


def test_no_change_has_its_own_words():
    assert "Nothing yet" in knob_table([], {}, "", "Nothing yet.")
    assert "Nothing measured yet" in measured_table([], "")


def test_measurements_show_what_was_wanted_where_something_was():
    table = measured_table(
        [
            Measurement(what="loudness", track="mix", before=-18.04, after=-17.96, unit="LUFS"),
            Measurement(what="level", track="Vox", before=-8.0, after=-5.6, unit="LU", wanted=-5.5),
        ],
        "make it louder",
    )
    assert '<td class="number">-18.0</td><td class="number after">-18.0</td><td class="number"></td>' in table
    assert '<td class="number">-5.5</td><td>LU</td>' in table
    assert "The mix" in table
