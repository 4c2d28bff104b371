"""The FX encoder: what it hears (front_end), the numbers it takes of that (statistics), the network, its weights."""

from models.fx_encoder.encoder import FxEncoder, load_fx_encoder

__all__ = ["FxEncoder", "load_fx_encoder"]
