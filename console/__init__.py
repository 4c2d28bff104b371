"""The differentiable mixing console: settings in, audio out; loudness; whole-song render."""

__all__: list[str] = []
