"""Drive the page in headless Chromium as a person would, saving a frame and a time for every step.

    python scripts/page_frames.py OUT_DIR            work on the demo song
    python scripts/page_frames.py OUT_DIR --faults   five questions about the demo song with faults put in

Writes numbered PNGs, `times.json` (seconds from asking to seeing and hearing it), and ends with an error where a step
cannot be done or a request leaves this machine. Needs pillow beside what the tests need.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from exchange import demo_folder, read_audio, write_audio
from tests.assistant.web.chromium import SOUND, Server, Visitor, browser

__all__ = ["Film", "main"]


class Film:
    """Takes a frame and a time of every step."""

    def __init__(self, user: Visitor, out: Path):
        self.user, self.out = user, out
        self.times: dict[str, float] = {}

    def step(self, name: str, *acts: Callable[[], object], until: str = "true") -> None:
        """Do something, wait until it can be seen and heard, and take the frame."""
        begun = time.monotonic()
        for act in acts:
            act()
        self.user.rest()
        self.user.wait(until, 120)
        self.times[name] = round(time.monotonic() - begun, 2)
        time.sleep(1.0)  # plots settle
        frame = self.out / f"{len(self.times):02d} {name.replace('?', '')}.png"
        self.user.driver.save_screenshot(str(frame))
        Image.open(frame).convert("RGB").quantize(96).save(frame, optimize=True)
        print(f"{self.times[name]:7.2f} s  {name}", flush=True)


def work(user: Visitor, film: Film) -> None:
    """Go through what a person does on a first evening."""

    def heard(letter: str, words: str) -> str:
        return f"document.querySelector('.lane[data-lane={letter}] .tag').innerText.includes({json.dumps(words)})"

    film.step("open the page", user.open)
    film.step(
        "ask for two things",
        lambda: user.say("make the lead warmer and bring it forward, and tame the boomy bass"),
        until=heard("b", "1:"),
    )
    film.step("ask for punch", lambda: user.say("more punch on the kick"), until=heard("b", "2:"))
    film.step("name a number", lambda: user.say("cut 3 dB at 300 Hz on the keys"), until=heard("b", "3:"))
    film.step("play", lambda: user.press(" "), until="player.look().playing && player.look().at > 0.1")
    film.step("hear A", lambda: user.press("a"), until="player.look().levels.a > 0.3")
    film.step("hear X, hidden", lambda: user.press("x"), until="!document.querySelector('.guess').hidden")
    user.press("b ")
    film.step("half of it", lambda: user.slide("#amount", 50), until=heard("b", "4:"))
    film.step("what the meters say", lambda: user.tab("meters"))
    film.step("history", lambda: user.tab("history"))
    film.step("undo", lambda: user.click("#undo"), until=heard("b", "3:"))
    film.step(
        "diagnose",
        lambda: user.tab("findings"),
        lambda: user.click("#diagnose"),
        until="document.querySelector('.finding .figure.drawn')",
    )
    film.step("fix", lambda: user.click("[data-act=fix]"), until="document.querySelector('.mended li')")
    film.step("explore", lambda: user.say("show me options for 80s vibes"), until=heard("b", "Option 1"))
    film.step("the map", lambda: user.js("document.querySelector('.map').scrollIntoView()"))
    user.js("scrollTo(0, 0)")
    film.step(
        "listen to option 2",
        lambda: user.click(".option:nth-of-type(2) [data-act=audition]"),
        until=f"{heard('b', 'Option 2')} && player.look().playing",
    )
    user.press(" ")
    film.step(
        "more like it, but wider",
        lambda: user.write("#like-2", "wider"),
        lambda: user.js("document.querySelector('[data-form=like][data-number=\"2\"]').requestSubmit()"),
        until="document.querySelector('#log').innerText.includes('more like 2')",
    )
    film.step(
        "pick", lambda: user.click("#pick-1"), until="document.querySelector('#log').innerText.includes('From now')"
    )
    film.step(
        "export",
        lambda: user.click("[data-open=export]"),
        lambda: user.click("#to-dawproject"),
        lambda: user.js("document.querySelector('[data-form=export]').requestSubmit()"),
        until="document.querySelector('dialog[open] .files a')",
    )
    user.click("[data-close=export]")
    film.step("reload and go on", user.driver.refresh, lambda: user.wait(SOUND), lambda: user.say("undo"))
    browse = user.driver.execute_cdp_cmd
    dark = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    film.step("dark", lambda: browse("Emulation.setEmulatedMedia", dark), user.driver.refresh)
    browse("Emulation.setEmulatedMedia", {"features": []})
    phone = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    film.step("phone", lambda: browse("Emulation.setDeviceMetricsOverride", phone), user.driver.refresh)
    film.step("phone, console", lambda: user.js("document.querySelector('#player').scrollIntoView()"))


def faulty(folder: Path) -> list[Path]:
    """Write the demo song's stems with faults: keys clipped, the lead buried, hum on the bass, DC on the snare."""
    folder.mkdir()
    written = []
    for path in sorted(demo_folder().glob("*.ogg")):
        clip = read_audio(path)
        audio, time_s = clip.audio.copy(), np.arange(clip.audio.shape[1]) / clip.sample_rate
        if "Keys" in path.stem:
            loud = audio * (2.2 / np.abs(audio).max())
            audio = 0.5 * np.clip(loud, -1.0, 1.0)
        elif "Lead Vox" in path.stem:
            audio = audio * 10 ** (-14 / 20)
        elif "Bass" in path.stem:
            audio = audio + 0.01 * sum(np.sin(2 * np.pi * 50 * n * time_s) / n for n in (1, 2, 3, 4))
        elif "Snare" in path.stem:
            audio = audio + 0.02
        written.append(folder / f"{path.stem}.wav")
        write_audio(written[-1], audio.astype(np.float32), clip.sample_rate, "pcm24")
    return written


def ask(user: Visitor, film: Film, stems: list[Path]) -> None:
    """Ask the five questions a person would ask first."""
    user.open()
    upload = user.driver.find_element("css selector", "input[type=file]")
    upload.send_keys("\n".join(map(str, stems)))
    user.wait("document.querySelector('#head').innerText.includes('9 stems')", 120)
    questions = ("what is wrong with this mix?", "is the vocal too quiet?", "what masks the lead vox?",
                 "why is the mix muddy?", "is it ready for streaming?")  # fmt: skip
    for words in questions:
        film.step(
            words,
            lambda words=words: user.say(words),
            until="document.querySelector('#panel-findings .figure.drawn')",
        )


def main() -> int:
    """Make the film."""
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        server = Server(Path(home, "data"))
        driver = browser(Path(home, "profile"), 1440, 1060)
        if driver is None:
            print("chromium and chromium-driver are not installed", file=sys.stderr)
            return 1
        try:
            user = Visitor(driver, server.address)
            film = Film(user, out)
            if "--faults" in sys.argv:
                ask(user, film, faulty(Path(home, "stems")))
            else:
                work(user, film)
            (out / "times.json").write_text(json.dumps(film.times, indent=1) + "\n", encoding="utf-8")
            outside, faults = user.outside(), user.faults()
            print(f"{len(user.asked)} requests, {len(outside)} to elsewhere, {len(faults)} errors in the browser")
            return 1 if outside or faults else 0
        finally:
            driver.quit()
            server.close()


if __name__ == "__main__":
    raise SystemExit(main())
