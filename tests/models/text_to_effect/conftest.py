"""A small studio: six words, people who never lived, an encoder of ten bands, a sentence encoder of letters."""

import itertools
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from models.text_to_effect.building import build
from models.text_to_effect.lexicon import BANDS_HZ, Effect, lexicon_of
from models.text_to_effect.material import Material
from models.text_to_effect.people import Curve, Opinion, shape_of
from models.text_to_effect.rendering import Contents
from models.text_to_effect.studies import Study
from models.training.chains import Chain


@dataclass(frozen=True)
class BookSense:
    eq_db: tuple
    effects: tuple = ()


@dataclass(frozen=True)
class BookWord:
    id: str
    kind: str = "tone"
    labels: tuple = ()
    labels_minus: tuple = ()
    opposites: tuple = ()
    related: tuple = ()
    senses: tuple = ()


def tilt(top_db):
    """A straight line over the bands from -top_db to top_db."""
    return np.linspace(-top_db, top_db, len(BANDS_HZ))


def room(wet):
    return Effect("reverb", {"wet": wet, "decay_s": 1.5})


WORDS = (
    BookWord("bright", labels=("brighter", "more top"), labels_minus=("take the top off",), opposites=("dark",),
             related=("crisp",), senses=(BookSense(tuple(tilt(4.0))),)),
    BookWord("dark", labels=("darker",), opposites=("bright",), related=("warm",),
             senses=(BookSense(tuple(tilt(-4.0))),)),
    BookWord("warm", labels=("warmth",), related=("dark",), senses=(BookSense((0.0,) * 40),)),
    BookWord("crisp", related=("bright",), senses=(BookSense((0.0,) * 40),)),
    BookWord("wet", "space", opposites=("dry",), senses=(BookSense((0.0,) * 40, (room(0.3),)),)),
    BookWord("dry", "space", opposites=("wet",), senses=(BookSense((0.0,) * 40, (room(-0.3),)),)),
)  # fmt: skip
ASSOCIATIONS = {"warm -bright": ["cosy"], "wet": ["cathedral"]}


class BandLevels:
    """An encoder: levels of ten bands, apart from the whole, and how much rings on."""

    name = "ten bands"
    dimensions = 11

    def embed(self, audio, sample_rate):
        power = torch.fft.rfft(audio.mean(dim=1)).abs().square()
        edges = np.geomspace(40.0, 0.45 * sample_rate, 11)
        bins = np.searchsorted(np.fft.rfftfreq(audio.shape[-1], 1 / sample_rate), edges)
        bands = torch.stack([power[:, a:b].mean(dim=-1) for a, b in itertools.pairwise(bins)], dim=-1)
        levels = torch.log(bands + 1e-9)
        quarter = audio.shape[-1] // 4
        tail = torch.log(audio[..., -quarter:].square().mean(dim=(1, 2)) + 1e-9)
        whole = torch.log(audio.square().mean(dim=(1, 2)) + 1e-9)
        return torch.cat((levels - levels.mean(dim=-1, keepdim=True), (tail - whole)[:, None]), dim=-1)


class Letters:
    """A sentence encoder: counts of letters."""

    def embed(self, texts):
        rows = torch.zeros(len(texts), 384)
        for row, text in zip(rows, texts, strict=True):
            for letter in text.removeprefix("a ").removesuffix(" sound"):
                row[ord(letter) % 384] += 1.0
        return torch.nn.functional.normalize(rows, dim=-1)


def people(word, top_db, count, seed, scatter=0.6):
    generator = np.random.default_rng(seed)
    for index in range(count):
        shape, _ = shape_of(tilt(top_db) + abs(top_db) * scatter * generator.standard_normal(40).cumsum() / 6)
        yield Curve(word, f"{word} {index}", shape, 1.0, 4.0)


@pytest.fixture(scope="session")
def lexicon():
    return lexicon_of(WORDS, ASSOCIATIONS)


@pytest.fixture(scope="session")
def curves():
    return [*people("bright", 4.0, 8, 1), *people("dark", -4.0, 5, 2), *people("warm", -3.0, 6, 3)]


@pytest.fixture(scope="session")
def study():
    decays = np.linspace(0.3, 4.0, 12)
    chains = tuple(Chain(("reverb",), reverb={"reverb.decay_s": float(d)}, reverb_send_db=-6.0) for d in decays)
    opinions = [
        Opinion("wet" if index > 5 else "dry", f"p{person}", str(index), 1.0)
        for index in range(12)
        for person in range(index % 2, 10, 2)
    ]
    measures = ((decays - decays.mean()) / decays.std())[:, None]
    return Study("reverb", tuple(map(str, range(12))), measures, chains, tuple(opinions))


@pytest.fixture(scope="session")
def material(lexicon, curves, study):
    generator = torch.Generator().manual_seed(1)
    time = torch.arange(11025) / 44100
    audio = 0.1 * torch.randn((2, 2, 11025), generator=generator) * torch.exp(-20 * (time % 0.12))
    effects = {entry.id: entry.effects for entry in lexicon.entries}
    return Material(lexicon, effects, curves, [study], Contents(audio, ("mix", "drums")))


@pytest.fixture(scope="session")
def built(material, tmp_path_factory):
    return build(BandLevels(), material, Letters(), tmp_path_factory.mktemp("work"))


@pytest.fixture(scope="session")
def encoder():
    return BandLevels()


@pytest.fixture(scope="session")
def letters():
    return Letters()
