"""Tests for CLIP fine-tuning data: ``pytest --clip-dataset datasets/``."""

__version__ = "0.1.0"
