"""SigLIP and SigLIP 2: a checkpoint of theirs sets side, context and tokens, and trains as CLIP does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from helpers.tools import open_run, write

from pytest_clipdata.reading.blob import Blob
from pytest_clipdata.reading.dataset import discover
from pytest_clipdata.running.load_settings import load_settings
from pytest_clipdata.settings.declared import SettingsError
from pytest_clipdata.settings.options import RunOptions
from pytest_clipdata.smoke.values import Pair, SmokeError

torch = pytest.importorskip("torch", reason="the smoke test needs pytest-clipdata[smoke]")
pytest.importorskip("transformers", reason="the smoke test needs pytest-clipdata[smoke]")
pytest.importorskip("sentencepiece", reason="the smoke test needs pytest-clipdata[smoke]")

from helpers.smoke_checkpoint import CLASSES, SIDE, draw, words_of, write_siglip  # noqa: E402

from pytest_clipdata.smoke import run  # noqa: E402
from pytest_clipdata.smoke.checkpoint import load_checkpoint  # noqa: E402
from pytest_clipdata.smoke.counting import CheckpointTokens  # noqa: E402
from pytest_clipdata.smoke.described import described  # noqa: E402
from pytest_clipdata.smoke.process import undisturbed  # noqa: E402
from pytest_clipdata.smoke.scoring import score_labels  # noqa: E402
from pytest_clipdata.smoke.towers import Towers  # noqa: E402


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Models this small gain nothing from threads, and on a busy machine lose ten times over."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module", params=["siglip", "siglip2"])
def checkpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkpoint") / request.param
    write_siglip(folder, request.param)
    return folder


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> list[Pair]:
    folder, rng, rows = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0), []
    for i, kind in enumerate(CLASSES):
        picture = draw(rng, *kind, size=48 + i)
        picture.crop((0, 0, 48 + i, 40)).save(folder / f"{i}.png")
        for matches in (True, False):
            text = words_of(*(kind if matches else CLASSES[(i + 1) % len(CLASSES)]))
            rows.append(Pair(len(rows), Blob.of(folder / f"{i}.png"), text, matches, f"{i} {text}"))
    return rows


@pytest.mark.parametrize("trained", ["all", "projections"])
def test_it_trains_as_clip_does(
    checkpoint: Path, pairs: list[Pair], trained: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "_WHOLE_ON_CPU", 5_000_000 if trained == "all" else 1000)
    result = run.run_smoke(pairs, device="cpu", model=str(checkpoint))
    assert result.failures == ()
    assert (result.figures["trained"], result.figures["tokens"]) == (trained, "checkpoint")
    assert result.figures["losses"][-1] < result.figures["bound"]


def test_a_pair_with_both_labels_is_told(checkpoint: Path, pairs: list[Pair]) -> None:
    torn = [replace(pair, matches=matches) for pair in pairs[:8] for matches in (True, False)]
    (failure,) = run.run_smoke(torn, device="cpu", model=str(checkpoint)).failures
    assert failure.code == "both_labels"


def test_embeddings_are_those_of_transformers(checkpoint: Path, pairs: list[Pair]) -> None:
    from PIL import Image

    loaded = load_checkpoint(str(checkpoint))
    towers = Towers(loaded.model)
    shown = loaded.pixels(Image.open(pairs[3].image.url).convert("RGB"))
    pictures = {name: torch.tensor(value[None]) for name, value in shown.items()}
    ids, mask = (torch.tensor(part) for part in loaded.tokens(["a red square", "a blue triangle on white"]))
    assert ids.shape == (2, 24)
    with torch.no_grad():
        whole = loaded.model(input_ids=ids, **pictures)
        texts = towers.embedded_texts(towers.text_features(ids, mask))
        seen = towers.embedded_pictures(towers.picture_features(pictures), pictures)
    for ours, theirs in ((texts, whole.text_embeds), (seen, whole.image_embeds)):
        unit = torch.nn.functional.normalize(ours, dim=-1)
        torch.testing.assert_close(unit, torch.nn.functional.normalize(theirs, dim=-1))


def test_every_pair_is_scored(checkpoint: Path, pairs: list[Pair]) -> None:
    scored = score_labels(pairs, model=str(checkpoint), device="cpu")
    assert len(scored.scores) == len(pairs)
    assert all(-1 <= score.score <= 1 for score in scored.scores)


def test_tokens_are_its_own_and_the_tail_is_what_does_not_fit(checkpoint: Path) -> None:
    counter, loaded = CheckpointTokens(checkpoint), load_checkpoint(str(checkpoint))
    texts = [" ".join(["a red square on white"] * n) for n in (1, 2, 9)] + ["", "\ud800 é 红"]
    assert counter.count(texts) == [len(loaded.tokenizer(t.replace("\ud800", "?"))["input_ids"]) for t in texts]
    tail = counter.cut(texts[2], 24)
    kept = texts[2].removesuffix(tail)
    assert counter.count([kept.strip()])[0] <= 24 < counter.count([f"{kept}{tail.split()[0]}"])[0]
    assert counter.cut("square" * 30, 24) == "square" * 30


def test_the_checkpoint_sets_side_context_and_tokens(checkpoint: Path, tmp_path: Path) -> None:
    write(tmp_path, {"train.csv": [("a.jpg", "a red square on white " * 5, "match"), ("a.jpg", "a red one", "match")]})
    (dataset,) = discover([tmp_path])
    options = RunOptions(top=tmp_path, device="off", model=str(checkpoint))
    settings = load_settings(dataset, options)
    assert settings.checks["resolution"].options["min_side"] == SIDE
    assert settings.checks["token_length"].options["max"] == 24
    result = run_of(tmp_path, options).result("train.csv", "token_length")
    (finding,) = result.findings
    assert (finding.place.line, result.evaluated) == (2, 2)
    count = CheckpointTokens(checkpoint).count(["a red square on white " * 5])[0]
    assert finding.message.startswith(f"the text has {count} tokens, SigLIP reads 24 and cuts off '")
    other = load_settings(dataset, replace(options, overrides=("token_length.max=70", "model=clip-336")))
    assert other.checks["token_length"].options["max"] == 70
    assert other.checks["resolution"].options["min_side"] == SIDE


def run_of(folder: Path, options: RunOptions):  # type: ignore[no-untyped-def]
    opened = open_run(folder)
    opened.options, opened.settings = options, load_settings(opened.dataset, options)
    return opened


def test_what_cannot_be_used_is_a_usage_error_of_one_sentence(checkpoint: Path, tmp_path: Path) -> None:
    write(tmp_path, {"train.csv": [("a.jpg", "a red square on white", "match")]})
    (dataset,) = discover([tmp_path])

    def refused(folder: Path | str) -> str:
        with pytest.raises(SettingsError) as caught:
            load_settings(dataset, RunOptions(top=tmp_path, model=str(folder)))
        return str(caught.value).replace(str(folder), "IT")

    spoilt = Path(shutil.copytree(checkpoint, tmp_path / "spoilt"))
    config = json.loads((spoilt / "config.json").read_text())
    (spoilt / "config.json").write_text(json.dumps(config | {"model_type": "blip"}))
    assert refused(spoilt) == (
        "--clip-model: the checkpoint IT cannot be used: it is a 'blip' model, not 'clip', 'siglip', 'siglip2'"
    )
    config["text_config"]["max_position_embeddings"] = "many"
    (spoilt / "config.json").write_text(json.dumps(config))
    assert "that is no size" in refused(spoilt)
    (spoilt / "config.json").unlink()
    assert refused(spoilt).endswith("it has no config.json that can be read")
    assert refused("/no/such/folder") == "--clip-model: the checkpoint IT is not a folder"


def test_a_tokenizer_that_cannot_be_loaded_is_said_in_one_sentence(checkpoint: Path, tmp_path: Path) -> None:
    spoilt = Path(shutil.copytree(checkpoint, tmp_path / "spoilt"))
    for name in ("spiece.model", "tokenizer.json"):
        if (spoilt / name).exists():
            (spoilt / name).write_text("{")
    with pytest.raises(SmokeError, match="cannot be loaded"):
        CheckpointTokens(spoilt)


def test_a_vision_tower_without_a_head_is_refused(tmp_path: Path, checkpoint: Path) -> None:
    spoilt = Path(shutil.copytree(checkpoint, tmp_path / "spoilt"))
    config = json.loads((spoilt / "config.json").read_text())
    config["vision_config"]["vision_use_head"] = False
    (spoilt / "config.json").write_text(json.dumps(config))
    with pytest.raises(SmokeError, match="its vision tower has no head"), undisturbed("cpu", 0, threads=1):
        load_checkpoint(str(spoilt))


def test_what_a_config_leaves_out_is_what_transformers_takes(tmp_path: Path, checkpoint: Path) -> None:
    bare = Path(shutil.copytree(checkpoint, tmp_path / "bare"))
    kind = checkpoint.name
    (bare / "config.json").write_text(json.dumps({"model_type": kind}))
    from transformers import AutoConfig

    theirs = AutoConfig.from_pretrained(bare)
    model = described(str(bare), allow_download=False)
    assert model.context == theirs.text_config.max_position_embeddings == 64
    side = theirs.vision_config.image_size if kind == "siglip" else theirs.vision_config.patch_size * 16
    assert model.side == side
