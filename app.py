"""Open the page with the demo song loaded: `python app.py`."""

import argparse
import sys
from collections.abc import Sequence

from console.errors import StudiospeakError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the page until Ctrl-C; print its address."""
    parser = argparse.ArgumentParser(prog="studiospeak app", description="Open the page with the demo song loaded.")
    parser.add_argument("--port", type=int, help="port on 127.0.0.1; the first free one from 7860 on if left out")
    parser.add_argument("--session", metavar="DIR", help="a session folder to open instead of the demo song")
    parser.add_argument("--model", default="studiospeak", metavar="PROVIDER:NAME", help="a language model of your own")
    parser.add_argument("--login", action="store_true", help="ask for a name and password that visitors must give")
    options = parser.parse_args(arguments)
    from assistant.web.serve import open_page  # gradio takes seconds to import; --help should not

    try:
        open_page(options.port, session=options.session, model=options.model, login=options.login)
    except StudiospeakError as error:
        print(f"studiospeak app: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
