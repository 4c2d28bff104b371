"""Talking with the assistant: one loop, one set of typed tools, and any model to choose among them."""

from assistant.chat.studio import Studio
from assistant.chat.talk import OWN_MODEL, Talk

__all__ = ["OWN_MODEL", "Studio", "Talk"]
