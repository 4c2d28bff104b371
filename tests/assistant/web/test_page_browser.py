"""A scripted user in headless Chromium, against the real page with the demo song."""

import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import wave
from pathlib import Path
from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[3]
SENTENCE = "make the lead warmer and bring it forward, and tame the boomy bass"
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--window-size=1400,1000",
)


@pytest.fixture(scope="module")
def address():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, str(ROOT / "app.py"), "--port", str(port)]
    app = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines = []
    for line in app.stdout:
        lines.append(line)
        if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
            break
    else:
        pytest.fail("app.py ended without an address:\n" + "".join(lines))
    yield found.group()
    before = set(Path(tempfile.gettempdir()).glob("studiospeak-*"))
    app.terminate()
    app.communicate(timeout=20)
    assert before - set(Path(tempfile.gettempdir()).glob("studiospeak-*")), "the page left its files behind"


@pytest.fixture
def driver(tmp_path):
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and chromedriver):
        pytest.skip("chromium and chromium-driver are not installed")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={tmp_path / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(chromedriver))
    yield browser
    browser.quit()


class Page:
    """What a user sees and does."""

    def __init__(self, driver):
        self.driver = driver

    def wait(self, condition, seconds=60):
        """Wait until a JavaScript expression is true and return its value."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if value := self.driver.execute_script(f"return {condition}"):
                return value
            time.sleep(0.1)
        raise AssertionError(f"never true: {condition}\n{self.text('body')}")

    def text(self, selector):
        return self.driver.execute_script(f"return document.querySelector('{selector}')?.innerText || ''")

    def ready(self):
        self.wait("document.querySelectorAll('.player audio').length === 2")
        self.wait("[...document.querySelectorAll('.player audio')].every(a => a.readyState >= 2)")

    def say(self, words):
        box = self.driver.find_element("css selector", "#say textarea, #say input")
        box.send_keys(words + "\n")

    def slide(self, selector, value):
        """Drag a slider to a value and let it go."""
        self.driver.execute_script(
            "const slider = document.querySelector(arguments[0]);"
            "Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(slider, arguments[1]);"
            "for (const kind of ['input', 'change']) slider.dispatchEvent(new Event(kind, {bubbles: true}));"
            "slider.dispatchEvent(new PointerEvent('pointerup', {bubbles: true}));",
            selector,
            value,
        )

    def click(self, selector):
        self.driver.execute_script(f"document.querySelector('{selector}').click()")


@pytest.fixture
def page(driver, address):
    driver.get(address)
    opened = Page(driver)
    opened.ready()
    return opened


def outside(driver, address):
    """Return every address the page asked for that is not this machine's."""
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    urls = [
        message["params"].get("request", message["params"]).get("url", "")
        for message in messages
        if message["method"] in ("Network.requestWillBeSent", "Network.webSocketCreated")
    ]
    local = urlsplit(address).netloc
    assert any(urlsplit(url).netloc == local for url in urls)
    return {
        url for url in urls if urlsplit(url).scheme in ("http", "https", "ws", "wss") and urlsplit(url).netloc != local
    }


def test_a_sentence_moves_the_mix_and_undo_takes_it_back(page, driver, address, tmp_path):
    assert "Above the Sound" in page.text("#head")
    assert "Nothing yet" in page.text("#knobs")
    page.say(SENTENCE)
    page.wait("document.querySelectorAll('#knobs tr').length > 4", 120)
    knobs = page.text("#knobs")
    assert "Lead Vox" in knobs
    assert "Bass" in knobs
    assert "dBTP" in page.text("#measured")
    assert "boomy" in page.text("#chat")
    assert SENTENCE in page.text("#history")
    page.wait("document.querySelector('#plot .plotly text')")
    page.ready()
    driver.save_screenshot(str(tmp_path / "page.png"))
    assert (tmp_path / "page.png").stat().st_size > 20_000

    for sound in driver.execute_script(
        "return [...document.querySelectorAll('.player audio')].map(a => ({src: a.src, duration: a.duration}))"
    ):
        assert sound["src"].startswith(address)
        assert sound["duration"] > 30
    page.click(".player .play")
    page.wait("[...document.querySelectorAll('.player audio')].every(a => a.currentTime > 0.3 && !a.paused)", 15)
    assert driver.execute_script("return [...document.querySelectorAll('.player audio')].map(a => a.muted)") == [
        True,
        False,
    ]
    page.click(".ab [data-do=a]")
    assert driver.execute_script("return [...document.querySelectorAll('.player audio')].map(a => a.muted)") == [
        False,
        True,
    ]
    volumes = "return [...document.querySelectorAll('.player audio')].map(a => a.volume)"
    assert max(driver.execute_script(volumes)) == 1
    page.click(".player [data-do=match]")
    assert driver.execute_script(volumes) == [1, 1]

    page.click("#undo")
    page.wait("document.querySelector('#chat').innerText.includes('Undone')")
    page.wait("document.querySelectorAll('#knobs tr').length === 0")
    page.click("#redo")
    page.wait("document.querySelectorAll('#knobs tr').length > 4")
    page.wait("!document.querySelector('#amount input[type=range]').disabled")
    page.slide("#amount input[type=range]", 50)
    page.wait("document.querySelector('#history').innerText.includes('amount 50 %')")
    assert "now stands at 50 %" in page.text("#chat")
    assert driver.execute_script("return document.querySelector('#amount input[type=range]').value") == "50"
    driver.save_screenshot(str(tmp_path / "amount.png"))
    assert outside(driver, address) == set()
    assert [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_the_page_can_be_loaded_again_and_shows_markup_as_text(page, driver, address):
    driver.refresh()
    page.ready()
    assert "Nothing yet" in page.text("#knobs")
    words = "hello <img src=https://example.com/x.png> R&B"
    page.say(words)
    page.wait("document.querySelector('#send').innerText === 'Send'")
    page.wait("document.querySelectorAll('#chat .message').length > 2")
    assert words in page.text("#chat")
    assert driver.find_elements("css selector", "#chat img") == []
    assert outside(driver, address) == set()


def test_uploaded_stems_are_loaded_and_a_bad_file_is_told(page, driver, tmp_path):
    bad = tmp_path / "letter.wav"
    bad.write_text("Dear engineer")
    upload = driver.find_element("css selector", "input[type=file]")
    upload.send_keys(str(bad))
    page.wait("document.querySelector('#chat').innerText.includes('letter.wav')")
    assert "Traceback" not in page.text("#chat")
    assert "still loaded" in page.text("#chat")
    names = ("Kick In", "A very long name of a vocal take that nobody ever meant to read in full, take 17 final final")
    for name in names:
        with wave.open(str(tmp_path / f"{name}.wav"), "wb") as file:
            file.setparams((1, 2, 22050, 0, "NONE", ""))
            file.writeframes(b"\x00\x10\x00\xf0" * 22050)
    upload = driver.find_element("css selector", "input[type=file]")
    driver.execute_script("arguments[0].value = ''", upload)  # WebDriver adds to what was chosen; people choose anew
    upload.send_keys("\n".join(str(tmp_path / f"{name}.wav") for name in names))
    page.wait("document.querySelector('#head').innerText.includes('2 stems')")
    page.wait("document.body.scrollWidth <= window.innerWidth")
    assert "Kick In" in page.text("#chat")


@pytest.mark.usefixtures("page")
def test_files_are_given_only_by_their_secret_name(driver, address):
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    source = driver.execute_script("return document.querySelector('.player audio').src")
    with urlopen(Request(source, headers={"Range": "bytes=0-3"})) as answer:
        assert answer.status == 206
        assert answer.read() == b"RIFF"
    folder = source.rsplit("/", 1)[0]
    for path in (f"{folder}/..%2f..%2fx.wav", f"{folder}/settings.json", f"{address}bench/x/0123456789abcdef.wav"):
        with pytest.raises(HTTPError, match="404"):
            urlopen(path)
