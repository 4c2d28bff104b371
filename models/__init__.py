"""What audio sounds like: encoders of processing."""

from models.encoder import Encoder
from models.production_features import BAND_CENTRES_HZ, PARTS, ProductionFeatures

__all__ = ["BAND_CENTRES_HZ", "PARTS", "Encoder", "ProductionFeatures"]
