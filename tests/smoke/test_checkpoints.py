"""A named checkpoint: it trains, and everything that is silently wrong with one ends in one sentence."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from pytest_clipdata.smoke.checkpoint import load_checkpoint
from pytest_clipdata.smoke.described import fingerprint
from pytest_clipdata.smoke.run import run_smoke
from pytest_clipdata.smoke.values import Pair, SmokeError

torch = pytest.importorskip("torch", reason="the smoke test needs pytest-clipdata[smoke]")
pytest.importorskip("transformers", reason="the smoke test needs pytest-clipdata[smoke]")

from helpers.smoke_checkpoint import CLASSES, SIDE, draw, words_of, write_checkpoint  # noqa: E402


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Models this small gain nothing from threads, and on a busy machine lose ten times over."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("untrained") / "clip"
    write_checkpoint(folder)
    return folder


@pytest.fixture
def spoilt(untrained: Path, tmp_path: Path) -> Path:
    """A copy of the checkpoint, to be spoilt."""
    return Path(shutil.copytree(untrained, tmp_path / "clip"))


@pytest.fixture
def pairs(tmp_path: Path) -> list[Pair]:
    rng = np.random.default_rng(0)
    rows = []
    for i, kind in enumerate(CLASSES):
        path = tmp_path / f"{i}.png"
        draw(rng, *kind).save(path)
        for matches in (True, False):
            text = words_of(*(kind if matches else CLASSES[(i + 1) % len(CLASSES)]))
            rows.append(Pair(len(rows) + 2, path, text, matches, f"{i} {text}"))
    return rows


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def why(folder: Path | str) -> str:
    with pytest.raises(SmokeError) as caught:
        load_checkpoint(str(folder))
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert len(sentence) < 600
    return sentence.replace(str(folder), "CLIP")


def edit(path: Path, **changes: Any) -> None:
    record = json.loads(path.read_text()) | changes
    path.write_text(json.dumps(record))


@pytest.mark.usefixtures("no_network")
def test_a_checkpoint_trains_with_its_own_processor_and_tokenizer(untrained: Path, pairs: list[Pair]) -> None:
    result = run_smoke(pairs, device="cpu", model=str(untrained))
    assert result.failures == ()
    figures = result.figures
    assert figures["model"] == str(untrained)
    assert figures["tokens"] == "checkpoint"
    assert figures["trained"] == "all"
    assert figures["notes"] == []
    assert run_smoke(pairs, device="cpu", model=str(untrained)).figures == figures


def test_a_big_checkpoint_on_the_cpu_trains_its_projections(
    untrained: Path, pairs: list[Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    from pytest_clipdata.smoke import run

    monkeypatch.setattr(run, "_WHOLE_ON_CPU", 1000)
    result = run_smoke(pairs, device="cpu", model=str(untrained))
    assert result.figures["trained"] == "projections"
    assert result.failures == ()


def test_the_tokens_are_cut_to_the_context_and_the_pixels_are_the_processors(untrained: Path) -> None:
    checkpoint = load_checkpoint(str(untrained))
    ids, mask = checkpoint.tokens(["a red square on white " * 40, "a red square", "\ud800 <|endoftext|>" * 9000])
    assert ids.shape == mask.shape == (3, 77)
    assert ids[0, -1] == len(checkpoint.tokenizer) - 1
    picture = draw(np.random.default_rng(0), "red", "square", 99)
    assert checkpoint.pixels(picture)["pixel_values"].shape == (3, SIDE, SIDE)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_weights_are_trained_as_float32_and_it_is_said(
    tmp_path: Path, pairs: list[Pair], dtype: str
) -> None:
    write_checkpoint(tmp_path / "half", dtype)
    result = run_smoke(pairs, device="cpu", model=str(tmp_path / "half"))
    assert result.failures == ()
    assert result.figures["dtype"] == "float32"
    assert result.figures["notes"] == [
        f"the checkpoint holds {dtype} weights, trained here as float32: half-precision weights turn NaN under AdamW"
    ]


def test_memory_that_runs_out_reloads_the_checkpoint(
    untrained: Path, pairs: list[Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    from pytest_clipdata.smoke import train

    whole = train.train

    def scarce(model: Any, batch: Any, terms: Any) -> Any:
        if len(batch) > 8:
            with torch.no_grad():
                model.text_projection.weight.fill_(float("nan"))  # half a step taken
            raise RuntimeError("MPS backend out of memory")
        return whole(model, batch, terms)

    monkeypatch.setattr(train, "train", scarce)
    result = run_smoke(pairs, device="cpu", model=str(untrained))
    assert result.failures == ()
    assert result.evaluated == 8


def test_another_kind_of_model(spoilt: Path) -> None:
    edit(spoilt / "config.json", model_type="blip")
    assert why(spoilt) == "the checkpoint CLIP cannot be used: it is a 'blip' model, not 'clip', 'siglip', 'siglip2'"


@pytest.mark.parametrize("content", [None, "not json", "[]", "[" * 100_000])
def test_a_config_that_cannot_be_read(spoilt: Path, content: str | None) -> None:
    (spoilt / "config.json").unlink()
    if content is not None:
        (spoilt / "config.json").write_text(content)
    assert why(spoilt) == "the checkpoint CLIP cannot be used: it has no config.json that can be read"


def test_missing_tokenizer_files(spoilt: Path) -> None:
    for name in ("vocab.json", "merges.txt", "tokenizer.json"):
        (spoilt / name).unlink(missing_ok=True)
    assert "it has no tokenizer files" in why(spoilt)


def test_a_tokenizer_of_too_few_tokens(spoilt: Path) -> None:
    (spoilt / "vocab.json").write_text(json.dumps({"<|startoftext|>": 0, "<|endoftext|>": 1}))
    (spoilt / "merges.txt").write_text("#version: 0.2\n")
    assert "its tokenizer has 2 tokens, the model" in why(spoilt)


def test_a_tokenizer_of_another_model(spoilt: Path) -> None:
    vocabulary = json.loads((spoilt / "vocab.json").read_text())
    (spoilt / "vocab.json").write_text(json.dumps(vocabulary | {f"more{i}": len(vocabulary) + i for i in range(9)}))
    assert f"its tokenizer has {len(vocabulary) + 9} tokens, but the model only {len(vocabulary)}" in why(spoilt)


def test_a_broken_tokenizer_file(spoilt: Path) -> None:
    (spoilt / "vocab.json").write_text("{")
    assert "its tokenizer or image processor cannot be loaded" in why(spoilt)


def test_an_end_mark_that_is_not_the_tokenizers_pools_every_text_alike(spoilt: Path) -> None:
    config = json.loads((spoilt / "config.json").read_text())
    config["text_config"]["eos_token_id"] = 5
    (spoilt / "config.json").write_text(json.dumps(config))
    assert "gives two different texts the same features" in why(spoilt)


def test_a_missing_processor_file(spoilt: Path) -> None:
    (spoilt / "preprocessor_config.json").unlink()
    assert "it has no preprocessor_config.json" in why(spoilt)


def test_a_processor_of_another_size(spoilt: Path) -> None:
    edit(spoilt / "preprocessor_config.json", crop_size={"height": 40, "width": 40}, size={"shortest_edge": 40})
    assert "its image processor gives (3, 40, 40), but the model needs (3, 32, 32)" in why(spoilt)


def rewrite(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    from safetensors.torch import load_file, save_file

    path = folder / "model.safetensors"
    weights = {name: weight.clone() for name, weight in load_file(path).items()}
    change(weights)
    save_file(weights, path, metadata={"format": "pt"})


def test_a_missing_weight_would_be_random(spoilt: Path) -> None:
    rewrite(spoilt, lambda weights: weights.pop("text_projection.weight"))
    assert "1 weights are missing and would be random, text_projection.weight for one" in why(spoilt)


def test_weights_of_another_shape(spoilt: Path) -> None:
    rewrite(spoilt, lambda weights: weights.update({"text_projection.weight": torch.zeros(3, 3)}))
    assert "its weights cannot be loaded" in why(spoilt)


def test_weights_that_are_not_finite(spoilt: Path) -> None:
    rewrite(spoilt, lambda weights: weights["text_projection.weight"].fill_(float("nan")))
    assert "its weights hold values that are not finite" in why(spoilt)


def test_a_git_lfs_pointer(spoilt: Path) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 605157884\n"
    (spoilt / "model.safetensors").write_text(pointer)
    assert "model.safetensors is a Git LFS pointer, not the weights (git lfs pull)" in why(spoilt)


@pytest.mark.parametrize("size", [0, 5, 1000, -1000])
def test_truncated_weights(spoilt: Path, size: int) -> None:
    path = spoilt / "model.safetensors"
    path.write_bytes(path.read_bytes()[:size])
    assert "model.safetensors is truncated or not a safetensors file" in why(spoilt)


def test_weights_that_could_run_code_are_not_loaded(spoilt: Path) -> None:
    (spoilt / "model.safetensors").rename(spoilt / "pytorch_model.bin")
    assert "pytorch_model.bin is not loaded because it could run code" in why(spoilt)
    (spoilt / "pytorch_model.bin").unlink()
    assert why(spoilt).endswith("it has no *.safetensors weights")


def test_code_in_a_checkpoint_is_not_run(spoilt: Path) -> None:
    (spoilt / "evil.py").write_text("raise SystemExit('ran')\nclass Evil: pass\n")
    edit(spoilt / "config.json", auto_map={"AutoConfig": "evil.Evil", "AutoModel": "evil.Evil"})
    edit(spoilt / "tokenizer_config.json", auto_map={"AutoTokenizer": ["evil.Evil", None]})
    edit(spoilt / "preprocessor_config.json", auto_map={"AutoImageProcessor": "evil.Evil"})
    assert load_checkpoint(str(spoilt)).parameters > 0


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("name", ["/no/such/folder", "./nothing", "a/b/c", "nobody/nothing", "..", "bad id!", ""])
def test_what_is_neither_folder_nor_cached(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert why(name)


@pytest.mark.usefixtures("no_network")
def test_an_id_that_is_not_cached_names_the_option() -> None:
    assert why("nobody/nothing") == (
        "the checkpoint CLIP is neither a folder nor in the local Hugging Face cache (--clip-allow-download fetches it)"
    )


def test_the_fingerprint_changes_with_the_files(spoilt: Path) -> None:
    first = fingerprint(spoilt)
    assert fingerprint(spoilt) == first
    assert len(first) == 32
    (spoilt / "README.md").write_text("words")
    assert fingerprint(spoilt) == first
    edit(spoilt / "preprocessor_config.json", resample=2)
    second = fingerprint(spoilt)
    assert second != first
    rewrite(spoilt, lambda weights: weights["text_projection.weight"].fill_(0.5))
    assert fingerprint(spoilt) not in (first, second)
