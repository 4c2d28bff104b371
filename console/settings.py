"""Settings: where every knob of the console stands; moves: what changed between two of them.

A `Settings` is frozen. Channels are addressed by one word: a track's name, `group:NAME`, `master`, `reverb` or
`delay`. A channel stores only what differs from the default of the parameter table, so an untouched channel is
empty and a settings file reads like a recall sheet. A `Region` holds the knobs that stand elsewhere for a stretch of
the song. JSON carries a `version`; version 1 had no regions and is read as it is.
"""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import (
    BaseModel,
    ConfigDict,
    SerializerFunctionWrapHandler,
    ValidationError,
    field_validator,
    model_serializer,
    model_validator,
)

from console.errors import ParameterError, SettingsError
from console.parameters import PROCESSORS, Value, check_value, spec

__all__ = ["BUSES", "SETTINGS_VERSION", "Move", "Region", "Settings", "Stretch", "kind_of", "moves"]

SETTINGS_VERSION = 2
_READ = (1, SETTINGS_VERSION)
BUSES = ("master", "reverb", "delay")
_GROUP = "group:"

Channel = dict[str, Value]
Stretch = tuple[float, float]
"""From and to in the song, seconds."""


class Move(BaseModel):
    """One knob that was turned.

    `track` is the channel's address, `unit` the parameter table's, `time_s` the stretch of the song in which it was
    turned, None for all of it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    track: str
    parameter: str
    before: Value
    after: Value
    unit: str
    time_s: Stretch | None = None

    @model_serializer(mode="wrap")
    def _short(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data: dict[str, Any] = write(self)
        if self.time_s is None:
            del data["time_s"]
        return data


class Region(BaseModel):
    """Knobs that stand elsewhere from `start_s` to `end_s`; `channels` holds their values by channel address."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start_s: float
    end_s: float
    channels: dict[str, Channel]

    @property
    def time_s(self) -> Stretch:
        return self.start_s, self.end_s

    @model_validator(mode="after")
    def _lasts(self) -> "Region":
        if not (0.0 <= self.start_s < self.end_s and math.isfinite(self.end_s)):
            raise ValueError(f"a section cannot last from {self.start_s:g} to {self.end_s:g} s; end it after its start")
        return self


class Settings(BaseModel):
    """Every knob of the console.

    Attributes:
        version: schema version of this file.
        tracks: by track name, in console order: values that differ from the default.
        groups: the same by group name, without the `group:` prefix.
        routing: track name -> group name; a track that is not named goes straight to the master.
        master, reverb, delay: the values of those buses that differ from the default.
        regions: sections in which knobs stand elsewhere, the longest first: a shorter one lies on top.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = SETTINGS_VERSION
    tracks: dict[str, Channel] = {}
    groups: dict[str, Channel] = {}
    routing: dict[str, str] = {}
    master: Channel = {}
    reverb: Channel = {}
    delay: Channel = {}
    regions: tuple[Region, ...] = ()

    @field_validator("version")
    @classmethod
    def _known_version(cls, version: int) -> int:
        if version not in _READ:
            raise ValueError(f"settings version {version} is not known; this program reads {SETTINGS_VERSION}")
        return SETTINGS_VERSION

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

    @model_validator(mode="after")
    def _regions_fit(self) -> "Settings":
        """Check regions against the table, drop what stands there as it does everywhere, put the longest first."""
        if self.regions:
            object.__setattr__(self, "regions", tuple(_ordered(self)))
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

    def whole(self) -> "Settings":
        """Return the settings without their regions: how the console stands outside every section."""
        return self.model_copy(update={"regions": ()}) if self.regions else self

    def within(self, time_s: Stretch) -> "Settings":
        """Return how the console stands throughout a stretch of the song: regions that cover all of it laid on top."""
        start_s, end_s = time_s
        return self.laid([region for region in self.regions if region.start_s <= start_s and end_s <= region.end_s])

    def laid(self, regions: list[Region]) -> "Settings":
        """Return the settings with some regions' knobs laid over the whole song, without regions."""
        over = {(address, name): value for region in regions for address, channel in region.channels.items()
                for name, value in channel.items()}  # fmt: skip
        return self.whole().turned(over) if over else self.whole()

    def alone(self, track: str) -> "Settings":
        """Return the settings of one track by itself, with what its sections hold, without sends."""

        def dry(channel: Mapping[str, Value]) -> Channel:
            return {name: value for name, value in channel.items() if not name.startswith("send.")}

        regions = [
            region.model_copy(update={"channels": {track: dry(region.channels[track])}})
            for region in self.regions
            if track in region.channels
        ]
        return _build(tracks={track: dry(self.channel(track))}, regions=regions)

    def turned(self, changes: Mapping[tuple[str, str], Value], time_s: Stretch | None = None) -> "Settings":
        """Return new settings with knobs turned.

        Args:
            changes: keys are (channel address, parameter).
            time_s: the stretch of the song to turn them in; None turns them for the whole song (a region that holds
                such a knob keeps it where it stands there).
        Raises:
            ParameterError: unknown channel or parameter, or a value outside its range.
            SettingsError: a stretch that does not end after it starts.
        """
        data = self.model_dump()
        if time_s is not None:
            there = next((region for region in data["regions"] if (region["start_s"], region["end_s"]) == time_s), None)
            if there is None:
                there = {"start_s": time_s[0], "end_s": time_s[1], "channels": {}}
                data["regions"] = (*data["regions"], there)
            for (address, parameter), value in changes.items():
                self.channel(address)
                there["channels"].setdefault(address, {})[parameter] = value
            return _build(**data)
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
    """List the knobs that stand differently, channel by channel in signal order, then those of each section.

    Raises:
        SettingsError: the two settings have different channels or routing.
    """
    if before.addresses() != after.addresses() or before.routing != after.routing:
        raise SettingsError("The two settings belong to different track lists. Compare versions of one session.")
    return [*_differences(before, after), *_region_differences(before, after)]


def _ordered(settings: Settings) -> Iterator[Region]:
    """Yield the regions that hold something, checked, the longest first."""
    held = [(region.time_s, address, name) for region in settings.regions
            for address, channel in region.channels.items() for name in channel]  # fmt: skip
    if len({region.time_s for region in settings.regions}) < len(settings.regions):
        raise ValueError("two sections have the same start and end; put their knobs into one")
    unknown = {address for _, address, _ in held} - set(settings.addresses())
    if unknown:
        raise ValueError(f"a section names {sorted(unknown)[0]!r}, which is no channel")
    alone = {key for key in {entry[1:] for entry in held} if sum(entry[1:] == key for entry in held) == 1}
    for region in sorted(settings.regions, key=lambda region: (region.start_s - region.end_s, region.start_s)):
        channels: dict[str, Channel] = {}
        for address in sorted(region.channels, key=settings.addresses().index):
            base = settings.channel(address)
            checked = _checked(kind_of(address), address, region.channels[address])
            kept = {name: value for name, value in checked.items()
                    if (address, name) not in alone or value != base.get(name, spec(name).default)}  # fmt: skip
            if kept:
                channels[address] = kept
        if channels:
            yield region.model_copy(update={"channels": channels})


def _region_differences(before: Settings, after: Settings) -> Iterator[Move]:
    one, other = ({region.time_s: region for region in part.regions} for part in (before, after))
    for time_s in sorted({*one, *other}):
        for address in before.addresses():
            was, now = (part[time_s].channels.get(address, {}) if time_s in part else {} for part in (one, other))
            for name in sorted({*was, *now}, key=_signal_order):
                start = was.get(name, before.get(address, name))
                end = now.get(name, after.get(address, name))
                if start == end and name in now and name not in was:
                    start = after.get(address, name)  # it moved everywhere but here
                if start != end:
                    yield Move(
                        track=address, parameter=name, before=start, after=end, unit=spec(name).unit, time_s=time_s
                    )


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
    return {name: value for name, value in _checked(kind, address, channel).items() if value != spec(name).default}


def _checked(kind: str, address: str, channel: object) -> Channel:
    if not isinstance(channel, Mapping):
        raise ValueError(f"channel {address!r} is not an object of parameter values")
    allowed = PROCESSORS[kind]
    checked: Channel = {}
    for name, value in channel.items():
        if spec(name).processor not in allowed:
            raise ParameterError(f"{name} does not exist on {address!r}. Its processors: {', '.join(allowed)}.")
        checked[name] = check_value(name, value)
    return dict(sorted(checked.items(), key=lambda item: _signal_order(item[0])))


def _build(**data: object) -> Settings:
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors())
        raise SettingsError(f"These settings cannot be read: {problems}.") from error
