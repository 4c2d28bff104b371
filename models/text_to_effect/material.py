"""Everything a build starts from, rendered: words, senses, people's curves and the studies' settings.

Rendering is what takes time; every part is kept in a work folder, so that a build that was stopped goes on.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.encoder import Encoder
from models.text_to_effect.lexicon import Effect, Lexicon
from models.text_to_effect.moves import Move, moves_of
from models.text_to_effect.people import Curve
from models.text_to_effect.probe import probe_of
from models.text_to_effect.rendering import GROUPS, Contents, changes
from models.text_to_effect.studies import Study
from models.text_to_effect.tone import Tone

__all__ = ["Material", "Progress", "Rendered", "render_everything"]

_CURVE_CONTENTS, _SETTING_CONTENTS = 2, 4
_TYPICAL_RMS_DB = 4.0
_CHUNK = 24
_SAME_CURVE_DB = 0.1  # a curve nearer than this to one that is kept is not rendered again

Progress = Callable[[str, float], None]
"""Told what is being done and the share done."""


@dataclass(frozen=True)
class Material:
    """What a build starts from.

    Attributes:
        lexicon: words as the books have them.
        effects: id -> processors other than tone, people's values over the books'.
        curves: people's equalisers.
        studies: SocialReverb and SocialFX.
        contents: sounds to render on.
    """

    lexicon: Lexicon
    effects: Mapping[str, Sequence[Effect]]
    curves: Sequence[Curve]
    studies: Sequence[Study]
    contents: Contents


@dataclass(frozen=True)
class Rendered:
    """Changes of the embedding.

    Attributes:
        words: (1 + groups, words, D), `senses` (1 + groups, senses, D).
        curves: (people's curves, D), each the mean over two sounds.
        settings: one (settings, D) a study; zeros where the setting does nothing.
        probe: (D,).
    """

    words: np.ndarray
    senses: np.ndarray
    curves: np.ndarray
    settings: tuple[np.ndarray, ...]
    probe: np.ndarray


class _Workshop:
    """Renders moves on contents; each change is kept in the work folder under what it was made of."""

    def __init__(self, encoder: Encoder, contents: Contents, folder: Path, progress: Progress) -> None:
        self.encoder, self.contents, self.folder, self.progress = encoder, contents, folder, progress
        self.probe = probe_of(encoder)
        digest = hashlib.sha256(f"{encoder.name} {encoder.dimensions}".encode())
        digest.update(np.round(self.probe, 4).tobytes())
        digest.update(contents.audio[..., ::997].numpy().tobytes())
        self._key = digest.hexdigest()
        self._folder = folder / self._key[:16]
        self._folder.mkdir(parents=True, exist_ok=True)
        self._kept: dict[str, np.ndarray] = {}
        self._curves: dict[str, dict[str, np.ndarray]] = {}
        for path in sorted(self._folder.glob("*.npz")):
            with np.load(path, allow_pickle=False) as file:
                self._keep({name: file[name] for name in file.files})

    def render(self, what: str, moves: Sequence[Move], on: Sequence[Sequence[int]]) -> list[np.ndarray]:
        """Return one (contents of the move, D) array a move."""
        names = [self._kept_name(move, places) for move, places in zip(moves, on, strict=True)]
        missing = [index for index, name in enumerate(names) if name not in self._kept]
        for start in range(0, len(missing), _CHUNK):
            part = missing[start : start + _CHUNK]
            made = changes(self.encoder, self.contents, [moves[i] for i in part], [on[i] for i in part])
            new = {names[index]: change for index, change in zip(part, made, strict=True)}
            for index in part:
                curve = moves[index].curve_db
                if curve is not None:
                    new[f"{names[index]}.{self._rest(moves[index], on[index])}"] = curve
            path = self._folder / f"{names[part[0]]}.npz"
            spare = path.with_suffix(".part")
            with spare.open("wb") as file:
                np.savez(file, **new)  # type: ignore[arg-type]
            spare.replace(path)
            self._keep(new)
            self.progress(what, min(start + _CHUNK, len(missing)) / len(missing))
        return [self._kept[name] for name in names]

    def _keep(self, made: Mapping[str, np.ndarray]) -> None:
        """Remember changes under their names, curves under NAME.REST."""
        for name, value in made.items():
            own, _, rest = name.partition(".")
            if rest:
                self._curves.setdefault(rest, {})[own] = value
            else:
                self._kept[own] = value

    def _kept_name(self, move: Move, on: Sequence[int]) -> str:
        """Return the name of a kept change by all but the same curve, or the move's own."""
        name = self._name(move, on)
        if name in self._kept or move.curve_db is None:
            return name
        alike = self._curves.get(self._rest(move, on), {})
        if alike:
            names = list(alike)
            apart_db = np.abs(np.stack([alike[other] for other in names]) - move.curve_db).max(axis=1)
            if apart_db.min() <= _SAME_CURVE_DB:
                return names[int(apart_db.argmin())]
        return name

    def _name(self, move: Move, on: Sequence[int]) -> str:
        digest = hashlib.sha256(self._rest(move, on).encode())
        digest.update(b"" if move.curve_db is None else np.round(move.curve_db, 3).tobytes())
        return digest.hexdigest()[:24]

    def _rest(self, move: Move, on: Sequence[int]) -> str:
        """Name what a move is but for its curve."""
        return hashlib.sha256(repr((self._key, move.chain, list(on))).encode()).hexdigest()[:16]


def render_everything(
    encoder: Encoder, material: Material, tone: Tone, work: Path, progress: Progress = lambda *_: None
) -> Rendered:
    """Render words, senses, people's curves and the studies' settings.

    Args:
        encoder: whose changes.
        material: what of.
        tone: the words' curves.
        work: folder where parts are kept.
        progress: told what is rendered and the share done.
    """
    shop = _Workshop(encoder, material.contents, work, progress)
    everything = list(range(len(material.contents.groups)))
    lexicon = material.lexicon
    words = [moves_of(tone.curves_db[at], material.effects.get(id_, ())) for at, id_ in enumerate(lexicon.ids)]
    senses = [moves_of(s.curve_db, material.effects.get(lexicon.ids[s.word], ())) for s in tone.senses]
    flat = [move for moves in (*words, *senses) for move in moves]
    rendered = iter(shop.render("words", flat, [everything] * len(flat)))
    summed = [_sum(moves, rendered, (len(everything), encoder.dimensions)) for moves in (*words, *senses)]
    tables = np.stack([_by_group(rows, material.contents.groups) for rows in summed], axis=1)  # (1 + groups, words, D)

    own = [Move(1.0, curve.shape * (curve.rms_db or _TYPICAL_RMS_DB)) for curve in material.curves]
    spread = [_few(index, _CURVE_CONTENTS, len(everything)) for index in range(len(own))]
    curves = np.array([rows.mean(axis=0) for rows in shop.render("people's curves", own, spread)])
    settings = tuple(_render_study(shop, study, len(everything)) for study in material.studies)
    return Rendered(tables[:, : len(words)], tables[:, len(words) :], curves, settings, shop.probe)


def _render_study(shop: _Workshop, study: Study, contents: int) -> np.ndarray:
    on = _few(0, _SETTING_CONTENTS, contents)  # the same for all: settings are compared with each other
    active = [index for index, chain in enumerate(study.chains) if chain is not None]
    rows = np.zeros((len(study.settings), shop.encoder.dimensions))
    made = shop.render(
        f"{study.processor} settings", [Move(1.0, chain=study.chains[i]) for i in active], [on] * len(active)
    )
    for index, change in zip(active, made, strict=True):
        rows[index] = change.mean(axis=0)
    return rows


def _few(start: int, count: int, contents: int) -> list[int]:
    """Return `count` different sounds, far apart in the list and so of different groups."""
    step = max(contents // count, 1)
    return sorted({(start + turn * step) % contents for turn in range(count)})


def _sum(moves: Sequence[Move], rendered: Iterator[np.ndarray], shape: tuple[int, int]) -> np.ndarray:
    total = np.zeros(shape)
    for move in moves:
        total += move.amount * next(rendered)
    return total


def _by_group(rows: np.ndarray, groups: Sequence[str]) -> np.ndarray:
    """Return (1 + groups, D): the mean over all groups, then each; a group without sounds has the mean."""
    names = np.array(groups)
    means = {group: rows[names == group].mean(axis=0) for group in GROUPS if np.any(names == group)}
    overall = np.mean(list(means.values()), axis=0)
    return np.stack([overall, *(means.get(group, overall) for group in GROUPS)])
