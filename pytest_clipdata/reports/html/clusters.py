"""Findings that are about the same thing, as one card: a cluster of copies, a contradiction, a picture that rows share.

Plain values only; what a card looks like is the script's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_clipdata.findings import Finding, Place

#: Columns of which equal values make one case: one picture, or one text, that several rows use.
_SHARED = frozenset({"image_path", "text"})


@dataclass(frozen=True, slots=True)
class Case:
    """Findings of one check about one thing, in order, and the rows that are in it, each once.

    ``one_picture`` says that its rows are told of for the sake of one picture that they share.
    """

    findings: tuple[Finding, ...]
    rows: tuple[Place, ...]
    one_picture: bool = False


def cases(findings: Sequence[Finding]) -> list[Case]:
    """The findings of one check as cases, in the order in which their first findings come.

    Findings that name each other's rows, directly or through others, are one case; so are those that say the same
    words of the same picture or text.
    """
    heads: dict[object, object] = {}

    def head(node: object) -> object:
        top = node
        while (above := heads.setdefault(top, top)) != top:
            top = above
        while heads[node] != top:  # the next search from here is short
            heads[node], node = top, heads[node]
        return top

    nodes = [_node(finding) for finding in findings]
    for finding, node in zip(findings, nodes, strict=True):
        for other in finding.related:
            heads[head(("row", other.place))] = head(node)
    members: dict[object, list[Finding]] = {}
    for finding, node in zip(findings, nodes, strict=True):
        members.setdefault(head(node), []).append(finding)
    return [_case(found) for found in members.values()]


def _node(finding: Finding) -> object:
    if finding.related:
        return "row", finding.place
    if finding.column in _SHARED and finding.value is not None and finding.place.line is not None:
        return finding.place.source, finding.column, finding.value, finding.words
    return finding.place, finding.words, finding.column


def _case(found: Sequence[Finding]) -> Case:
    own = {finding.place for finding in found}
    others = {other.place for finding in found for other in finding.related}

    def first_what_was_there(place: Place) -> tuple[object, ...]:
        return place in own, place.source, place.file, place.line or 0

    rows = sorted(own | others, key=first_what_was_there)
    return Case(tuple(found), tuple(rows), one_picture=not others and found[0].column == "image_path")
