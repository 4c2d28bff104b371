"""`studiospeak word`: entries, near readings, the user's own words, and honest unknowns."""

import json
import subprocess
import sys

import pytest

import models.text_to_effect
from assistant.cli.main import main
from console.errors import ModelError
from ontology import PersonalDictionary, load_ontology


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """Nobody's real dictionary is read or written."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


def test_json_has_exactly_the_documented_keys(capsys):
    assert main(["word", "warm", "--json"]) == 0
    entry = json.loads(capsys.readouterr().out)
    assert list(entry) == ["id", "labels", "opposite", "senses", "instruments", "often_confused_with"]
    assert len(entry["senses"][0]["eq_db"]) == 40


def test_an_entry_shows_curve_causes_and_remedies(capsys):
    assert main(["word", "muddy"]) == 0
    said = capsys.readouterr()
    for part in ("0 dB", "usual causes", "what helps", "often confused with", "sources"):
        assert part in said.out
    assert said.err == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hrash", "read as harsh (75% sure)"),
        ("unmuddy", "read as less muddy"),
        ("good", "listeners say 'good'"),
        ("warm and bright", "read as warm and bright"),
    ],
)
def test_a_near_reading_is_said(text, said, capsys):
    assert main(["word", text]) == 0
    assert said in capsys.readouterr().err


def test_an_unknown_word_is_said_to_be_unknown(capsys, monkeypatch):
    def absent():
        raise ModelError("no tables here")

    monkeypatch.setattr(models.text_to_effect, "load_text_to_effect", absent)  # whatever reads meanings here
    assert main(["word", "crunchitized"]) == 1
    said = capsys.readouterr().err
    assert "is not a word known here" in said
    assert "crunch" in said.split("Did you mean")[1]


def test_the_users_word_wins(capsys):
    PersonalDictionary().learn("glassy", "bright and airy", load_ontology())
    assert main(["word", "glassy"]) == 0
    assert "as you mean it: bright and airy" in capsys.readouterr().out


def test_a_damaged_dictionary_is_named(own_folder, capsys):
    (own_folder / "studiospeak").mkdir()
    (own_folder / "studiospeak" / "dictionary.json").write_text("{")
    assert main(["word", "warm"]) == 1
    assert "dictionary.json cannot be read" in capsys.readouterr().err


def test_a_known_word_loads_no_torch():
    code = (
        "import sys; from assistant.cli.main import main; main(['word', 'warm']);"
        "print([m for m in ('torch', 'faiss', 'rdflib', 'gradio', 'transformers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"
