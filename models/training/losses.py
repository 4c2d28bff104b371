"""What the FX encoder is asked for: the same chain lands together, and moves every sound the same way."""

import torch
from torch import Tensor

__all__ = ["contrast"]


def contrast(vectors: Tensor, labels: Tensor, temperature: float, leave_out: Tensor | None = None) -> Tensor:
    """Return the supervised contrastive loss of cosines.

    Args:
        vectors: (items, dimensions).
        labels: (items,) items of one label belong together.
        temperature: of the softmax over cosines.
        leave_out: (items, items) pairs that count neither way; None: only each with itself.
    Returns:
        () mean over items that have a partner.
    Source:
        Khosla et al., "Supervised Contrastive Learning", NeurIPS 2020, eq. 2.
    """
    unit = torch.nn.functional.normalize(vectors, dim=1, eps=1e-6)
    logits = unit @ unit.T / temperature
    apart = torch.eye(len(labels), dtype=torch.bool, device=vectors.device)
    if leave_out is not None:
        apart = apart | leave_out
    logits = logits.masked_fill(apart, float("-inf"))
    log_share = logits - torch.logsumexp(logits, dim=1, keepdim=True)
    together = (labels[:, None] == labels[None, :]) & ~apart
    count = together.sum(dim=1)
    mine = torch.where(together, log_share, torch.zeros_like(log_share)).sum(dim=1) / count.clamp(min=1)
    return -mine[count > 0].mean()
