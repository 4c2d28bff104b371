"""`studiospeak app`: the page."""

import argparse

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Open the page and serve it until interrupted."""
    import app

    return app.main([] if options.port is None else ["--port", str(options.port)])
