"""Talking with the assistant: one loop over a studio's deeds, and any model to choose among them."""

from assistant.chat.talk import OWN_MODEL, Talk

__all__ = ["OWN_MODEL", "Talk"]
