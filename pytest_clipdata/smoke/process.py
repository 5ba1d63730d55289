"""Working in somebody else's process: choosing a device, and leaving everything as it was found."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from pytest_clipdata.smoke.values import SmokeError


def pick_device(asked: str) -> str:
    """``auto``: the accelerator that torch finds, else ``cpu``; any other name: that device.

    Raises:
        SmokeError: the device asked for is unknown to this torch or not to be had.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an old driver warns, and then the device is simply not there
        import torch

        if asked == "auto":
            found = torch.accelerator.current_accelerator(check_available=True)
            return "cpu" if found is None else str(found.type)
        if asked == "cpu":
            return asked
        if asked == "cuda":
            if torch.cuda.is_available():
                return asked
            built = "finds no CUDA device" if torch.version.cuda else "is built without CUDA"
            raise SmokeError(f"the smoke test was asked for on cuda, but torch {torch.__version__} {built}")
        if asked == "mps":
            if torch.backends.mps.is_available():
                return asked
            raise SmokeError(f"the smoke test was asked for on mps, but torch {torch.__version__} finds no MPS device")
    raise SmokeError(f"the smoke test does not know the device {asked!r}: auto, cpu, cuda or mps")


def autocast_dtype(device: str) -> Any | None:
    """bfloat16 on CUDA devices that have it in hardware; None (float32 throughout) elsewhere.

    Never float16: its range needs loss scaling, and pure float16 weights under AdamW were NaN within four steps.
    """
    import torch

    if device == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.bfloat16
    return None


@contextmanager
def silent() -> Iterator[None]:
    """Without warnings, and without what transformers says, draws and sends; afterwards all is as it was."""
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        import transformers.utils.logging as talk

        stack.callback(talk.set_verbosity, talk.get_verbosity())
        talk.set_verbosity_error()
        if talk.is_progress_bar_enabled():
            stack.callback(talk.enable_progress_bar)
            talk.disable_progress_bar()
        if "HF_HUB_DISABLE_TELEMETRY" not in os.environ:
            stack.callback(os.environ.pop, "HF_HUB_DISABLE_TELEMETRY", None)
            os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
        yield


@contextmanager
def undisturbed(device: str, seed: int, *, threads: int | None) -> Iterator[None]:
    """A float32 world with gradients, seeded, for training in; afterwards the process is as it was.

    Kept and put back: the random state of torch on the CPU and on ``device``, the number of threads (``threads``
    inside, unless None), default dtype and device, grad and inference mode, autocast, warning filters, and how much
    transformers says. Only generators of torch are seeded, and only the CPU's: nothing here draws on the device, and
    ``torch.manual_seed`` would reach every other one. No deterministic or backend flag is touched.
    """
    import torch

    with ExitStack() as stack:
        stack.enter_context(silent())
        if threads is not None:
            stack.callback(torch.set_num_threads, torch.get_num_threads())
            torch.set_num_threads(threads)
        stack.callback(torch.set_default_dtype, torch.get_default_dtype())
        torch.set_default_dtype(torch.float32)
        if device == "mps":
            stack.callback(torch.mps.set_rng_state, torch.mps.get_rng_state())
        stack.enter_context(torch.random.fork_rng(devices=[torch.cuda.current_device()] if device == "cuda" else []))
        torch.default_generator.manual_seed(seed)
        stack.enter_context(torch.device("cpu"))
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.enable_grad())
        for kind in {"cpu", device}:
            stack.enter_context(torch.autocast(kind, enabled=False))
        yield


def out_of_memory(error: BaseException) -> bool:
    """Whether an error means that memory ran out, on whatever device."""
    import torch

    words = ("out of memory", "can't allocate memory", "not enough memory")
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or (
        isinstance(error, RuntimeError) and any(word in str(error).lower() for word in words)
    )


def memory_words(device: str) -> str:
    """What a CUDA device holds, for a sentence about running out of it; empty where there is nothing to tell."""
    import torch

    if device != "cuda":
        return ""
    free, total = torch.cuda.mem_get_info()
    return (
        f" ({torch.cuda.max_memory_allocated() / 2**30:.1f} GiB used, {free / 2**30:.1f} of {total / 2**30:.1f} free)"
    )


def free_memory(device: str) -> None:
    """Give what the allocator of an accelerator kept back to the device."""
    import gc

    import torch

    if device == "cpu":
        return
    gc.collect()
    if device == "cuda":
        torch.cuda.empty_cache()
    elif device == "mps":
        torch.mps.empty_cache()
