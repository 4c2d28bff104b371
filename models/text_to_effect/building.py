"""Build the word directions of one encoder: fit meanings, render them, train the joint space, measure, write.

What takes time is rendering; every rendered part is kept in a work folder, so that a build that was stopped goes on.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.encoder import Encoder
from models.text_encoder import as_sound
from models.text_to_effect.agreement import calibration_error, processor_auc, unseen_people, unseen_words
from models.text_to_effect.joint import Joint, JointRecipe, fit_joint
from models.text_to_effect.lexicon import Effect, Lexicon
from models.text_to_effect.model import probe_sound
from models.text_to_effect.moves import Move, moves_of
from models.text_to_effect.people import Curve
from models.text_to_effect.rendering import GROUPS, Contents, changes
from models.text_to_effect.store import About, Tables
from models.text_to_effect.studies import Study, word_settings
from models.text_to_effect.texts import SentenceEncoder, fit_smoother, owned_texts
from models.text_to_effect.tone import Tone, fit_tone
from models.training.corpus import SAMPLE_RATE

__all__ = ["Acts", "Material", "Rendered", "acts_of", "build", "render_everything"]

_CURVE_CONTENTS, _SETTING_CONTENTS = 2, 4
_TYPICAL_RMS_DB = 4.0
_CHUNK = 24
_BOOKS_ALONE = 0.4  # confidence in what only the books say about space, width or dynamics
_WORD_WEIGHT = 0.5  # of the words' own moves against all people's acts, in training the joint space

Progress = Callable[[str, float], None]


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


@dataclass(frozen=True)
class Acts:
    """Changes that were made for words.

    Attributes:
        changes: (acts, D).
        belongs: (acts, words), rows of sum 1.
        weights: (acts,).
        people: (acts,) who made them; "" for the words' own moves.
    """

    changes: np.ndarray
    belongs: np.ndarray
    weights: np.ndarray
    people: tuple[str, ...]


class _Workshop:
    """Renders moves on contents, chunk by chunk, each kept in the work folder under what it was made of."""

    def __init__(self, encoder: Encoder, contents: Contents, folder: Path, progress: Progress) -> None:
        self.encoder, self.contents, self.folder, self.progress = encoder, contents, folder, progress
        self.probe = encoder.embed(probe_sound(), SAMPLE_RATE)[0].detach().numpy()
        digest = hashlib.sha256(f"{encoder.name} {encoder.dimensions}".encode())
        digest.update(np.round(self.probe, 4).tobytes())
        digest.update(contents.audio[..., ::997].numpy().tobytes())
        self._key = digest.hexdigest()
        folder.mkdir(parents=True, exist_ok=True)

    def render(self, what: str, moves: Sequence[Move], on: Sequence[Sequence[int]]) -> list[np.ndarray]:
        """Return one (contents of the move, D) array a move."""
        found: list[np.ndarray] = []
        for start in range(0, len(moves), _CHUNK):
            part, places = moves[start : start + _CHUNK], on[start : start + _CHUNK]
            path = self.folder / f"{self._name(part, places)}.npz"
            if not path.exists():
                made = changes(self.encoder, self.contents, part, places)
                spare = path.with_suffix(".part.npz")
                np.savez(spare, *made)
                spare.replace(path)
            with np.load(path, allow_pickle=False) as file:
                found += [file[f"arr_{index}"] for index in range(len(part))]
            self.progress(what, min(start + _CHUNK, len(moves)) / len(moves))
        return found

    def _name(self, moves: Sequence[Move], on: Sequence[Sequence[int]]) -> str:
        digest = hashlib.sha256(self._key.encode())
        for move, places in zip(moves, on, strict=True):
            curve = b"" if move.curve_db is None else np.round(move.curve_db, 3).tobytes()
            digest.update(curve)
            digest.update(repr((move.chain, list(places))).encode())
        return digest.hexdigest()[:24]


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


def _sum(moves: Sequence[Move], rendered: Any, shape: tuple[int, int]) -> np.ndarray:
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


def acts_of(material: Material, rendered: Rendered) -> Acts:
    """Gather what the joint space is trained on: people's curves, their settings, and the words' own moves.

    A setting of a study is taken as its difference from the mean of the study, because all of them are reverbs (or
    compressors) and what a word says is which.
    """
    lexicon = material.lexicon
    place, count = lexicon.index(), len(lexicon.entries)
    rows: list[np.ndarray] = [rendered.curves]
    belongs: list[np.ndarray] = [np.eye(count)[[place[curve.word] for curve in material.curves]]]
    people = [curve.person for curve in material.curves]
    weights: list[np.ndarray] = [_evened([c.word for c in material.curves], [c.weight for c in material.curves])]
    for study, settings in zip(material.studies, rendered.settings, strict=True):
        at = {name: index for index, name in enumerate(study.settings)}
        centred = settings - settings.mean(axis=0)
        rows.append(centred[[at[opinion.setting] for opinion in study.opinions]])
        belongs.append(np.eye(count)[[place[opinion.word] for opinion in study.opinions]])
        people += [f"{study.processor} {opinion.person}" for opinion in study.opinions]
        weights.append(_evened([o.word for o in study.opinions], [o.weight for o in study.opinions]))
    moved = [at for at in range(count) if np.any(rendered.words[0, at])]
    for table in rendered.words:
        rows.append(table[moved])
        belongs.append(np.eye(count)[moved])
        people += [""] * len(moved)
        weights.append(np.full(len(moved), _WORD_WEIGHT / len(moved)))
    return Acts(np.concatenate(rows), np.concatenate(belongs), np.concatenate(weights), tuple(people))


def _evened(words: Sequence[str], weights: Sequence[float]) -> np.ndarray:
    """Return weights of sum 1 in which a word with a hundred times the people counts ten times as much."""
    total: dict[str, float] = defaultdict(float)
    for word, weight in zip(words, weights, strict=True):
        total[word] += weight
    even = np.array([weight / np.sqrt(total[word]) for word, weight in zip(words, weights, strict=True)])
    return even / even.sum() if len(even) else even


def likeness(expected: np.ndarray, changes: np.ndarray) -> np.ndarray:
    """Return (words, words): mean of the cosines of expected curves and of changes."""
    parts = []
    for table in (expected, changes):
        unit = table / np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-9)
        parts.append(unit @ unit.T)
    both = np.mean(parts, axis=0)
    np.fill_diagonal(both, 1.0)
    return both


def train_joint(
    material: Material, acts: Acts, alike: np.ndarray, recipe: JointRecipe, lexicon: Lexicon | None = None
) -> Joint:
    """Train the joint space on acts; `lexicon` gives the links where some are to be left out."""
    linked = lexicon or material.lexicon
    return fit_joint(
        acts.changes, acts.belongs, acts.weights, alike, linked.pairs("related"), linked.pairs("opposites"), recipe
    )


def build(
    encoder: Encoder,
    material: Material,
    sentences: SentenceEncoder,
    work: Path,
    recipe: JointRecipe = JointRecipe(),  # noqa: B008 - frozen
    progress: Progress = lambda *_: None,
) -> tuple[Tables, About]:
    """Build everything that is shipped for one encoder.

    Args:
        encoder: whose word directions.
        material: words, people and sounds.
        sentences: for the vectors of all names.
        work: folder where rendered parts are kept.
        recipe: of the joint space.
        progress: told what is being done and the share done.
    """
    lexicon = material.lexicon
    tone = fit_tone(lexicon, material.curves)
    rendered = render_everything(encoder, material, tone, work, progress)
    acts = acts_of(material, rendered)
    progress("joint space", 0.0)
    joint = train_joint(material, acts, likeness(tone.expected, rendered.words[0]), recipe)
    processors = [
        word_settings(lexicon, study, study.opinions, rows)
        for study, rows in zip(material.studies, rendered.settings, strict=True)
    ]
    texts, owners = owned_texts(lexicon)
    vectors = sentences.embed([as_sound(text) for text in texts]).numpy()
    smoother = fit_smoother(vectors, owners)
    progress("held-out figures", 0.0)
    seen, unseen = unseen_people(lexicon, material.curves), unseen_words(lexicon, material.curves)
    place = lexicon.index()
    tables = Tables(
        word_changes=rendered.words,
        processor_changes=np.array(processors).reshape(len(processors), len(lexicon.ids), encoder.dimensions),
        curves_db=tone.curves_db,
        expected=tone.expected,
        floor=_floor(material),
        sense_changes=rendered.senses,
        sense_curves_db=np.array([sense.curve_db for sense in tone.senses]).reshape(-1, 40),
        joint_words=joint.words,
        joint_map=joint.map,
        text_vectors=smoother.vectors,
        text_words=smoother.words,
        probe=rendered.probe,
    )
    about = About(
        encoder=encoder.name,
        dimensions=encoder.dimensions,
        words=lexicon.ids,
        names={name: (place[word], sign) for name, (word, sign) in lexicon.names().items()},
        mixtures={t: {str(place[w]): v for w, v in mixture.items()} for t, mixture in lexicon.associations.items()},
        groups=tuple(GROUPS),
        processors=tuple(study.processor for study in material.studies),
        effects={
            str(place[word]): [{"name": e.name, "values": dict(e.values), "type": e.type} for e in effects]
            for word, effects in material.effects.items()
            if effects and word in place
        },
        senses=tuple((sense.word, sense.name, sense.share) for sense in tone.senses),
        calibration={"known": calibration_error(seen)["slope"], "unknown": calibration_error(unseen)["slope"]},
        figures={
            "contents": len(material.contents.groups),
            "acts": len(acts.people),
            "recipe": asdict(recipe),
            **{
                f"{study.processor}_auc": processor_auc(lexicon, study, rows)
                for study, rows in zip(material.studies, rendered.settings, strict=True)
            },
        },
    )
    return tables, about


def _floor(material: Material) -> np.ndarray:
    """Return (words,) confidence in what is not tone: that in books which name a processor for a word without tone."""
    floor = np.zeros(len(material.lexicon.entries))
    for at, entry in enumerate(material.lexicon.entries):
        heard = [effect for effect in material.effects.get(entry.id, ()) if effect.name != "level"]
        if heard and not np.any(entry.books_db):
            floor[at] = _BOOKS_ALONE
    return floor
