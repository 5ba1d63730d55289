from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pytest_clipdata.images.facts import Drawn, ImageStatus, Limits
from pytest_clipdata.reading.blob import Blob
from pytest_clipdata.smoke.pixels import Opening, clip_pixels, picture_of
from pytest_clipdata.smoke.run import run_smoke
from pytest_clipdata.smoke.sampling import PER_LABEL, candidates, interleaved
from pytest_clipdata.smoke.tokens import tiny_tokens
from pytest_clipdata.smoke.values import Pair, SmokeError, missing_extra, sparkline

torch = pytest.importorskip("torch", reason="the smoke test needs pytest-clipdata[smoke]")
pytest.importorskip("transformers", reason="the smoke test needs pytest-clipdata[smoke]")

Make = Callable[..., list[Pair]]


def photo(rng: np.random.Generator, size: tuple[int, int] = (96, 80)) -> Image.Image:
    return Image.fromarray(rng.integers(0, 256, (5, 7, 3), dtype=np.uint8)).resize(size, Image.Resampling.BICUBIC)


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Pictures 0..n-1, each once with its own text and once with the next one's, on lines 2, 3, ..."""

    def made(
        n: int = 12,
        draw: Callable[[np.random.Generator], Image.Image] = photo,
        text: Callable[[int], str] = lambda i: f"a soft cotton item, number {i}, in colour {i * 7}",
        suffix: str = ".png",
        save: dict[str, Any] | None = None,
    ) -> list[Pair]:
        rng = np.random.default_rng(3)
        pairs = []
        for i in range(n):
            path = tmp_path / f"{i}{suffix}"
            draw(rng).save(path, **(save or {}))
            pairs.append(Pair(2 * i + 2, Blob.of(path), text(i), True, f"{i}/{i}"))
            pairs.append(Pair(2 * i + 3, Blob.of(path), text((i + 1) % n), False, f"{i}/{(i + 1) % n}"))
        return pairs

    return made


def opened(path: Path, limits: Limits | None = None) -> tuple[Image.Image, bool]:
    """The picture as a model that sees 64 pixels is given it, and whether it is saturated."""
    (drawn,) = Opening(limits or Limits()).pictures([Blob.of(path)], 64)
    picture = picture_of(drawn)
    assert picture is not None, drawn.error
    return picture, bool(drawn.saturated)


def codes(pairs: list[Pair], **how: Any) -> list[str]:
    return [failure.code for failure in run_smoke(pairs, device="cpu", **how).failures]


# What passes, and what it says


def test_good_rows_are_learned_and_the_figures_say_how(make: Make) -> None:
    result = run_smoke(make(), device="cpu")
    assert result.failures == ()
    assert result.skipped is None
    assert result.evaluated == 16
    figures = result.figures
    assert figures["device"] == "cpu"
    assert figures["dtype"] == "float32"
    assert 150_000 < figures["parameters"] < 300_000
    assert 5 <= figures["steps"] == len(figures["losses"]) - 1 <= 100
    assert figures["losses"][-1] < figures["bound"] == pytest.approx(0.8 * np.log(2), abs=1e-4)
    assert json.loads(json.dumps(figures)) == figures
    assert result.timings["train_s"] > 0


def test_the_same_seed_gives_the_same_figures_and_another_seed_others(make: Make) -> None:
    pairs = make()
    first, again, other = (run_smoke(pairs, device="cpu", seed=seed).figures for seed in (1, 1, 2))
    assert first == again
    assert first["losses"] != other["losses"]


def test_the_figures_do_not_depend_on_the_random_state_around(make: Make) -> None:
    pairs = make()
    first = run_smoke(pairs, device="cpu").figures
    torch.rand(17)
    np.random.rand(3)
    assert run_smoke(pairs, device="cpu").figures == first


def test_small_csvs_are_trained_on_whole(make: Make) -> None:
    result = run_smoke(make(2), device="cpu")
    assert result.evaluated == 4
    assert result.failures == ()


def test_one_label_is_skipped_and_says_so(make: Make) -> None:
    result = run_smoke([pair for pair in make() if pair.matches], device="cpu")
    assert result.skipped == "no mismatch rows: a smoke test needs 2 of each label"
    assert result.figures == {}
    few = [pair for pair in make() if pair.matches or pair.row == 3]
    assert "1 mismatch row:" in str(run_smoke(few, device="cpu").skipped)
    assert run_smoke([], device="cpu").skipped


# What fails, each with its code and lines


def test_blank_pictures(make: Make) -> None:
    pairs = make(draw=lambda rng: Image.new("RGB", (60, 50), tuple(int(v) for v in rng.integers(0, 256, 3))))
    result = run_smoke(pairs, device="cpu")
    assert [failure.code for failure in result.failures] == ["blank"]
    assert len(result.failures[0].rows) == 16
    assert set(result.failures[0].rows) <= {pair.row for pair in pairs}


def test_some_blank_pictures_are_no_failure(make: Make) -> None:
    pairs = make()
    for pair in pairs[:6]:
        Image.new("RGB", (60, 50), "white").save(pair.image.url)
    assert codes(pairs) == []


def test_sixteen_bit_pictures_that_saturate(make: Make) -> None:
    pairs = make(draw=lambda rng: Image.fromarray(rng.integers(900, 60000, (50, 60), dtype=np.uint16)))
    assert codes(pairs) == ["saturated"]


def test_float_pictures_that_go_black(make: Make) -> None:
    pairs = make(draw=lambda rng: Image.fromarray(rng.random((50, 60)).astype(np.float32) * 0.9), suffix=".tiff")
    assert codes(pairs) == ["saturated"]


def test_one_saturated_picture_names_its_line_alone(make: Make) -> None:
    pairs = make(8)
    Image.fromarray(np.random.default_rng(0).integers(900, 60000, (50, 60), dtype=np.uint16)).save(pairs[4].image.url)
    (failure,) = run_smoke(pairs, device="cpu").failures
    assert failure.code == "saturated"
    assert set(failure.rows) <= {pairs[4].row, pairs[5].row}


def test_pictures_that_cannot_be_read_are_named(make: Make) -> None:
    pairs = make(8)
    Path(pairs[0].image.url).write_bytes(b"not a picture")
    Path(pairs[2].image.url).unlink()
    (failure,) = run_smoke(pairs, device="cpu").failures
    assert failure.code == "unreadable"
    assert failure.rows == (2, 3, 4, 5)
    assert "No such file or directory" in failure.message
    assert "of an unknown format" in failure.message


def test_a_folder_of_broken_files_is_not_read_through(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []

    def refuse(self: Opening, paths: list[Path], side: int) -> Iterator[Drawn]:
        for path in paths:
            asked.append(path)
            yield Drawn(ImageStatus.BROKEN, "no")

    monkeypatch.setattr(Opening, "pictures", refuse)
    assert codes(make(60)) == ["unreadable"]
    assert len(asked) <= 6 * PER_LABEL


def test_one_picture_under_many_names(make: Make) -> None:
    same = photo(np.random.default_rng(9), (320, 240))
    assert codes(make(draw=lambda rng: same)) == ["identical_pictures"]
    pairs = make(draw=lambda rng: same, suffix=".jpg")
    for i, pair in enumerate(pairs[::2]):
        same.save(pair.image.url, quality=75 + 2 * i)
    assert codes(pairs) == ["identical_pictures"]


def test_one_text_for_all(make: Make) -> None:
    assert codes(make(text=lambda i: "a red shirt")) == ["identical_tokens"]


def test_texts_that_differ_behind_the_context_are_one_text(make: Make) -> None:
    assert codes(make(text=lambda i: "red " * 90 + str(i))) == ["identical_tokens"]
    assert codes(make(text=lambda i: "red " * 60 + str(i))) == []


@pytest.mark.parametrize("by_key", [True, False])
def test_one_pair_with_both_labels_names_its_lines(make: Make, by_key: bool, tmp_path: Path) -> None:
    pairs = make(8)
    copy = tmp_path / "copy.png"
    if by_key:  # said to be a copy, however it looks
        photo(np.random.default_rng(99)).save(copy)
    else:
        copy.write_bytes(Path(pairs[0].image.url).read_bytes())
    torn = replace(pairs[0], row=99, matches=False, image=Blob.of(copy))
    if not by_key:
        torn = replace(torn, pair_key="another")
    pairs = [pair for pair in pairs if pair.matches or pair.row > 4] + [torn]
    (failure,) = run_smoke(pairs, device="cpu").failures
    assert failure.code == "both_labels"
    assert failure.rows == (2, 99)


def test_inputs_that_cannot_tell_the_labels_stay_at_the_entropy() -> None:
    """The bound alone, without the checks that come before it."""
    run = train_small(np.random.default_rng(0), torn=True)
    assert [failure.code for failure in run.failures] == ["not_learned"]
    assert run.steps == 100
    assert min(run.losses) >= run.entropy - 1e-4
    assert run.failures[0].rows
    assert "not under 0.555 (= 0.8 x the label entropy)" in run.failures[0].message


def test_what_the_bound_passes_took_at_least_five_steps() -> None:
    run = train_small(np.random.default_rng(0), torn=False)
    assert run.failures == []
    assert run.steps >= 5


def test_pixels_of_nan_are_caught_as_a_loss_that_is_not_finite() -> None:
    run = train_small(np.random.default_rng(0), torn=False, spoil=3)
    (failure,) = run.failures
    assert failure.code == "loss_not_finite"
    assert failure.rows == (5,)


@pytest.mark.parametrize("tower", ["picture", "text"])
def test_a_tower_that_gets_no_gradient(tower: str) -> None:
    def freeze(model: Any) -> None:
        parts = {"picture": ("vision_model", "visual_projection"), "text": ("text_model", "text_projection")}
        for part in parts[tower]:
            getattr(model, part).requires_grad_(False)

    run = train_small(np.random.default_rng(0), torn=False, change=freeze)
    assert [failure.code for failure in run.failures] == ["no_gradient"]
    assert tower in run.failures[0].message


def test_weights_that_do_not_move() -> None:
    run = train_small(np.random.default_rng(0), torn=True, lr=0.0)
    assert [failure.code for failure in run.failures] == ["not_learned", "weights_stuck", "weights_stuck"]


def test_a_gradient_that_is_not_finite() -> None:
    def explode(model: Any) -> None:
        model.text_projection.weight.register_hook(lambda gradient: gradient * float("inf"))

    run = train_small(np.random.default_rng(0), torn=False, change=explode)
    assert [failure.code for failure in run.failures] == ["gradient_not_finite"]


def test_projections_alone_learn_too_and_towers_stay() -> None:
    kept: dict[str, Any] = {}

    def remember(model: Any) -> None:
        kept["model"] = model
        kept["before"] = model.vision_model.embeddings.patch_embedding.weight.detach().clone()

    run = train_small(np.random.default_rng(0), torn=False, change=remember, towers="projections")
    assert run.failures == []
    assert torch.equal(kept["model"].vision_model.embeddings.patch_embedding.weight, kept["before"])


def test_bfloat16_autocast_reaches_the_bound() -> None:
    assert train_small(np.random.default_rng(0), torn=False, autocast=torch.bfloat16).failures == []


def train_small(
    rng: np.random.Generator,
    *,
    torn: bool,
    spoil: int | None = None,
    change: Callable[[Any], None] = lambda model: None,
    lr: float = 1e-4,
    autocast: Any = None,
    towers: str = "all",
) -> Any:
    """The tiny model on 8 inputs, each with both labels (torn), or on 16 different ones; on lines 2 to 17."""
    from pytest_clipdata.smoke.process import undisturbed
    from pytest_clipdata.smoke.tiny import SIDE, tiny_model
    from pytest_clipdata.smoke.train import Batch, Terms, train

    order = [i % 8 if torn else i for i in range(16)]
    pixels = np.stack([clip_pixels(photo(rng), SIDE) for _ in range(16)])[order]
    if spoil is not None:
        pixels[spoil] = np.nan
    ids, mask, vocabulary = tiny_tokens([f"item number {i} of {i * 13}" for i in order])
    labels = np.repeat(np.array([1, 0], dtype=np.float32), 8)
    batch = Batch({"pixel_values": pixels}, ids, mask, labels, tuple(range(2, 18)))
    with undisturbed("cpu", 0, threads=1):
        model = tiny_model(vocabulary)
        change(model)
        return train(model, batch, Terms("cpu", autocast, lr, towers=towers))


# The process is left as it was found


def state() -> tuple[Any, ...]:
    import os

    from transformers.utils import logging as talk

    return (
        torch.get_rng_state().tolist(),
        np.random.get_state()[1].tolist(),
        random.getstate(),
        torch.get_num_threads(),
        torch.get_default_dtype(),
        torch.get_default_device(),
        torch.is_grad_enabled(),
        torch.is_inference_mode_enabled(),
        torch.is_autocast_enabled("cpu"),
        torch.are_deterministic_algorithms_enabled(),
        torch.backends.cudnn.benchmark,
        list(warnings.filters),
        talk.get_verbosity(),
        talk.is_progress_bar_enabled(),
        dict(os.environ),
    )


@pytest.mark.parametrize("data", ["good", "bad"])
def test_the_process_is_left_as_it_was_found(make: Make, data: str) -> None:
    pairs = make() if data == "good" else make(text=lambda i: "one")
    run_smoke(pairs, device="cpu")  # what is imported once is not what is asked about
    from transformers.utils import logging as talk

    threads, verbosity = torch.get_num_threads(), talk.get_verbosity()
    torch.set_num_threads(3)
    talk.set_verbosity_info()
    talk.enable_progress_bar()
    torch.set_default_dtype(torch.float64)
    try:
        before = state()
        run_smoke(pairs, device="cpu")
        assert state() == before
    finally:
        torch.set_default_dtype(torch.float32)
        torch.set_num_threads(threads)
        talk.set_verbosity(verbosity)


def test_it_works_inside_inference_mode_autocast_and_another_default_device(make: Make) -> None:
    pairs = make()
    plain = run_smoke(pairs, device="cpu")
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16), torch.device("meta"):
        inside = run_smoke(pairs, device="cpu")
        assert torch.is_inference_mode_enabled()
    assert inside.figures == plain.figures
    torch.set_default_dtype(torch.float64)
    try:
        assert run_smoke(pairs, device="cpu").figures == plain.figures
    finally:
        torch.set_default_dtype(torch.float32)


def test_it_works_in_a_thread(make: Make) -> None:
    pairs, results = make(), []
    thread = threading.Thread(target=lambda: results.append(run_smoke(pairs, device="cpu")))
    thread.start()
    thread.join()
    assert results[0].failures == ()


def test_importing_the_room_imports_nothing_heavy() -> None:
    program = (
        "import sys; from pytest_clipdata.smoke.values import missing_extra; from pytest_clipdata.smoke.run import"
        " run_smoke; missing_extra(); run_smoke([]);"
        "print(sorted({'torch', 'transformers', 'numpy', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# Devices and memory


def test_a_device_that_is_not_to_be_had_is_one_sentence(make: Make) -> None:
    if not torch.cuda.is_available():
        with pytest.raises(SmokeError, match=r"asked for on cuda, but torch .* (built without|no) CUDA"):
            run_smoke(make(), device="cuda")
    with pytest.raises(SmokeError, match="does not know the device 'tpu'"):
        run_smoke(make(), device="tpu")


def test_auto_takes_the_accelerator_if_there_is_one(make: Make) -> None:
    found = torch.accelerator.current_accelerator(check_available=True)
    assert run_smoke(make(), device="auto").figures["device"] == ("cpu" if found is None else found.type)


@pytest.mark.parametrize("fits", [8, 4])
def test_out_of_memory_halves_once_then_fails_with_the_figure(
    make: Make, monkeypatch: pytest.MonkeyPatch, fits: int
) -> None:
    from pytest_clipdata.smoke import train

    whole = train.train

    def scarce(model: Any, batch: Any, terms: Any) -> Any:
        if len(batch) > fits:
            raise torch.OutOfMemoryError("out of memory. Tried to allocate 1.00 GiB")
        return whole(model, batch, terms)

    monkeypatch.setattr(train, "train", scarce)
    if fits == 4:
        with pytest.raises(SmokeError, match="cpu ran out of memory with 16 pairs and again with 8"):
            run_smoke(make(), device="cpu")
        return
    result = run_smoke(make(), device="cpu")
    assert result.failures == ()
    assert result.evaluated == result.figures["pairs"] == 8
    assert result.figures["notes"] == ["memory ran out with 16 pairs, tried again with 8"]


def test_another_error_of_the_device_is_one_sentence(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    from pytest_clipdata.smoke import train

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("CUDA error: no kernel image is available\nlong story")

    monkeypatch.setattr(train, "train", broken)
    with pytest.raises(SmokeError, match=r"^training on cpu failed: CUDA error: no kernel image is available$"):
        run_smoke(make(), device="cpu")


def test_what_is_not_installed_is_named(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    from pytest_clipdata.smoke import values

    assert missing_extra() is None
    monkeypatch.setattr(values, "find_spec", lambda name: None if name == "torch" else object())
    assert missing_extra() == "torch not installed: pip install pytest-clipdata[smoke]"
    assert run_smoke(make()).skipped == missing_extra()
    with pytest.raises(SmokeError, match="the smoke test was asked for, but torch not installed"):
        run_smoke(make(), device="cpu")


# The sample


def test_the_sample_is_balanced_and_distinct_and_halves_into_balanced_ones(make: Make) -> None:
    pairs = make(30)
    matches, mismatches = candidates(pairs, seed=4)
    chosen = interleaved(matches[:PER_LABEL], mismatches[:PER_LABEL])
    assert [pair.matches for pair in chosen] == [True, False] * PER_LABEL
    for kind in (True, False):
        assert len({pair.image for pair in chosen if pair.matches is kind}) == PER_LABEL
        assert len({pair.text for pair in chosen if pair.matches is kind}) == PER_LABEL
    assert {pair.image for pair in chosen if pair.matches} == {pair.image for pair in chosen if not pair.matches}


def test_rows_that_repeat_come_only_when_nothing_else_is_left() -> None:
    repeated = [Pair(i, Blob("a.png"), "same", True, "k") for i in range(50)]
    distinct = [Pair(100 + i, Blob(f"{i}.png"), f"text {i}", True, f"k{i}") for i in range(5)]
    matches, mismatches = candidates(repeated + distinct, seed=0)
    assert mismatches == []
    assert len({pair.image for pair in matches[:6]}) == 6
    assert len(matches) == 55


def test_the_sample_of_a_huge_csv_is_bounded() -> None:
    pairs = [Pair(i, Blob(f"{i}.png"), f"text {i}", i % 2 == 0, str(i)) for i in range(20_000)]
    matches, mismatches = candidates(pairs, seed=0)
    assert len(matches) <= 2048
    assert len(mismatches) <= 4096


def test_large_pictures_are_asked_for_in_smaller_number(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    from pytest_clipdata.smoke import sample

    monkeypatch.setattr(sample, "_PIXEL_BUDGET", 1)
    assert run_smoke(make(), device="cpu").evaluated == 8


# Pixels


@pytest.mark.parametrize(
    "size", [(64, 64), (65, 64), (63, 97), (224, 31), (31, 224), (1, 1), (3, 200), (641, 20), (333, 127), (500, 501)]
)
def test_pixels_equal_those_of_transformers(size: tuple[int, int]) -> None:
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    rng = np.random.default_rng(size[0])
    picture = Image.fromarray(rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8))
    for side in (64, 37):
        theirs = CLIPImageProcessorPil(size={"shortest_edge": side}, crop_size={"height": side, "width": side})
        expected = theirs(picture, return_tensors="np")["pixel_values"][0]
        ours = clip_pixels(picture, side)
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "L", "P", "1", "CMYK"])
def test_modes_are_converted_as_transformers_does(mode: str, tmp_path: Path) -> None:
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    rng = np.random.default_rng(1)
    base = Image.fromarray(rng.integers(0, 256, (40, 51, 4), dtype=np.uint8), "RGBA" if mode == "RGBA" else None)
    picture = base if mode == "RGBA" else base.convert("RGB" if mode == "CMYK" else base.mode).convert(mode)
    path = tmp_path / ("x.tiff" if mode == "CMYK" else "x.png")
    picture.save(path)
    with Image.open(path) as stored:
        size = {"shortest_edge": 64}
        expected = CLIPImageProcessorPil(size=size, crop_size={"height": 64, "width": 64})(stored, return_tensors="np")
    shown, saturated = opened(path)
    assert not saturated
    np.testing.assert_allclose(clip_pixels(shown, 64), expected["pixel_values"][0], atol=1e-5, rtol=0)


def test_a_needle_of_a_picture_takes_no_gigabytes(tmp_path: Path) -> None:
    path = tmp_path / "needle.png"
    Image.new("RGB", (100_000, 1), "red").save(path)
    picture, _ = opened(path)
    assert max(picture.size) <= 32
    assert clip_pixels(picture, 64).shape == (3, 64, 64)


def test_large_jpegs_are_decoded_at_reduced_scale_to_nearly_the_same_pixels(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    photo(np.random.default_rng(2), (2000, 1500)).save(path, quality=95)
    reduced, _ = opened(path)
    assert reduced.size == (500, 375)
    with Image.open(path) as whole:
        assert abs(clip_pixels(whole.convert("RGB"), 64) - clip_pixels(reduced, 64)).max() < 0.1


def test_large_pngs_are_given_at_reduced_scale_to_nearly_the_same_pixels(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    whole = photo(np.random.default_rng(2), (2000, 1500))
    whole.save(path, compress_level=1)
    reduced, _ = opened(path)
    assert reduced.size == (400, 300)
    assert abs(clip_pixels(whole, 64) - clip_pixels(reduced, 64)).max() < 0.1


def test_a_picture_over_the_limit_is_not_decoded(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    Image.new("RGB", (100, 90)).save(path)
    (drawn,) = Opening(Limits(max_pixels=8999)).pictures([Blob.of(path)], 64)
    assert (drawn.status, drawn.error) == (ImageStatus.TOO_LARGE, "100x90 pixels, the limit is 8999")
    assert picture_of(drawn) is None


# Tokens


def test_token_rows_are_start_symbols_end_and_the_end_is_the_highest_id() -> None:
    ids, mask, vocabulary = tiny_tokens(["a red shirt", "a blue shirt with a pocket"])
    assert ids.dtype == np.int64
    assert ids.shape == mask.shape
    assert (ids[:, 0] == 0).all()
    for row, seen in zip(ids, mask, strict=True):
        length = int(seen.sum())
        assert row[length - 1] == vocabulary - 1
        assert (row[length:] == vocabulary - 1).all()
        assert not (row[1 : length - 1] == vocabulary - 1).any()
    assert ids[0, 1] == ids[1, 1]
    assert ids[0, 2] != ids[1, 2]


def test_hostile_texts_are_bounded_and_do_not_raise() -> None:
    texts = ["", " ", "x" * 3_000_000, "\ud800 lone", "\0", "<|endoftext|>", "日本語のシャツ", "é", "a " * 100_000]
    ids, mask, vocabulary = tiny_tokens(texts)
    assert ids.shape[1] <= 77
    assert ids.max() == vocabulary - 1
    assert mask[0].sum() == 2
    assert (tiny_tokens(["caf\u00e9 noir", "cafe\u0301  noir"])[0][0] == tiny_tokens(["caf\u00e9 noir"])[0][0]).all()


# The curve


def test_a_sparkline_falls_with_the_loss_and_marks_what_is_not_finite() -> None:
    assert sparkline([]) == ""
    assert sparkline([1.0, 0.5, 0.0]) == "█▅▁"
    assert sparkline([float("nan"), None, 2.0, float("inf")]) == "!!█!"
    assert sparkline([0.0, 0.0]) == "▁▁"
    assert len(sparkline([1.0 - i / 100 for i in range(100)])) == 40


# Rows without labels: CLIP's own loss over a batch of matches


def matches_of(pairs: list[Pair]) -> list[Pair]:
    return [pair for pair in pairs if pair.matches]


def test_matches_alone_are_learned_in_a_batch(make: Make) -> None:
    result = run_smoke(matches_of(make(20)), device="cpu", in_batch=True)
    assert result.failures == ()
    assert result.skipped is None
    figures = result.figures
    assert figures["pairs"] == result.evaluated == 16
    assert figures["entropy"] == pytest.approx(np.log(16), abs=1e-4)
    assert figures["losses"][-1] < figures["bound"] == pytest.approx(0.8 * np.log(16), abs=1e-4)


def test_made_mismatches_are_judged_first_and_the_batch_after(make: Make) -> None:
    result = run_smoke(make(20), device="cpu", in_batch=True)
    assert result.failures == ()
    assert result.figures["entropy"] == pytest.approx(np.log(2), abs=1e-4)
    assert result.figures["in_batch"]["pairs"] == 16
    assert json.loads(json.dumps(result.figures)) == result.figures
    assert "in_batch" not in run_smoke(make(20), device="cpu").figures


def test_what_repeats_in_a_batch_is_no_mismatch(make: Make) -> None:
    pairs = matches_of(make(20, text=lambda i: f"a red shirt number {i % 3}"))
    assert run_smoke(pairs, device="cpu", in_batch=True).figures["pairs"] == 3


def test_matches_of_one_picture_are_told(make: Make) -> None:
    same = photo(np.random.default_rng(9))
    (failure,) = run_smoke(matches_of(make(draw=lambda rng: same)), device="cpu", in_batch=True).failures
    assert failure.code == "identical_pictures"


def test_matches_of_one_text_are_told(make: Make) -> None:
    (failure,) = run_smoke(matches_of(make(text=lambda i: "a")), device="cpu", in_batch=True).failures
    assert failure.code == "identical_tokens"


def test_matches_that_share_picture_or_text_are_skipped_and_never_pass(make: Make) -> None:
    first, second = matches_of(make(2))
    rows = [replace(second, text=first.text), replace(first, row=9, text="two blue shoes", pair_key="9"), first]
    results = [run_smoke(rows, device="cpu", in_batch=True, seed=seed) for seed in range(6)]
    why = "too few rows of the sample differ in picture and in text to be learned in a batch"
    assert {(result.skipped, result.evaluated) for result in results} == {(None, 2), (why, 0)}


def test_one_match_is_too_few(make: Make) -> None:
    assert "1 match row:" in str(run_smoke(matches_of(make(1)), device="cpu", in_batch=True).skipped)


@pytest.mark.parametrize("side", ["pictures", "texts"])
def test_a_batch_in_which_one_side_tells_nothing_stays_at_the_log_of_its_size(side: str) -> None:
    from pytest_clipdata.smoke.process import undisturbed
    from pytest_clipdata.smoke.tiny import LEARNING_RATE, SIDE, tiny_model
    from pytest_clipdata.smoke.train import Batch, Terms, train

    rng = np.random.default_rng(0)
    pixels = np.stack([clip_pixels(photo(rng), SIDE) for _ in range(16)])
    texts = [f"item number {i} of {i * 13}" for i in range(16)]
    if side == "pictures":
        pixels[1:] = pixels[0]
    else:
        texts = texts[:1] * 16
    ids, mask, vocabulary = tiny_tokens(texts)
    batch = Batch({"pixel_values": pixels}, ids, mask, np.ones(16, np.float32), tuple(range(2, 18)))
    with undisturbed("cpu", 0, threads=1):
        run = train(tiny_model(vocabulary), batch, Terms("cpu", None, LEARNING_RATE, in_batch=True))
    assert [failure.code for failure in run.failures] == ["not_learned_in_batch"]
    assert run.steps == 100
    assert min(run.losses) >= np.log(16) - 1e-4
    assert "not under 2.218 (= 0.8 x log 16, the batch size)" in run.failures[0].message


def test_the_loss_of_a_batch_is_each_choosing_its_own_among_all() -> None:
    from pytest_clipdata.smoke.objectives import InBatch

    rng = np.random.default_rng(0)
    pictures, texts = rng.normal(size=(7, 5)).astype(np.float32), rng.normal(size=(7, 5)).astype(np.float32)
    ours = InBatch(7, "cpu").losses(torch.tensor(pictures), torch.tensor(texts), first=True)
    unit = [side / np.linalg.norm(side, axis=1, keepdims=True) for side in (pictures, texts)]
    odds = np.exp(unit[0] @ unit[1].T / 0.07)
    chances = [odds[i, i] / odds[i].sum() for i in range(7)], [odds[i, i] / odds[:, i].sum() for i in range(7)]
    np.testing.assert_allclose(ours.detach(), -(np.log(chances[0]) + np.log(chances[1])) / 2, rtol=1e-5)
