"""``findings.parquet``: all findings, however many, as a table."""

from __future__ import annotations

import io
import json
from collections.abc import Collection

from pytest_clipdata.findings import Finding, Report
from pytest_clipdata.reports.findings_json import finding_json


def findings_parquet(report: Report, known: Collection[Finding] = ()) -> bytes:
    """One row a finding, in the order of ``findings.json`` and with its fields as columns.

    ``line`` is int64, ``known`` bool, every other column a string; ``related`` is JSON. A lone surrogate, which UTF-8
    cannot hold, is written as Python would (``\\udcff``).
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = ("source", "file", "line", "key", "check", "severity", "column", "value", "message", "known", "grade")
    kinds = {"line": pa.int64(), "known": pa.bool_()}
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in (*names, "transform", "related")])
    records = [finding_json(finding, known) for finding in report.findings]
    for record in records:
        record["related"] = json.dumps(record["related"])
    columns = [
        pa.array([_encodable(record[name]) for record in records], type=schema.field(name).type)
        for name in schema.names
    ]
    out = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(columns, schema=schema), out)
    return out.getvalue()


def _encodable(value: object) -> object:
    return value.encode("utf-8", "backslashreplace").decode("utf-8") if isinstance(value, str) else value
