"""`studiospeak embed AUDIO...`: how audio was processed, as numbers, one row a file."""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from console.errors import AudioFileError
from exchange import AudioClip, list_audio, read_audio
from models import load_encoder

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Embed every file by itself and print or write the rows.

    Raises:
        AudioFileError: a file cannot be read, or the output is there already.
        ModelError: the encoder is unknown or its weights are not here.
    """
    out = None if options.out is None else Path(options.out)
    if out is not None and out.suffix != ".npy":
        raise AudioFileError(f"--out {out} is not a .npy file. Name one, e.g. {out.with_suffix('.npy')}.")
    if out is not None and out.exists():
        raise AudioFileError(f"{out} is there already and is not overwritten. Choose another name.")
    encoder = load_encoder(options.encoder)
    files, _, _ = list_audio(options.audio if len(options.audio) > 1 else options.audio[0])
    rows = []
    for file in files:
        clip = read_audio(file)
        with torch.no_grad():
            rows.append(encoder.embed(_stereo(clip), clip.sample_rate)[0].numpy())
    if out is not None:
        with out.open("xb") as target:
            np.save(target, np.stack(rows))
    if options.json:
        embedded = {
            "encoder": encoder.name,
            "dimensions": encoder.dimensions,
            "files": [str(file) for file in files],
            "rows": None if out is not None else [[round(float(value), 5) for value in row] for row in rows],
            "out": None if out is None else str(out),
        }
        print(json.dumps(embedded, ensure_ascii=False))
    elif out is not None:
        print(f"{out}: {len(rows)} rows of {encoder.dimensions} ({encoder.name}).")
    else:
        for file, row in zip(files, rows, strict=True):
            print(file.name, " ".join(f"{value:.4f}" for value in row))
    return 0


def _stereo(clip: AudioClip) -> torch.Tensor:
    audio = torch.from_numpy(clip.audio)
    return audio.expand(2, -1)[None] if audio.shape[0] == 1 else audio[None]
