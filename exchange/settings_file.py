"""Settings as a file of their own, and the JSON Schema that says what may stand in it."""

import os
from pathlib import Path
from typing import Any

from console.errors import ProjectFileError
from console.parameters import PROCESSORS, ParameterSpec, specs_of
from console.settings import BUSES, SETTINGS_VERSION, Settings
from exchange.destination import new_file

__all__ = ["SCHEMA_ID", "read_settings", "settings_schema", "write_settings"]

SCHEMA_ID = "studiospeak-settings-v2"
_LARGEST = 64 * 2**20


def write_settings(settings: Settings, path: str | os.PathLike[str]) -> Path:
    """Write every knob that stands off its default as JSON a person can read.

    Raises:
        ProjectFileError: something is there already, or the disk refuses.
    """
    path = Path(path)
    with new_file(path) as partial:
        partial.write_text(settings.to_json() + "\n", encoding="utf-8")
    return path


def read_settings(path: str | os.PathLike[str]) -> Settings:
    """Read what `write_settings` wrote.

    Raises:
        ProjectFileError: there is no such file, or it is no text.
        SettingsError: not settings, or values the console cannot take.
    """
    path = Path(path)
    try:
        if path.stat().st_size > _LARGEST:
            raise ProjectFileError(f"{path.name} is too large to be settings. Use a file this program wrote.")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ProjectFileError(f"{path} cannot be read ({error.strerror}). Check the name.") from error
    except UnicodeDecodeError as error:
        raise ProjectFileError(f"{path.name} is not text. Use a settings file this program wrote.") from error
    return Settings.from_json(text)


def settings_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a settings file, made from the parameter table."""
    name = {"type": "string", "minLength": 1}
    channel = {"$ref": "#/$defs/track"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "Studiospeak settings",
        "description": "Every knob that stands off its default, by channel. Units are in the names and in x-unit.",
        "type": "object",
        "required": ["version", "tracks"],
        "additionalProperties": False,
        "properties": {
            "version": {"enum": [*range(1, SETTINGS_VERSION + 1)]},
            "tracks": {"type": "object", "propertyNames": name, "additionalProperties": channel},
            "groups": {"type": "object", "propertyNames": name, "additionalProperties": {"$ref": "#/$defs/group"}},
            "routing": {
                "description": "Track name to group name; the others go straight to the master.",
                "type": "object",
                "additionalProperties": name,
            },
            **{bus: {"$ref": f"#/$defs/{bus}"} for bus in BUSES},
            "regions": {
                "description": "Sections of the song in which knobs stand elsewhere; a shorter one lies on top.",
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["start_s", "end_s", "channels"],
                    "additionalProperties": False,
                    "properties": {
                        "start_s": {"type": "number", "minimum": 0},
                        "end_s": {"type": "number", "exclusiveMinimum": 0},
                        "channels": {
                            "description": "By track name, group:NAME, master, reverb or delay.",
                            "type": "object",
                            "properties": {bus: {"$ref": f"#/$defs/{bus}"} for bus in BUSES},
                            "additionalProperties": channel,
                        },
                    },
                },
            },
        },
        "$defs": {kind: _channel(kind) for kind in PROCESSORS},
    }


def _channel(kind: str) -> dict[str, Any]:
    properties = {entry.name: _parameter(entry) for entry in specs_of(kind)}
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _parameter(entry: ParameterSpec) -> dict[str, Any]:
    described: dict[str, Any] = {"title": entry.label, "default": entry.default}
    if entry.kind == "choice":
        return {**described, "enum": [*entry.choices]}
    if entry.unit:
        described["x-unit"] = entry.unit
    if entry.kind == "switch":
        return {**described, "enum": [0, 1]}
    return {**described, "type": "number", "minimum": entry.low, "maximum": entry.high}
