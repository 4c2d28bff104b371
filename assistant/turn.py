"""One turn: hear -> understand -> aim -> tune -> check -> tell.

Each step takes and returns typed values; this file only strings them together and yields what happens. Nothing moves
unless an edit was understood, and the session gets its new version only when everything went well.
"""

import functools
import logging
from collections.abc import Iterator, Sequence
from weakref import WeakKeyDictionary

from assistant.clock import Clock
from assistant.diagnose.consult import Consultant
from assistant.editing import Editor
from assistant.events import Asked, Event, Failed, Heard, Said, Understood
from assistant.explain import explained
from assistant.explore import Explorer
from assistant.learn import keep_word
from assistant.orders import carry_out, is_order
from assistant.plan import stronger
from assistant.request import MIX, Request
from assistant.section_turn import edit_in_sections
from assistant.sections import Place, named_in
from assistant.session import Session
from assistant.tell import say
from assistant.tones import Tones, tone_of
from assistant.understand import Context, understand, words
from console.errors import StudiospeakError
from console.settings import Stretch
from exchange import Track
from models import Encoder, ProductionFeatures
from ontology import Ontology, PersonalDictionary, load_ontology

__all__ = ["Assistant", "Clock"]

_log = logging.getLogger(__name__)


class Assistant:
    """What turns words into moves on a session. Holds no song: one assistant serves many sessions."""

    def __init__(
        self,
        ontology: Ontology | None = None,
        encoder: Encoder | None = None,
        framed: bool = True,
        tones: Tones = tone_of,
        dictionary: PersonalDictionary | None = None,
    ):
        """Load what is not given.

        Args:
            ontology: what words mean; None: to this user.
            encoder: the embedding in which edits are tuned.
            framed: whether finished music says how far a mix goes.
            tones: says the curve of a word.
            dictionary: where words are learnt; None: this user's own.
        """
        self.editor = Editor(ontology or words().ontology, encoder or ProductionFeatures(), framed, tones)
        self.consultant = Consultant()
        self.dictionary = dictionary
        self._left_open: WeakKeyDictionary[Session, Request | None] = WeakKeyDictionary()
        self._spoken: WeakKeyDictionary[Session, tuple[str, ...]] = WeakKeyDictionary()

    @property
    def ontology(self) -> Ontology:
        """What words mean here, the user's own included."""
        return self.editor.ontology

    @functools.cached_property
    def explorer(self) -> Explorer:
        """Makes options; loaded on first use."""
        return Explorer(self.ontology)

    def read_words(self) -> None:
        """Read the person's words anew, after one was learnt."""
        dictionary = PersonalDictionary() if self.dictionary is None else self.dictionary
        self._speak(dictionary.over(load_ontology()))

    def awaits_answer(self, session: Session) -> bool:
        """Say whether the last turn ended with a question that has answers to choose from."""
        left = self._left_open.get(session)
        return left is not None and bool(left.choices)

    def _speak(self, ontology: Ontology) -> None:
        self.editor.ontology = ontology
        if "explorer" in self.__dict__:
            self.explorer.ontology = ontology

    def take_turn(
        self, session: Session, text: str, amount: float = 1.0, clock: Clock | None = None
    ) -> Iterator[Event]:
        """Carry out what was said, yielding what happens; the last event is `Said`.

        Args:
            session: gets a new version if something moved.
            text: what the person said.
            amount: multiplies how far every change goes (DESIGN's `--amount`).
            clock: collects CPU seconds.
        """
        clock = clock or Clock()
        yield Heard(text)
        section = named_in(text)
        if section is not None:
            yield from _named_section(session, *section)
            return
        requests = self.understand(session, text)
        clock.lap("understand")
        yield Understood(requests)
        yield from self.carry_out(session, text, requests, amount, clock)

    def understand(self, session: Session, text: str) -> tuple[Request, ...]:
        """Return what a text asks for here, and remember what it spoke of and left open for the next one."""
        spoken = self._spoken.get(session, ())
        context = _context(session, self._left_open.get(session), spoken)
        own = None if self.dictionary is None else self.ontology
        requests = understand(text, _tracks_of(session), context, own)
        self._spoken[session] = next((r.targets for r in reversed(requests) if r.targets), spoken)
        self._left_open[session] = next((r for r in requests if r.intent in ("clarify", "diagnose")), None)
        return requests

    def target_named_in(self, session: Session, text: str) -> str:
        """Return the one track that a text names itself, whatever was spoken of before; else "mix"."""
        named = {target for request in understand(text, _tracks_of(session)) for target in request.targets}
        return named.pop() if len(named) == 1 else MIX

    def carry_out(
        self,
        session: Session,
        text: str,
        requests: Sequence[Request],
        amount: float = 1.0,
        clock: Clock | None = None,
    ) -> Iterator[Event]:
        """Carry out requests, yielding what happens; the last event is `Said`. Errors are told, never raised.

        Args:
            session, text, amount, clock: as in `take_turn`.
            requests: what the text asks for.
        """
        try:
            question = self.consultant.question(session, text, tuple(requests))
            if question is not None:
                yield from self.consultant.reply(session, question, self.take_turn)
            else:
                yield from self._do(session, text, requests, amount, clock or Clock())
        except StudiospeakError as error:
            yield Failed(str(error))
            yield Said(say("nothing", why=str(error)))
        except Exception as error:  # the page must live on; the traceback goes to the log
            _log.exception("turn failed: %r", text)
            yield Failed(f"{type(error).__name__}: {error}")
            yield Said(say("nothing", why=f"something broke here ({type(error).__name__}). The log has the details."))

    def _do(
        self, session: Session, text: str, requests: Sequence[Request], amount: float, clock: Clock
    ) -> Iterator[Event]:
        for request in requests:
            if request.intent == "teach" and request.word is not None:
                text_back, ontology = keep_word(request, self.dictionary)
                self._speak(ontology)
                yield Said(text_back)
                return
            if request.intent == "clarify":
                yield Asked(request.question or "", request.choices)
                yield Said(request.question or "")
                return
        said: list[str] = []
        for request in requests:
            if is_order(request):
                said.append((yield from carry_out(session, text, request)))
            elif request.intent in ("explain", "teach"):
                said.append(explained(session, text, request, self.ontology))
        edits = [
            stronger(request, amount) for request in requests if request.intent == "edit" and not is_order(request)
        ]
        if not edits:
            yield Said("\n".join(said) or say("not_yet"))
        elif all(request.section is None for request in edits):
            yield from self.editor.edit(session, text, edits, clock)
        else:
            yield from edit_in_sections(session, text, edits, lambda s, e: self.editor.edit(s, text, e, clock))


def _tracks_of(session: Session) -> Sequence[Track]:
    """Return the tracks to name; none where the song is one finished mix, whose parts are reached by their bands."""
    tracks = session.song.tracks
    return () if len(tracks) == 1 and tracks[0].instrument == MIX else tracks


def _context(session: Session, left_open: Request | None, spoken: tuple[str, ...]) -> Context:
    return Context(
        asked=left_open,
        spoken=spoken,
        requests=session.version.requests,
        undoable=session.undoable,
        redoable=session.redoable,
        version=session.current,
    )


def _named_section(session: Session, name: str, stretches: tuple[Stretch, ...]) -> Iterator[Event]:
    """Remember where the person says a section is."""
    yield Understood(())
    try:
        session.name_section(name, stretches)
        yield Said(say("section_named", where=str(Place(name, stretches))))
    except StudiospeakError as error:
        yield Failed(str(error))
        yield Said(say("nothing", why=str(error)))
