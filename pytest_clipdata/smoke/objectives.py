"""What the smoke test minimises, each with the loss that nobody gets under who can tell nothing.

Both take embeddings (n, width) in float32 and give the loss of each row, shape (n,).
"""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Where the learnable scale of the cosine starts: as in SigLIP (arXiv:2303.15343, section 3.2: t' = log 10) and as in
#: CLIP (arXiv:2103.00020, section 2.5: 1 / 0.07).
_SIGMOID_SCALE, _SOFTMAX_SCALE = 10.0, 1 / 0.07


class PairwiseSigmoid:
    """``BCE(scale * cos(picture, text) + bias, label)`` with learnable scale and bias, over the given pairs.

    The pairwise sigmoid is SigLIP's (Zhai et al. 2023, arXiv:2303.15343). CLIP's own in-batch contrastive loss has no
    use for a row that is labelled a mismatch, and SigLIP's full matrix calls every other caption of the batch a
    negative, although captions repeat in such data. Here a pair is what its row says, and "learned nothing" has an
    exact value: the entropy H of the labels. The bias starts where the mean logit is the logit of the match share, so
    that the loss starts near H.
    """

    code = "not_learned"
    words = "the label entropy"

    def __init__(self, labels: NDArray[np.float32], device: str) -> None:
        import torch

        self.chance = label_entropy(labels)
        self._labels = torch.tensor(labels, device=device)
        self._log_scale = torch.tensor(log(_SIGMOID_SCALE), device=device, requires_grad=True)
        self._bias = torch.tensor(0.0, device=device, requires_grad=True)
        self.learned = [self._log_scale, self._bias]

    def losses(self, pictures: Any, texts: Any, *, first: bool) -> Any:
        """The loss of each row; ``first`` sets the bias before."""
        import torch
        from torch.nn import functional

        scaled = self._log_scale.exp() * functional.cosine_similarity(pictures, texts, dim=-1)
        if first:
            with torch.no_grad():
                share = self._labels.mean()
                self._bias += torch.nan_to_num(torch.log(share / (1 - share)) - scaled.mean())
        return functional.binary_cross_entropy_with_logits(scaled + self._bias, self._labels, reduction="none")


class InBatch:
    """CLIP's own loss over n pairs that belong together: each picture picks its text among n, each text its picture.

    The mean of both cross-entropies with a learnable scale (Radford et al. 2021, arXiv:2103.00020, figure 3). Where all
    pictures or all texts are the same to the model, it is at least log n: one direction is uniform, and in the other
    the mean of -log p over n shares of one whole is least where they are equal.
    """

    code = "not_learned_in_batch"

    def __init__(self, rows: int, device: str) -> None:
        import torch

        self.chance = log(rows)
        self.words = f"log {rows}, the batch size"
        self._log_scale = torch.tensor(log(_SOFTMAX_SCALE), device=device, requires_grad=True)
        self.learned = [self._log_scale]

    def losses(self, pictures: Any, texts: Any, *, first: bool) -> Any:
        """The loss of each row."""
        import torch
        from torch.nn import functional

        cosines = functional.normalize(pictures, dim=-1) @ functional.normalize(texts, dim=-1).T
        logits, own = self._log_scale.exp() * cosines, torch.arange(len(cosines), device=cosines.device)
        pick = functional.cross_entropy
        return (pick(logits, own, reduction="none") + pick(logits.T, own, reduction="none")) / 2


def label_entropy(labels: NDArray[np.float32]) -> float:
    """Entropy of the labels in nats: the lowest binary cross-entropy that anyone reaches who sees the labels' share
    alone and neither picture nor text. 0 if there is but one label, log 2 if they are balanced."""
    p = float(labels.mean())
    return 0.0 if p in (0.0, 1.0) else -p * log(p) - (1 - p) * log(1 - p)
