"""Settings: where every knob of the console stands; moves: what changed between two of them.

A `Settings` is frozen. Channels are addressed by one word: a track's name, `group:NAME`, `master`, `reverb` or
`delay`. A channel stores only what differs from the default of the parameter table, so an untouched channel is
empty and a settings file reads like a recall sheet. JSON carries a `version`.
"""

import json
from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from console.errors import ParameterError, SettingsError
from console.parameters import PROCESSORS, Value, check_value, spec

__all__ = ["BUSES", "SETTINGS_VERSION", "Move", "Settings", "kind_of", "moves"]

SETTINGS_VERSION = 1
BUSES = ("master", "reverb", "delay")
_GROUP = "group:"

Channel = dict[str, Value]


class Move(BaseModel):
    """One knob that was turned.

    `track` is the channel's address, `unit` the parameter table's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    track: str
    parameter: str
    before: Value
    after: Value
    unit: str


class Settings(BaseModel):
    """Every knob of the console.

    Attributes:
        version: schema version of this file.
        tracks: by track name, in console order: values that differ from the default.
        groups: the same by group name, without the `group:` prefix.
        routing: track name -> group name; a track that is not named goes straight to the master.
        master, reverb, delay: the values of those buses that differ from the default.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = SETTINGS_VERSION
    tracks: dict[str, Channel] = {}
    groups: dict[str, Channel] = {}
    routing: dict[str, str] = {}
    master: Channel = {}
    reverb: Channel = {}
    delay: Channel = {}

    @field_validator("version")
    @classmethod
    def _known_version(cls, version: int) -> int:
        if version != SETTINGS_VERSION:
            raise ValueError(f"settings version {version} is not known; this program reads {SETTINGS_VERSION}")
        return version

    @model_validator(mode="before")
    @classmethod
    def _only_changes(cls, data: object) -> object:
        """Check every value against the table and drop those that stand at their default."""
        if not isinstance(data, dict):
            return data
        checked = dict(data)
        for kind, field in (("track", "tracks"), ("group", "groups")):
            channels = checked.get(field, {})
            if isinstance(channels, Mapping):
                checked[field] = {name: _clean(kind, name, channel) for name, channel in channels.items()}
        for bus in BUSES:
            if bus in checked:
                checked[bus] = _clean(bus, bus, checked[bus])
        return checked

    @model_validator(mode="after")
    def _names_fit(self) -> "Settings":
        for name in self.tracks:
            if name in BUSES or name.startswith(_GROUP):
                raise ValueError(f"a track cannot be called {name!r}: that addresses a bus; rename the track")
        for track, group in self.routing.items():
            if track not in self.tracks or group not in self.groups:
                raise ValueError(f"routing {track!r} -> {group!r} names a track or group that does not exist")
        return self

    @classmethod
    def neutral(cls, tracks: list[str], routing: Mapping[str, str] | None = None) -> "Settings":
        """Return a console that changes nothing: `tracks` in order, groups as `routing` (track -> group) names them."""
        routing = dict(routing or {})
        groups: dict[str, Channel] = {group: {} for group in dict.fromkeys(routing.values())}
        return _build(tracks={name: {} for name in tracks}, groups=groups, routing=routing)

    @classmethod
    def from_json(cls, text: str) -> "Settings":
        """Read settings written by `to_json`.

        Raises:
            SettingsError: not JSON, an unknown version, or a value the console cannot take.
        """
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise SettingsError(f"Settings are not valid JSON ({error}). Use a file this program wrote.") from error
        if not isinstance(data, dict):
            raise SettingsError(
                f"Settings are one JSON object, not {text.strip()[:20]!r}. Use a file this program wrote."
            )
        try:
            return _build(**data)
        except ParameterError as error:
            raise SettingsError(f"These settings cannot be read: {error}") from error

    def to_json(self) -> str:
        """Return the settings as indented JSON that a person can read."""
        return json.dumps(self.model_dump(), indent=2, ensure_ascii=False)

    def addresses(self) -> tuple[str, ...]:
        """Return every channel's address: tracks, groups, then the buses."""
        return (*self.tracks, *(f"{_GROUP}{group}" for group in self.groups), *BUSES)

    def channel(self, address: str) -> Mapping[str, Value]:
        """Return what a channel has off its default.

        Raises:
            ParameterError: no such channel.
        """
        if address in BUSES:
            return {"master": self.master, "reverb": self.reverb, "delay": self.delay}[address]
        if address.startswith(_GROUP) and address[len(_GROUP) :] in self.groups:
            return self.groups[address[len(_GROUP) :]]
        if address in self.tracks:
            return self.tracks[address]
        raise ParameterError(f"No channel is called {address!r}. Channels: {', '.join(self.addresses())}.")

    def get(self, address: str, parameter: str) -> Value:
        """Return where a knob stands."""
        return self.channel(address).get(parameter, spec(parameter).default)

    def number(self, address: str, parameter: str) -> float:
        """Return where a numeric knob or a switch stands; a choice of digits ("12") as its number."""
        return float(self.get(address, parameter))

    def turned(self, changes: Mapping[tuple[str, str], Value]) -> "Settings":
        """Return new settings with knobs turned; keys are (channel address, parameter).

        Raises:
            ParameterError: unknown channel or parameter, or a value outside its range.
        """
        data = self.model_dump()
        for (address, parameter), value in changes.items():
            self.channel(address)
            if address in BUSES:
                target = data[address]
            elif address.startswith(_GROUP):
                target = data["groups"][address[len(_GROUP) :]]
            else:
                target = data["tracks"][address]
            target[parameter] = value
        return _build(**data)


def kind_of(address: str) -> str:
    """Return "track", "group", "master", "reverb" or "delay" for a channel's address."""
    if address in BUSES:
        return address
    return "group" if address.startswith(_GROUP) else "track"


def moves(before: Settings, after: Settings) -> list[Move]:
    """List the knobs that stand differently, channel by channel in signal order.

    Raises:
        SettingsError: the two settings have different channels or routing.
    """
    if before.addresses() != after.addresses() or before.routing != after.routing:
        raise SettingsError("The two settings belong to different track lists. Compare versions of one session.")
    return list(_differences(before, after))


def _differences(before: Settings, after: Settings) -> Iterator[Move]:
    for address in before.addresses():
        one, other = before.channel(address), after.channel(address)
        changed = {name for name in {*one, *other} if before.get(address, name) != after.get(address, name)}
        for name in sorted(changed, key=_signal_order):
            yield Move(
                track=address,
                parameter=name,
                before=before.get(address, name),
                after=after.get(address, name),
                unit=spec(name).unit,
            )


_ORDER = (*PROCESSORS["track"], "limiter", "reverb", "delay")


def _signal_order(name: str) -> tuple[int, str]:
    return _ORDER.index(spec(name).processor), name


def _clean(kind: str, address: str, channel: object) -> Channel:
    if not isinstance(channel, Mapping):
        raise ValueError(f"channel {address!r} is not an object of parameter values")
    allowed = PROCESSORS[kind]
    checked: Channel = {}
    for name, value in channel.items():
        if spec(name).processor not in allowed:
            raise ParameterError(f"{name} does not exist on {address!r}. Its processors: {', '.join(allowed)}.")
        value = check_value(name, value)
        if value != spec(name).default:
            checked[name] = value
    return dict(sorted(checked.items(), key=lambda item: _signal_order(item[0])))


def _build(**data: object) -> Settings:
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors())
        raise SettingsError(f"These settings cannot be read: {problems}.") from error
