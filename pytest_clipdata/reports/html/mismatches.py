"""By what mismatch texts differ from the match texts, as a figure of the page."""

from __future__ import annotations

from pytest_clipdata.texts.mismatches import ANOTHER, Mismatches

_NAMES = {ANOTHER: "another text (shuffled)"}


def mismatch_figure(found: Mismatches | None) -> str:
    """A table of the kinds with their shares, and one line on the kinds that are missing; empty if nothing is known."""
    if found is None or not found.compared:
        return ""
    rows = "".join(
        f"<tr><th scope='row'>{_NAMES.get(name, name)}</th><td>{count:,}</td><td>{count / found.compared:.0%}</td></tr>"
        for name, count in found.counts.items()
    )
    notes = []
    if found.missing:
        notes.append(f"No mismatch differs in {_listed(found.missing)} alone.")
    if found.alone:
        notes.append(f"{found.alone:,} have no match text of the same picture beside them.")
    if found.compared + found.alone < found.of:
        notes.append(f"Looked at were {found.compared + found.alone:,} of {found.of:,}.")
    words = f"<p>{' '.join(notes)}</p>" if notes else ""
    return f"<figure><figcaption>Mismatches <span>differ in</span></figcaption><table>{rows}</table>{words}</figure>"


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
