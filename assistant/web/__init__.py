"""The page: the only place that imports gradio, and only when `assistant.web.serve` opens it."""

__all__: list[str] = []
