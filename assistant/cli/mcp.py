"""`studiospeak mcp SESSION_DIR [AUDIO...]`: the session's tools for an MCP client, over stdin and stdout."""

import argparse
import importlib.util

from assistant.studio import Studio
from console.errors import ModelError

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Serve until the client goes.

    Raises:
        ModelError: the extra `mcp` is not installed.
        SessionError: neither a session there nor audio to start one, or both, or another program works on it.
        RequestError: a reference that is no recording.
    """
    if importlib.util.find_spec("mcp") is None:
        raise ModelError('This needs the package mcp. Install it: pip install "studiospeak[mcp]"')
    from assistant.mcp import serve

    studio = Studio.open(options.session_dir, options.audio)
    try:
        for path in options.reference:
            studio.references.add(path)
        serve(studio)
    finally:
        studio.close()
    return 0
