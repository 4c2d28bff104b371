"""Faults of movement: what the networks say, and which of it is told."""

from dataclasses import replace

import numpy as np
import pytest

from assistant.diagnose.dynamics import MOVING, find_dynamics, sure_percent
from assistant.diagnose.expectations import MIX_KIND, PART_KIND, expectations, movement_from
from assistant.diagnose.features import MOTION


def _made(**pull):
    """Return a network that adds up its inputs: `pull` of each fault from the peak over the body."""
    size = len(MOTION)
    hidden = np.zeros((1, size))
    hidden[0, MOTION.index("peak over body")] = 0.5
    out = [[pull.get(fault, 0.0)] for fault in (*MOVING, "none")]
    member = {"hidden": hidden, "hidden_bias": [0.0], "out": out, "out_bias": [0.0] * len(out)}
    return movement_from(
        {
            "faults": list(MOVING),
            "centre": np.zeros(size),
            "scale": np.ones(size),
            "members": [member, member],
            "thresholds": dict.fromkeys(MOVING, 0.5),
            "plain": dict.fromkeys(MOVING, 3.0),
            "told": dict.fromkeys(MOVING, 0),
            "usual": {fault: [0.0, 1.0] for fault in MOVING},
            "count": 7,
        }
    )


def _table(**pull):
    learnt = _made(**pull)
    return replace(expectations(), movement={MIX_KIND: learnt, PART_KIND: learnt})


def test_scores_are_log_odds_of_a_softmax():
    learnt = _made(spiky=3.0)
    scores = learnt.scores(np.full(len(MOTION), 100.0))
    raw = 3.0 * np.tanh(0.5 * 4.0)  # far out is taken as 4
    share = np.exp(raw) / (np.exp(raw) + 5)
    assert scores["spiky"] == pytest.approx(np.log(share / (1 - share)))
    assert scores["squashed"] == pytest.approx(scores["uneven"])


def test_the_likeliest_fault_is_told_once_and_on_the_track(sounds):
    hearing = sounds.heard({"Keys": ("keys", sounds.hits(5.0)), "Pad": ("synth", 0.01 * sounds.noise(5.0))})
    findings = find_dynamics(hearing, _table(spiky=6.0, squashed=3.0))
    assert {finding.problem for finding in findings} == {"spiky"}
    assert ("mix",) not in {finding.tracks for finding in findings}
    assert all(0.5 <= finding.severity <= 1 for finding in findings)
    assert "of 7 recordings" in findings[0].evidence.expected


def test_nothing_is_told_below_the_threshold(sounds):
    assert not find_dynamics(sounds.heard_mix(sounds.noise(5.0)), _table(none=5.0))


def test_how_sure_is_a_percentage(sounds):
    value = sure_percent(sounds.measured(sounds.noise(5.0)), "keys", "spiky")
    assert 0 <= value <= 100
    assert sure_percent(sounds.measured(np.zeros((2, sounds.RATE), np.float32)), "keys", "spiky") is None


def test_shipped_networks_tell_what_was_put_into_noise_like_hits(sounds):
    """Only the way is asked for: synthetic hits are no music."""
    sound = sounds.hits(12.0, decay_s=0.12)
    flat = np.tanh(sound / 0.05) * 0.1
    sure = [sure_percent(sounds.measured(audio.astype(np.float32)), "mix", "squashed") for audio in (sound, flat)]
    assert sure[1] > sure[0]
