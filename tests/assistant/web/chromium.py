"""A person at the page, in headless Chromium: what is seen and done, and every request that leaves the browser."""

import json
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[3]
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
)
SOUND = "document.querySelector('.player[data-state=ready]')"


class Server:
    """The page, served by a program of its own with sessions in a folder of the test's."""

    def __init__(self, data: Path, *options: str, env: dict[str, str] | None = None):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        import os

        command = [sys.executable, str(ROOT / "app.py"), "--port", str(port), *options]
        there = {**os.environ, "XDG_DATA_HOME": str(data), "TMPDIR": str(data), **(env or {})}
        data.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=there
        )
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
                self.address = found.group()
                return
        raise AssertionError("app.py ended without an address:\n" + "".join(lines))

    def close(self) -> str:
        """End the program as a closed terminal does; return what it printed."""
        self.process.terminate()
        return self.process.communicate(timeout=30)[0]


def browser(profile: Path, width: int = 1440, height: int = 1000):
    """Return a headless Chromium that records what it requests, or None where there is none."""
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and chromedriver):
        return None
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--window-size={width},{height}", f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(chromedriver))


class Visitor:
    """What a person sees and does."""

    def __init__(self, driver, address: str):
        self.driver, self.address = driver, address
        self.asked: list[str] = []

    def open(self, address: str | None = None) -> None:
        """Open the page and wait until it can be heard."""
        self.driver.get(address or self.address)
        self.wait(SOUND)

    def wait(self, condition: str, seconds: float = 120):
        """Wait until a JavaScript expression is true and return its value."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if value := self.js(f"return {condition}"):
                return value
            time.sleep(0.1)
        seen = self.js("return [JSON.stringify(player.look()), document.body.dataset.busy, document.body.innerText]")
        raise AssertionError(f"never true: {condition}\n{seen[0]} busy={seen[1]}\n{seen[2][:3000]}")

    def js(self, script: str, *arguments):
        """Run JavaScript in the page."""
        return self.driver.execute_script(script, *arguments)

    def text(self, selector: str) -> str:
        """Return what stands somewhere."""
        return self.js("return document.querySelector(arguments[0])?.innerText || ''", selector)

    def click(self, selector: str) -> None:
        """Press what a selector names first."""
        self.wait(f"document.querySelector({json.dumps(selector)})", 20)
        self.js("document.querySelector(arguments[0]).click()", selector)

    def slide(self, selector: str, value: float) -> None:
        """Drag a slider to a value and let it go."""
        self.js(
            "const at = document.querySelector(arguments[0]); at.value = arguments[1];"
            "for (const kind of ['input', 'change']) at.dispatchEvent(new Event(kind, {bubbles: true}));",
            selector,
            value,
        )

    def write(self, selector: str, words: str) -> None:
        """Replace what stands in a field, and leave it."""
        self.js(
            "const at = document.querySelector(arguments[0]); at.focus(); at.value = arguments[1];"
            "at.dispatchEvent(new Event('change', {bubbles: true}));",
            selector,
            words,
        )

    def say(self, words: str) -> None:
        """Say something and wait until it is done and can be heard."""
        lines = self.js("return document.querySelectorAll('#log .line.you').length")
        self.driver.find_element("css selector", "#say-text").send_keys(words + "\n")
        self.wait(f"document.querySelectorAll('#log .line.you').length > {lines}", 20)
        self.rest()

    def rest(self) -> None:
        """Wait until nothing is being done and the sound is there."""
        self.wait("document.body.dataset.busy === '0' && !document.querySelector('.line.working')", 240)
        time.sleep(0.4)
        self.wait(f"document.body.dataset.busy === '0' && {SOUND}", 60)

    def press(self, keys: str) -> None:
        """Press keys where nothing has the focus."""
        self.js("document.activeElement?.blur()")
        self.driver.find_element("css selector", "body").send_keys(keys)

    def player(self) -> dict:
        """Return what the player does."""
        return self.js("return player.look()")

    def tab(self, name: str) -> None:
        """Show a panel."""
        self.click(f"[data-tab={name}]")

    def outside(self) -> set[str]:
        """Return every address the browser asked for that is not this machine's page."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        self.asked += [
            message["params"].get("request", message["params"]).get("url", "")
            for message in messages
            if message["method"] in ("Network.requestWillBeSent", "Network.webSocketCreated")
        ]
        local = urlsplit(self.address).netloc
        assert any(urlsplit(url).netloc == local for url in self.asked)
        schemes = ("http", "https", "ws", "wss")
        return {url for url in self.asked if urlsplit(url).scheme in schemes and urlsplit(url).netloc != local}

    def faults(self) -> list[str]:
        """Return what the browser's console reports as an error."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]
