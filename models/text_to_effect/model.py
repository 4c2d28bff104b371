"""A text in, the change of the sound it asks for out: direction, size, how sure, and the senses people split into."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from console.errors import ModelError, RequestError
from models.encoder import Encoder
from models.text_to_effect.lexicon import Effect
from models.text_to_effect.nearest import NearWord, WordIndex
from models.text_to_effect.probe import probe_of
from models.text_to_effect.senses import describe
from models.text_to_effect.store import About, Tables, file_of, read
from models.text_to_effect.texts import Reader, Reading, SentenceEncoder, Smoother

__all__ = ["INSTRUMENT_GROUPS", "Direction", "Sense", "TextToEffect", "load_text_to_effect"]

INSTRUMENT_GROUPS: Mapping[str, str] = {
    "mix": "mix", "master": "mix",
    "vocal": "vocal", "vocals": "vocal", "voice": "vocal",
    "drums": "drums", "kick": "drums", "snare": "drums", "toms": "drums", "hats": "drums", "cymbals": "drums",
    "percussion": "drums",
    "bass": "bass",
    "guitar": "guitar", "acoustic_guitar": "guitar", "electric_guitar": "guitar",
    "piano": "keys", "keys": "keys", "organ": "keys",
    "synth": "synth", "strings": "strings", "brass": "winds", "woodwind": "winds",
}  # fmt: skip
"""The ontology's instruments -> the groups of sounds that directions were measured on; "any" is all of them."""

_SAME_ENCODER = 0.999
_NAMED_WORDS = 3
_LEAST_SHARE = 0.15


@dataclass(frozen=True)
class Sense:
    """What one group of people means.

    Attributes:
        name: what it does to the tone, or the words it is taken for.
        share: of the people, 0..1.
        vector: (D,) unit change of the embedding.
        magnitude: length of that change at amount 1.
        curve_db: (40,) equaliser change on `BANDS_HZ`, dB at amount 1; zeros: no tone.
        effects: other processors.
    """

    name: str
    share: float
    vector: Tensor
    magnitude: float
    curve_db: np.ndarray
    effects: tuple[Effect, ...]


@dataclass(frozen=True)
class Direction:
    """Where a text points.

    Attributes:
        text: as given.
        vector: (D,) float32 unit change of the embedding; zeros where the text asks for nothing an embedding hears.
        magnitude: length of the change at amount 1.
        confidence: 0..1, the correlation to expect between this change and what the next person would set.
        curve_db: (40,) equaliser change on `BANDS_HZ`, dB at amount 1.
        senses: the largest share first; one where people do not split.
        words: (id, weight) of the words it was taken for; a weight below 0 is less of it.
        known: whether the text stands in the tables; False: read by its sentence vector.
    """

    text: str
    vector: Tensor
    magnitude: float
    confidence: float
    curve_db: np.ndarray
    senses: tuple[Sense, ...]
    words: tuple[tuple[str, float], ...]
    known: bool


def load_text_to_effect(
    encoder_name: str = "fx", path: Path | None = None, sentences: SentenceEncoder | None = None
) -> "TextToEffect":
    """Load the model of an encoder.

    Args:
        encoder_name: `Encoder.name`, or the same with "-" for spaces.
        path: file; None: the one that is shipped.
        sentences: reads words that are in no table; None: all-MiniLM-L6-v2 when it is first needed, if it is here.
    Raises:
        ModelError: no file, a damaged one, or one made for another encoder.
    """
    name = encoder_name.replace("-", " ")
    return (
        _load(path or file_of(name), name)
        if sentences is None
        else TextToEffect(*_read(path or file_of(name), name), sentences)
    )


@functools.lru_cache(maxsize=4)
def _load(path: Path, name: str) -> "TextToEffect":
    return TextToEffect(*_read(path, name))


def _read(path: Path, name: str) -> tuple[Tables, About]:
    if not path.is_file():
        raise ModelError(
            f"There are no word directions for the encoder '{name}': {path} is not there. Build them: python "
            f"scripts/train_text_to_effect.py --data DIR --corpus DIR --encoder {name.replace(' ', '-')} --out {path}"
        )
    tables, about = read(path)
    if about.encoder.replace("-", " ") != name:
        raise ModelError(
            f"{path} was made for the encoder '{about.encoder}', not '{name}'. Build one for it: "
            "python scripts/train_text_to_effect.py"
        )
    return tables, about


class TextToEffect:
    """The joint space of words and changes of one encoder's embedding."""

    def __init__(self, tables: Tables, about: About, sentences: SentenceEncoder | None = None) -> None:
        self.encoder_name = about.encoder
        self.dimensions = about.dimensions
        self.words = about.words
        self._tables = tables
        self._about = about
        self._place = {word: index for index, word in enumerate(about.words)}
        smoother = Smoother(tables.text_vectors, tables.text_words)
        names = {**about.names, **{word: (index, 1) for word, index in self._place.items()}}
        self._reader = Reader(len(about.words), names, about.mixtures, smoother, sentences)

    def check_encoder(self, encoder: Encoder) -> None:
        """Make sure that an encoder is the one these directions were measured with.

        Raises:
            ModelError: another name, size, or other weights under the same name.
        """
        if encoder.name != self.encoder_name or encoder.dimensions != self.dimensions:
            raise ModelError(
                f"These word directions were made for the encoder '{self.encoder_name}' ({self.dimensions} numbers), "
                f"not '{encoder.name}' ({encoder.dimensions}). Load those of '{encoder.name}'."
            )
        if _cosine(probe_of(encoder), self._tables.probe) < _SAME_ENCODER:
            raise ModelError(
                f"The encoder '{encoder.name}' has other weights than when its word directions were built. Build them "
                "again: python scripts/train_text_to_effect.py"
            )

    def direction(self, text: str, instrument: str | None = None, processor: str | None = None) -> Direction:
        """Say which change of the embedding a text asks for.

        Args:
            text: a word or short phrase: "warm", "less boomy" is not understood, "demud" is.
            instrument: of the ontology's, for the direction on that kind of sound; None or "any": on all kinds.
            processor: "reverb" or "compressor": how the word's settings differ from others of that processor; None: the
                whole change.
        Raises:
            RequestError: an empty text, an unknown instrument or processor, or an unknown word and nothing to read it.
        """
        reading = self._reader.read(text)
        group = self._group(instrument)
        if processor is not None and processor not in self._about.processors:
            raise RequestError(f"No directions for '{processor}'. Use {', '.join(self._about.processors)}.")
        rows = (
            self._tables.word_changes[group]
            if processor is None
            else self._tables.processor_changes[self._about.processors.index(processor)]
        )
        change = reading.mixture @ rows
        curve = reading.mixture @ self._tables.curves_db if processor is None else np.zeros(40, dtype=np.float32)
        senses = (
            self._senses(reading, group, change, curve)
            if processor is None
            else (_sense(processor, 1.0, change, curve, ()),)
        )
        vector, magnitude = _unit(change)
        return Direction(
            text, vector, magnitude, self._confidence(reading), curve, senses, self._taken_for(reading), reading.known
        )

    def similarity(self, text: str, change: Tensor) -> Tensor:
        """Say how well changes of the embedding fit a text, in the joint space.

        Args:
            text: as for `direction`.
            change: (..., D) embedding after minus embedding before.
        Returns:
            (...) cosine, -1..1; 0 for no change.
        """
        self._check_change(change)
        point = self._reader.read(text).mixture @ self._tables.joint_words
        point = point / max(float(np.linalg.norm(point)), 1e-9)
        return self._mapped(change) @ torch.from_numpy(point).to(change)

    def nearest_words(self, change: Tensor, count: int = 5) -> list[NearWord]:
        """Name a change of the embedding.

        Args:
            change: (D,).
            count: how many words.
        Returns:
            Words and directions ("-": less of it), the nearest first; none for no change.
        """
        self._check_change(change)
        point = self._mapped(change.detach()).numpy()
        return self._index.nearest(point, count) if np.any(point) else []

    @functools.cached_property
    def _index(self) -> WordIndex:
        return WordIndex(self.words, self._tables.joint_words)

    def _mapped(self, change: Tensor) -> Tensor:
        mapped = change @ torch.from_numpy(self._tables.joint_map).to(change).T
        return mapped / mapped.norm(dim=-1, keepdim=True).clamp(min=1e-9)

    def _check_change(self, change: Tensor) -> None:
        if change.shape[-1:] != (self.dimensions,):
            raise ModelError(
                f"A change of shape {tuple(change.shape)} is not (..., {self.dimensions}): these directions are of the "
                f"encoder '{self.encoder_name}'. Embed with it."
            )

    def _group(self, instrument: str | None) -> int:
        if instrument in (None, "any"):
            return 0
        group = INSTRUMENT_GROUPS.get(str(instrument))
        if group is None:
            raise RequestError(f"No instrument is called '{instrument}'. Use any, {', '.join(INSTRUMENT_GROUPS)}.")
        return 1 + self._about.groups.index(group) if group in self._about.groups else 0

    def _confidence(self, reading: Reading) -> float:
        expected = reading.mixture @ self._tables.expected
        slope = self._about.calibration["known" if reading.known else "unknown"]
        tone = slope * float(np.sqrt(np.mean(np.square(expected))))
        other = float(np.abs(reading.mixture) @ self._tables.floor)
        return float(np.clip(max(tone, other) * reading.certainty, 0.0, 1.0))

    def _senses(self, reading: Reading, group: int, change: np.ndarray, curve: np.ndarray) -> tuple[Sense, ...]:
        effects = self._effects(reading.word) if reading.word is not None and reading.sign > 0 else ()
        rows = [row for row, (word, _, _) in enumerate(self._about.senses) if word == reading.word]
        if not rows:
            return (_sense(self._name(reading, curve), 1.0, change, curve, effects),)
        found = []
        for row in rows:
            _, name, share = self._about.senses[row]
            moved = reading.sign * self._tables.sense_changes[group, row]
            found.append(_sense(name, share, moved, reading.sign * self._tables.sense_curves_db[row], effects))
        return tuple(found)

    def _name(self, reading: Reading, curve: np.ndarray) -> str:
        if reading.known:
            return describe(curve)
        return "like " + ", ".join(word if weight > 0 else f"not {word}" for word, weight in self._taken_for(reading))

    def _effects(self, word: int) -> tuple[Effect, ...]:
        rows = self._about.effects.get(str(word), [])
        return tuple(Effect(row["name"], row["values"], row["type"]) for row in rows)

    def _taken_for(self, reading: Reading) -> tuple[tuple[str, float], ...]:
        order = np.argsort(-np.abs(reading.mixture))[:_NAMED_WORDS]
        least = _LEAST_SHARE * float(np.abs(reading.mixture).max())
        kept = [place for place in order if abs(reading.mixture[place]) > least]
        return tuple((self.words[place], float(reading.mixture[place])) for place in kept)


def _sense(name: str, share: float, change: np.ndarray, curve: np.ndarray, effects: tuple[Effect, ...]) -> Sense:
    vector, magnitude = _unit(change)
    return Sense(name, share, vector, magnitude, curve, effects)


def _unit(change: np.ndarray) -> tuple[Tensor, float]:
    size = float(np.linalg.norm(change))
    return torch.tensor(change / max(size, 1e-9), dtype=torch.float32), size


def _cosine(first: np.ndarray, second: np.ndarray) -> float:
    return float(first @ second / max(float(np.linalg.norm(first) * np.linalg.norm(second)), 1e-12))
