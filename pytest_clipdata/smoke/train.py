"""A few fine-tuning steps, and the bound that says whether they taught CLIP anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from math import isfinite, log
from typing import TYPE_CHECKING, Any

from pytest_clipdata.smoke.objectives import InBatch, PairwiseSigmoid
from pytest_clipdata.smoke.towers import Towers
from pytest_clipdata.smoke.values import SmokeFailure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: "Learned" is a loss under this share of what chance gives: the label entropy, or the log of the batch size. Data from
#: which nothing can be learned stay at or above the whole of it; good data pass through it in some 20 steps (the trials
#: in docs/smoke.md).
BOUND = 0.8
MIN_STEPS = 5
MAX_STEPS = 100


@dataclass(frozen=True)
class Batch:
    """The sample as arrays, row by row the same pair.

    ``pictures`` by the names that the model takes, ``pixel_values`` float32 (n, 3, h, w), normalised; ``ids`` and
    ``mask`` int64 (n, t); ``labels`` float32 (n,), 1 for match; ``rows`` their numbers in the source.
    """

    pictures: Mapping[str, NDArray[Any]]
    ids: NDArray[np.int64]
    mask: NDArray[np.int64]
    labels: NDArray[np.float32]
    rows: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def half(self) -> Batch:
        """Every array's first half; balanced, because the sample alternates between the labels."""
        return self.only(range((len(self) + 1) // 2))

    def only(self, chosen: Sequence[int]) -> Batch:
        """The rows at these positions."""
        at = list(chosen)
        pictures = {name: values[at] for name, values in self.pictures.items()}
        return Batch(pictures, self.ids[at], self.mask[at], self.labels[at], tuple(self.rows[i] for i in at))


@dataclass
class Training:
    """What a training run did: the loss before each step and at the end, and what went wrong."""

    losses: list[float] = field(default_factory=list)
    steps: int = 0
    entropy: float = 0.0  #: the loss of chance: the label entropy, or the log of the batch size
    failures: list[SmokeFailure] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms to train.

    ``device`` is where the model is; ``autocast`` the dtype of mixed precision, None for float32 throughout. ``lr`` is
    the rate of all but the two projections, ``projection_lr`` theirs (by default the same). ``towers="projections"``:
    one whole forward and backward through both towers, then only the two projections learn, on features computed once
    (for a big checkpoint on a CPU). ``in_batch``: by CLIP's own loss; all rows are matches.
    """

    device: str
    autocast: Any | None
    lr: float
    projection_lr: float | None = None
    towers: str = "all"
    max_steps: int = MAX_STEPS
    in_batch: bool = False


def train(model: Any, batch: Batch, terms: Terms) -> Training:
    """Fine-tune ``model`` (as `Towers` takes it, on the device) on one batch until it has learned, or gives up.

    AdamW without weight decay, at most ``max_steps`` steps over the whole batch, stopping when the loss is under
    ``BOUND`` x what chance gives after at least ``MIN_STEPS``. ``objectives`` says what is minimised.

    Failure codes: ``loss_not_finite``, ``gradient_not_finite``, ``no_gradient``, ``weights_stuck``, ``not_learned``,
    ``not_learned_in_batch``.
    """
    objective: PairwiseSigmoid | InBatch = PairwiseSigmoid(batch.labels, terms.device)
    if terms.in_batch:
        objective = InBatch(len(batch), terms.device)
    run = Training(entropy=objective.chance)
    fitting = _Fitting(model, batch, terms, objective)
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
            run.failures.append(_failure(objective.code, _not_learned(run, len(batch), objective.words), wrong))
            break
        fitting.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        asked = Towers(model).parts if run.steps == 0 else fitting.learned
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
    """The model and the batch on their device, with what learns: towers or projections, and the objective's own."""

    def __init__(self, model: Any, batch: Batch, terms: Terms, objective: PairwiseSigmoid | InBatch) -> None:
        import torch

        self._towers, self._batch, self._terms = Towers(model), batch, terms
        self._objective = objective
        self._pictures = {name: torch.tensor(value, device=terms.device) for name, value in batch.pictures.items()}
        self._texts = torch.tensor(batch.ids, device=terms.device), torch.tensor(batch.mask, device=terms.device)
        self._features: tuple[Any, Any] | None = None
        heads = self._towers.heads
        #: The parts that learn, by name.
        self.learned: dict[str, Any] = self._towers.parts if terms.towers == "all" else heads
        last = [weight for part in heads.values() for weight in part.parameters()]
        apart = {id(weight) for weight in last}
        weights = [w for part in self.learned.values() for w in part.parameters() if id(w) not in apart]
        groups = [
            {"params": [*weights, *objective.learned]},
            {"params": last, "lr": terms.projection_lr or terms.lr},
        ]
        self.optimizer = torch.optim.AdamW(groups, lr=terms.lr, weight_decay=0.0)
        self.pair_losses: Any = None  #: of each row, from the last call of `loss`

    def loss(self, *, first: bool) -> Any:
        """The mean loss over the batch; ``first`` says that nothing was learned yet."""
        import torch

        terms = self._terms
        mixed = nullcontext() if terms.autocast is None else torch.autocast(terms.device, dtype=terms.autocast)
        with mixed:
            pictures, texts = self._embedded()
        self.pair_losses = self._objective.losses(pictures, texts, first=first)
        return self.pair_losses.mean()

    def _embedded(self) -> tuple[Any, Any]:
        """Embeddings of pictures and texts in float32, each of shape (n, width)."""
        towers, features = self._towers, self._features
        if features is None:
            features = towers.picture_features(self._pictures), towers.text_features(*self._texts)
        if self._terms.towers != "all":  # the towers do not learn: their features stay as they are
            self._features = features[0].detach(), features[1].detach()
        return towers.embedded_pictures(features[0], self._pictures), towers.embedded_texts(features[1])

    def rows_where(self, chosen: Any) -> tuple[int, ...]:
        """The rows of the batch that a mask over it chooses."""
        return tuple(row for row, yes in zip(self._batch.rows, chosen.tolist(), strict=True) if yes)


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


def _not_learned(run: Training, rows: int, chance: str) -> str:
    return (
        f"CLIP learned nothing from these {rows} rows: after {run.steps} steps the loss is {run.losses[-1]:.3f}, "
        f"not under {BOUND * run.entropy:.3f} (= {BOUND} x {chance})"
    )
