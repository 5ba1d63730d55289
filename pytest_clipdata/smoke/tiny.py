"""The small CLIP that answers when no checkpoint is named: transformers' own classes, random weights from a seed."""

from __future__ import annotations

from typing import Any

from pytest_clipdata.smoke.tokens import CONTEXT

#: Pixels of a side that the tiny model sees.
SIDE = 64
#: 3e-4 was less steady; see the trial in docs/smoke.md.
LEARNING_RATE = 1e-4


def tiny_model(vocabulary: int) -> Any:
    """A CLIPModel of about 0.2 M parameters on the CPU in float32, weights drawn from torch's CPU generator.

    Two layers of width 64 and four heads in each tower, 64-pixel pictures in 16-pixel patches, 77 positions;
    ``vocabulary`` ids, the last of them the end mark (``tokens.tiny_tokens``).
    """
    from transformers import CLIPConfig, CLIPModel

    tower = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
    end = vocabulary - 1
    marks = {"bos_token_id": 0, "eos_token_id": end, "pad_token_id": end}
    config = CLIPConfig(
        text_config={**tower, **marks, "vocab_size": vocabulary, "max_position_embeddings": CONTEXT},
        vision_config={**tower, "image_size": SIDE, "patch_size": 16},
        projection_dim=64,
    )
    return CLIPModel(config)
