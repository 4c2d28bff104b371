"""`studiospeak diagnose`: one JSON object, exactly as promised."""

import json

import numpy as np
import pytest

from assistant.cli.main import main
from exchange import write_audio

RATE = 44100


@pytest.fixture(scope="module")
def clipped(tmp_path_factory):
    generator = np.random.default_rng(0)
    audio = np.sin(np.arange(4 * RATE) / 30.0) * 0.4 + 0.05 * generator.normal(size=(2, 4 * RATE))
    audio[:, RATE : RATE + 4000] *= 3.0
    path = tmp_path_factory.mktemp("mix") / "clipped.wav"
    write_audio(path, np.clip(audio, -0.9, 0.9).astype(np.float32), RATE, "float")
    return path


def test_json_has_the_promised_shape(clipped, capsys):
    assert main(["diagnose", str(clipped), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert list(data) == ["findings"]
    severities = [finding["severity"] for finding in data["findings"]]
    assert severities == sorted(severities, reverse=True)
    for finding in data["findings"]:
        assert set(finding) == {"problem", "tracks", "band_hz", "time_s", "severity", "evidence", "say"}
        assert set(finding["evidence"]) == {"measure", "value", "expected", "unit"}
    clipped_ones = [finding for finding in data["findings"] if finding["problem"] == "clipped"]
    found = next(finding for finding in clipped_ones if finding["evidence"]["measure"].startswith("flat tops"))
    assert found["tracks"] == ["mix"]
    assert found["time_s"][0][0] == pytest.approx(1.0, abs=0.05)


def test_a_question_is_answered_in_words(clipped, capsys):
    assert main(["diagnose", str(clipped), "--ask", "is it ready for streaming?"]) == 0
    said = capsys.readouterr().out
    assert "clipped tops" in said
    assert "LUFS" in said


def test_an_order_is_sent_to_edit(clipped, capsys):
    assert main(["diagnose", str(clipped), "--ask", "make it warmer", "--json"]) == 1
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"error": "not a question about the mix"}
    assert "studiospeak edit" in captured.err
