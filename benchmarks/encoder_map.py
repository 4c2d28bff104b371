"""The picture: random manipulations of songs on a flat map, coloured by manipulation, log-mel beside an encoder.

Upper row: where the embeddings lie. Lower row: where their changes (processed less dry) point.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.encoder_material import CACHE_FOLDER, AnyChain, choose_clips, contents_of, render_all
from benchmarks.encoder_metrics import cosines, recall_at_1
from benchmarks.encoder_protocols import Embedded, embed_all
from benchmarks.encoder_registry import load_encoders
from benchmarks.encoder_sounds import CORPUS_VARIABLE
from benchmarks.encoder_styles import PROTOCOL_EFFECTS
from benchmarks.encoder_tsne import tsne
from console.errors import ModelError, StudiospeakError
from models.training.chains import Chain, draw_chain
from models.training.corpus import open_corpus

__all__ = ["draw_map", "main"]

_MANIPULATIONS, _SONGS = 10, 25
_COLOURS = (
    *("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd"),
    *("#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf"),
)
_PANEL, _MARGIN, _TITLE, _LEGEND_LINE = 620, 24, 44, 30  # pixels
_DOT = 7
_FINER = 3  # drawn so many times larger, then shrunk: smooth edges
_INK, _FRAME, _PAPER = "#222222", "#cccccc", "#ffffff"


def draw_map(embedded: Sequence[Embedded], names: Sequence[str], legend: Sequence[str]) -> Image.Image:
    """Draw a column for each encoder: embeddings above, changes below.

    Args:
        embedded: (songs, manipulations) of each encoder.
        names: of the encoders.
        legend: what each manipulation is; at most 10.
    Returns:
        An RGB image without axes: only neighbourhood means anything.
    """
    columns = len(embedded)
    lines = -(-len(legend) // 2)
    width = columns * _PANEL + (columns + 1) * _MARGIN
    height = 2 * (_PANEL + _TITLE + _MARGIN) + _MARGIN + lines * _LEGEND_LINE
    image = Image.new("RGB", (width * _FINER, height * _FINER), _PAPER)
    draw = ImageDraw.Draw(image)
    for column, (one, name) in enumerate(zip(embedded, names, strict=True)):
        for row, (rows, what) in enumerate(((one.wet, "embeddings"), (one.changes, "changes"))):
            corner = (_MARGIN + column * (_PANEL + _MARGIN), _MARGIN + row * (_PANEL + _TITLE + _MARGIN))
            _panel(draw, corner, rows, f"{name}: {what}")
    top = 2 * (_PANEL + _TITLE + _MARGIN) + _MARGIN
    for number, text in enumerate(legend):
        x = _MARGIN + (number // lines) * (width // 2) + _DOT
        y = top + (number % lines) * _LEGEND_LINE + _LEGEND_LINE // 2 - _DOT
        _dot(draw, x, y, _COLOURS[number])
        _text(draw, (x + 3 * _DOT, y - 10), text, 18)
    return image.resize((width, height), Image.Resampling.LANCZOS)


def _panel(draw: ImageDraw.ImageDraw, corner: tuple[int, int], rows: np.ndarray, title: str) -> None:
    """Draw (songs, manipulations, dimensions) as dots, and say how often a neighbour of another song is alike."""
    songs, manipulations, dimensions = rows.shape
    flat = rows.reshape(-1, dimensions)
    lengths = np.linalg.norm(flat, axis=1, keepdims=True)
    unit = np.divide(flat, lengths, out=np.zeros_like(flat), where=lengths > 0)  # figures are of cosines: so the map
    colours = np.tile(np.arange(manipulations), songs)
    near = recall_at_1(cosines(flat), colours, np.repeat(np.arange(songs), manipulations))
    _text(draw, (corner[0], corner[1] + 6), f"{title} (neighbours {near:.0%} same)", 21)
    left, top = corner[0], corner[1] + _TITLE
    box = tuple(edge * _FINER for edge in (left, top, left + _PANEL, top + _PANEL))
    draw.rectangle(box, outline=_FRAME, width=_FINER)
    place = tsne(unit)
    low, high = place.min(axis=0), place.max(axis=0)
    share = (place - low) / np.maximum(high - low, 1e-9)
    for (x, y), colour in zip(share, colours, strict=True):
        inside = _PANEL - 4 * _DOT
        _dot(draw, left + 2 * _DOT + x * inside, top + 2 * _DOT + y * inside, _COLOURS[colour])


def _dot(draw: ImageDraw.ImageDraw, x: float, y: float, colour: str) -> None:
    box = tuple(edge * _FINER for edge in (x - _DOT, y - _DOT, x + _DOT, y + _DOT))
    draw.ellipse(box, fill=colour, outline=_PAPER, width=_FINER)


def _text(draw: ImageDraw.ImageDraw, place: tuple[float, float], text: str, size: int) -> None:
    font = ImageFont.load_default(size=size * _FINER)
    draw.text((place[0] * _FINER, place[1] * _FINER), text, fill=_INK, font=font)


def _legend(chain: Chain) -> str:
    """Say what a chain does, shortly."""
    words = {
        "eq": lambda: "EQ " + ", ".join(_bands(chain)),
        "compressor": lambda: f"compressor {chain.values['compressor.ratio']:.0f}:1",
        "saturation": lambda: f"{chain.values['saturation.type']} {chain.values['saturation.drive_db']:.0f} dB",
        "reverb": lambda: f"reverb {chain.reverb['reverb.decay_s']:.1f} s at {chain.reverb_send_db:.0f} dB",
        "width": lambda: f"width {chain.values['stereo.width']:.1f}",
    }
    return " + ".join(words[effect]() for effect in chain.effects)


def _bands(chain: Chain) -> list[str]:
    """Return the two strongest bands."""
    gains = {name: float(value) for name, value in chain.values.items() if name.endswith("_gain_db")}
    strongest = sorted(gains, key=lambda name: -abs(gains[name]))[:2]
    return [f"{gains[name]:+.0f} dB at {chain.values[name.replace('gain_db', 'freq_hz')]:.0f} Hz" for name in strongest]


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw the map: `python -m benchmarks.encoder_map --corpus DIR --out FILE.png`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.encoder_map", description=__doc__)
    parser.add_argument("--corpus", type=Path, help=f"corpus folder (default: {CORPUS_VARIABLE})")
    parser.add_argument("--out", type=Path, required=True, help="PNG to write")
    parser.add_argument("--encoders", nargs=2, default=["log-mel", "fx"], help="beside one another (log-mel fx)")
    parser.add_argument("--songs", type=int, default=_SONGS)
    parser.add_argument("--effects", type=int, default=2, help="in each manipulation")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args(arguments)
    try:
        folder = options.corpus or Path(os.environ.get(CORPUS_VARIABLE, "."))
        encoders = load_encoders(options.encoders)
        corpus = open_corpus(folder)
        clips = choose_clips(corpus, "finished", options.songs, options.seed)
        if len(clips) < 2:
            raise ModelError(f"{folder} has {len(clips)} finished test clips; the map needs 2. Build a larger corpus.")
        contents = contents_of(corpus, clips)
        generator = np.random.default_rng([options.seed, 4])
        chains = [draw_chain(generator, options.effects, PROTOCOL_EFFECTS) for _ in range(_MANIPULATIONS)]
        styles: list[AnyChain] = list(chains)
        renders = render_all(contents, styles, CACHE_FOLDER, workers=options.workers)
        embedded = embed_all(encoders, contents, renders, CACHE_FOLDER / "embeddings", options.workers)
        names = [encoder.name for encoder in encoders]
        draw_map(embedded, names, [_legend(chain) for chain in chains]).save(options.out)
    except (StudiospeakError, OSError) as error:
        print(f"benchmarks.encoder_map: {error}", file=sys.stderr)
        return 1
    print(f"{options.out}: {len(clips)} songs x {len(chains)} manipulations")
    return 0


if __name__ == "__main__":
    sys.exit(main())
