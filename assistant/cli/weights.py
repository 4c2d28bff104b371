"""`studiospeak weights list|download NAME|where`: other people's weights, and the one command that uses the network."""

import argparse
import json
from typing import TYPE_CHECKING

from models.weights import download_weights, find_weights, hub_cache_folder, known_weights, weights_folder

if TYPE_CHECKING:
    from rich.progress import TaskID

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Do one of the three.

    Raises:
        ModelError: a download failed, or its name is not known.
    """
    return {"list": _list, "download": _download, "where": _where}[options.action](options)


def _list(options: argparse.Namespace) -> int:
    rows = []
    for name, weights in known_weights().items():
        found = find_weights(name)
        rows.append(
            {
                "name": name,
                "what": weights.what,
                "improves": weights.improves,
                "licence": weights.licence,
                "repo": weights.repo,
                "revision": weights.revision,
                "megabytes": round(weights.bytes / 1e6),
                "where": found.where if found else None,
            }
        )
    if options.json:
        print(json.dumps({"weights": rows}, ensure_ascii=False))
        return 0
    for row in rows:
        print(f"{row['name']:<11} {row['megabytes']:>5} MB  {row['where'] or 'not here'}")
        print(f"{'':<11} {row['what']}; {row['licence']}; {row['repo']} at {row['revision'][:8]}")
        print(f"{'':<11} With it, {row['improves']}.")
    return 0


def _download(options: argparse.Namespace) -> int:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, TaskID] = {}

        def show(name: str, done: int, size: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=size)
            bars.update(tasks[name], completed=done)

        folder = download_weights(options.name, show)
    if options.json:
        print(json.dumps({"name": options.name, "folder": str(folder)}, ensure_ascii=False))
    else:
        print(f"{options.name} is in {folder}, its checksums as known.")
    return 0


def _where(options: argparse.Namespace) -> int:
    folders = {"downloads": str(weights_folder()), "hugging_face_cache": str(hub_cache_folder())}
    if options.json:
        print(json.dumps(folders, ensure_ascii=False))
    else:
        print(f"Downloads:          {folders['downloads']}  (another: set STUDIOSPEAK_WEIGHTS)")
        print(f"Hugging Face cache: {folders['hugging_face_cache']}  (read, never written)")
    return 0
