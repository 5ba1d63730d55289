"""A few fine-tuning steps, and the bound that says whether they taught CLIP anything."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from math import isfinite, log
from typing import TYPE_CHECKING, Any

from pytest_clipdata.smoke.values import SmokeFailure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: "Learned" is a loss under this share of the label entropy. Data from which nothing can be learned stay at or above
#: the whole of it; good data pass through it in some 20 steps (the trial in docs/smoke.md).
BOUND = 0.8
MIN_STEPS = 5
MAX_STEPS = 100
#: Where the learnable scale of the cosine starts, as in SigLIP (arXiv:2303.15343, section 3.2: t' = log 10).
_START_SCALE = 10.0


@dataclass(frozen=True)
class Batch:
    """The sample as arrays, row by row the same pair.

    ``pixels`` float32 (n, 3, h, w), normalised; ``ids`` and ``mask`` int64 (n, t); ``labels`` float32 (n,), 1 for
    match; ``lines`` the CSV rows.
    """

    pixels: NDArray[np.float32]
    ids: NDArray[np.int64]
    mask: NDArray[np.int64]
    labels: NDArray[np.float32]
    rows: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def half(self) -> Batch:
        """Every array's first half; balanced, because the sample alternates between the labels."""
        n = (len(self) + 1) // 2
        return Batch(self.pixels[:n], self.ids[:n], self.mask[:n], self.labels[:n], self.rows[:n])


@dataclass
class Training:
    """What a training run did: the loss before each step and at the end, and what went wrong."""

    losses: list[float] = field(default_factory=list)
    steps: int = 0
    entropy: float = 0.0
    failures: list[SmokeFailure] = field(default_factory=list)


def label_entropy(labels: NDArray[np.float32]) -> float:
    """Entropy of the labels in nats: the lowest binary cross-entropy that anyone reaches who sees the labels' share
    alone and neither picture nor text. 0 if there is but one label, log 2 if they are balanced."""
    p = float(labels.mean())
    return 0.0 if p in (0.0, 1.0) else -p * log(p) - (1 - p) * log(1 - p)


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms to train.

    ``device`` is where the model is; ``autocast`` the dtype of mixed precision, None for float32 throughout. ``lr`` is
    the rate of all but the two projections, ``projection_lr`` theirs (by default the same). ``towers="projections"``:
    one whole forward and backward through both towers, then only the two projections learn, on features computed once
    (for a big checkpoint on a CPU).
    """

    device: str
    autocast: Any | None
    lr: float
    projection_lr: float | None = None
    towers: str = "all"
    max_steps: int = MAX_STEPS


def train(model: Any, batch: Batch, terms: Terms) -> Training:
    """Fine-tune ``model`` (a transformers CLIPModel on the device) on one batch until it has learned, or gives up.

    Objective: per-pair sigmoid loss, ``BCE(scale * cos(picture, text) + bias, label)`` with learnable scale and bias.
    The pairwise sigmoid is SigLIP's (Zhai et al. 2023, arXiv:2303.15343), taken over the given pairs only. CLIP's own
    in-batch contrastive loss has no use for a row that is labelled a mismatch, and SigLIP's full matrix calls every
    other caption of the batch a negative, although captions repeat in such data. Here a pair is what its row says,
    and "learned nothing" has an exact value: the entropy H of the labels. The bias starts where the mean logit is
    the logit of the match share, so that the loss starts near H.

    AdamW without weight decay, at most ``max_steps`` steps over the whole batch, stopping when the loss is under
    ``BOUND`` x H after at least ``MIN_STEPS``.

    Failure codes: ``loss_not_finite``, ``gradient_not_finite``, ``no_gradient``, ``weights_stuck``, ``not_learned``.
    """
    run = Training(entropy=label_entropy(batch.labels))
    fitting = _Fitting(model, batch, terms)
    before: dict[str, tuple[Any, Any]] = {}
    model.train()
    while True:
        loss = fitting.loss(first=not run.losses)
        run.losses.append(float(loss))
        if not isfinite(run.losses[-1]):
            words = f"the loss is not finite after {run.steps} steps"
            run.failures.append(_failure("loss_not_finite", words, fitting.rows_where(~fitting.pair_losses.isfinite())))
            return run
        if run.steps >= MIN_STEPS and run.losses[-1] < BOUND * run.entropy:
            break
        if run.steps == terms.max_steps:
            wrong = fitting.rows_where(fitting.pair_losses > log(2)) or batch.rows
            run.failures.append(_failure("not_learned", _not_learned(run, len(batch)), wrong))
            break
        fitting.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        asked = _towers(model) if run.steps == 0 else fitting.learned
        run.failures += _gradient_failures(asked, run.steps, batch)
        if run.failures:
            return run
        if run.steps == 0:
            before = {name: _witness(part) for name, part in fitting.learned.items()}
        fitting.optimizer.step()
        run.steps += 1
    for name, (weight, old) in before.items():
        if bool((weight.detach() == old).all()):
            words = f"the weights of the {name} tower did not move in {run.steps} steps"
            run.failures.append(_failure("weights_stuck", words, batch.rows))
    return run


class _Fitting:
    """The model and the batch on their device, with what learns: towers or projections, the scale, the bias."""

    def __init__(self, model: Any, batch: Batch, terms: Terms) -> None:
        import torch

        self._model, self._batch, self._terms = model, batch, terms
        self._labels = torch.tensor(batch.labels, device=terms.device)
        self._inputs = {
            "pixel_values": torch.tensor(batch.pixels, device=terms.device),
            "input_ids": torch.tensor(batch.ids, device=terms.device),
            "attention_mask": torch.tensor(batch.mask, device=terms.device),
        }
        self._log_scale = torch.tensor(log(_START_SCALE), device=terms.device, requires_grad=True)
        self._bias = torch.tensor(0.0, device=terms.device, requires_grad=True)
        self._features: tuple[Any, Any] | None = None
        projections = {"picture": model.visual_projection, "text": model.text_projection}
        #: The parts that learn, by name.
        self.learned: dict[str, Any] = _towers(model) if terms.towers == "all" else projections
        last = [part.weight for part in projections.values()]
        apart = {id(weight) for weight in last}
        weights = [w for part in self.learned.values() for w in part.parameters() if id(w) not in apart]
        groups = [
            {"params": [*weights, self._log_scale, self._bias]},
            {"params": last, "lr": terms.projection_lr or terms.lr},
        ]
        self.optimizer = torch.optim.AdamW(groups, lr=terms.lr, weight_decay=0.0)
        self.pair_losses: Any = None  #: of each row, from the last call of `loss`

    def loss(self, *, first: bool) -> Any:
        """The mean loss over the batch; ``first`` sets the bias before."""
        import torch

        terms = self._terms
        mixed = nullcontext() if terms.autocast is None else torch.autocast(terms.device, dtype=terms.autocast)
        with mixed:
            cosines, pooled = _cosines(self._model, self._inputs, self._features)
        scale = self._log_scale.exp()
        if first:
            with torch.no_grad():
                share = self._labels.mean()
                self._bias += torch.nan_to_num(torch.log(share / (1 - share)) - (scale * cosines).mean())
        if terms.towers != "all" and self._features is None:  # the towers do not learn: their features stay as they are
            self._features = tuple(feature.detach() for feature in pooled)
        logits = scale * cosines + self._bias
        cross_entropy = torch.nn.functional.binary_cross_entropy_with_logits
        self.pair_losses = cross_entropy(logits, self._labels, reduction="none")
        return self.pair_losses.mean()

    def rows_where(self, chosen: Any) -> tuple[int, ...]:
        """The rows of the batch that a mask over it chooses."""
        return tuple(row for row, yes in zip(self._batch.rows, chosen.tolist(), strict=True) if yes)


def _cosines(model: Any, inputs: dict[str, Any], features: tuple[Any, Any] | None) -> tuple[Any, tuple[Any, Any]]:
    """Cosine similarity of each pair in float32, shape (n,), and both towers' features before projection."""
    import torch.nn.functional as functional

    if features is None:
        vision = model.vision_model(pixel_values=inputs["pixel_values"])
        text = model.text_model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"])
        features = (vision.pooler_output, text.pooler_output)
    pictures = model.visual_projection(features[0]).float()
    texts = model.text_projection(features[1]).float()
    return functional.cosine_similarity(pictures, texts, dim=-1), features


def _towers(model: Any) -> dict[str, Any]:
    import torch

    return {
        "picture": torch.nn.ModuleList([model.vision_model, model.visual_projection]),
        "text": torch.nn.ModuleList([model.text_model, model.text_projection]),
    }


def _gradient_failures(parts: dict[str, Any], step: int, batch: Batch) -> list[SmokeFailure]:
    """Each tower as a whole must receive a finite gradient, and at the first step one that is not zero.

    Not every parameter: the bias of an attention key has none by mathematics, an unused embedding none by chance.
    Later a gradient may die away because all is learned, so zero is asked about once only.
    """
    import torch

    failures = []
    for name, part in parts.items():
        gradients = [weight.grad for weight in part.parameters() if weight.grad is not None]
        norm = float(torch.nn.utils.get_total_norm(gradients)) if gradients else 0.0
        if norm == 0.0 and step == 0:
            failures.append(_failure("no_gradient", f"no gradient reaches the {name} tower", batch.rows))
        elif norm != norm or norm == float("inf"):
            words = f"the gradient of the {name} tower is not finite at step {step + 1}"
            failures.append(_failure("gradient_not_finite", words, batch.rows))
    return failures


def _witness(part: Any) -> tuple[Any, Any]:
    """One weight of a tower that received gradient, and a copy of it as it is now."""
    weight = next(w for w in part.parameters() if w.grad is not None and bool((w.grad != 0).any()))
    return weight, weight.detach().clone()


def _failure(code: str, message: str, rows: tuple[int, ...]) -> SmokeFailure:
    return SmokeFailure(code, message, tuple(sorted(rows)))


def _not_learned(run: Training, rows: int) -> str:
    return (
        f"CLIP learned nothing from these {rows} rows: after {run.steps} steps the loss is {run.losses[-1]:.3f}, "
        f"not under {BOUND * run.entropy:.3f} (= {BOUND} x the label entropy)"
    )
