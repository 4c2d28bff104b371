"""Settings: only what differs is stored, JSON goes there and back, and damage is named."""

import json

import pydantic
import pytest

from console.errors import ParameterError, SettingsError
from console.parameters import PROCESSORS, specs_of
from console.settings import BUSES, SETTINGS_VERSION, Move, Settings, kind_of, moves

TRACKS = ["Lead Vox", "Kick In", "Gtr 2"]


@pytest.fixture
def settings() -> Settings:
    return Settings.neutral(TRACKS, {"Kick In": "drums"}).turned(
        {
            ("Lead Vox", "eq.bell_2_gain_db"): -2.5,
            ("Lead Vox", "saturation.type"): "tube",
            ("group:drums", "compressor.ratio"): 4.0,
            ("master", "limiter.on"): 1.0,
            ("reverb", "reverb.decay_s"): 2.4,
            ("delay", "delay.time_ms"): 250.0,
        }
    )


def test_neutral_stores_nothing() -> None:
    neutral = Settings.neutral(TRACKS, {"Kick In": "drums"})
    assert list(neutral.tracks) == TRACKS
    assert all(not neutral.channel(address) for address in neutral.addresses())
    assert neutral.addresses() == (*TRACKS, "group:drums", *BUSES)
    assert neutral.routing == {"Kick In": "drums"}


def test_json_round_trip_is_exact_and_idempotent(settings: Settings) -> None:
    text = settings.to_json()
    assert Settings.from_json(text) == settings
    assert Settings.from_json(text).to_json() == text
    assert json.loads(text)["version"] == SETTINGS_VERSION
    assert list(Settings.from_json(text).tracks) == TRACKS


def test_names_of_any_script_survive_json() -> None:
    settings = Settings.neutral(["Gesang „Müller“", "歌", 'a"b\\c', ""])
    assert Settings.from_json(settings.to_json()) == settings
    assert "歌" in settings.to_json()


def test_every_parameter_survives_json_at_both_ends() -> None:
    for kind in PROCESSORS:
        address = {"track": "Lead Vox", "group": "group:drums"}.get(kind, kind)
        for entry in specs_of(kind):
            ends = entry.choices or (entry.low, entry.high)
            for value in ends:
                turned = Settings.neutral(TRACKS, {"Kick In": "drums"}).turned({(address, entry.name): value})
                again = Settings.from_json(turned.to_json())
                assert again.get(address, entry.name) == value
                assert (entry.name in again.channel(address)) == (value != entry.default)


def test_a_knob_back_at_its_default_is_forgotten(settings: Settings) -> None:
    back = settings.turned({("Lead Vox", "eq.bell_2_gain_db"): 0.0, ("Lead Vox", "saturation.type"): "tape"})
    assert back.channel("Lead Vox") == {}
    assert settings.channel("Lead Vox") != {}, "turned must not change the settings it is called on"


def test_get_and_number_fall_back_on_the_table(settings: Settings) -> None:
    assert settings.get("Lead Vox", "saturation.type") == "tube"
    assert settings.get("Kick In", "saturation.type") == "tape"
    assert settings.number("group:drums", "compressor.ratio") == 4.0
    assert settings.number("Kick In", "compressor.ratio") == 1.0


def test_settings_are_frozen(settings: Settings) -> None:
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        settings.master = {}


def test_kind_of_reads_the_address() -> None:
    kinds = {"Lead Vox": "track", "group:drums": "group", "master": "master", "reverb": "reverb", "delay": "delay"}
    assert {address: kind_of(address) for address in kinds} == kinds


def test_moves_lists_exactly_what_changed_in_signal_order(settings: Settings) -> None:
    after = settings.turned(
        {
            ("master", "limiter.ceiling_dbtp"): -0.5,
            ("Lead Vox", "fader.gain_db"): 2.0,
            ("Lead Vox", "trim.invert"): 1.0,
            ("Lead Vox", "eq.bell_2_gain_db"): 0.0,
            ("Kick In", "gate.ratio"): 1.0,  # stands there already
            ("group:drums", "compressor.ratio"): 2.0,
            ("reverb", "reverb.decay_s"): 1.6,
        }
    )
    assert moves(settings, after) == [
        Move(track="Lead Vox", parameter="trim.invert", before=0.0, after=1.0, unit="on/off"),
        Move(track="Lead Vox", parameter="eq.bell_2_gain_db", before=-2.5, after=0.0, unit="dB"),
        Move(track="Lead Vox", parameter="fader.gain_db", before=0.0, after=2.0, unit="dB"),
        Move(track="group:drums", parameter="compressor.ratio", before=4.0, after=2.0, unit=":1"),
        Move(track="master", parameter="limiter.ceiling_dbtp", before=-1.0, after=-0.5, unit="dBTP"),
        Move(track="reverb", parameter="reverb.decay_s", before=2.4, after=1.6, unit="s"),
    ]
    assert moves(settings, settings) == []


def test_moves_replay_to_the_same_settings(settings: Settings) -> None:
    neutral = Settings.neutral(TRACKS, {"Kick In": "drums"})
    changes = {(move.track, move.parameter): move.after for move in moves(neutral, settings)}
    assert neutral.turned(changes) == settings


@pytest.mark.parametrize(
    "other",
    [Settings.neutral(TRACKS), Settings.neutral(["Lead Vox", "Kick In"], {"Kick In": "drums"}), Settings.neutral([])],
)
def test_moves_between_different_songs_is_refused(settings: Settings, other: Settings) -> None:
    with pytest.raises(SettingsError, match="belong to different track lists"):
        moves(settings, other)


@pytest.mark.parametrize(
    ("address", "parameter", "value", "message"),
    [
        ("Bass", "trim.gain_db", 1.0, "No channel is called 'Bass'. Channels: Lead Vox, Kick In, Gtr 2, group:drums"),
        ("group:keys", "trim.gain_db", 1.0, "No channel is called 'group:keys'"),
        ("Lead Vox", "trim.gain", 1.0, "No console parameter is called 'trim.gain'"),
        ("Lead Vox", "limiter.gain_db", 1.0, "limiter.gain_db does not exist on 'Lead Vox'"),
        ("master", "gate.ratio", 2.0, "gate.ratio does not exist on 'master'"),
        ("Lead Vox", "trim.gain_db", 40.0, "is outside -36 to 36 dB"),
        ("Lead Vox", "trim.gain_db", float("nan"), "is outside"),
    ],
)
def test_turning_a_knob_that_cannot_be_turned(settings: Settings, address, parameter, value, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        settings.turned({(address, parameter): value})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not valid JSON"),
        ('{"version": 1', "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("1" * 5000, "not valid JSON"),
        ("[1, 2]", r"one JSON object, not '\[1, 2\]'"),
        ("null", "one JSON object, not 'null'"),
        ('{"version": 3}', "settings version 3 is not known; this program reads 2"),
        ('{"version": "new"}', "version: .*valid integer"),
        ('{"version": 1, "colour": 3}', "colour: Extra inputs are not permitted"),
        ('{"version": 1, "tracks": []}', "tracks: .*dictionary"),
        ('{"version": 1, "tracks": {"A": 3}}', "channel 'A' is not an object"),
        ('{"version": 1, "tracks": {"A": {"eq.air_db": 3}}}', r"No console parameter is called 'eq\.air_db'"),
        ('{"version": 1, "tracks": {"A": {"trim.gain_db": NaN}}}', r"trim\.gain_db=nan dB is outside"),
        ('{"version": 1, "tracks": {"A": {"trim.gain_db": 1e999}}}', r"trim\.gain_db=inf dB is outside"),
        ('{"version": 1, "tracks": {"A": {"trim.gain_db": -37}}}', r"trim\.gain_db=-37 dB is outside -36 to 36"),
        ('{"version": 1, "tracks": {"A": {"trim.gain_db": null}}}', r"trim\.gain_db=None is not a number"),
        ('{"version": 1, "tracks": {"A": {"trim.gain_db": "3"}}}', r"trim\.gain_db='3' is not a number"),
        ('{"version": 1, "tracks": {"A": {"trim.invert": 2}}}', r"trim\.invert=2"),
        ('{"version": 1, "tracks": {"A": {"saturation.type": "fuzz"}}}', "is not a choice"),
        ('{"version": 1, "master": {"gate.ratio": 2}}', r"gate\.ratio does not exist on 'master'"),
        ('{"version": 1, "tracks": {"master": {}}}', "a track cannot be called 'master'"),
        ('{"version": 1, "tracks": {"group:a": {}}}', "a track cannot be called 'group:a'"),
        ('{"version": 1, "tracks": {"A": {}}, "routing": {"A": "b"}}', "routing 'A' -> 'b' names a track or group"),
        ('{"version": 1, "groups": {"b": {}}, "routing": {"A": "b"}}', "routing 'A' -> 'b' names a track or group"),
    ],
)
def test_unreadable_settings_are_named(text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Settings.from_json(text)


def test_version_is_assumed_where_a_file_has_none() -> None:
    assert Settings.from_json('{"tracks": {"A": {}}}').version == SETTINGS_VERSION
