"""Lessons: what a tool of mixing does, and a sentence that lets it be heard on the song that is open."""

import functools
import re
from collections.abc import Mapping, Sequence
from importlib import resources

import yaml
from pydantic import BaseModel, ConfigDict, Field
from rapidfuzz import fuzz, process

from assistant.request import MIX
from assistant.understand import TrackName

__all__ = ["Lesson", "find_lesson", "lessons", "teach"]

_LEAST_LIKENESS = 88


class Lesson(BaseModel):
    """One entry of `lessons.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    labels: tuple[str, ...] = Field(min_length=1)
    text: str
    hear: str
    best_on: tuple[str, ...] = Field(min_length=1)

    def example(self, tracks: Sequence[TrackName]) -> str:
        """Return the sentence to say to hear it, on the best track that the song has; on the mix if none fits."""
        found = (track.name for instrument in self.best_on for track in tracks if track.instrument == instrument)
        return self.hear.format(track=next(found, MIX))


@functools.cache
def lessons() -> Mapping[str, Lesson]:
    """Return every lesson by id."""
    text = resources.files("assistant.explain").joinpath("lessons.yaml").read_text(encoding="utf-8")
    return {name: Lesson(id=name, **entry) for name, entry in yaml.safe_load(text).items()}


def find_lesson(text: str) -> Lesson | None:
    """Return the lesson a sentence asks for, by the longest label in it, else a near spelling; None without one."""
    plain = " ".join(re.findall(r"[a-z0-9/-]+", text.lower()))
    by_label = {label: lesson for lesson in lessons().values() for label in lesson.labels}
    named = [label for label in by_label if re.search(rf"(?<![\w-]){re.escape(label)}(?![\w-])", plain)]
    if named:
        return by_label[max(named, key=len)]
    long_words = [word for word in plain.split() if len(word) > 4]
    close = [
        process.extractOne(word, list(by_label), scorer=fuzz.ratio, score_cutoff=_LEAST_LIKENESS) for word in long_words
    ]
    best = max((entry for entry in close if entry is not None), key=lambda entry: entry[1], default=None)
    return None if best is None else by_label[best[0]]


def teach(text: str, tracks: Sequence[TrackName]) -> tuple[str, str] | None:
    """Return a lesson and the sentence that lets it be heard; None where no lesson fits."""
    lesson = find_lesson(text)
    return None if lesson is None else (lesson.text, lesson.example(tracks))
