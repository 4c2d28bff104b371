"""Open the page on this machine: nothing is sent anywhere, nothing stays behind."""

import os
import re
import signal
import sys
import tempfile
from functools import cache
from importlib import resources
from pathlib import Path

__all__ = ["open_page"]

_FILE = re.compile(r"[0-9a-f]{16}\.wav|settings-[0-9]+\.json")
_DEMO_TITLE = "Above the Sound (demo)"


def open_page(port: int | None = None, block: bool = True) -> str:
    """Serve the page on 127.0.0.1 and return its address.

    Args:
        port: None takes the first free one from 7860 on.
        block: wait until the program is ended; otherwise return at once and serve from a thread.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    home = tempfile.TemporaryDirectory(prefix="studiospeak-", ignore_cleanup_errors=True)
    os.environ["GRADIO_TEMP_DIR"] = str(Path(home.name, "uploads"))
    from assistant.turn import Assistant
    from assistant.web.desk import URL
    from assistant.web.page import build_page
    from assistant.web.theme import page_theme
    from exchange import LIMITS

    base = Path(home.name, "bench")
    base.mkdir()
    page = build_page(Assistant(), _demo_song, base)
    here = resources.files("assistant.web")
    _, address, _ = page.launch(
        server_name="127.0.0.1",
        server_port=port,
        share=False,
        quiet=True,
        prevent_thread_lock=True,
        ssr_mode=False,
        show_error=True,
        footer_links=[],
        run_history=False,
        allowed_paths=[],
        max_file_size=LIMITS.max_file_bytes,
        theme=page_theme(),
        css=here.joinpath("style.css").read_text(encoding="utf-8"),
        head=f"<script>{here.joinpath('player.js').read_text(encoding='utf-8')}</script>",
        app_kwargs={"routes": [_file_route(URL, base)]},
    )
    print(f"Studiospeak is open at {address}", flush=True)
    if block:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that the temporary folder goes, as with Ctrl-C
        page.block_thread()
    return address


@cache
def _demo_song():
    from exchange import load_tracks

    with resources.as_file(resources.files("exchange").joinpath("demo")) as folder:
        return load_tracks(sorted(folder.glob("*.ogg"))), _DEMO_TITLE


def _file_route(url: str, base: Path):
    """Return the route for takes and settings: a visitor's folder has a name nobody can guess."""
    from starlette.requests import Request
    from starlette.responses import FileResponse, PlainTextResponse, Response
    from starlette.routing import Route

    folders = re.compile(r"[0-9a-f]{32}-[a-z0-9_]+")

    async def send(request: Request) -> Response:
        folder, name = request.path_params["folder"], request.path_params["name"]
        file = base / folder / name
        if not folders.fullmatch(folder) or not _FILE.fullmatch(name) or not file.is_file():
            return PlainTextResponse("No such file.", status_code=404)
        return FileResponse(file, headers={"Cache-Control": "private, max-age=3600"})

    return Route(f"{url}{{folder}}/{{name}}", send, methods=["GET"])
