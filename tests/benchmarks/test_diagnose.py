"""The diagnosis benchmark: what it puts in, and how it counts."""

import numpy as np
import pytest

from assistant.diagnose.problems import problem
from benchmarks.diagnose import run
from benchmarks.diagnose_cases import Case
from benchmarks.diagnose_faults import FAULTS, STRENGTHS
from benchmarks.diagnose_report import problem_rows

RATE = 44100


@pytest.fixture(scope="module")
def music():
    """Three seconds of decaying notes, sides apart."""
    time = np.arange(3 * RATE) / RATE
    audio = np.zeros((2, time.size))
    for index, freq in enumerate((110.0, 165.0, 220.0, 330.0, 440.0, 660.0)):
        since = np.maximum(time - index * 0.45, 0.0)
        envelope = np.where(time >= index * 0.45, np.exp(-since / 0.3), 0.0)
        for harmonic in range(1, 12):
            wave = envelope * np.sin(2 * np.pi * freq * harmonic * since) / harmonic
            audio += np.stack([wave, wave * (0.5 + index / 10)])
    audio += 0.01 * np.random.default_rng(0).normal(size=audio.shape)
    return (0.4 * audio / np.abs(audio).max()).astype(np.float32)


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_is_put_in_and_grows(name, music):
    fault = FAULTS[name]
    assert problem(name).id == name
    changes = []
    for strength in range(len(STRENGTHS)):
        spoilt, span = fault.spoil(music.copy(), RATE, strength, np.random.default_rng(1))
        assert spoilt.shape == music.shape
        assert spoilt.dtype == np.float32
        assert np.isfinite(spoilt).all()
        assert span is None or 0 <= span[0] < span[1] <= 3.0
        changes.append(float(np.abs(spoilt - music).sum()))
    assert min(changes) > 0
    same = ("silent-track", "polarity")
    assert name in same or changes[2] > changes[0] or name in ("misaligned", "low-headroom", "intersample-peaks")


def test_the_same_seed_spoils_the_same_way(music):
    for fault in FAULTS.values():
        one, other = (fault.spoil(music.copy(), RATE, 1, np.random.default_rng(5))[0] for _ in range(2))
        np.testing.assert_array_equal(one, other)


def test_rows_count_hits_and_each_mistake_once():
    cases = [
        Case("hum", "plain", "song 1", "A", found=True, right_track=True),
        Case("hum", "plain", "song 2", "A", found=False),
        Case("muddy", "plain", "song 1", "A", found=False, false=["hum@B"]),
        Case("boxy", "plain", "song 1", "A", found=False, false=["hum@B"]),
        Case("boxy", "gross", "song 3", "A", found=False, false=["hum@C"]),
    ]
    rows = {(row["problem"], row["strength"]): row for row in problem_rows(cases, [])}
    hum = rows["hum", "plain"]
    assert hum["recall"] == 0.5
    assert hum["precision"] == 0.5, "one right, one wrong however often song 1 was spoilt"
    assert hum["right_track"] == 1.0
    assert rows["boxy", "gross"]["precision"] is None


@pytest.mark.slow
def test_the_quick_form_runs_on_the_demo_song():
    result = run(quick=True)
    plain = {row["problem"]: row for row in result["problems"]}
    assert plain["dc-offset"]["recall"] == 1.0
    assert plain["hum"]["recall"] == 1.0
    assert result["speed"]["memory_ratio"] < 1.2
    assert any("Only the demo song" in note for note in result["notes"]) or result["false_alarms"]["tracks"] == 0
