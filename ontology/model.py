"""What one entry of the word table is: typed, frozen, checked once.

A `Word` holds one or more `Sense`s. A sense is what a group of people means by the word: the change of
spectrum (`eq_db`, on the 40 bands of `BANDS_HZ`) and the changes of other processors (`effects`) that make a
sound *more so* at amount 1.0. `origin` says where a value comes from: fitted from settings that people chose
(`people`), read in the cited books and papers (`literature`), people shrunk towards the books (`both`), or said
by the user of this machine (`you`, see `ontology.personal`).
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

__all__ = [
    "BANDS_HZ",
    "EFFECT_RANGES",
    "INSTRUMENTS",
    "SATURATION_TYPES",
    "Band",
    "Confusion",
    "Direction",
    "Effect",
    "Kind",
    "Origin",
    "Sense",
    "Source",
    "Word",
]

# The 40 band centres of SocialEQ, on which every curve here is sampled.
BANDS_HZ = (
    20, 50, 83, 120, 161, 208, 259, 318, 383, 455, 537, 628, 729, 843, 971, 1114, 1273, 1452, 1652, 1875,
    2126, 2406, 2719, 3070, 3462, 3901, 4392, 4941, 5556, 6244, 7014, 7875, 8839, 9917, 11124, 12474, 13984,
    15675, 17566, 19682,
)  # fmt: skip

CURVE_LIMIT_DB = 15.0

# Neutral studio terms: the assistant maps them to console parameters. Term -> lowest and highest value.
EFFECT_RANGES: dict[str, dict[str, tuple[float, float]]] = {
    "compression": {
        "threshold_db": (-60.0, 0.0),  # dBFS, for a track that peaks near -6 dBFS
        "ratio": (1.0, 20.0),  # 1 asks for no compression
        "attack_ms": (0.05, 300.0),
        "release_ms": (5.0, 3000.0),
        "knee_db": (0.0, 40.0),
    },
    "gate": {"threshold_db": (-80.0, 0.0), "range_db": (0.0, 80.0), "release_ms": (5.0, 3000.0)},
    "de_ess": {"amount_db": (-12.0, 12.0), "freq_hz": (2000.0, 16000.0)},  # + takes sibilance away
    "saturation": {"drive_db": (-24.0, 36.0)},
    "reverb": {
        "wet": (-1.0, 1.0),  # change of the wet share, 0..1
        "decay_s": (0.05, 20.0),
        "predelay_ms": (0.0, 250.0),
        "damping_hz": (200.0, 20000.0),
    },
    "delay": {"wet": (-1.0, 1.0), "time_ms": (1.0, 2000.0), "feedback": (0.0, 0.95)},
    "width": {"change": (-1.0, 1.0)},  # + is wider
    "level": {"gain_db": (-24.0, 24.0)},  # of the target against the rest
    "transients": {"punch": (-1.0, 1.0)},  # + is more attack against sustain
}
SATURATION_TYPES = ("tape", "tube", "clip")

INSTRUMENTS = (
    "any", "vocal", "drums", "kick", "snare", "toms", "hats", "cymbals", "percussion", "bass", "guitar",
    "acoustic_guitar", "electric_guitar", "piano", "organ", "keys", "synth", "strings", "brass", "woodwind",
    "mix",
)  # fmt: skip

Kind = Literal["tone", "dynamics", "space", "width", "balance", "character", "mood", "fault"]
Origin = Literal["people", "literature", "both", "you"]
Direction = Literal["+", "-"]
WordId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Label = Annotated[str, StringConstraints(min_length=2, strip_whitespace=True)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Frozen):
    """Where a statement was read, or which data it was fitted from."""

    id: str
    short: str  # "Izhaki 2012"
    full: str  # the reference as one would print it


class Band(_Frozen):
    """The band in which a word lives on one instrument, as one source gives it."""

    low_hz: float = Field(ge=10, le=22000)
    high_hz: float = Field(ge=10, le=22000)
    source: str

    @model_validator(mode="after")
    def _in_order(self) -> "Band":
        if self.low_hz >= self.high_hz:
            raise ValueError(f"band {self.low_hz}-{self.high_hz} Hz is empty: put the lower edge first")
        return self


class Confusion(_Frozen):
    """A word that people mix up with this one, and how to hear which it is."""

    id: WordId
    tells_apart: str


class Effect(_Frozen):
    """What one processor does for a word, in the terms of `EFFECT_RANGES`."""

    name: str
    values: dict[str, float]
    type: str | None = None  # saturation only
    origin: Origin
    people: int = Field(default=0, ge=0)
    agreement: float | None = Field(default=None, ge=-1, le=1)  # one person against the mean of the others
    sources: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _known_terms(self) -> "Effect":
        ranges = EFFECT_RANGES.get(self.name)
        if ranges is None:
            raise ValueError(f"effect '{self.name}' is unknown. Use one of {', '.join(EFFECT_RANGES)}")
        for term, value in self.values.items():
            if term not in ranges:
                raise ValueError(f"{self.name} has no '{term}'. Use one of {', '.join(ranges)}")
            low, high = ranges[term]
            if not low <= value <= high:
                raise ValueError(f"{self.name} {term}={value} is outside {low}..{high}")
        if self.type is not None and (self.name != "saturation" or self.type not in SATURATION_TYPES):
            raise ValueError(f"type '{self.type}' is for saturation only: {', '.join(SATURATION_TYPES)}")
        return self


class Sense(_Frozen):
    """What one group of people means by the word."""

    name: str
    share: float = Field(gt=0, le=1)
    eq_db: tuple[float, ...]  # one value a band of BANDS_HZ, dB, at amount 1.0
    effects: tuple[Effect, ...] = ()
    people: int = Field(default=0, ge=0)  # distinct people whose settings were counted
    agreement: float | None = Field(default=None, ge=-1, le=1)  # one person against the mean of the others
    literature_r: float | None = Field(default=None, ge=-1, le=1)  # people's curve against the books' curve
    origin: Origin
    sources: tuple[str, ...] = Field(min_length=1)
    shrunk_towards: tuple[str, ...] = ()  # "literature" or the ids of the words a thin fit leans on

    @model_validator(mode="after")
    def _finite_curve(self) -> "Sense":
        if len(self.eq_db) != len(BANDS_HZ):
            raise ValueError(f"eq_db has {len(self.eq_db)} values instead of {len(BANDS_HZ)}")
        worst = max(self.eq_db, key=lambda db: abs(db) if db == db else float("inf"))
        if not abs(worst) <= CURVE_LIMIT_DB:
            raise ValueError(f"eq_db holds {worst} dB: curves stay within {CURVE_LIMIT_DB} dB")
        return self

    def effect(self, name: str) -> Effect | None:
        """Return the effect of that name, or None where the sense has none."""
        return next((effect for effect in self.effects if effect.name == name), None)


class Word(_Frozen):
    """One studio word: what it is called, what it does, what it is not."""

    id: WordId
    kind: Kind
    gloss: str  # one sentence a musician understands
    labels: tuple[Label, ...] = ()  # other names of the same thing, without the id
    labels_minus: tuple[Label, ...] = ()  # names for less of it ("de-ess" asks for less sibilant)
    everyday: tuple[Label, ...] = ()  # listeners' words that mean something else in an order ("good", "fast")
    listening_only: bool = False  # the id and every label are everyday words in that sense
    problem: bool = False  # people who say it mostly want less of it
    opposites: tuple[WordId, ...] = ()  # the first one is the usual answer
    related: tuple[WordId, ...] = ()
    broader: tuple[WordId, ...] = ()
    confused_with: tuple[Confusion, ...] = ()
    causes: tuple[str, ...] = ()  # of a problem, likely ones first
    remedies: tuple[str, ...] = ()  # what an engineer does about it, in order
    remedy_sources: tuple[str, ...] = ()
    bands: dict[str, tuple[Band, ...]] = {}  # instrument -> bands, several where sources differ
    senses: tuple[Sense, ...] = Field(min_length=1)

    @property
    def opposite(self) -> str | None:
        """The usual opposite, or None where the word has none."""
        return self.opposites[0] if self.opposites else None

    @property
    def sources(self) -> tuple[str, ...]:
        """Every source id that the entry cites, in order of appearance."""
        cited = [source for sense in self.senses for source in sense.sources]
        cited += [source for sense in self.senses for effect in sense.effects for source in effect.sources]
        cited += [band.source for bands in self.bands.values() for band in bands]
        cited += self.remedy_sources
        return tuple(dict.fromkeys(cited))

    @model_validator(mode="after")
    def _consistent(self) -> "Word":
        total = sum(sense.share for sense in self.senses)
        if abs(total - 1) > 0.02:
            raise ValueError(f"the senses of '{self.id}' share {total:.2f} of the people instead of 1")
        if (self.causes or self.remedies) and not (self.causes and self.remedies and self.remedy_sources):
            raise ValueError(f"'{self.id}' needs causes, remedies and their sources, all three or none")
        for instrument in self.bands:
            if instrument not in INSTRUMENTS:
                raise ValueError(f"'{self.id}' has bands for '{instrument}', an unknown instrument")
        return self
