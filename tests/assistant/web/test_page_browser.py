"""A scripted user in headless Chromium, against the real page with the demo song."""

import os
import time
import wave
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.assistant.web.chromium import SOUND, Server, Visitor, browser

pytestmark = pytest.mark.browser

SENTENCE = "make the lead warmer and bring it forward, and tame the boomy bass"
AXE = os.environ.get("STUDIOSPEAK_AXE", "")
"""Path of axe.min.js (npm pack axe-core); without it accessibility is not checked."""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    data = tmp_path_factory.mktemp("data")
    server = Server(data)
    yield server
    server.close()
    assert list(data.glob("studiospeak-*")) == [], "the page left its temporary files behind"


@pytest.fixture
def driver(tmp_path):
    driver = browser(tmp_path / "profile")
    if driver is None:
        pytest.skip("chromium and chromium-driver are not installed")
    yield driver
    driver.quit()


@pytest.fixture
def user(driver, server):
    visitor = Visitor(driver, server.address)
    visitor.open()
    return visitor


def check_access(user):
    """Fail on every serious violation that axe-core finds."""
    if not AXE:
        return
    user.js(Path(AXE).read_text(encoding="utf-8"))
    user.driver.set_script_timeout(60)
    found = user.driver.execute_async_script(
        "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']}).then((r) => done(r.violations))"
    )
    serious = [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")]
    assert serious == []


def test_a_person_works_on_the_demo_song(user):
    assert "Above the Sound" in user.text("#head")
    assert "nothing to save yet" in user.text("#head")
    check_access(user)
    for words in (SENTENCE, "more punch on the kick", "cut 3 dB at 300 Hz on the keys"):
        user.say(words)
    assert "saved" in user.text("#head")
    assert "version 3" in user.text("#log")
    assert "Equaliser" in user.text("#panel-console")
    check_access(user)

    user.press(" ")
    user.wait("player.look().playing && player.look().at > 0.2", 15)
    heard = user.player()
    assert heard["side"] == "b"
    user.press("a")
    user.wait("player.look().levels.a > 0.3 && player.look().levels.b < 0.01", 10)
    user.press("m")
    user.wait("player.look().levels.a > 0.99", 10)
    user.press("x")
    user.wait("!document.querySelector('.guess').hidden", 5)
    user.click("[data-do=guess-a]")
    assert "of 1 right" in user.text(".score")
    user.press("b[")
    user.wait("player.look().from !== null", 5)
    time.sleep(0.6)
    user.press("]")
    user.wait("player.look().loop && player.look().to > player.look().from", 5)
    look = user.player()
    time.sleep(1.5)
    assert look["from"] - 0.1 <= user.player()["at"] <= look["to"] + 0.1
    user.press(" \\")
    user.wait("!player.look().playing", 5)

    user.slide("#amount", 50)
    user.rest()
    assert "50 %" in user.text("#panel-console .amount output")
    user.tab("history")
    assert "amount 50 %" in user.js("return document.querySelector('#name-4').value")
    user.write("#name-4", "half the cut")
    user.wait("document.querySelector('#menu-after').innerText.includes('half the cut')", 10)
    check_access(user)
    user.click("#undo")
    user.rest()
    assert "Undone" in user.text("#log")

    user.tab("findings")
    user.click("#diagnose")
    user.rest()
    user.wait("document.querySelectorAll('.finding .figure.drawn').length > 0", 30)
    check_access(user)
    user.click("[data-act=fix]")
    user.rest()
    assert "fix " in user.text("#log")
    assert user.js("return document.querySelectorAll('.mended li').length") == 1

    user.say("show me options for a brighter mix")
    assert user.js("return document.querySelectorAll('.option').length") >= 2
    assert user.js("return document.querySelectorAll('.map .point').length") >= 3
    user.wait("document.querySelector('.lane[data-lane=b] .tag').innerText.includes('Option 1')", 60)
    check_access(user)
    user.click(".option:nth-of-type(2) [data-act=audition]")
    user.wait(
        "document.querySelector('.lane[data-lane=b] .tag').innerText.includes('Option 2') && player.look().playing", 60
    )
    user.press(" ")
    user.click("#pick-2")
    user.rest()
    assert "Option 2" in user.text("#log")

    user.click("[data-open=export]")
    user.click("#to-dawproject")
    user.js("document.querySelector('[data-form=export]').requestSubmit()")
    user.rest()
    user.wait("document.querySelector('dialog[open] .files a')", 60)
    check_access(user)
    with urlopen(user.js("return document.querySelector('dialog[open] .files a').href")) as answer:
        assert answer.read(2) == b"PK"
    user.click("[data-close=export]")

    versions = user.js("return document.querySelectorAll('.history li').length")
    lines = user.text("#log")
    address = user.driver.current_url
    assert "session=" in address
    user.driver.refresh()
    user.wait(SOUND)
    assert user.driver.current_url == address
    assert user.js("return document.querySelectorAll('.history li').length") == versions
    assert user.text("#log")[-200:] == lines[-200:]
    user.say("undo")
    assert "Undone" in user.text("#log")
    assert user.outside() == set()
    assert user.faults() == []


def test_a_knob_is_typed_locked_and_reset(user):
    user.click("#channel-master")
    user.wait("document.querySelector('[id=\"knob-master-fader.gain_db-typed\"]')", 10)
    user.write('[id="knob-master-fader.gain_db-typed"]', "-2,5 dB")
    user.rest()
    user.wait("document.querySelector('.knob.moved .was')", 20)
    assert user.js("return document.querySelector('[id=\"knob-master-fader.gain_db-typed\"]').value") == "-2.5 dB"
    assert "-2.5 dB" in user.text("#channel-master small")
    user.click('[id="lock-master-fader.gain_db"]')
    user.wait("document.querySelector('[id=\"knob-master-fader.gain_db-typed\"]').disabled", 10)
    user.click('[id="lock-master-fader.gain_db"]')
    user.wait("!document.querySelector('[id=\"knob-master-fader.gain_db-typed\"]').disabled", 10)
    user.write('[id="knob-master-fader.gain_db-typed"]', "very loud")
    user.wait("document.querySelector('.notice')", 10)
    assert "no number" in user.text(".notice")
    user.click('[id="reset-master-fader.gain_db"]')
    user.rest()
    user.wait("document.querySelector('[id=\"knob-master-fader.gain_db-typed\"]').value === '0.0 dB'", 10)


def test_two_people_do_not_see_each_other(user, server, tmp_path):
    other_browser = browser(tmp_path / "other")
    try:
        other = Visitor(other_browser, server.address)
        other.open()
        user.say("more punch on the kick")
        assert "punch" not in other.text("body").split("what you could say next", 1)[0].replace(
            "more punch on the kick", ""
        )
        assert user.driver.current_url != other.driver.current_url
        assert other.js("return document.querySelectorAll('.history li').length") == 1
    finally:
        other_browser.quit()


def test_markup_and_bad_files_are_told_as_text(user, tmp_path):
    words = "hello <img src=https://example.com/x.png> R&B"
    user.say(words)
    assert words in user.text("#log")
    assert user.js("return document.querySelectorAll('#log img').length") == 0
    bad = tmp_path / "letter.wav"
    bad.write_text("Dear engineer")
    user.driver.find_element("css selector", "#top input[type=file], #upload + input, input[type=file]").send_keys(
        str(bad)
    )
    user.wait("document.querySelector('#log').innerText.includes('letter.wav')", 30)
    assert "Traceback" not in user.text("#log")
    assert "still open" in user.text("#log")
    assert user.outside() == set()


def test_uploaded_stems_with_long_names_fit_on_a_phone(driver, server, tmp_path):
    long = "A very long name of a vocal take that nobody ever meant to read in full, take 17 final final"
    for name in ("Kick In", long):
        with wave.open(str(tmp_path / f"{name}.wav"), "wb") as file:
            file.setparams((1, 2, 22050, 0, "NONE", ""))
            file.writeframes(b"\x00\x10\x00\xf0" * 22050)
    metrics = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    user = Visitor(driver, server.address)
    user.open()
    upload = driver.find_element("css selector", "input[type=file]")
    upload.send_keys("\n".join(str(tmp_path / f"{name}.wav") for name in ("Kick In", long)))
    user.wait("document.querySelector('#head').innerText.includes('2 stems')", 60)
    user.rest()
    assert long in user.text("#log")
    for panel in ("console", "meters", "findings", "options", "reference", "history"):
        user.tab(panel)
        time.sleep(0.2)
        assert user.js("return document.documentElement.scrollWidth <= window.innerWidth")
    check_access(user)


@pytest.mark.usefixtures("user")
def test_files_are_given_only_by_their_secret_name(user):
    source = user.js("return new URL(document.querySelector('.lane').dataset.src, location).href")
    with urlopen(Request(source, headers={"Range": "bytes=0-3"})) as answer:
        assert answer.status == 206
        assert answer.read() == b"RIFF"
        assert "default-src 'self'" in answer.headers["content-security-policy"]
    folder = source.rsplit("/", 1)[0]
    for path in (f"{folder}/..%2f..%2fx.wav", f"{folder}/session.json", f"{user.address}bench/{'0' * 32}/a.wav"):
        with pytest.raises(HTTPError, match="404"):
            urlopen(path)


def test_a_login_is_asked_for(tmp_path):
    guarded = Server(tmp_path / "data", env={"STUDIOSPEAK_LOGIN": "ada:secret"})
    try:
        with pytest.raises(HTTPError, match="401"):
            urlopen(f"{guarded.address}config")
    finally:
        guarded.close()


def test_a_reference_is_heard_compared_and_matched(user, tmp_path):
    user.say("make the mix brighter")
    user.wait("document.querySelector('.lane[data-lane=b] .tag').innerText.includes('1: make')", 60)
    record = tmp_path / "A record I like.wav"
    with urlopen(
        user.js("return new URL(document.querySelector('.lane[data-lane=b]').dataset.src, location).href")
    ) as answer:
        record.write_bytes(answer.read())
    user.say("undo")
    user.tab("reference")
    assert "Load a finished recording" in user.text("#panel-reference")
    user.driver.find_elements("css selector", "input[type=file]")[-1].send_keys(str(record))
    user.wait("document.querySelector('.references .card')", 60)
    user.click("[id=aspect-0-dynamics]")
    user.wait("!document.querySelector('[id=aspect-0-dynamics]').checked", 10)
    user.click(".references [data-act=audition]")
    user.wait("document.querySelector('.lane[data-lane=b] .tag').innerText.includes('Reference: A record I like')", 60)
    user.press(" ")
    check_access(user)
    user.slide("#match-amount", 120)
    user.js("document.querySelector('[data-form=match]').requestSubmit()")
    user.rest()
    user.wait("document.querySelector('#log').innerText.includes('Spectrum off the reference')", 60)
    assert "match the mix to A record I like, 120 %" in user.text("#log")
    user.click("[data-act=ask_reference]")
    user.rest()
    user.wait("document.querySelector('#panel-reference .figure.drawn')", 60)
    user.click("[data-act=remove_reference]")
    user.wait("!document.querySelector('.references .card')", 20)


def test_a_place_between_two_points_of_the_map_is_heard_and_kept(user):
    user.say("show me two options for a brighter mix")
    user.wait("document.querySelectorAll('.map .point').length >= 3", 60)
    user.js("document.querySelector('#way-one').value = 0; document.querySelector('#way-other').value = 2;")
    user.slide("#way-share", 40)
    user.js("document.querySelector('[data-form=between]').requestSubmit()")
    user.rest()
    user.wait("document.querySelector('.lane[data-lane=b] .tag').innerText.includes('40 % of the way')", 60)
    user.press(" ")
    start = user.js(
        "const at = document.querySelector('.point'); const box = at.getBoundingClientRect(); return [box.x, box.y]"
    )
    assert all(value > 0 for value in start)
    user.click("#keep-between")
    user.rest()
    assert "40 % of the way" in user.js("return document.querySelector('.history .now .name').value")
