"""Phrases are scored as their page says, after labels that are wrong have been put right."""

import csv

import pytest

from benchmarks.phrases import corrected, score_phrases

COLUMNS = ("phrase", "target", "intent", "descriptor", "direction", "fx", "technical meaning", "numbers", "source")


def row(phrase, target, intent, descriptor="", direction="", **more):
    values = {"target": target, "intent": intent, "descriptor": descriptor, "direction": direction, **more}
    return dict.fromkeys(COLUMNS, "") | {"phrase": phrase} | values


def test_right_and_wrong_are_told_apart():
    tally = score_phrases(
        [
            row("make the kick punchier", "kick", "edit", "punchy", "+"),
            row("make the kick punchier", "snare", "edit", "punchy", "+"),
            row("make the kick punchier", "kick", "edit", "punchy", "-"),
            row("make the kick punchier", "kick", "diagnose", "punchy", "-"),
            row("is the kick punchy?", "kick", "diagnose", "punchy", "-"),
            row("pan the guitars hard left and right", "guitar", "edit", "wide", "+"),
        ]
    )
    assert [one.missed for one in tally.scored] == [(), ("target",), ("word",), ("intent",), (), ()]
    assert [one.false_edit for one in tally.scored] == [False, False, False, True, False, False]
    assert tally.part("intent") == (5, 6)


def test_corrections_say_what_they_change(tmp_path):
    path = tmp_path / "corrections.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [("phrase", "column", "was", "now", "why"), ("warmer", "intent", "diagnose", "edit", "an order")]
        )
    rows = [row("warmer", "mix", "diagnose")]
    assert corrected(rows, path)[0]["intent"] == "edit"
    assert rows[0]["intent"] == "diagnose"
    with pytest.raises(ValueError, match="fits no row"):
        corrected([row("warmer", "mix", "edit")], path)
