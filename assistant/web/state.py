"""What one page session has on the bench: a studio with its session, the talk about it, and what is compared."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assistant.diagnose import Finding
from assistant.events import Chip
from assistant.explore import Options, SoundMap
from assistant.request import MIX
from assistant.session import Session
from assistant.studio import Studio
from assistant.tell import name_channel
from assistant.turn import Assistant
from assistant.web.kept import FILE, Kept, KeptChip, KeptReference, Line, Mended, write
from assistant.web.reduction import Reduction
from assistant.web.takes import Take, Takes
from assistant.web.work import Work
from console.settings import Settings

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from assistant.chat.talk import Talk

__all__ = ["AUDIO", "EXPORTS", "FIRST", "NOW", "OWN_MODEL", "PREVIOUS", "REFERENCES", "Side", "Workbench"]

FIRST, PREVIOUS, NOW = "first", "previous", "now"
"""Versions named by what they are; other sides are "v:NUMBER", "option:NUMBER", "reference:NUMBER", "between"."""

AUDIO, EXPORTS, REFERENCES = "audio", "exports", "references"
"""Folders beside session.json."""

OWN_MODEL = "studiospeak"
"""The model that is always here."""


@dataclass(frozen=True)
class Side:
    """One of the two sounds that are compared: how it is addressed, its name, its settings or its recording."""

    key: str
    name: str
    settings: Settings | None = None
    recording: Path | None = None


@dataclass(eq=False)
class Workbench:
    """One page session. Nothing in it is shared but the audio of the demo song, which nobody writes.

    Attributes:
        token: its secret name, which the page's address carries.
        studio: where everything is done; knows the session and its folder.
        renders: a folder for sounds to play, gone with the program.
        title: what the song is called.
        model: which model talks.
        user: whose it is; "" where nobody logs in.
        lines, chips: the talk so far and what could be said next.
        findings: what is wrong, None where nobody asked; `plots` by the finding's place in the list.
        figures: plots of an answer that belong to no finding, with their names.
        mended: what was fixed, the last first.
        sounds, keys_on_map, places: the map of options, the sides that its points play, what was measured for it.
        between: settings on the way between two points of the map.
        reduced: the gain reduction that was measured last, by channel and settings.
        references, comparison: recordings to sound like, and the plot of the last match.
        before, after, hear: the two sides that are compared, and the mix or the track that is heard of them.
        channel: the console strip that is shown.
        exported: names of the files of the last export.
        draft: a file to hear of what is being made, "" where there is none.
        panel: the panel that what happened belongs to; `notice`: what the page tells apart from the talk.
    """

    token: str
    studio: Studio
    renders: Path
    title: str
    model: str = OWN_MODEL
    user: str = ""
    lines: list[Line] = field(default_factory=list)
    chips: tuple[Chip, ...] = ()
    findings: tuple[Finding, ...] | None = None
    plots: dict[int, "Figure"] = field(default_factory=dict)
    figures: list[tuple[str, "Figure"]] = field(default_factory=list)
    mended: tuple[Mended, ...] = ()
    sounds: SoundMap | None = None
    keys_on_map: tuple[str, ...] = ()
    places: dict[str, np.ndarray] = field(default_factory=dict)
    between: Side | None = None
    reduced: dict[tuple[str, str], tuple[Reduction, ...]] = field(default_factory=dict)
    references: list[KeptReference] = field(default_factory=list)
    comparison: "Figure | None" = None
    before: str = FIRST
    after: str = NOW
    hear: str = MIX
    channel: str = ""
    exported: tuple[str, ...] = ()
    draft: str = ""
    panel: str = "console"
    notice: str = ""
    _talk: "Talk | None" = None

    def __post_init__(self) -> None:
        self.renders.mkdir(parents=True, exist_ok=True)
        self.takes = Takes(self.renders)
        self.work = Work(self.session.stop)
        self.channel = self.channel or self.session.song.tracks[0].name

    @property
    def session(self) -> Session:
        """The song and its versions."""
        return self.studio.session

    @property
    def assistant(self) -> Assistant:
        """Who carries requests out."""
        return self.studio.assistant

    @property
    def options(self) -> Options | None:
        """The mixes that were offered last."""
        return self.studio.options

    @property
    def folder(self) -> Path:
        """Where the session is kept."""
        assert self.studio.folder is not None
        return self.studio.folder

    @property
    def talk(self) -> "Talk":
        """The conversation with a language model, with its memory in the folder."""
        if self._talk is None:
            from assistant.chat.talk import Talk

            self._talk = Talk(self.studio, self.model)
        return self._talk

    @property
    def touched(self) -> bool:
        """Whether there is something to keep."""
        said = any(line.who == "you" for line in self.lines)
        return said or len(self.session.versions) > 1 or bool(self.references) or (self.folder / AUDIO).exists()

    def say(self, who: str, text: str, version: int | None = None) -> None:
        """Add a line to the talk."""
        self.lines.append(Line(who=who, text=text, version=version))

    def save(self) -> None:
        """Keep everything in the folder; nothing where there is nothing to keep.

        Raises:
            SessionError: the folder cannot be written.
        """
        if not self.touched:
            return
        self.studio.save()
        kept = Kept(
            title=self.title,
            lines=tuple(self.lines),
            chips=tuple(KeptChip(label=chip.label, say=chip.say, kind=chip.kind) for chip in self.chips),
            references=tuple(self.references),
            findings=self.findings,
            mended=self.mended,
        )
        write(kept.short(), self.folder / FILE)

    def restore(self, kept: Kept) -> None:
        """Take up what `save` kept."""
        self.title, self.lines = kept.title, list(kept.lines)
        self.chips = tuple(Chip(chip.label, chip.say, chip.kind) for chip in kept.chips)
        self.findings, self.mended = kept.findings, kept.mended
        for reference in kept.references:
            if (self.folder / REFERENCES / reference.file).is_file():
                self.refer(reference)

    def refer(self, reference: KeptReference) -> None:
        """Take up a reference whose file lies in the session's folder."""
        self.references.append(reference)
        self.studio.references.add(self.folder / REFERENCES / reference.file)

    def close(self) -> None:
        """Let go of everything; what is worth keeping is in the folder."""
        if self._talk is not None:
            self._talk.close()
            self._talk = None
        self.studio.close()
        shutil.rmtree(self.renders, ignore_errors=True)

    def tracks(self) -> tuple[str, ...]:
        """Return the tracks that can be heard alone; none where the song is one stereo mix."""
        names = tuple(track.name for track in self.session.song.tracks)
        return names if len(names) > 1 else ()

    def channels(self) -> tuple[str, ...]:
        """Return the channels of the console in signal order."""
        return self.session.settings.addresses()

    def version_name(self, number: int) -> str:
        """Return what a version is called: the name it was given, or what was said."""
        return self.session.title_of(number)

    def side(self, key: str) -> Side:
        """Return a side by its key; the current version where there is no such thing any more."""
        session = self.session
        kind, _, number = key.partition(":")
        if kind == FIRST:
            return self._version(key, 0)
        if kind == PREVIOUS:
            parent = session.version.parent
            return self._version(key, session.current if parent is None else parent)
        if kind == "v" and number.isdigit() and int(number) < len(session.versions):
            return self._version(key, int(number))
        if kind == "option" and self.options is not None:
            for option in self.options.options:
                if str(option.number) == number:
                    return Side(key, f"Option {number}: {option.reading.name}", option.settings)
        if kind == "reference" and number.isdigit() and int(number) < len(self.references):
            kept = self.references[int(number)]
            return Side(key, f"Reference: {kept.name}", recording=self.folder / REFERENCES / kept.file)
        if kind == "between" and self.between is not None:
            return self.between
        return self._version(NOW, session.current)

    def take(self, side: Side, target: str = MIX) -> Take:
        """Return how a side sounds; a recording has no tracks."""
        if side.recording is not None:
            return self.takes.recording(side.recording)
        assert side.settings is not None
        return self.takes.get(self.session, side.settings, target if target in self.tracks() else MIX)

    def heard_as(self) -> str:
        """Return what is listened to, in words."""
        return name_channel(self.hear)

    def settled(self, chips: Sequence[Chip] | None = None) -> None:
        """After the session moved: compare with the version before, show the channel that moved most."""
        if self.after != NOW or self.before not in (FIRST, PREVIOUS):
            self.before, self.after = PREVIOUS, NOW
        counts: dict[str, int] = {}
        for move in self.session.version.moves:
            counts[move.track] = counts.get(move.track, 0) + 1
        if counts:
            self.channel = max(counts, key=lambda name: counts[name])
        if chips is not None:
            self.chips = tuple(chips)

    def _version(self, key: str, number: int) -> Side:
        return Side(key, f"{number}: {self.version_name(number)}", self.session.versions[number].settings)
