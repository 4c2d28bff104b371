"""What is wrong with a mix: measured, explained with evidence, and mended with sentences the assistant accepts."""

from assistant.diagnose.answers import Answer, answer
from assistant.diagnose.consult import Consultant
from assistant.diagnose.diagnosis import DETECTORS, Ear, findings_of
from assistant.diagnose.finding import Evidence, Finding
from assistant.diagnose.listening import Hearing, Reference, hear, inspect
from assistant.diagnose.problems import problem, problems
from assistant.diagnose.questions import Question, read_question

__all__ = [
    "DETECTORS",
    "Answer",
    "Consultant",
    "Ear",
    "Evidence",
    "Finding",
    "Hearing",
    "Question",
    "Reference",
    "answer",
    "findings_of",
    "hear",
    "inspect",
    "problem",
    "problems",
    "read_question",
]
