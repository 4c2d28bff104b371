"""The whole console: strips feed groups and effect buses, those feed the master.

`mix` is the one way from settings to audio: playback, optimiser and export all call it. Given a `memory` it runs as a
stream: block after block with carried state, `latency` samples late; `console.render` drives that.
"""

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import pad

from console.errors import AudioShapeError, ParameterError, SettingsError
from console.limiter import latency as limiter_latency
from console.limiter import limiter
from console.parameters import PROCESSORS, spec
from console.recursions import HALF, Memory, delayed, part_of
from console.settings import Settings, kind_of
from console.space import delay, reverb
from console.strip import Values, numbers, saturates, send_gain, strip

__all__ = ["Mix", "Overrides", "Started", "check_tracks", "latency", "mix"]

Overrides = Mapping[tuple[str, str], Tensor]
"""Knobs held by tensors instead of the settings, by (channel address, parameter): what an optimiser turns."""

_TOGETHER = 2


@dataclass(frozen=True)
class Mix:
    """What the console gives out.

    Where nothing was changed, parts share memory with the tracks and with one another: do not write into them.

    Attributes:
        master: (2, samples).
        tracks: by name, (2, samples) each: the strip's output after its fader, before the groups.
        groups: by name, (2, samples) each.
        buses: "reverb" and "delay" as far as any send to them is open, (2, samples) each.
    """

    master: Tensor
    tracks: dict[str, Tensor]
    groups: dict[str, Tensor]
    buses: dict[str, Tensor]

    def between(self, start: int, stop: int | None) -> "Mix":
        """Return the samples from start to stop of every part."""
        tracks, groups, buses = (
            {name: audio[:, start:stop] for name, audio in part.items()}
            for part in (self.tracks, self.groups, self.buses)
        )
        return Mix(self.master[:, start:stop], tracks, groups, buses)


def mix(
    tracks: Mapping[str, Tensor],
    settings: Settings,
    sample_rate: int,
    overrides: Overrides | None = None,
    memory: Memory | None = None,
    workers: Executor | None = None,
) -> Mix:
    """Mix tracks.

    Args:
        tracks: by name, (1 or 2, samples) each, all of one length, float32 or float64.
        settings: every knob; must have exactly these tracks.
        sample_rate: Hz.
        overrides: tensors that stand in for knobs; gradients flow to them.
        memory: a dict kept by the caller from block to block of one stream; None: one piece, nothing is late.
        workers: run the tracks' strips on these threads.
    Returns:
        Mix of the tracks' length; in a stream every part is `latency` samples late.
    Raises:
        AudioShapeError: tracks of different lengths, or other tracks than the settings have.
        ParameterError: a value is outside its range, or an override names a knob that does not exist.
        SettingsError: the settings have regions; `console.render` plays those.
    """
    return Started(tracks, settings, sample_rate, overrides, memory, workers).finish()


class Started:
    """A `mix` in two halves, arguments as there: the strips, which workers run at once, and what they feed.

    A stream's next block may be started as soon as this one's strips have run (`wait`), before it is finished. Strips
    that ran before for the same block are `given`, (1, 2, samples) each; what came out is in `outputs` after `wait`.
    """

    def __init__(
        self,
        tracks: Mapping[str, Tensor],
        settings: Settings,
        sample_rate: int,
        overrides: Overrides | None = None,
        memory: Memory | None = None,
        workers: Executor | None = None,
        given: Mapping[str, Tensor] | None = None,
    ):
        check_tracks(tracks, settings)
        self._desk = desk = _Desk(settings, sample_rate, overrides or {}, memory)
        self._reach = reach = desk.late_by["master"] if memory is None else 0
        if reach:  # what looks ahead rings a little before the first sample and after the last, as it does in a stream
            tracks = {name: pad(audio, (reach, reach)) for name, audio in tracks.items()}
        run = map if workers is None else workers.map
        self._given = dict(given or {})
        inputs = {name: tracks[name][None] for name in settings.tracks if name not in self._given}
        self._strips = run(lambda names: desk.channels(names, inputs, desk.tracks_late), desk.bundles(inputs))
        self.outputs: dict[str, Tensor] = {}

    def wait(self) -> None:
        """Wait for the strips."""
        if not self.outputs:
            done = self._given | {name: audio for outputs in self._strips for name, audio in outputs.items()}
            self.outputs = {name: done[name] for name in self._desk.settings.tracks}

    def finish(self) -> Mix:
        """Wait for the strips, feed groups, effects and master, and return the mix."""
        self.wait()
        mixed = self._desk.finish(self.outputs)
        return mixed.between(self._reach, -self._reach) if self._reach else mixed


def latency(settings: Settings, sample_rate: int, stage: str = "master") -> int:
    """Return by how many samples a stream through these settings is late behind "tracks", "groups" or "master"."""
    return _Desk(settings, sample_rate, {}, {}).late_by[stage]


class _Desk:
    """One call of `mix`: settings, overrides and memory at hand."""

    def __init__(self, settings: Settings, sample_rate: int, overrides: Overrides, memory: Memory | None):
        self.settings, self.sample_rate, self.overrides, self.memory = (
            settings,
            sample_rate,
            overrides,
            memory,
        )
        if settings.regions:
            raise SettingsError("These settings change within the song. Render them, or take one state of them.")
        for address, parameter in overrides:
            settings.channel(address)
            if spec(parameter).processor not in PROCESSORS[kind_of(address)]:
                raise ParameterError(f"{address!r} has no {parameter}. Use one of its own knobs.")
        self.tracks_late = any(saturates(self.values(name)) for name in settings.tracks)
        self.groups_late = any(saturates(self.values(f"group:{name}")) for name in settings.groups)
        self.limits = float(self.values("master").get("limiter.on", 0.0)) == 1.0
        tracks = HALF * self.tracks_late
        groups = tracks + HALF * self.groups_late
        master = groups + HALF * saturates(self.values("master"))
        master += limiter_latency(sample_rate) if self.limits else 0
        self.late_by = {"tracks": tracks, "groups": groups, "master": master}

    def values(self, address: str) -> Values:
        turned = {name: value for (where, name), value in self.overrides.items() if where == address}
        return {**self.settings.channel(address), **turned}

    def part(self, key: str) -> Memory | None:
        return part_of(self.memory, key)

    def channel(self, address: str, audio: Tensor, late: bool) -> Tensor:
        return strip(audio, self.sample_rate, self.values(address), self.part(f"strip {address}"), late)

    def bundles(self, inputs: Mapping[str, Tensor]) -> list[tuple[str, ...]]:
        """Return which strips to run together: in a stream, pairs that use the same knobs.

        Two stereo tracks fill the four lanes of the filters, and half the calls are saved. Every lane is computed as if
        it were alone, so that it does not matter who its neighbour is.
        """
        if self.memory is None or self.overrides:
            return [(address,) for address in inputs]
        alike: dict[tuple[tuple[str, ...], object], list[str]] = {}
        for address, audio in inputs.items():
            values = self.values(address)
            words = tuple(value for value in values.values() if isinstance(value, str))
            alike.setdefault((tuple(values), (audio.shape, audio.dtype, words)), []).append(address)
        pairs = []
        for (knobs, _), addresses in alike.items():
            step = _TOGETHER if knobs else 1  # a strip that changes nothing passes its input on
            pairs += [tuple(addresses[i : i + step]) for i in range(0, len(addresses), step)]
        return pairs

    def channels(self, addresses: tuple[str, ...], inputs: Mapping[str, Tensor], late: bool) -> dict[str, Tensor]:
        """Run the strips of a bundle."""
        if len(addresses) == 1:
            return {addresses[0]: self.channel(addresses[0], inputs[addresses[0]], late)}
        each = [self.values(address) for address in addresses]
        values: dict[str, Tensor | float | str] = {
            name: value
            if all(other[name] == value for other in each)
            else torch.tensor([float(other[name]) for other in each], dtype=torch.float64)
            for name, value in each[0].items()
        }
        audio = torch.cat([inputs[address] for address in addresses])
        audio = strip(audio, self.sample_rate, values, self.part(f"strips {addresses}"), late)
        return dict(zip(addresses, audio.split(1), strict=True))

    def finish(self, outputs: dict[str, Tensor]) -> Mix:
        settings = self.settings
        routed: dict[str, list[Tensor]] = {name: [] for name in settings.groups}
        direct: list[Tensor] = []
        for name, audio in outputs.items():
            into = routed[settings.routing[name]] if name in settings.routing else direct
            into.append(audio)
        inputs = {f"group:{name}": _sum(members) for name, members in routed.items() if members}
        outs: dict[str, Tensor] = {}
        for addresses in self.bundles(inputs):
            outs.update(self.channels(addresses, inputs, self.groups_late))
        groups = {name: outs[f"group:{name}"] for name, members in routed.items() if members}
        buses = self.effects(outputs, groups)
        # What skips the groups waits for them.
        waiting = [*direct, *(bus for name, bus in buses.items() if name.endswith("tracks"))]
        if self.groups_late and self.memory is not None and waiting:
            waiting = [delayed(_sum(waiting), HALF, self.memory.setdefault("direct", {}))]
        late_buses = [bus for name, bus in buses.items() if not name.endswith("tracks")]
        master = self.master(_sum([*groups.values(), *waiting, *late_buses]))
        return Mix(
            master[0],
            {name: self.aligned(name, audio, "tracks")[0] for name, audio in outputs.items()},
            {name: self.aligned(f"group:{name}", audio, "groups")[0] for name, audio in groups.items()},
            _named({name: self.aligned(name, audio, name.split()[1]) for name, audio in buses.items()}),
        )

    def aligned(self, key: str, audio: Tensor, stage: str) -> Tensor:
        """Make an earlier stage of a stream as late as the master."""
        wait = self.late_by["master"] - self.late_by[stage]
        if self.memory is None or wait == 0:
            return audio
        return delayed(audio, wait, self.memory.setdefault(f"aligned {key}", {}))

    def effects(self, outputs: dict[str, Tensor], groups: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return each bus's output, apart for sends from tracks and from groups: those are later in a stream."""
        sources = {
            "tracks": outputs,
            "groups": {f"group:{name}": audio for name, audio in groups.items()},
        }
        buses = {}
        for bus, process in (("reverb", reverb), ("delay", delay)):
            arguments = numbers(self.values(bus), bus)
            for kind, channels in sources.items():
                sent: Tensor | None = None
                for address, audio in channels.items():
                    gain = send_gain(self.values(address), f"send.{bus}_db", audio)
                    if gain is not None:
                        gain = gain.to(audio.dtype)[:, None, None]
                        sent = gain * audio if sent is None else sent.addcmul_(gain, audio)
                if sent is not None:
                    memory = self.part(f"{bus} {kind}")
                    buses[f"{bus} {kind}"] = process(sent, self.sample_rate, **arguments, memory=memory)
        return buses

    def master(self, audio: Tensor) -> Tensor:
        values = self.values("master")
        audio = strip(audio, self.sample_rate, values, self.part("strip master"))
        if not self.limits:
            return audio
        arguments = numbers(values, "limiter")
        del arguments["on"]
        return limiter(audio, self.sample_rate, **arguments, memory=self.part("limiter"))


def _named(buses: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return "reverb" and "delay", each the sum of its parts."""
    named: dict[str, Tensor] = {}
    for name, audio in buses.items():
        bus = name.split()[0]
        named[bus] = named[bus] + audio[0] if bus in named else audio[0]
    return named


def _sum(signals: list[Tensor]) -> Tensor:
    if len(signals) == 1:
        return signals[0]
    total = signals[0] + signals[1]  # the one new tensor
    for signal in signals[2:]:
        total += signal
    return total


def check_tracks(tracks: Mapping[str, Tensor], settings: Settings) -> None:
    """Check that the audio is that of the settings.

    Raises:
        AudioShapeError: other tracks, none, or tracks of different lengths.
    """
    if set(tracks) != set(settings.tracks):
        raise AudioShapeError(
            f"The audio has the tracks {', '.join(tracks) or 'none'}; the settings have "
            f"{', '.join(settings.tracks) or 'none'}. Use the settings of this song."
        )
    shapes = {name: tuple(audio.shape) for name, audio in tracks.items()}
    fit = all(len(shape) == 2 and shape[0] in (1, 2) and shape[1] > 0 for shape in shapes.values())
    if not tracks or not fit or len({shape[1] for shape in shapes.values()}) != 1:
        raise AudioShapeError(
            f"Tracks must be (1 or 2 channels, samples) of one length, at least one sample; these are {shapes}. "
            "Pad the shorter ones with zeros."
        )
