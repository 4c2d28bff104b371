"""Benchmarks are found by name, and their results print as tables and as JSON."""

import io
import json

import pytest
from rich.console import Console

from benchmarks import peers, timing
from benchmarks import run as bench
from benchmarks.song import compare_songs, full_settings
from benchmarks.table import show
from console.errors import StudiospeakError
from console.parameters import spec
from console.settings import Settings

ROW = {"what": "EQ, ours", "cpu_ms": 12.5, "fft_pairs": 0.5, "eq_error": 3e-8}
SIDE = {"wall_s": 2.0, "cpu_s": 3.0, "times_real_time": 30.0}
RESULT = {
    "benchmark": "console",
    "seconds": 10.0,
    "machine": {"processor": "x86_64", "cores": 2, "load_average": 0.5, "packages": {"torch": "2.13"}},
    "rows": [ROW],
    "song": {"tracks": 16, "seconds": 240.0, "ours": SIDE, "pedalboard": SIDE},
    "targets": [
        {"what": "EQ forward", "reached": 0.5, "wanted": "<= 1 FFT pairs", "passed": True},
        {"what": "song", "reached": 20.0, "wanted": ">= 25 x real time", "passed": False},
    ],
    "notes": ["a note"],
}


class FakeBenchmark:
    """Stands in for a benchmark's module."""

    shown: dict | None = None

    def run(self, quick: bool = False) -> dict:
        return {**RESULT, "quick": quick}

    def show(self, result: dict) -> None:
        type(self).shown = result


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeBenchmark:
    benchmark = FakeBenchmark()
    monkeypatch.setattr(bench.importlib, "import_module", lambda _: benchmark)
    return benchmark


def test_console_is_a_benchmark():
    assert "console" in bench.names()


def test_unknown_name_is_a_bad_argument_and_lists_the_known(capsys: pytest.CaptureFixture[str]):
    assert bench.run("speed", json=False) == 2
    said = capsys.readouterr()
    assert "No benchmark is called 'speed'" in said.err
    assert "console" in said.err
    assert said.out == ""


@pytest.mark.usefixtures("fake")
def test_json_is_one_object(capsys: pytest.CaptureFixture[str]):
    assert bench.run("console", json=True) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == [ROW]


def test_without_json_the_table_is_shown(fake: FakeBenchmark):
    assert bench.run("console", json=False) == 0
    assert fake.shown == {**RESULT, "quick": False}


def test_table_says_pass_and_miss():
    console = Console(width=120, record=True, file=io.StringIO())
    show(RESULT, console)
    text = console.export_text()
    lines = text.splitlines()
    assert "pass" in next(line for line in lines if "EQ forward" in line)
    assert "miss" in next(line for line in lines if "x real time" in line and "25" in line)
    assert "3.0e-08" in text
    assert "a note" in text


def test_a_missing_peer_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch):
    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(peers.importlib, "import_module", absent)
    with pytest.raises(StudiospeakError, match=r"pedalboard, which is not installed.*studiospeak\[bench\]"):
        peers.peer("pedalboard")


def test_long_jobs_run_twice_and_the_least_time_counts(monkeypatch: pytest.MonkeyPatch):
    clock = {"now": 0.0}
    takes = {"long": [9.0, 8.0], "short": [2.0, 1.0, 3.0]}
    monkeypatch.setattr(timing.time, "process_time", lambda: clock["now"])

    def job(name: str):
        def run() -> None:
            clock["now"] += takes[name].pop(0)

        return run

    best = timing.cpu_seconds({name: job(name) for name in takes}, rounds=3)
    assert best == {"long": 8.0, "short": 1.0}


def test_the_song_turns_every_processor_on():
    settings = full_settings(16)
    neutral = Settings.neutral(list(settings.tracks), settings.routing)
    used = {spec(name).processor for name in settings.tracks["track 0"]}
    assert used >= {
        "highpass",
        "lowpass",
        "eq",
        "gate",
        "deesser",
        "compressor",
        "saturation",
        "stereo",
        "fader",
        "send",
    }
    assert {spec(name).processor for name in settings.master} >= {"eq", "compressor", "saturation", "limiter"}
    assert all(settings.groups.values())
    assert {settings.get(name, "saturation.type") for name in settings.tracks} == {"tape", "tube", "clip"}
    assert neutral.addresses() == settings.addresses()


def test_a_short_song_is_rendered_by_both():
    pytest.importorskip("pedalboard")
    result = compare_songs(tracks=2, seconds=0.5, runs=1)
    assert result["ours"]["times_real_time"] > 0.0
    assert result["pedalboard"]["cpu_s"] > 0.0


def test_quick_run_measures_everything():
    pytest.importorskip("pedalboard")
    pytest.importorskip("dasp_pytorch")
    from benchmarks import console

    result = console.run(quick=True)
    json.dumps(result)
    errors = {row["what"]: row["eq_error"] for row in result["rows"] if row["eq_error"] is not None}
    assert errors["EQ, ours"] <= 1e-6
    assert errors["EQ, ours"] < min(errors["EQ, pedalboard"], errors["EQ, dasp"])
    assert len(result["targets"]) == 10
