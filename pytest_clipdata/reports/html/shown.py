"""Which pictures the page shows."""

from __future__ import annotations

from pytest_clipdata.findings import Report
from pytest_clipdata.reports.html.cards import related_of, row_of, rows_of
from pytest_clipdata.reports.html.profile import LIMIT, Profile, shown_findings

#: Bytes of all thumbnails together (1.33 times as many in the page).
THUMBNAIL_BUDGET = 2_600_000


def pictures(report: Report, profile: Profile) -> list[tuple[str, str]]:
    """The (source, image path) of every picture that the page shows, those worth a thumbnail first.

    The sample comes first, then the findings of all checks in turn, so that a budget is shared fairly.
    """
    rows = rows_of(profile)
    wanted: dict[tuple[str, str], None] = {
        (s.place.source, s.image_path): None for s in profile.samples if s.image_path
    }
    by_check = list(shown_findings(report).values())
    for i in range(LIMIT):
        for finding in (findings[i] for findings in by_check if i < len(findings)):
            for row in (row_of(finding, rows), *(related_of(finding, rows))):
                if row and row.image_path:
                    wanted[row.place.source, row.image_path] = None
    return list(wanted)
