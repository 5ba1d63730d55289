"""What the header tells of a run before anything is judged: what is not plain, and what will be left unjudged."""

from __future__ import annotations

from pytest_clipdata.reading.columns import told
from pytest_clipdata.running.conftests import conftest_lines
from pytest_clipdata.running.run import DatasetRun
from pytest_clipdata.texts.language import has_detector


def told_before(run: DatasetRun) -> list[str]:
    """How columns are read where it is not plain, settings that have no effect any more, and what is left unjudged for
    want of something, a line each."""
    lines = [f"  {line}" for line in told(run.engine.columns)]
    lines += [f"  {key}: has no effect any more; remove it from the settings" for key in run.settings.retired]
    lines += conftest_lines(run.dataset, run.options)
    ids, model = run.check_ids(), run.settings.model
    if "language" in ids and not has_detector():
        package = "pip install 'pytest-clipdata[language]'"
        lines.append(f"  language: texts in Latin letters are not judged without {package}")
    if "token_length" in ids and model.tokens == "siglip":
        certain = "only texts that are certainly too long are found, by their words; the others are not judged"
        lines.append(f"  token_length: the vocabulary of {model.name} is not at hand (--clip-model): {certain}")
    return lines
