"""A tiny CLIP checkpoint with everything that a real one has, made on the spot, and coloured shapes for it to know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

SIDE = 32
COLOURS = {
    "red": (200, 30, 40),
    "green": (40, 160, 60),
    "blue": (40, 60, 200),
    "yellow": (230, 210, 40),
    "black": (20, 20, 20),
    "purple": (130, 50, 160),
}
SHAPES = ("square", "triangle")
CLASSES = tuple((colour, shape) for colour in COLOURS for shape in SHAPES)


def draw(rng: np.random.Generator, colour: str, shape: str, size: int = 48) -> Image.Image:
    """One shape in one colour on a pale ground, at a place, size and shade of its own."""
    picture = Image.new("RGB", (size, size), tuple(int(v) for v in rng.integers(225, 256, 3)))
    pen = ImageDraw.Draw(picture)
    r = int(rng.integers(size // 4, size // 3))
    x, y = (int(v) for v in rng.integers(r, size - r, 2))
    fill = tuple(int(v) for v in np.clip(np.array(COLOURS[colour]) + rng.integers(-15, 16, 3), 0, 255))
    if shape == "square":
        pen.rectangle((x - r, y - r, x + r, y + r), fill=fill)
    else:
        pen.polygon([(x, y - r), (x - r, y + r), (x + r, y + r)], fill=fill)
    return picture


def words_of(colour: str, shape: str) -> str:
    return f"a {colour} {shape} on white"


def write_tokenizer(folder: Path) -> int:
    """A byte-pair tokenizer of CLIP's kind that knows the words above and any other ASCII; its size."""
    words = ["a", "on", "white", "photo", "of", *COLOURS, *SHAPES]
    letters = [chr(code) for code in range(33, 127)]
    tokens = letters + [letter + "</w>" for letter in letters]
    merges: list[str] = []
    for word in words:
        parts = [*word[:-1], word[-1] + "</w>"]
        built = parts[0]
        for part in parts[1:]:
            merges.append(f"{built} {part}")
            built += part
            tokens.append(built)
    tokens = [*dict.fromkeys(tokens), "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(tokens)}))
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *dict.fromkeys(merges)]) + "\n")
    config = {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return len(tokens)


def write_processor(folder: Path) -> None:
    config = {
        "image_processor_type": "CLIPImageProcessor",
        "size": {"shortest_edge": SIDE},
        "crop_size": {"height": SIDE, "width": SIDE},
        "do_resize": True,
        "do_center_crop": True,
        "do_rescale": True,
        "do_normalize": True,
        "do_convert_rgb": True,
        "image_mean": [0.48145466, 0.4578275, 0.40821073],
        "image_std": [0.26862954, 0.26130258, 0.27577711],
        "resample": 3,
        "rescale_factor": 1 / 255,
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(config))


def write_checkpoint(folder: Path, dtype: str = "float32") -> Any:
    """A checkpoint of random weights in ``folder``; returns the model."""
    import torch
    from transformers import CLIPConfig, CLIPModel

    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = write_tokenizer(folder)
    write_processor(folder)
    tower = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
    marks = {"bos_token_id": vocabulary - 2, "eos_token_id": vocabulary - 1, "pad_token_id": vocabulary - 1}
    config = CLIPConfig(
        text_config={**tower, **marks, "vocab_size": vocabulary, "max_position_embeddings": 77},
        vision_config={**tower, "image_size": SIDE, "patch_size": 8},
        projection_dim=64,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = CLIPModel(config)
    model.to(getattr(torch, dtype)).save_pretrained(folder)
    return model


def train_on_shapes(folder: Path, steps: int = 480) -> None:
    """Teach the checkpoint in ``folder`` which words go with which picture, contrastively over all classes."""
    import torch

    from pytest_clipdata.smoke.checkpoint import load_checkpoint

    checkpoint = load_checkpoint(str(folder))
    model = checkpoint.model.train()
    rng = np.random.default_rng(1)
    ids, mask = (torch.tensor(part) for part in checkpoint.tokens([words_of(*kind) for kind in CLASSES]))
    shown = 48
    pixels = torch.tensor(
        np.stack([[checkpoint.pixels(draw(rng, *kind))["pixel_values"] for kind in CLASSES] for _ in range(shown)])
    )  # (shown, classes, 3, side, side)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.0)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        for step in range(steps):
            out = model(input_ids=ids, attention_mask=mask, pixel_values=pixels[step % shown])
            target = torch.arange(len(CLASSES))
            logits = out.logits_per_image
            cross = torch.nn.functional.cross_entropy
            loss = (cross(logits, target) + cross(logits.T, target)) / 2
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    torch.set_num_threads(threads)
    model.save_pretrained(folder)


def write_siglip(folder: Path, kind: str) -> None:
    """A checkpoint of random weights of ``kind`` siglip or siglip2 in ``folder``, with a vocabulary learned here."""
    import torch
    from transformers import Siglip2Config, Siglip2Model, SiglipConfig, SiglipModel

    folder.mkdir(parents=True)
    vocabulary = {"siglip": write_sentencepiece, "siglip2": write_gemma}[kind](folder)
    tower = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
    marks = {"bos_token_id": 1, "eos_token_id": 1, "pad_token_id": 1}
    text = {**tower, **marks, "vocab_size": vocabulary, "max_position_embeddings": 24}
    prepared = {"image_mean": [0.5] * 3, "image_std": [0.5] * 3, "do_rescale": True, "rescale_factor": 1 / 255}
    seen: dict[str, Any] = {"patch_size": 8, "image_size": SIDE}
    prepared |= {"image_processor_type": "SiglipImageProcessor", "size": {"height": SIDE, "width": SIDE}}
    if kind == "siglip2":
        seen = {"patch_size": 8, "num_patches": 16}
        prepared |= {"image_processor_type": "Siglip2ImageProcessor", "patch_size": 8, "max_num_patches": 16}
        del prepared["size"]
    (folder / "preprocessor_config.json").write_text(json.dumps(prepared))
    configs, models = (
        {"siglip": SiglipConfig, "siglip2": Siglip2Config},
        {"siglip": SiglipModel, "siglip2": Siglip2Model},
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        models[kind](configs[kind](text_config=text, vision_config={**tower, **seen})).save_pretrained(folder)


def write_sentencepiece(folder: Path) -> int:
    """SigLIP's kind of vocabulary, learned from the captions; its size."""
    import io

    import sentencepiece

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([words_of(*kind) for kind in CLASSES] * 5),
        model_writer=model, vocab_size=48, hard_vocab_limit=False, pad_id=1, unk_id=2, eos_id=0, bos_id=-1,
        minloglevel=2,
    )  # fmt: skip
    (folder / "spiece.model").write_bytes(model.getvalue())
    marks = {"eos_token": "</s>", "pad_token": "</s>", "unk_token": "<unk>"}
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "SiglipTokenizer", **marks}))
    return 64


def write_gemma(folder: Path) -> int:
    """SigLIP 2's kind of vocabulary, of single letters; its size."""
    from transformers import Siglip2Tokenizer

    marks = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
    letters = ["▁", *(chr(code) for code in range(33, 127)), *(f"<0x{byte:02X}>" for byte in range(256))]
    Siglip2Tokenizer({token: i for i, token in enumerate([*marks, *letters])}, []).save_pretrained(folder)
    return 512
