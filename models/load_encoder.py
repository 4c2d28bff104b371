"""Choose an encoder of processing by name: ours, or a published one whose weights the user has."""

from pathlib import Path

from console.errors import ModelError
from models.encoder import Encoder

__all__ = ["ENCODER_NAMES", "load_encoder"]

ENCODER_NAMES = {
    "production-features": "measures made by hand, no weights",
    "fx": "Studiospeak's own FxEncoder, shipped",
    "fxencoder:PATH": "FXencoder (Koo et al. 2023), PATH to its FXencoder_ps.pt",
    "fxencoder++:PATH": "Fx-Encoder++ (2025), PATH to its fxenc_plusplus_default.pt; not for commercial use",
}
"""What `load_encoder` takes, with a sentence for people."""


def load_encoder(name: str) -> Encoder:
    """Load an encoder.

    Args:
        name: one of ENCODER_NAMES; PATH is a file, `~` allowed.
    Returns:
        The encoder, on the CPU.
    Raises:
        ModelError: the name is unknown or lacks its path, or the weights are absent or unfit.
    """
    kind, _, path = name.partition(":")
    if name == "production-features":
        from models.production_features import ProductionFeatures

        return ProductionFeatures()
    if name == "fx":
        from models.fx_encoder import load_fx_encoder

        return load_fx_encoder()
    if kind in ("fxencoder", "fxencoder++"):
        if not path:
            raise ModelError(f"{name!r} lacks the file with the weights. Write it as {kind}:PATH.")
        from models.published import load_fxencoder, load_fxencoder_plusplus

        load = load_fxencoder if kind == "fxencoder" else load_fxencoder_plusplus
        return load(Path(path).expanduser())
    raise ModelError(f"{name!r} is no encoder. Use one of: {', '.join(ENCODER_NAMES)}.")
