"""Acts that hand things on or keep them: exports, words of one's own."""

from typing import Annotated

from pydantic import Field

from assistant.web.acts import Job
from assistant.web.acts_talk import take_in
from assistant.web.state import Workbench
from ontology import PersonalDictionary, load_ontology

__all__ = ["export", "forget_word", "learn"]

Name = Annotated[str, Field(max_length=40)]


def export(bench: Workbench, to: Name, audio_format: Name = "wav24", loudness: Name = "") -> Job:
    """Write the mix as it stands now, ready to be fetched."""
    form = {"kind": to, "audio_format": audio_format, "loudness_lufs": float(loudness) if loudness else None}
    said = f"export {to}" + (f" at {loudness} LUFS" if loudness else "")
    return Job("Exporting", lambda: take_in(bench, said, bench.studio.doing("export_mix", said, **form)))


def learn(
    bench: Workbench,
    word: Annotated[str, Field(min_length=2, max_length=40)],
    means: Annotated[str, Field(min_length=2, max_length=120)],
) -> None:
    """Remember what a word of one's own means."""
    PersonalDictionary().learn(word, means, load_ontology())
    bench.assistant.read_words()


def forget_word(bench: Workbench, word: Name) -> None:
    """Forget a word of one's own."""
    PersonalDictionary().forget(word)
    bench.assistant.read_words()
