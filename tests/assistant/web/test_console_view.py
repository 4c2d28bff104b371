"""The console as it is shown."""

import re

import pytest

from assistant.web.console_view import console
from console.parameters import PROCESSORS, specs_of
from console.settings import kind_of


def knobs_of(page):
    return re.findall(r'id="knob-[^"]*?-([a-z_]+\.[a-z0-9_]+)"', page)


@pytest.mark.parametrize("address", ["Lead Vox", "master", "reverb"])
def test_every_knob_stands_in_signal_order_with_its_name(bench, address):
    bench.channel = address
    page = console(bench)
    shown = list(dict.fromkeys(knobs_of(page)))
    order = [entry.name for entry in specs_of(kind_of(address))]
    assert sorted(shown) == sorted(order)
    processors = list(dict.fromkeys(name.split(".")[0] for name in shown))
    assert processors == list(PROCESSORS[kind_of(address)])
    for field in re.findall(r"<(?:input|select|button)[^>]*knob-[^>]*>", page):
        assert "aria-label=" in field


def test_a_knob_tells_its_value_and_what_the_edit_changed(bench):
    bench.session.add("warmer", bench.session.settings.turned({("Lead Vox", "eq.bell_2_gain_db"): -3.0}))
    bench.channel = "Lead Vox"
    page = console(bench)
    assert 'value="-3.0 dB"' in page
    assert "was 0.0 dB" in page
    assert "1 turned" in page
    assert page.count('data-amount="') == 2  # of the whole edit, and of the equaliser's part


def test_what_is_locked_cannot_be_turned(bench):
    bench.session.lock("Lead Vox", "fader.gain_db")
    bench.channel = "Lead Vox"
    page = console(bench)
    assert re.search(r'id="knob-Lead Vox-fader.gain_db-typed"[^>]*disabled', page)
    assert not re.search(r'id="knob-Lead Vox-fader.mute"[^>]*disabled', page)


def test_names_are_text_not_markup(benches, tmp_path):
    from tests.assistant.web.conftest import make_song

    song = make_song(tmp_path / "odd", ("Kick & <i>Snare<i>".replace("<i>", "(i)"), "L" * 120))
    bench = benches.start(song, "<script>alert(1)</script>")
    page = console(bench)
    assert "&amp; (i)Snare" in page
    assert "L" * 120 in page


def test_knobs_that_stand_elsewhere_in_a_section_are_listed(bench):
    bench.session.add("x", bench.session.settings.turned({("Lead Vox", "fader.gain_db"): 3.0}, (0.2, 0.8)))
    bench.channel = "Lead Vox"
    assert "0:00.2-0:00.8: Fader +3.0 dB" in console(bench)


def test_a_damaged_dictionary_is_told_in_the_settings(bench):
    from assistant.web.dialogs_view import dialogs
    from ontology.personal import default_path

    default_path().parent.mkdir(parents=True, exist_ok=True)
    default_path().write_text("{")
    assert "cannot be read" in dialogs(bench, "/bench/t/")


def test_gain_reduction_is_shown_for_what_is_heard(bench):
    from assistant.web.meters_view import meters

    settings = bench.session.settings.turned({
        ("Lead Vox", "compressor.ratio"): 4.0, ("Lead Vox", "compressor.threshold_db"): -40.0,
    })  # fmt: skip
    bench.session.add("squash", settings)
    assert "No compressor, gate or limiter works on the mix" in meters(bench)
    bench.hear = "Lead Vox"
    page = meters(bench)
    assert "Compressor of Lead Vox: takes" in page
    assert "Loudness, integrated" in page
