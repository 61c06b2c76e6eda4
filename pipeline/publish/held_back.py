"""Take out of the published rows what reviewers found bad; it knows no verdicts, only the list of rows to leave out."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import Reason
from pipeline.store.quarantine import Quarantined, content_of
from schemas.rows import Rejected

_READABLE = ("question", "spoken_question", "reasoning", "response")


def by_row(rows: Iterable[Quarantined]) -> dict[str, dict[str, str]]:
    """The list as it is looked up: id -> digest of what was judged -> detail; a row may have been bad in two forms."""
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        found[row.id][row.content] = row.detail
    return dict(found)


def hold_back(stage: str, rows: pa.Table, listed: Mapping[str, Mapping[str, str]]) -> tuple[pa.Table, list[Rejected]]:
    """Part the rows of a shard into those that stay and refusals of those that are listed with this very content."""
    if not listed:
        return rows, []
    suspected = pc.indices_nonzero(pc.is_in(rows.column("id"), value_set=pa.array(listed, pa.string()))).to_pylist()
    held: dict[int, Rejected] = {}
    for index in suspected:
        row = rows.slice(index, 1).to_pylist()[0]
        content = content_of(row)
        detail = listed[row["id"]].get(content)
        if detail is not None:
            payload = {**{name: row[name] for name in _READABLE}, "content": content}
            held[index] = Rejected(
                id=row["id"],
                source=row["source"],
                source_id=row["source_id"],
                stage=stage,
                reason=Reason.REVIEW,
                detail=detail,
                attempt=0,
                payload_json=json.dumps(payload, ensure_ascii=False, sort_keys=True),
            )
    kept = pa.array([index for index in range(rows.num_rows) if index not in held], pa.int64())
    return rows.take(kept), list(held.values())
