"""Processes that decode pictures, so that a decoder which crashes, hangs or eats memory costs one picture."""
