"""One turn: words in, moves and measurements out; sessions, command line and page around it."""

__all__: list[str] = []
