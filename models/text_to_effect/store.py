"""The file a trained text-to-effect model lies in: tensors, and a page of JSON about them, in one safetensors file."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from console.errors import ModelError
from models.weight_files import read_tensors

__all__ = ["FOLDER", "About", "Tables", "file_of", "read", "write"]

FOLDER = Path(__file__).parent / "weights"
_FORMAT = "studiospeak text-to-effect 1"
_KEY = "about"
_HALF = ("word_changes", "processor_changes", "text_vectors", "text_words", "sense_changes")


@dataclass(frozen=True)
class About:
    """What the tables are about.

    Attributes:
        encoder: name of the encoder whose changes these are; `dimensions` of its embedding.
        words: ids, in the tables' order.
        names: label in compared form -> (place of the word, +1 or -1).
        mixtures: everyday text in compared form -> {place of a word: weight}.
        groups: instrument groups, in the order of `word_changes` after the mean over all.
        processors: those with directions of their own, in the order of `processor_changes`.
        effects: a word's other processors, place -> [{"name", "values", "type"}, ...].
        senses: (place of the word, name, share) of every sense of words that have several.
        calibration: slope of confidence, for words of the ontology and for other texts.
        figures: what was measured when it was built.
    """

    encoder: str
    dimensions: int
    words: tuple[str, ...]
    names: Mapping[str, tuple[int, int]]
    mixtures: Mapping[str, Mapping[str, float]]
    groups: tuple[str, ...]
    processors: tuple[str, ...]
    effects: Mapping[str, list[dict[str, Any]]]
    senses: tuple[tuple[int, str, float], ...]
    calibration: Mapping[str, float]
    figures: Mapping[str, Any]


@dataclass(frozen=True)
class Tables:
    """The numbers; W words, D dimensions of the embedding, K of the joint space, T texts, S senses.

    Attributes:
        word_changes: (1 + groups, W, D) change at amount 1, first the mean over groups.
        processor_changes: (processors, W, D) how a word's settings differ from the study's others.
        curves_db: (W, 40).
        expected: (W, 40) shapes, shrunk as far as people disagree: their rms is the correlation to expect.
        floor: (W,) confidence that does not come from tone.
        sense_changes: (1 + groups, S, D); `sense_curves_db` (S, 40).
        joint_words: (W, K); `joint_map` (K, D).
        text_vectors: (T, 384) of the sentence encoder; `text_words` (T, W): the smoother's weights.
        probe: (D,) the encoder's embedding of `probe.probe_sound`.
    """

    word_changes: np.ndarray
    processor_changes: np.ndarray
    curves_db: np.ndarray
    expected: np.ndarray
    floor: np.ndarray
    sense_changes: np.ndarray
    sense_curves_db: np.ndarray
    joint_words: np.ndarray
    joint_map: np.ndarray
    text_vectors: np.ndarray
    text_words: np.ndarray
    probe: np.ndarray


def file_of(encoder_name: str) -> Path:
    """Return where the model of an encoder is shipped."""
    return FOLDER / f"{encoder_name.replace(' ', '-')}.safetensors"


def write(path: Path, tables: Tables, about: About) -> None:
    """Write a model; tables whose precision does not matter in half precision."""
    from safetensors.torch import save_file

    tensors = {
        name: torch.tensor(value, dtype=torch.float16 if name in _HALF else torch.float32).contiguous()
        for name, value in vars(tables).items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    page = json.dumps(asdict(about), ensure_ascii=False, sort_keys=True)
    save_file(tensors, path, metadata={"format": _FORMAT, _KEY: page})


def read(path: Path) -> tuple[Tables, About]:
    """Read a model.

    Raises:
        ModelError: absent, corrupt, of another format, or its tables do not fit each other.
    """
    tensors = read_tensors(path)
    about = _about(path)
    wanted = set(Tables.__dataclass_fields__)
    if set(tensors) != wanted:
        odd = sorted(set(tensors) ^ wanted)
        raise ModelError(f"{path} is no text-to-effect model: {odd[0]} is missing or unknown. Train it again.")
    tables = Tables(**{name: tensor.to(torch.float32).numpy() for name, tensor in tensors.items()})
    for name, shape in _shapes(tables, about).items():
        found = getattr(tables, name).shape
        if found != shape:
            raise ModelError(f"{path} is damaged: {name} is {found}, not {shape}. Train it again.")
    return tables, about


def _about(path: Path) -> About:
    from safetensors import SafetensorError, safe_open

    again = "Train it again: python scripts/train_text_to_effect.py"
    try:
        with safe_open(path, framework="np") as file:
            page = file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path} is corrupt ({error}). {again}") from error
    if page.get("format") != _FORMAT:
        raise ModelError(f"{path} is no text-to-effect model ({page.get('format', 'no format named')}). {again}")
    try:
        content = json.loads(page[_KEY])
        content["names"] = {name: (int(place), int(sign)) for name, (place, sign) in content["names"].items()}
        content["senses"] = tuple((int(place), str(name), float(share)) for place, name, share in content["senses"])
        for key in ("words", "groups", "processors"):
            content[key] = tuple(content[key])
        return About(**content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{path} is damaged: its page cannot be read ({error}). {again}") from error


def _shapes(tables: Tables, about: About) -> dict[str, tuple[int, ...]]:
    words, groups, dimensions, senses = len(about.words), 1 + len(about.groups), about.dimensions, len(about.senses)
    bands = 40
    joint = tables.joint_words.shape[-1] if tables.joint_words.ndim else 0
    texts = tables.text_vectors.shape[0] if tables.text_vectors.ndim else 0
    return {
        "word_changes": (groups, words, dimensions),
        "processor_changes": (len(about.processors), words, dimensions),
        "curves_db": (words, bands),
        "expected": (words, bands),
        "floor": (words,),
        "sense_changes": (groups, senses, dimensions),
        "sense_curves_db": (senses, bands),
        "joint_words": (words, joint),
        "joint_map": (joint, dimensions),
        "text_vectors": (texts, 384),
        "text_words": (texts, words),
        "probe": (dimensions,),
    }
