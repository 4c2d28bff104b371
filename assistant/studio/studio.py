"""The one place through which a session is worked on: the chat, the page and MCP clients all do things here.

    studio = Studio(Session(song))
    for event in studio.take_turn("make the vocal warmer"): ...      # words, understood here
    for event in studio.doing("pick", number=2): ...                 # a filled form

Every deed ends in an `Outcome` that was measured. A turn ends with `Said`; then, and only then, the session is saved.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from assistant.clock import Clock
from assistant.events import Asked, Chip, Event, Failed, Heard, Said, Understood
from assistant.explore.keep import load_options, save_options
from assistant.explore.options import Options
from assistant.request import Request
from assistant.session import Session
from assistant.session_hold import Hold
from assistant.studio.chips import chips_after
from assistant.studio.deed import Deed, Doing
from assistant.studio.deeds import all_deeds
from assistant.studio.outcome import Outcome
from assistant.studio.plan import Plan, plan_of
from assistant.studio.references import References
from assistant.turn import Assistant
from console.errors import RequestError, SessionError, StudiospeakError
from exchange.destination import free_path

__all__ = ["Studio"]

_OPTIONS = "options.json"
_log = logging.getLogger(__name__)


class Studio:
    """A session being worked on.

    Attributes:
        session: the song and its versions.
        assistant: carries out requests; serves many studios.
        folder: where the session is saved after every turn, and where renders and exports go; None: nowhere.
        renders: whether options and comparisons are also written as audio, for clients that play files.
        references: recordings the person named.
        options: the mixes that were offered last, or None.
        outcomes: of the deeds of this turn, oldest first.
        said: what the person said in this turn.
        amount: multiplies how far every change of this turn goes.
        clock: collects CPU seconds of this turn.
        deeds: everything that can be done, by name.
        is_saved: False after a turn that could not be saved.
    """

    def __init__(
        self,
        session: Session,
        assistant: Assistant | None = None,
        folder: str | Path | None = None,
        renders: bool = False,
        hold: Hold | None = None,
    ) -> None:
        """Open a studio.

        Args:
            session, assistant, folder, renders: see the class; no assistant: a new one.
            hold: on the folder, where it is held already; else it is taken.
        Raises:
            SessionError: another program works on that folder.
        """
        self.session = session
        self.assistant = assistant or Assistant()
        self.folder = None if folder is None else Path(folder)
        self.renders = renders
        self._hold = hold if hold is not None or self.folder is None else Hold(self.folder)
        self.references = References(session.song, self.folder)
        self.options: Options | None = None
        self.outcomes: list[Outcome] = []
        self.said, self.amount, self.clock = "", 1.0, Clock()
        self.deeds: dict[str, Deed] = {deed.name: deed for deed in all_deeds(self)}
        self.is_saved = True
        self._one_at_a_time = threading.Lock()
        self._read_options()

    @classmethod
    def open(cls, folder: str | Path, audio: Sequence[str | Path] = (), assistant: Assistant | None = None) -> "Studio":
        """Go on with the session in a folder, or start one there.

        Args:
            folder: of the session.
            audio: to start one: one stereo mix, several stems, or a folder of stems.
            assistant: a new one where there is none.
        Raises:
            SessionError: neither a session there nor audio, or both, or another program works on it.
            AudioFileError: the audio cannot be read.
        """
        from assistant.recognise import recognised
        from exchange import load_tracks

        folder = Path(folder)
        there = (folder / "session.json").exists()
        if there and audio:
            raise SessionError(f"{folder} holds a session already. Leave the audio out to go on, or name a new folder.")
        if not there and not audio:
            raise SessionError(f"{folder} holds no session. Name the audio to start one in it.")
        hold = Hold(folder)
        try:
            if there:
                return cls(Session.open(folder), assistant, folder, True, hold)
            song = recognised(load_tracks(audio[0] if len(audio) == 1 else list(audio)))
            studio = cls(Session(song), assistant, folder, True, hold)
            studio.save()
        except BaseException:
            hold.release()
            raise
        return studio

    def close(self) -> None:
        """Let other programs work on the folder."""
        if self._hold is not None:
            self._hold.release()

    def take_turn(self, text: str, amount: float = 1.0, by_person: bool = True) -> Iterator[Event]:
        """Do what was said, yielding what happens; the last event is `Said`. Errors are told, never raised.

        Args:
            text: what was said.
            amount: multiplies how far every change goes.
            by_person: False where a program wrote it: then it cannot name files to read.
        """
        yield Heard(text)
        self.begin(text, amount, by_person)
        plan = self.plan(text)
        yield Understood(plan.requests)
        if plan.question is not None:
            yield Asked(plan.question, plan.choices)
        for name, arguments in plan.calls:
            yield from self.do(name, arguments)
        yield self.end(plan.question, plan.choices)

    def doing(self, name: str, said: str = "", **arguments: Any) -> Iterator[Event]:
        """Do one thing as a turn of its own: what a button does. The last event is `Said`.

        Args:
            name: of the deed.
            said: what the version is called that comes of it; "" takes the deed's name.
            arguments: of its form.
        """
        self.begin(said or name, by_person=False)
        yield from self.do(name, arguments)
        yield self.end()

    def begin(self, said: str, amount: float = 1.0, by_person: bool = True) -> None:
        """Start a turn; see `take_turn`."""
        self.said, self.amount, self.clock = said, amount, Clock()
        self.outcomes.clear()
        if by_person:
            self.references.mention(said)

    def plan(self, text: str) -> Plan:
        """Return what a text asks to be done in this session."""
        plan = plan_of(self, text)
        self.clock.lap("understand")
        return plan

    def do(self, name: str, arguments: dict[str, Any]) -> Doing:
        """Do one thing of a turn: yield what happens, return what came of it. Errors are told, never raised."""
        with self._one_at_a_time:
            try:
                if name not in self.deeds:
                    raise RequestError(f"{name!r} cannot be done. Use one of {', '.join(self.deeds)}.")
                outcome = yield from self.deeds[name].start(arguments)
            except StudiospeakError as error:
                yield Failed(str(error))
                outcome = Outcome("", failed=str(error))
            except Exception as error:  # the conversation must live on; the traceback goes to the log
                _log.exception("%s failed: %r", name, arguments)
                why = f"something broke here ({type(error).__name__}). The log has the details."
                yield Failed(why)
                outcome = Outcome("", failed=why)
            self.clock.lap("tune")
            self.outcomes.append(outcome)
        return outcome

    def end(self, text: str | None = None, choices: Sequence[str] = ()) -> Said:
        """Close a turn: save the session, return the reply.

        Args:
            text: of the reply; None makes it of the outcomes.
            choices: answers to a question in it.
        """
        if text is None:
            text = "\n".join(outcome.text for outcome in self.outcomes if outcome.text)
        chips = tuple(Chip(choice, choice, "answer") for choice in choices)
        chips += chips_after(self.session, self.outcomes, self.assistant.ontology)
        try:
            self.save()
            self.is_saved = True
        except SessionError as error:  # the mix lives on in memory; the person has to know
            self.is_saved = False
            text = "\n".join(part for part in (text, str(error)) if part)
        return Said(text or "Nothing was changed.", chips)

    def save(self) -> None:
        """Write the session into its folder, if it has one."""
        if self.folder is not None:
            self.session.save(self.folder)

    def understand(self, text: str) -> tuple[Request, ...]:
        """Return the requests of a text in this session."""
        return self.assistant.understand(self.session, text)

    def target_named_in(self, text: str) -> str:
        """Return the one track that a text names itself, whatever was spoken of before; else "mix"."""
        return self.assistant.target_named_in(self.session, text)

    def offer(self, options: Options) -> None:
        """Remember mixes that were offered, also for the next time the session is opened."""
        self.options = options
        if self.folder is not None:
            audio = [str(track.path) for track in self.session.song.tracks if track.path is not None]
            self.folder.mkdir(parents=True, exist_ok=True)
            partial = self.folder / f"{_OPTIONS}.new"
            save_options(partial, options, audio)
            partial.replace(self.folder / _OPTIONS)

    def new_place(self, kind: str, name: str) -> Path:
        """Return a path in the session's folder at which nothing stands: "exports/mix 3.wav", then "mix 3 (2).wav".

        Raises:
            RequestError: the session has no folder.
        """
        if self.folder is None:
            raise RequestError("This session has no folder to write to. Open it in one: studiospeak chat FOLDER.")
        return free_path(self.folder / kind / name)

    def _read_options(self) -> None:
        if self.folder is None or not (self.folder / _OPTIONS).exists():
            return
        try:
            found, _ = load_options(self.folder / _OPTIONS)
        except SessionError as error:
            _log.warning("options of the last time are lost: %s", error)
            return
        if list(found.before.tracks) == list(self.session.settings.tracks):
            self.options = found
