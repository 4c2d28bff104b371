"""Hybrid Transformer Demucs (Rouard, Massa & Défossez, ICASSP 2023) behind one function: a mix in, four stems out.

The package `demucs` (MIT) comes with the extra `separation`; its weights only with `studiospeak weights download`. The
checkpoint is a pickle, so it is read with nothing allowed in it but the network's own class, fractions and tensors.
"""

import importlib.util
import pickle
import warnings
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import soxr
import torch

from console.errors import AudioShapeError, ModelError
from models.weights import find_weights, require_weights

__all__ = ["SOURCES", "WEIGHTS", "Separator", "load_separator", "separation_available"]

WEIGHTS = "htdemucs"
SOURCES = ("vocals", "drums", "bass", "other")
"""What a mix is taken apart into, in the order of a console."""

_OVERLAP = 0.25
_QUIET = 1e-8


def separation_available() -> bool:
    """Say whether the package and the weights are here."""
    return importlib.util.find_spec("demucs") is not None and find_weights(WEIGHTS) is not None


class Separator:
    """A loaded network."""

    def __init__(self, network: torch.nn.Module) -> None:
        """Wrap a network.

        Args:
            network: a `demucs` model whose `sources` hold those of `SOURCES`.
        Raises:
            ModelError: it separates into something else.
        """
        if set(network.sources) != set(SOURCES):  # type: ignore[arg-type]
            raise ModelError(f"This network separates into {', '.join(network.sources)}; use {WEIGHTS}.")  # type: ignore[arg-type]
        self._network = network.eval()
        self.sample_rate = int(network.samplerate)  # type: ignore[arg-type]

    def separate(
        self, audio: np.ndarray, sample_rate: int, progress: Callable[[float], None] | None = None
    ) -> dict[str, np.ndarray]:
        """Take a mix apart.

        Args:
            audio: (2, samples) float32.
            sample_rate: Hz.
            progress: told the share done.
        Returns:
            A stem a source, (2, samples) each, that add up to the mix to float32 precision: what the network leaves
            over goes to "other".
        Raises:
            AudioShapeError: it is not stereo.
        """
        from demucs.apply import apply_model

        if audio.ndim != 2 or audio.shape[0] != 2 or audio.shape[1] == 0:
            raise AudioShapeError(f"audio has shape {audio.shape}; a mix to take apart is (2, samples).")
        heard = audio if sample_rate == self.sample_rate else soxr.resample(audio.T, sample_rate, self.sample_rate).T
        mix = torch.from_numpy(np.ascontiguousarray(heard, dtype=np.float32))
        middle = mix.mean(dim=0)
        level = float(middle.std()) + _QUIET
        told = _Told(progress, mix.shape[1])
        with torch.inference_mode(), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of the package's own attention code
            parts = apply_model(
                self._network, ((mix - middle.mean()) / level)[None], shifts=0, overlap=_OVERLAP, callback=told
            )[0]
        parts = parts * level + middle.mean()
        stems = {}
        for name, part in zip(self._network.sources, parts.numpy(), strict=True):  # type: ignore[arg-type]
            if sample_rate != self.sample_rate:
                part = soxr.resample(part.T, self.sample_rate, sample_rate).T
            stems[name] = _fitted(np.ascontiguousarray(part, dtype=np.float32), audio.shape[1])
        stems["other"] = audio - sum(stems[name] for name in SOURCES if name != "other")
        return {name: stems[name] for name in SOURCES}


def load_separator(path: Path | None = None) -> Separator:
    """Load the network.

    Args:
        path: a checkpoint; None: the one `studiospeak weights download htdemucs` fetched.
    Raises:
        ModelError: the package or the weights are not here, or the file is damaged or holds more than a network.
    """
    if importlib.util.find_spec("demucs") is None:
        raise ModelError('Taking a mix apart needs the package demucs: python -m pip install "studiospeak[separation]"')
    if path is None:
        path = next(iter(require_weights(WEIGHTS).files.values()))
    from demucs.hdemucs import HDemucs
    from demucs.htdemucs import HTDemucs
    from demucs.states import load_model

    try:
        with torch.serialization.safe_globals([HTDemucs, HDemucs, Fraction]):
            package: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        if package["klass"] not in (HTDemucs, HDemucs):
            raise ModelError(f"{path} holds {package['klass']}, not a Demucs network. Fetch it again.")
        network = load_model({name: package[name] for name in ("klass", "args", "kwargs", "state")}, strict=True)
    except (OSError, KeyError, TypeError, ValueError, RuntimeError, pickle.UnpicklingError, EOFError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise ModelError(f"{path} cannot be read as a Demucs checkpoint ({first}). Fetch it again.") from error
    return Separator(network)


class _Told:
    """Turns the package's reports into a share."""

    def __init__(self, progress: Callable[[float], None] | None, samples: int) -> None:
        self._progress, self._samples = progress, samples

    def __call__(self, report: dict[str, Any]) -> None:
        if self._progress is not None and report.get("state") == "end":
            self._progress(min(1.0, float(report["segment_offset"]) / self._samples))


def _fitted(audio: np.ndarray, samples: int) -> np.ndarray:
    """Return (2, samples): resampling there and back may lose or gain one."""
    return np.pad(audio, ((0, 0), (0, max(0, samples - audio.shape[1]))))[:, :samples]
