"""Read weights that other people wrote, without ever running what is in them.

A `.pt` or `.bin` file is a pickle: opening one carelessly runs whatever program it carries. Here only tensors and plain
numbers come through; everything else is refused with the file's name.
"""

import pickle
import struct
import warnings
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from console.errors import ModelError

__all__ = ["check_shapes", "read_tensors"]

_NESTED_UNDER = ("state_dict", "model")
"""Where training scripts put the weights beside the optimiser's memory."""
_SHOWN = 3
_DAMAGED = (
    *(OSError, EOFError, RuntimeError, ValueError, TypeError, LookupError, AttributeError, AssertionError),
    *(OverflowError, struct.error, zipfile.BadZipFile),
)
"""What torch raises on damaged pickles, found by changing bytes at random."""


def read_tensors(path: str | Path) -> dict[str, Tensor]:
    """Read every tensor of a weight file.

    Args:
        path: `.safetensors`, or a PyTorch pickle (`.pt`, `.bin`, `.ckpt`, ...).
    Returns:
        Tensors by name, on the CPU, in the file's own precision. Those of a pickle stay mapped to the file until
        copied, so that an optimiser's memory beside them is never read.
    Raises:
        ModelError: the file is absent, corrupt, holds code, holds no tensors, or holds infinities or NaN.
    """
    path = Path(path)
    if not path.is_file():
        raise ModelError(f"{path} is not there. Check the path, or see what is here with: studiospeak weights list")
    tensors = _safetensors(path) if path.suffix == ".safetensors" else _pickle(path)
    if not tensors:
        raise ModelError(f"{path} holds no tensors. Use a file of weights.")
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not _finite(tensor):
            raise ModelError(f"{path} is damaged: {name} holds infinities or NaN. Fetch the file again.")
    return tensors


def check_shapes(
    path: str | Path, tensors: Mapping[str, Tensor], module: nn.Module, optional: Collection[str] = ()
) -> None:
    """Compare weights with the network that should take them.

    Args:
        path: the file they came from, for the message.
        tensors: weights by name.
        module: the network, on any device (the meta device costs nothing).
        optional: last parts of the names that may be absent.
    Raises:
        ModelError: a weight is missing, too many, or of another shape; the first few are named.
    """
    wanted = {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
    wrong = [
        f"{name} is {tuple(tensors[name].shape)}, not {shape}"
        for name, shape in wanted.items()
        if name in tensors and tuple(tensors[name].shape) != shape
    ]
    wrong += [f"{name} is missing" for name in wanted if name not in tensors and name.split(".")[-1] not in optional]
    wrong += [f"{name} is unknown" for name in tensors if name not in wanted]
    if wrong:
        more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise ModelError(
            f"{path} does not fit this model: {'; '.join(wrong[:_SHOWN])}{more}. Use weights of the same architecture."
        )


def _finite(tensor: Tensor) -> bool:
    # A sum carries every infinity and NaN, forty times faster than asking each number; it may overflow by itself.
    return bool(tensor.sum(dtype=torch.float32).isfinite()) or bool(tensor.isfinite().all())


def _safetensors(path: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        raise ModelError(f"{path} is corrupt ({error}). Fetch the file again.") from error


def _pickle(path: Path) -> dict[str, Tensor]:
    # LAION's checkpoints keep the best score as a numpy scalar: a number and its type, no code.
    scalar = np.float64(0).__reduce__()[0]
    harmless = [
        (scalar, "numpy.core.multiarray.scalar"),
        (scalar, "numpy._core.multiarray.scalar"),
        np.dtype,
        np.dtypes.Float64DType,
    ]
    try:
        with torch.serialization.safe_globals(harmless), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # about old pickle protocols: nothing a person could change
            content = torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except pickle.UnpicklingError as error:
        if "GLOBAL" in str(error):  # the pickle's instruction that fetches something to call
            raise ModelError(
                f"{path} holds Python objects besides tensors, which could run code when opened; it was not opened. "
                "Use a checkpoint of tensors only, from a source you trust."
            ) from error
        raise ModelError(f"{path} is corrupt: it is not a PyTorch checkpoint. Fetch the file again.") from error
    except _DAMAGED as error:
        raise ModelError(f"{path} is corrupt ({type(error).__name__}: {error}). Fetch the file again.") from error
    if not isinstance(content, dict):
        raise ModelError(f"{path} holds no table of weights by name. Use a state dict.")
    for key in _NESTED_UNDER:
        if isinstance(content.get(key), dict):
            content = content[key]
            break
    return {str(name): value for name, value in content.items() if isinstance(value, Tensor)}
