"""What audio sounds like: encoders of processing; what words mean; and other people's weights for both."""

from models.clap import Clap, clap_available, load_clap
from models.encoder import Encoder
from models.load_encoder import ENCODER_NAMES, load_encoder
from models.production_features import BAND_CENTRES_HZ, PARTS, ProductionFeatures
from models.text_encoder import TextEncoder, as_sound
from models.weights import missing_sentence

__all__ = [
    "BAND_CENTRES_HZ",
    "ENCODER_NAMES",
    "PARTS",
    "Clap",
    "Encoder",
    "ProductionFeatures",
    "TextEncoder",
    "as_sound",
    "clap_available",
    "load_clap",
    "load_encoder",
    "missing_sentence",
]
