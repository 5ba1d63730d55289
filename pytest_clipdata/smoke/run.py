"""One smoke test from rows to verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from time import perf_counter
from typing import TYPE_CHECKING, Any

from pytest_clipdata.smoke.pixels import Opening
from pytest_clipdata.smoke.sampling import MIN_PER_LABEL, PER_LABEL, lacking
from pytest_clipdata.smoke.values import Pair, SmokeError, SmokeResult, missing_extra

if TYPE_CHECKING:
    from pytest_clipdata.smoke.checkpoint import Checkpoint
    from pytest_clipdata.smoke.train import Batch, Training

#: On a CPU a checkpoint of more parameters than this trains its projections alone: one step of ViT-B/32 with 16 pairs
#: takes 4.7 s on one core.
_WHOLE_ON_CPU = 5_000_000
#: Learning rates for a named checkpoint. Its towers take the small steps that fine-tuning takes. Its projections take
#: larger ones, so that the step budget is enough whatever the size of the towers: this divided by their width, because
#: what an Adam step does to a feature grows with the number of weights behind it (at width 512, 3e-3 overshot).
_TOWER_RATE, _PROJECTION_RATE_BY_WIDTH = 1e-5, 0.15
_CHECKPOINT_STEPS = 300


def run_smoke(
    pairs: Sequence[Pair],
    *,
    device: str = "auto",
    model: str | None = None,
    allow_download: bool = False,
    seed: int = 0,
    opening: Opening | None = None,
    in_batch: bool = False,
) -> SmokeResult:
    """Train a CLIP for a few steps on a sample of the rows and say what would stop a real fine-tuning.

    ``device`` is ``auto`` (the accelerator if there is one, else the CPU), ``cpu``, ``cuda`` or ``mps``. ``model`` is
    None for the tiny CLIP, else a folder or a Hugging Face id; nothing is downloaded without ``allow_download``.
    ``opening`` says what a picture may cost and how many processes decode them. ``in_batch`` is for rows without
    labels, whose mismatches were made: once that went well, the matches are also learned by CLIP's own contrastive
    loss, which is all that is done if there are no mismatches. What came of it is in the figures as ``in_batch``.
    The same rows, seed, device and machine give the same figures. The process is left as it was found, and a
    surrounding ``torch.inference_mode`` does no harm. Skipped, with the reason, if there are fewer than two rows of
    a label, or if torch is not installed and neither a device nor a checkpoint was asked for.

    Raises:
        SmokeError: the device or the checkpoint that was asked for cannot be had, whatever the rows are, or memory ran
            out twice.
    """
    asked = device != "auto" or model is not None
    missing = missing_extra()
    if missing and asked:
        raise SmokeError(f"the smoke test was asked for, but {missing}")
    lacks = None if in_batch and sum(pair.matches for pair in pairs) >= MIN_PER_LABEL else lacking(pairs)
    if (lacks or missing) and not asked:
        return SmokeResult(skipped=missing or lacks)
    from pytest_clipdata.smoke.process import free_memory, pick_device, undisturbed

    chosen = pick_device(device)
    if lacks:
        if model is not None:
            from pytest_clipdata.smoke.described import find_checkpoint

            find_checkpoint(model, allow_download=allow_download)
        return SmokeResult(skipped=lacks)
    try:
        with undisturbed(chosen, seed, threads=1 if model is None and chosen == "cpu" else None):
            labelled = not lacking(pairs)
            done = _run(pairs, chosen, model, allow_download, seed, opening or Opening()) if labelled else None
            if not in_batch or (done is not None and done.failures):
                return done or SmokeResult()
            matches = [pair for pair in pairs if pair.matches]
            batch = _run(matches, chosen, model, allow_download, seed, opening or Opening(), in_batch=True)
            return batch if done is None else _both(done, batch)
    finally:
        free_memory(chosen)


def _both(labelled: SmokeResult, batch: SmokeResult) -> SmokeResult:
    """The verdict of both; the figures of the second stand within those of the first."""
    return replace(
        labelled, failures=labelled.failures + batch.failures, figures=labelled.figures | {"in_batch": batch.figures}
    )


def _run(
    pairs: Sequence[Pair],
    device: str,
    model: str | None,
    allow_download: bool,
    seed: int,
    opening: Opening,
    *,
    in_batch: bool = False,
) -> SmokeResult:
    began = perf_counter()
    import numpy as np
    import transformers

    from pytest_clipdata.smoke.checkpoint import load_checkpoint
    from pytest_clipdata.smoke.pixels import clip_pixels
    from pytest_clipdata.smoke.sample import distinct_rows, load_sample, text_failures
    from pytest_clipdata.smoke.tiny import SIDE
    from pytest_clipdata.smoke.tokens import tiny_tokens
    from pytest_clipdata.smoke.train import Batch

    _ = transformers.CLIPModel  # seconds of importing that are not to be counted as training
    checkpoint = None if model is None else load_checkpoint(model, allow_download=allow_download)
    imported = perf_counter()
    side, to_pixels = SIDE, lambda picture: {"pixel_values": clip_pixels(picture, SIDE)}
    if checkpoint is not None:
        side, to_pixels = checkpoint.side, checkpoint.pixels
    # A batch of one label is as large as one of both.
    sample = load_sample(pairs, seed, side, to_pixels, opening, per_label=2 * PER_LABEL if in_batch else PER_LABEL)
    decoded = perf_counter()
    figures: dict[str, Any] = {"device": device, "model": model or "tiny CLIP", "seed": seed}
    timings = {"load_s": imported - began, "decode_s": decoded - imported}
    timings["decoded_pairs_per_s"] = len(sample.pairs) / max(decoded - imported, 1e-9)
    if sample.failures:
        return SmokeResult(sample.failures, evaluated=len(sample.pairs), figures=figures, timings=timings)

    texts = [pair.text for pair in sample.pairs]
    if checkpoint is None:
        ids, mask, vocabulary = tiny_tokens(texts)
        figures["tokens"] = "clip"
    else:
        (ids, mask), vocabulary, figures["tokens"] = checkpoint.tokens(texts), 0, "checkpoint"
    if failures := text_failures(sample, ids):
        return SmokeResult(tuple(failures), evaluated=len(sample.pairs), figures=figures, timings=timings)

    labels = np.array([pair.matches for pair in sample.pairs], dtype=np.float32)
    batch = Batch(sample.pictures, ids, mask, labels, tuple(pair.row for pair in sample.pairs))
    if in_batch:
        batch = batch.only(distinct_rows(sample, ids))
        if len(batch) < MIN_PER_LABEL:
            why = "too few rows of the sample differ in picture and in text to be learned in a batch"
            return SmokeResult(skipped=why, figures=figures | {"notes": [why]}, timings=timings)
    run, batch, facts = _fit(batch, device, checkpoint, vocabulary, in_batch=in_batch)
    trained = perf_counter()
    figures |= facts | _curve(run, batch)
    timings |= {"train_s": trained - decoded}
    timings["trained_pairs_per_s"] = run.steps * len(batch) / max(trained - decoded, 1e-9)
    if peak := _peak_memory(device):
        timings["peak_memory_bytes"] = peak
    return SmokeResult(tuple(run.failures), evaluated=len(batch), figures=figures, timings=timings)


def _fit(
    batch: Batch, device: str, checkpoint: Checkpoint | None, vocabulary: int, *, in_batch: bool = False
) -> tuple[Training, Batch, dict[str, Any]]:
    """Train, with half of the batch once more if memory runs out. Returns what was trained on, and on what terms."""
    from pytest_clipdata.smoke.checkpoint import load_checkpoint
    from pytest_clipdata.smoke.process import autocast_dtype, free_memory, memory_words, out_of_memory
    from pytest_clipdata.smoke.tiny import LEARNING_RATE, tiny_model
    from pytest_clipdata.smoke.towers import Towers
    from pytest_clipdata.smoke.train import Terms, train

    mixed = autocast_dtype(device)
    facts: dict[str, Any] = {"dtype": "float32" if mixed is None else str(mixed).removeprefix("torch."), "notes": []}
    whole = checkpoint is None or device != "cpu" or checkpoint.parameters <= _WHOLE_ON_CPU
    facts["trained"] = "all" if whole else "projections"
    terms = Terms(device, mixed, LEARNING_RATE, towers=facts["trained"], in_batch=in_batch)
    if checkpoint is not None:
        rate = _PROJECTION_RATE_BY_WIDTH / Towers(checkpoint.model).width
        terms = replace(terms, lr=_TOWER_RATE, projection_lr=rate, max_steps=_CHECKPOINT_STEPS)
    if checkpoint is not None and checkpoint.stored_dtype != "float32":
        facts["notes"].append(
            f"the checkpoint holds {checkpoint.stored_dtype} weights, trained here as float32:"
            " half-precision weights turn NaN under AdamW"
        )
    ran_out = None
    for rows in (batch, batch.half()):
        if ran_out is not None:
            facts["notes"].append(f"memory ran out with {len(batch)} pairs, tried again with {len(rows)}")
            checkpoint = checkpoint and load_checkpoint(checkpoint.name)  # whose weights may have moved
        clip = tiny_model(vocabulary) if checkpoint is None else checkpoint.model
        facts["parameters"] = sum(weight.numel() for weight in clip.parameters())
        try:
            clip = clip.to(device)
            return train(clip, rows, terms), rows, facts
        except (RuntimeError, MemoryError) as error:
            if not out_of_memory(error):
                raise SmokeError(f"training on {device} failed: {str(error).splitlines()[0][:200]}") from error
            ran_out = memory_words(device)
        clip.zero_grad(set_to_none=True)
        clip.to("cpu")  # others still hold this model; the device must not
        free_memory(device)
    pairs = f"{len(batch)} pairs and again with {len(batch.half())}"
    raise SmokeError(f"{device} ran out of memory with {pairs}{ran_out}")


def _curve(run: Training, batch: Batch) -> dict[str, Any]:
    from pytest_clipdata.smoke.train import BOUND

    # Four digits: enough to draw, and not so many that another build of torch changes every report.
    losses = [round(loss, 4) if isfinite(loss) else None for loss in run.losses]
    figures: dict[str, Any] = {"pairs": len(batch), "steps": run.steps, "losses": losses}
    return figures | {"entropy": round(run.entropy, 4), "bound": round(BOUND * run.entropy, 4)}


def _peak_memory(device: str) -> float | None:
    import torch

    if device == "cuda":
        return float(torch.cuda.max_memory_allocated())
    if device == "mps":
        return float(torch.mps.driver_allocated_memory())
    return None
