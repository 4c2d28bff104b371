"""Plug-ins as chains: pedalboard's own, a hosted one (any object with its interface), honest refusals."""

import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from assistant.blackbox.plugins import HostedChain, load_chain
from assistant.cli.main import main
from console.errors import PluginError
from console.loudness import integrated_lufs
from exchange import read_audio, write_audio

RATE = 22050


class Knob(SimpleNamespace):
    """A plug-in's parameter as pedalboard shows it."""

    @property
    def string_value(self):
        return f"{24 * self.raw_value - 12:.1f} dB"


class FakePlugin:
    """Two gains and a bypass, in the interface of a hosted plug-in."""

    def __init__(self):
        self.parameters = {
            "low_db": Knob(name="Low", raw_value=0.5, num_steps=1000),
            "high_db": Knob(name="High", raw_value=0.5, num_steps=1000),
            "bypass": Knob(name="Bypass", raw_value=0.0, num_steps=2),
            "mode": Knob(name="Mode", raw_value=0.0, num_steps=3),
        }

    def process(self, audio, sample_rate, reset):
        assert (sample_rate, reset) == (RATE, True)
        mean = np.cumsum(audio, axis=1) * 0.05
        low, high = (10 ** ((24 * self.parameters[name].raw_value - 12) / 20) for name in ("low_db", "high_db"))
        return (low * mean + high * (audio - mean)).astype(np.float32)


@pytest.fixture
def noise():
    return (0.1 * np.random.default_rng(2).standard_normal((2, 2 * RATE))).astype(np.float32)


def test_a_hosted_plug_ins_numbers_are_its_knobs(noise):
    chain = HostedChain(FakePlugin(), "Tilt")
    assert [entry.name for entry in chain.parameters] == ["low_db", "high_db"]
    assert [entry.default for entry in chain.parameters] == [0.5, 0.5]
    assert chain.process(noise, RATE, {}) == pytest.approx(noise, abs=1e-5)
    quieter = chain.process(noise, RATE, {"low_db": 0.25, "high_db": 0.25})
    assert quieter == pytest.approx(noise * 10 ** (-6 / 20), abs=1e-5)
    assert chain.process(noise, RATE, {}) == pytest.approx(noise, abs=1e-5), "what was left out stands at its start"
    assert chain.shown({"low_db": 1.0}) == {"low_db": "12.0 dB"}
    assert [entry.name for entry in HostedChain(FakePlugin(), "Tilt", ["mode"]).parameters] == ["mode"]
    with pytest.raises(PluginError, match="Tilt has no knob air"):
        HostedChain(FakePlugin(), "Tilt", ["air"])


def test_without_pedalboard_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pedalboard", None)
    with pytest.raises(PluginError, match=r'pip install "studiospeak\[plugins\]"'):
        load_chain("Compressor")


def test_built_in_processors_do_nothing_at_their_start_and_something_beyond(noise):
    pytest.importorskip("pedalboard")
    chain = load_chain("LowShelfFilter+PeakFilter+PeakFilter+Compressor")
    assert [entry.name for entry in chain.parameters][3:9:3] == ["PeakFilter.cutoff_frequency_hz",
                                                                 "PeakFilter2.cutoff_frequency_hz"]  # fmt: skip
    assert chain.process(noise, RATE, {}) == pytest.approx(noise, abs=1e-4)
    first = chain.process(noise, RATE, {"PeakFilter2.gain_db": 9.0})
    assert np.array_equal(first, chain.process(noise, RATE, {"PeakFilter2.gain_db": 9.0})), "no state is carried over"
    assert first.std() > 1.1 * noise.std()
    only = load_chain("LowShelfFilter+Compressor", ["LowShelfFilter.gain_db"])
    assert [entry.name for entry in only.parameters] == ["LowShelfFilter.gain_db"]


def test_every_processor_in_the_table_runs(noise):
    pytest.importorskip("pedalboard")
    from assistant.blackbox.plugins import _table

    for name in _table():
        chain = load_chain(name)
        for share in (0.0, 1.0):
            values = {entry.name: entry.denormalise(share) for entry in chain.parameters}
            assert np.isfinite(chain.process(noise[:, :4000], RATE, values)).all(), name


@pytest.mark.parametrize(
    ("plugin", "knobs", "message"),
    [
        ("Flanger9000", (), "'Flanger9000' is no plug-in file here and no built-in processor. Built in: Compressor"),
        ("Gain", ("gain",), "Gain has no knob gain. It has: Gain.gain_db"),
        ("Reverb+Delay+Chorus+Phaser+Compressor+NoiseGate", (), "up to 24 can be tuned at once"),
        (__file__, (), "cannot be loaded as a plug-in"),
    ],
)
def test_plug_ins_that_cannot_be(plugin, knobs, message):
    pytest.importorskip("pedalboard")
    with pytest.raises(PluginError, match=message):
        load_chain(plugin, knobs)


def test_the_command_tunes_holds_the_loudness_and_reports(tmp_path, capsys):
    pytest.importorskip("pedalboard")
    generator = np.random.default_rng(5)
    time_s = np.arange(3 * RATE) / RATE
    notes = sum(np.sin(2 * np.pi * 220 * n * time_s) / n for n in range(1, 20)) * (1 + np.sin(2 * np.pi * 2 * time_s))
    audio = (0.05 * notes + 0.003 * generator.standard_normal((2, time_s.size))).astype(np.float32)
    write_audio(tmp_path / "keys.wav", audio, RATE, "float")
    out = tmp_path / "out"
    command = ["plugin", "LowShelfFilter+HighShelfFilter", str(tmp_path / "keys.wav"), "--say", "make it brighter",
               "--renders", "40", "--estimator", "cma-es", "--out", str(out), "--json"]  # fmt: skip
    assert main(command) == 0
    report = json.loads(capsys.readouterr().out)
    assert report == json.loads((out / "report.json").read_text())
    assert report["left"] < 0.7
    tilt = {name: knob["after"] for name, knob in report["knobs"].items() if name.endswith("gain_db")}
    assert tilt["HighShelfFilter.gain_db"] - tilt["LowShelfFilter.gain_db"] > 2.0
    before, after = (read_audio(out / name).audio for name in ("before.wav", "after.wav"))
    assert integrated_lufs(after, RATE) == pytest.approx(integrated_lufs(before, RATE), abs=0.1)
    assert main(command) == 1
    assert "already holds before.wav" in capsys.readouterr().err
    assert main([*command[:4], "why is it dull?", *command[5:-2], str(tmp_path / "other"), "--json"]) == 1
    assert not (tmp_path / "other").exists()
