"""Open the page with the demo song loaded: `python app.py`."""

import argparse
from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the page until Ctrl-C; print its address."""
    parser = argparse.ArgumentParser(prog="studiospeak app", description="Open the page with the demo song loaded.")
    parser.add_argument("--port", type=int, help="port on 127.0.0.1; the first free one from 7860 on if left out")
    options = parser.parse_args(arguments)
    from assistant.web.serve import open_page  # gradio takes seconds to import; --help should not

    open_page(options.port)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
