"""`studiospeak app`: the page."""

import argparse

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Serve the page until Ctrl-C."""
    import app

    arguments = ["--model", options.model]
    arguments += [] if options.port is None else ["--port", str(options.port)]
    arguments += [] if options.session is None else ["--session", options.session]
    return app.main([*arguments, *(["--login"] if options.login else [])])
