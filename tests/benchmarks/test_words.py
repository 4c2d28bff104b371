"""The benchmark of words: what the lookup reaches, and that it can miss."""

import io
import json

import pytest
from rich.console import Console

from benchmarks import run as bench
from benchmarks import words
from ontology import load_ontology

ONTOLOGY = load_ontology()


@pytest.fixture(scope="module")
def result():
    return words.run(quick=True)


def test_words_is_a_benchmark():
    assert "words" in bench.names()


@pytest.mark.parametrize("part", ["tuned", "aside"])
def test_texts_are_read_right_or_honestly_unknown(result, part):
    row = result["lookup"][part]
    assert row["rows"] >= 50
    assert row["share"] >= 0.95, row["wrong"]
    assert row["right"] >= 0.85 * row["rows"]


def test_every_entry_is_sound(result):
    assert all(target["passed"] for target in result["targets"])
    assert result["entries"]["words"] >= 200
    assert result["entries"]["problems_with_remedies"] >= result["entries"]["problems"] - 1


def test_a_wrong_reading_and_a_false_find_count(tmp_path):
    table = tmp_path / "words.yaml"
    table.write_text(
        "tuned:\n  misspelt:\n    brigth: [dark]\n    kwijibo: [warm]\n  none:\n    warm: null\n    qwertz: null\n"
    )
    row = words.lookup_figures(ONTOLOGY, table)["tuned"]
    assert row["wrong"] == [("brigth", "bright"), ("warm", "warm")]
    assert row["unknown"] == ["kwijibo"]
    assert (row["right"], row["share"]) == (1, 0.5)


def test_the_result_prints_and_is_json(result):
    out = io.StringIO()
    words.show(json.loads(json.dumps(result)), Console(file=out, width=120))
    assert "honestly unknown" in out.getvalue()
    assert words.DATA_VARIABLE in out.getvalue()
