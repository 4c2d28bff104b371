"""Explaining: what the last edit did and why, at three depths, and short lessons on words and the tools of mixing."""

from assistant.explain.edit import explain_edit
from assistant.explain.explained import explained
from assistant.explain.lessons import Lesson, find_lesson, lessons, teach

__all__ = ["Lesson", "explain_edit", "explained", "find_lesson", "lessons", "teach"]
