"""Open the page on this machine: nothing is sent anywhere, and what was not worth keeping does not stay behind."""

import getpass
import os
import re
import signal
import sys
import tempfile
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from console.errors import RequestError

if TYPE_CHECKING:
    from assistant.web.benches import Benches

__all__ = ["logins", "open_page"]

LOGIN = "STUDIOSPEAK_LOGIN"
"""Environment variable with who may log in: "ada:secret,ben:other"."""

_FILE = re.compile(r"[^/\\\x00]{1,160}")
_TOKEN = re.compile(r"[0-9a-f]{32}")
_SCRIPTS = ("player.js", "map.js", "page.js")
_DEMO_TITLE = "Above the Sound (demo)"
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; connect-src 'self' blob: data:; "
    "worker-src 'self' blob:; frame-ancestors 'none'; form-action 'self'; base-uri 'self'"
)
"""What the browser may fetch: only from this machine."""


def open_page(
    port: int | None = None,
    block: bool = True,
    session: str | Path | None = None,
    model: str = "studiospeak",
    login: bool = False,
    root: Path | None = None,
) -> str:
    """Serve the page on 127.0.0.1 and return its address.

    Args:
        port: None takes the first free one from 7860 on.
        block: wait until the program is ended; otherwise return at once and serve from a thread.
        session: a session folder to open for who comes without one; None: the demo song.
        model: which model talks.
        login: ask for a name and a password in the terminal where `STUDIOSPEAK_LOGIN` has none.
        root: where sessions are kept; None: this user's data folder.
    Raises:
        RequestError: `STUDIOSPEAK_LOGIN` cannot be read.
    """
    people = logins(os.environ.get(LOGIN, ""), login)
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    home = tempfile.TemporaryDirectory(prefix="studiospeak-", ignore_cleanup_errors=True)
    os.environ["GRADIO_TEMP_DIR"] = str(Path(home.name, "uploads"))
    from platformdirs import user_data_path
    from starlette.middleware import Middleware

    from assistant.web.benches import Benches
    from assistant.web.page import build_page
    from assistant.web.panels import URL
    from assistant.web.theme import page_theme
    from exchange import LIMITS

    folder = None if session is None else Path(session).expanduser().resolve()
    benches = Benches(root or user_data_path("studiospeak"), Path(home.name, "bench"), _demo_song, model, folder)
    page = build_page(benches)
    here = resources.files("assistant.web").joinpath("static")
    scripts = "\n".join(here.joinpath(name).read_text(encoding="utf-8") for name in _SCRIPTS)
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
        auth=people or None,
        theme=page_theme(),
        css=here.joinpath("style.css").read_text(encoding="utf-8"),
        head=f'<meta name="viewport" content="width=device-width, initial-scale=1"><script>{scripts}</script>',
        app_kwargs={"routes": [_file_route(URL, benches), _plotly_route()], "middleware": [Middleware(_Policy)]},
    )
    print(f"Studiospeak is open at {address}", flush=True)
    if block:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that the temporary folder goes, as with Ctrl-C
        try:
            page.block_thread()
        finally:
            benches.close()
    return address


def logins(spelled: str, ask: bool = False) -> list[tuple[str, str]]:
    """Return who may log in, as (name, password).

    Args:
        spelled: "ada:secret,ben:other".
        ask: ask in the terminal where nobody is spelled.
    Raises:
        RequestError: an entry without a name or a password.
    """
    pairs = [entry.partition(":") for entry in spelled.split(",") if entry.strip()]
    if not all(name.strip() and word for name, _, word in pairs):
        raise RequestError(f"{LOGIN} is not of the form NAME:PASSWORD,NAME:PASSWORD. Correct it, or unset it.")
    people = [(name.strip(), word) for name, _, word in pairs]
    if ask and not people:
        people = [(input("Name to log in with: ").strip(), getpass.getpass("Password: "))]
    return people


@cache
def _demo_song():
    from exchange import load_tracks

    with resources.as_file(resources.files("exchange").joinpath("demo")) as folder:
        return load_tracks(sorted(folder.glob("*.ogg"))), _DEMO_TITLE


class _Policy:
    """Tells the browser on every page that it may fetch from this machine only."""

    def __init__(self, app) -> None:
        self.app = app

    async def __call__(self, scope, receive, send) -> None:
        async def answer(message) -> None:
            if message["type"] == "http.response.start":
                headers = (("content-security-policy", _POLICY), ("referrer-policy", "no-referrer"),
                           ("x-content-type-options", "nosniff"))  # fmt: skip
                message["headers"] = [*message.get("headers", ()), *((k.encode(), v.encode()) for k, v in headers)]
            await send(message)

        await self.app(scope, receive, answer if scope["type"] == "http" else send)


def _plotly_route():
    from starlette.responses import FileResponse, Response
    from starlette.routing import Route

    async def send(_) -> Response:
        with resources.as_file(resources.files("plotly.package_data").joinpath("plotly.min.js")) as file:
            return FileResponse(file, media_type="text/javascript", headers={"Cache-Control": "max-age=86400"})

    return Route("/studiospeak/plotly.min.js", send, methods=["GET"])


def _file_route(url: str, benches: "Benches"):
    """Return the route for takes and exports: a session's token is a name nobody can guess."""
    from starlette.requests import Request
    from starlette.responses import FileResponse, PlainTextResponse, Response
    from starlette.routing import Route

    async def send(request: Request) -> Response:
        token, name = request.path_params["token"], request.path_params["name"]
        known = _TOKEN.fullmatch(token) and _FILE.fullmatch(name) and name not in (".", "..")
        file = benches.file(token, name) if known else None
        if file is None:
            return PlainTextResponse("No such file.", status_code=404)
        return FileResponse(file, headers={"Cache-Control": "private, max-age=3600"})

    return Route(f"{url}{{token}}/{{name}}", send, methods=["GET"])
