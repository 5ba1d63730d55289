"""Does CLIP learn from these rows? A few fine-tuning steps on a sample, judged by a bound that has a meaning.

torch, transformers, numpy and Pillow are imported inside the functions that need them; ``missing_extra`` says whether
they are there. docs/smoke.md lists what is asserted, with the codes, and what this cannot find.
"""
