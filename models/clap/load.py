"""Find CLAP weights on this machine and make a model of them: a known name, a hub id, a folder, or a checkpoint file.

Nothing here touches the network; `studiospeak weights download NAME` does.
"""

import json
from pathlib import Path

import torch
from torch import Tensor, nn

from console.errors import ModelError
from models.clap.mel import MelSettings, read_mel_settings
from models.clap.model import Clap, read_tokenizer
from models.clap.renaming import config_from, renamed
from models.weight_files import check_shapes, read_tensors
from models.weights import cached_file, find_weights, known_weights, missing_sentence, require_weights

__all__ = ["clap_available", "load_clap"]

PREFERRED = ("clap-music", "clap")
"""Known names, best for music first."""
_CONSTANT = ("position_ids", "token_type_ids", "relative_position_index", "num_batches_tracked")
"""Tables that follow from the sizes; some files have them, some not."""


def clap_available() -> str | None:
    """Return the best known CLAP that is on this machine, to give to `load_clap`; None when there is none."""
    return next((name for name in PREFERRED if find_weights(name) is not None), None)


def load_clap(source: str | Path | None = None, device: str | torch.device = "cpu") -> Clap:
    """Load a CLAP from this machine.

    Args:
        source: a known name ("clap", "clap-music"), a hub id ("laion/clap-htsat-unfused") in the local cache, a folder
            in the hub's layout, or LAION's own checkpoint (`.pt`). None takes the best that is here.
        device: where it runs.
    Returns:
        The model, frozen, in float32.
    Raises:
        ModelError: nothing is there, or a file is corrupt, holds code, or has the wrong shapes.
    """
    if source is None:
        source = clap_available()
        if source is None:
            raise ModelError(missing_sentence(PREFERRED[0]))
    if source in known_weights():
        found = require_weights(str(source))
        checkpoint = next((path for path in found.files.values() if path.suffix == ".pt"), None)
        if checkpoint is not None:
            return _from_checkpoint(checkpoint, found.files["tokenizer.json"], device)
        return _from_folder(found.files["config.json"].parent, device, name=str(source))
    path = Path(source)
    if path.is_dir():
        return _from_folder(path, device, name=path.name)
    if path.is_file():
        return _from_checkpoint(path, _tokenizer_for(path), device)
    if len(path.parts) != 2 or path.suffix in (".pt", ".bin", ".ckpt", ".safetensors"):
        raise ModelError(f"{source} is neither a file, a folder nor a hub id. Check the path.")
    config = cached_file(str(source), "config.json")
    if config is None:
        raise ModelError(
            f"{source} is not in the Hugging Face cache of this machine. {missing_sentence('clap')} Or give a folder."
        )
    return _from_folder(config.parent, device, name=str(source))


def _from_folder(folder: Path, device: str | torch.device, name: str) -> Clap:
    from huggingface_hub.errors import StrictDataclassError
    from transformers import ClapConfig

    path = folder / "config.json"
    try:
        config = ClapConfig(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise ModelError(f"{folder} has no config.json. Give a folder in the hub's layout, or a .pt file.") from error
    except (OSError, ValueError, TypeError, AttributeError, StrictDataclassError) as error:
        raise ModelError(f"{path} is not the description of a CLAP ({error}). Fetch it again.") from error
    mel = read_mel_settings(folder)
    files = (folder / name for name in ("model.safetensors", "pytorch_model.bin"))
    weights = next((file for file in files if file.is_file()), None)
    if weights is None:
        raise ModelError(f"{folder} has neither model.safetensors nor pytorch_model.bin. Copy the whole folder.")
    tokenizer = folder / "tokenizer.json"
    model = _filled(config, read_tensors(weights), weights, device)
    return Clap(model, mel, read_tokenizer(tokenizer) if tokenizer.is_file() else None, name)


def _from_checkpoint(path: Path, tokenizer: Path | None, device: str | torch.device) -> Clap:
    tensors = renamed(read_tensors(path))
    config = config_from(tensors, path)
    mel = MelSettings(
        feature_size=config.audio_config.num_mel_bins,
        truncation="fusion" if config.audio_config.enable_fusion else "rand_trunc",
    )
    model = _filled(config, tensors, path, device)
    return Clap(model, mel, read_tokenizer(tokenizer) if tokenizer else None, path.stem)


def _filled(config: object, tensors: dict[str, Tensor], path: Path, device: str | torch.device) -> nn.Module:
    """Build the network without drawing random weights, and give it these."""
    from transformers import ClapModel

    try:
        with torch.device("meta"):
            model = ClapModel(config)
    except (ValueError, TypeError, RuntimeError, IndexError, ZeroDivisionError) as error:
        raise ModelError(f"{path} lies beside sizes that make no CLAP ({error}). Fetch config.json again.") from error
    check_shapes(path, tensors, model, optional=_CONSTANT)
    weights = {
        name: tensor.to(device, torch.float32 if tensor.is_floating_point() else tensor.dtype, copy=True)
        for name, tensor in tensors.items()
        if name.split(".")[-1] not in _CONSTANT
    }
    model.load_state_dict(weights, strict=False, assign=True)
    for module in model.modules():
        for name, buffer in list(module.named_buffers(recurse=False)):
            if buffer.is_meta:
                setattr(module, name, _constant(module, name, buffer).to(device))
    return model


def _constant(module: nn.Module, name: str, like: Tensor) -> Tensor:
    """Return a table of the network that no file need hold."""
    if name == "position_ids":
        return torch.arange(like.shape[-1]).expand(like.shape)
    if name == "relative_position_index":
        return module.create_relative_position_index()  # type: ignore[operator]
    assert name in _CONSTANT, name
    return torch.zeros(like.shape, dtype=like.dtype)


def _tokenizer_for(checkpoint: Path) -> Path | None:
    """Find RoBERTa's tokenizer: beside the checkpoint, in known weights, or in the Hugging Face cache."""
    beside = checkpoint.parent / "tokenizer.json"
    if beside.is_file():
        return beside
    for name in PREFERRED:
        found = find_weights(name)
        if found is not None:
            return found.files["tokenizer.json"]
    return cached_file("roberta-base", "tokenizer.json") or cached_file("FacebookAI/roberta-base", "tokenizer.json")
