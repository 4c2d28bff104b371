"""Settings files and their schema: the table, the file and the validator agree."""

import json
from pathlib import Path

import jsonschema
import pytest

from console.errors import ProjectFileError, SettingsError
from console.parameters import PROCESSORS, specs_of
from console.settings import Settings
from exchange.settings_file import read_settings, settings_schema, write_settings

PUBLISHED = Path(__file__).resolve().parents[2] / "docs" / "settings.schema.json"
VALIDATOR = jsonschema.Draft202012Validator(settings_schema())


def test_the_published_schema_is_the_one_the_table_makes():
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == json.loads(json.dumps(settings_schema()))
    jsonschema.Draft202012Validator.check_schema(settings_schema())


def test_a_mix_goes_to_a_file_and_back_exactly(project, tmp_path):
    path = write_settings(project.settings, tmp_path / "mix.json")
    assert read_settings(path) == project.settings
    VALIDATOR.validate(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("kind", PROCESSORS)
def test_the_schema_refuses_what_the_console_refuses(kind):
    field = {"track": "tracks", "group": "groups"}.get(kind, kind)

    def holding(values):
        channel = {"A": values} if kind in ("track", "group") else values
        return {"version": 2, "tracks": {}, field: channel}

    for entry in specs_of(kind):
        bad = "none" if entry.kind == "choice" else entry.high + 1
        good = entry.choices[-1] if entry.kind == "choice" else entry.high
        assert VALIDATOR.is_valid(holding({entry.name: good})), entry.name
        assert not VALIDATOR.is_valid(holding({entry.name: bad})), entry.name
        with pytest.raises(SettingsError):
            Settings.from_json(json.dumps(holding({entry.name: bad})))
    assert not VALIDATOR.is_valid(holding({"no.such_knob": 1}))


def test_files_that_are_no_settings_are_refused_with_a_reason(tmp_path):
    with pytest.raises(ProjectFileError, match="cannot be read"):
        read_settings(tmp_path / "absent.json")
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ProjectFileError, match="not text"):
        read_settings(tmp_path / "binary.json")
    (tmp_path / "list.json").write_text("[1]")
    with pytest.raises(SettingsError, match="one JSON object"):
        read_settings(tmp_path / "list.json")


def test_a_settings_file_is_never_written_over(project, tmp_path):
    path = write_settings(project.settings, tmp_path / "mix.json")
    with pytest.raises(ProjectFileError, match="never written over"):
        write_settings(project.settings.whole(), path)
    assert read_settings(path) == project.settings
