"""Why a check has nothing to say about a source whatever is in it: splits are compared, or training is looked at."""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Splits
from pytest_clipdata.reading.dataset import Dataset
from pytest_clipdata.settings.declared import CheckSettings

#: Why a check has nothing to say about a source where it has its say about another one.
ON_TRAINING, ON_OTHERS = "judged on the training split", "judged on the other splits"


def why_not_judged(check: Check, name: str, dataset: Dataset, settings: CheckSettings) -> str | None:
    """Why a check has nothing to say about the source ``name`` of a dataset, in words; None if it has."""
    training, splits = dataset.training_split, {source.split for source in dataset.sources}
    split = next(source.split for source in dataset.sources if source.name == name)
    if check.splits is Splits.ANY:
        return None
    if check.splits is Splits.APART:
        apart = dataset.apart(held_out=settings.options.get("held_out", True))
        if any(apart.values()):
            return None if apart[split] else ON_OTHERS
    if training is None:
        return "the dataset has no training split"
    if check.splits is not Splits.TRAINING and len(splits) == 1:
        return "the dataset has no other split than its training split"
    is_training = split == training
    if is_training == (check.splits is not Splits.HELD_OUT):
        return None
    return ON_TRAINING if not is_training else ON_OTHERS
