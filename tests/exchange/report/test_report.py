"""The mix report: true numbers, the words as they were, one file that needs no network."""

import shutil
from html.parser import HTMLParser

import numpy as np
import pyloudnorm
import pytest

from console.errors import ProjectFileError
from console.settings import moves
from console.true_peak import true_peak_dbtp
from exchange.bounce import render_project, tail_samples
from exchange.project import Project
from exchange.report import Reading, Told, write_report
from exchange.report.plots import balance_plot, loudness_plot, spectrum_plot, tone_plot


class Page(HTMLParser):
    """Texts by the element they stand in, and every attribute that could fetch something."""

    def __init__(self, text):
        super().__init__()
        self.texts, self.fetched, self.stack = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.stack.append(tag)
        self.fetched += [value for name, value in attributes if name in ("src", "href", "data", "action", "srcset")]
        self.fetched += [tag] if tag in ("link", "iframe", "object", "embed", "img") else []

    def handle_endtag(self, tag):
        while self.stack and self.stack.pop() != tag:
            pass

    def handle_data(self, data):
        if "script" not in self.stack and "style" not in self.stack and data.strip():
            self.texts.append(data.strip())

    @property
    def text(self):
        return "\n".join(self.texts)


@pytest.fixture
def before(project):
    names = [track.name for track in project.song.tracks]
    return project.settings.neutral(names, project.settings.routing)


@pytest.fixture
def told(project, before):
    turned = tuple(moves(before, project.settings))
    readings = (Reading("loudness", "mix", -20.04, -18.26, "LUFS", -18.0),)
    return [Told('make it "warmer" & <b>bolder</b>', "Done.\nLouder too.", turned, readings)]


@pytest.fixture
def written(project, before, told, tmp_path):
    path, was, now = write_report(project, before, told, tmp_path / "mix.html")
    return Page(path.read_text(encoding="utf-8")), was, now, path


def test_the_numbers_are_those_of_the_rendered_mix(written, project):
    page, _, now, _ = written
    rate = project.song.sample_rate
    master = render_project(project, tail_samples(project.settings, rate)).master.numpy()
    lufs = pyloudnorm.Meter(rate).integrated_loudness(master.T)
    assert now.loudness_lufs == pytest.approx(lufs, abs=0.1)
    assert now.true_peak_dbtp == pytest.approx(true_peak_dbtp(master, rate))
    assert f"{now.loudness_lufs:.1f}" in page.texts
    rms = 10 * np.log10(np.mean(np.square(master, dtype=np.float64)))
    assert 10 * np.log10(np.sum(10 ** (now.level_db / 10))) == pytest.approx(rms, abs=0.3)


def test_what_was_said_is_quoted_and_cannot_become_code(written):
    page, _, _, path = written
    assert '“make it "warmer" & <b>bolder</b>”' in page.texts
    assert "<b>bolder</b>" not in path.read_text(encoding="utf-8").split("</script>")[-1]
    assert [text for text in page.texts if text in ("Done.", "Louder too.")] == ["Done.", "Louder too."]


def test_every_move_and_reading_is_in_the_tables(written, project, before):
    page = written[0]
    assert "0 dB, 500 Hz, Q 1" not in page.texts  # a frequency that did not move is not listed
    assert "-4.1 dB, Q 2.2" in page.texts
    assert "3.7:1" in page.texts
    assert "Fader" in page.text
    assert "(0:00.2 to 0:00.5)" in page.text
    for number in ("-20.0", "-18.3", "-18.0"):
        assert number in page.texts
    for move in moves(before, project.settings):
        assert move.track.removeprefix("group:").split()[0].capitalize() in page.text.replace("Gtr/L", "Gtr/l")


def test_it_fetches_nothing(written):
    assert written[0].fetched == []


def test_plots_show_what_was_measured(written, project):
    _, was, now, _ = written
    spectrum = spectrum_plot(was, now)
    assert [trace.name for trace in spectrum.data] == ["before", "after"]
    drawn = np.array(spectrum.data[1].y, dtype=float)
    heard = np.where(now.level_db > -110, now.level_db, np.nan)
    assert np.array_equal(drawn, heard, equal_nan=True)
    assert len(loudness_plot(was, now, project).layout.annotations) == 2
    assert sorted(balance_plot(was, now).data[1].x) == pytest.approx(sorted(now.track_lufs.values()))
    tone = tone_plot(project.settings.whole(), project.song.sample_rate)
    assert [trace.name for trace in tone.data] == ["Kick"]
    at_500_hz = np.interp(500.0, tone.data[0].x, tone.data[0].y)
    assert at_500_hz == pytest.approx(-4.1, abs=0.2)
    assert tone_plot(project.settings.neutral(["a"]), 44_100) is None


def test_an_untouched_and_a_silent_mix_are_reported_too(project, before, tmp_path):
    plain = Project("plain", project.song, before)
    text = Page(write_report(plain, before, [], tmp_path / "plain.html")[0].read_text(encoding="utf-8")).text
    assert "Nothing was asked for" in text
    assert "Every channel stands as it was recorded" in text
    muted = before.turned({(track.name, "fader.mute"): 1.0 for track in project.song.tracks})
    silent = Project("silent", project.song, muted)
    text = Page(write_report(silent, before, [], tmp_path / "silent.html")[0].read_text(encoding="utf-8")).text
    assert "silent" in text
    assert "inf" not in text


def test_a_report_is_never_written_over(written, project, before):
    with pytest.raises(ProjectFileError, match="never written over"):
        write_report(project, before, [], written[3])


@pytest.mark.browser
@pytest.mark.skipif(not shutil.which("chromedriver"), reason="chromium and chromium-driver are not installed")
@pytest.mark.parametrize("width", [390, 1200])
def test_a_browser_shows_it_without_overflow_or_requests(written, width):
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.support.ui import WebDriverWait

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options, Service(shutil.which("chromedriver")))
    try:
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        driver.get(written[3].as_uri())
        plots = "[...document.querySelectorAll('.plot')]"
        drawn = driver.execute_script(f"return {plots}.map(p => p.querySelectorAll('.main-svg').length > 0)")
        assert drawn == [True] * 4
        assert driver.execute_script("return document.documentElement.scrollWidth") <= width
        fits = f"return {plots}.every(p => p.querySelector('svg').clientWidth <= p.clientWidth)"
        WebDriverWait(driver, 5).until(lambda page: page.execute_script(fits))
        assert driver.execute_script("return performance.getEntriesByType('resource').length") == 0
    finally:
        driver.quit()
