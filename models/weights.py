"""Weights made by others: which are known, where they are on this machine, and the only way to fetch them.

`models/weights.yaml` is the table. Looking never touches the network; `download_weights` alone does, and only when a
person asks for it by name.
"""

import functools
import hashlib
import importlib.util
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs
import yaml

from console.errors import ModelError
from models.fetch import Progress, fetch

__all__ = [
    "FoundWeights",
    "KnownWeights",
    "WeightFile",
    "cached_file",
    "check_file",
    "download_weights",
    "find_weights",
    "hub_cache_folder",
    "known_weights",
    "missing_sentence",
    "require_weights",
    "weights_folder",
]

_TABLE = Path(__file__).with_name("weights.yaml")


@dataclass(frozen=True)
class WeightFile:
    """One file of some weights."""

    name: str
    repo: str
    revision: str
    bytes: int
    sha256: str
    url: str | None = None
    """Where it is fetched from if not from the hub."""


@dataclass(frozen=True)
class KnownWeights:
    """One row of the table."""

    name: str
    what: str
    improves: str
    """What gets better with these weights: completes "with them, ..."."""
    licence: str
    repo: str
    revision: str
    files: tuple[WeightFile, ...]
    package: str | None = None
    """An installed package that carries the files, if any, and its folder in it."""
    package_folder: str = ""

    @property
    def bytes(self) -> int:
        """Size of all files."""
        return sum(file.bytes for file in self.files)


@dataclass(frozen=True)
class FoundWeights:
    """Weights on this machine."""

    files: Mapping[str, Path]
    where: str
    """For people: "studiospeak's cache", "package NAME" or "Hugging Face cache"."""


@functools.cache
def known_weights() -> dict[str, KnownWeights]:
    """Return the table, by name."""
    rows: dict[str, dict[str, Any]] = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    table = {}
    for name, row in rows.items():
        source = {"repo": row["repo"], "revision": row["revision"]}
        files = tuple(WeightFile(name=file, **(source | facts)) for file, facts in row.pop("files").items())
        table[name] = KnownWeights(name=name, files=files, **row)
    return table


def weights_folder() -> Path:
    """Return where downloads go: the environment's STUDIOSPEAK_WEIGHTS, else this user's cache folder."""
    chosen = os.environ.get("STUDIOSPEAK_WEIGHTS")
    return Path(chosen) if chosen else platformdirs.user_cache_path("studiospeak", appauthor=False) / "weights"


def hub_cache_folder() -> Path:
    """Return the Hugging Face cache of this machine, which other programs fill."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE)


def cached_file(repo: str, name: str, revision: str | None = None) -> Path | None:
    """Look for one file of a hub repository in the Hugging Face cache; None when it is not there."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = try_to_load_from_cache(repo, name, cache_dir=hub_cache_folder(), revision=revision)
    except HFValidationError as error:
        raise ModelError(f"{repo!r} is not a hub id ({error}). Use OWNER/NAME, a folder or a file.") from error
    return Path(found) if isinstance(found, str) else None


def find_weights(name: str) -> FoundWeights | None:
    """Look for known weights: in our cache, in a package, in the Hugging Face cache.

    Returns:
        The first place that has every file in its full size; None without one. Contents are not read.
    Raises:
        ModelError: the name is not in the table.
    """
    weights = _known(name)
    places = [("studiospeak's cache", {file.name: weights_folder() / name / file.name for file in weights.files})]
    package = _package_folder(weights)
    if package is not None:
        places.append((f"package {weights.package}", {file.name: package / file.name for file in weights.files}))
    places.append(("Hugging Face cache", {f.name: cached_file(f.repo, f.name, f.revision) for f in weights.files}))
    for where, paths in places:
        files = {
            file.name: path
            for file in weights.files
            if (path := paths[file.name]) is not None and path.is_file() and path.stat().st_size == file.bytes
        }
        if len(files) == len(weights.files):
            return FoundWeights(files, where)
    return None


def require_weights(name: str) -> FoundWeights:
    """Find known weights.

    Raises:
        ModelError: they are not here; says what would get better with them and how to get them.
    """
    found = find_weights(name)
    if found is None:
        raise ModelError(missing_sentence(name))
    return found


def missing_sentence(name: str) -> str:
    """Say in one sentence what absent weights would improve and how to get them."""
    weights = _known(name)
    return (
        f"The weights {name!r} ({weights.what}, {weights.bytes / 1e6:.0f} MB) are not on this machine; with them, "
        f"{weights.improves}: studiospeak weights download {name}"
    )


def check_file(path: Path, file: WeightFile) -> None:
    """Compare a file's contents with the table.

    Raises:
        ModelError: the checksum is another.
    """
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != file.sha256:
        raise ModelError(
            f"{path} is not the file known as {file.name}: its sha256 is {found[:12]}..., not {file.sha256[:12]}... "
            "Fetch it again."
        )


def download_weights(name: str, progress: Progress | None = None) -> Path:
    """Fetch known weights from the Hugging Face hub (or from HF_ENDPOINT, if that is set).

    Whole files that are here are kept; half ones are continued. The revision is the table's, and every file's checksum
    is compared before it counts.

    Args:
        name: in the table.
        progress: told as a file grows.
    Returns:
        The folder that holds the files.
    Raises:
        ModelError: the name is unknown, the hub cannot be reached, the disk is too small, or a checksum differs.
    """
    from huggingface_hub import hf_hub_url
    from huggingface_hub.errors import HTTPError  # the root of the client's errors, whichever client it is

    weights = _known(name)
    folder = weights_folder() / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in weights.files:
            path = folder / file.name
            if not path.is_file() or path.stat().st_size != file.bytes:
                fetch(file.url or hf_hub_url(file.repo, file.name, revision=file.revision), path, file.bytes, progress)
            try:
                check_file(path, file)
            except ModelError:
                path.unlink()  # so that the next attempt begins afresh
                raise
    except (OSError, HTTPError) as error:
        said = (str(error).splitlines() or [""])[0]
        raise ModelError(
            f"{name!r} could not be fetched ({type(error).__name__}: {said}). Check the connection and run it again: "
            f"it goes on where it stopped. Or copy the files into {folder}."
        ) from error
    return folder


def _known(name: str) -> KnownWeights:
    try:
        return known_weights()[name]
    except KeyError as error:
        raise ModelError(
            f"{name!r} is not among the known weights. Use one of: {', '.join(known_weights())}."
        ) from error


def _package_folder(weights: KnownWeights) -> Path | None:
    """Return where an installed package keeps the files, without importing it."""
    spec = importlib.util.find_spec(weights.package) if weights.package else None
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations))) / weights.package_folder
