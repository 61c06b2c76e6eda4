"""What a build came to: counts in which every row that went in is found again, and sums over the accepted rows."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import Reason
from pipeline.stages.decontaminate import TABLE, TEMPLATES, evidence_of

SECONDS_PER_HOUR = 3600
PAD_STREAM = 2
NANO_USD = 1_000_000_000


@dataclass
class SourceCount:
    """Rows of one source: what went in is accepted, rejected, a duplicate, or not finished yet."""

    rows_in: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicates: int = 0

    @property
    def pending(self) -> int:
        """Rows on their way; 0 when the build is finished."""
        return self.rows_in - self.accepted - self.rejected - self.duplicates


@dataclass
class Report:
    """Figures of a build; no row depends on them."""

    sources: dict[str, SourceCount] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    """"stage/reason" -> rejected rows."""
    licenses: dict[str, str] = field(default_factory=dict)
    """Source -> its licence, over accepted rows."""
    splits: Counter[str] = field(default_factory=Counter)
    voices: dict[str, float] = field(default_factory=dict)
    """Voice -> hours of accepted audio, of questions and responses."""
    tokens: int = 0
    pads: int = 0
    response_tokens: int = 0
    reasoning_tokens: int = 0
    repaired: int = 0
    audio_s: float = 0.0
    response_audio_s: float = 0.0
    wer_sum: float = 0.0
    wer_rows: int = 0
    slacks: Counter[int] = field(default_factory=Counter)
    """Slack of a row, in reasoning tokens -> rows; those without a derived claim are not in it."""
    sums: dict[str, dict[str, float]] = field(default_factory=dict)
    """Table -> what its stages report beside rows (answers, tokens, seconds of audio), over all its parts."""
    spent: dict[str, int] | None = None
    """What all answers in the directory have cost, each once, those of other settings too; None if none was asked."""
    forecast: dict[str, Any] | None = None
    """Each figure of the plan that was made for this build beside what came of it; None without one."""
    families: dict[str, Any] | None = None
    """What near-duplicate search found, as `run.screening` counts it."""
    evaluation_sets: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Evaluation set that rows were compared with -> its number of items and the digest of its files."""
    contaminated: list[dict[str, Any]] = field(default_factory=list)
    """Each row that was refused as an item of an evaluation set: id, source, source_id, and the evidence."""
    stopped: str = ""
    """Why the build ended before its end."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Table -> time spent on it in the run that published; tables that are filled together share theirs."""

    def source(self, name: str) -> SourceCount:
        """The count of a source, begun at 0."""
        return self.sources.setdefault(name, SourceCount())

    @property
    def total(self) -> SourceCount:
        """Sum over all sources."""
        total = SourceCount()
        for count in self.sources.values():
            total.rows_in += count.rows_in
            total.accepted += count.accepted
            total.rejected += count.rejected
            total.duplicates += count.duplicates
        return total

    @property
    def asked(self) -> dict[str, dict[str, float]]:
        """Table -> answers, tokens and money, for tables that a model was asked for."""
        return {name: sums for name, sums in self.sums.items() if "answers" in sums}

    @property
    def mean_wer(self) -> float | None:
        """Mean number-aware word error rate over the accepted rows that an ear has heard."""
        return self.wer_sum / self.wer_rows if self.wer_rows else None

    @property
    def least_slack(self) -> int | None:
        """Of all accepted rows; None where no row has a derived claim."""
        return min(self.slacks, default=None)

    def slack_at(self, share: float) -> int | None:
        """The least slack that at least this share of the rows that have one do not exceed."""
        left = share * self.slacks.total()
        for slack, n in sorted(self.slacks.items()):
            left -= n
            if left <= 0:
                return slack
        return None

    def accept(self, rows: pa.Table) -> None:
        """Add published rows."""
        for source, license_name in zip(*(rows.column(c).to_pylist() for c in ("source", "license")), strict=True):
            self.source(source).accepted += 1
            self.licenses[source] = license_name
        self.splits.update(rows.column("split").to_pylist())
        self.tokens += _items(rows, "token_ids")
        self.response_tokens += _items(rows, "response_ids")
        self.reasoning_tokens += _items(rows, "reasoning_ids")
        self.pads += _count_true(pc.equal(pc.list_flatten(rows.column("streams")), PAD_STREAM))
        self.repaired += _count_true(rows.column("repaired"))
        self.wer_sum += _sum(rows.column("wer"))
        self.wer_rows += rows.num_rows - rows.column("wer").null_count
        self.audio_s += self._hear(rows, "voice", "duration_s")
        self.response_audio_s += self._hear(rows, "response_voice", "response_duration_s")
        self.slacks.update(rows.column("slack").drop_null().to_pylist())

    def _hear(self, rows: pa.Table, voices: str, durations_s: str) -> float:
        """Add the hours of each voice in one of the audio columns; returns their seconds."""
        total_s = 0.0
        for voice, seconds in zip(*(rows.column(c).to_pylist() for c in (voices, durations_s)), strict=True):
            if voice is not None:
                self.voices[voice] = self.voices.get(voice, 0.0) + seconds / SECONDS_PER_HOUR
                total_s += seconds
        return total_s

    def refuse(self, rows: pa.Table) -> None:
        """Add rejected rows."""
        for row in rows.filter(pc.equal(rows.column("reason"), Reason.CONTAMINATED.value)).to_pylist():
            named = {name: row[name] for name in ("id", "source", "source_id")}
            self.contaminated.append({**named, **asdict(evidence_of(row["payload_json"]))})
        for source, stage, reason in zip(
            *(rows.column(c).to_pylist() for c in ("source", "stage", "reason")), strict=True
        ):
            self.source(source).rejected += 1
            self.reasons[f"{stage}/{reason}"] += 1

    def to_json(self) -> dict[str, object]:
        """Plain values for DIR/report.json."""
        return {
            "rows": _counts(self.total),
            "sources": {name: _counts(count) for name, count in sorted(self.sources.items())},
            "rejected": dict(sorted(self.reasons.items())),
            "splits": dict(sorted(self.splits.items())),
            "licenses": dict(sorted(self.licenses.items())),
            "audio_hours": self.audio_s / SECONDS_PER_HOUR,
            "response_audio_hours": self.response_audio_s / SECONDS_PER_HOUR,
            "voice_hours": dict(sorted(self.voices.items())),
            "mean_wer": self.mean_wer,
            "heard_rows": self.wer_rows,
            "tokens": self.tokens,
            "response_tokens": self.response_tokens,
            "reasoning_tokens": self.reasoning_tokens,
            "pads": self.pads,
            "pad_share": self.pads / self.tokens if self.tokens else None,
            "repaired": self.repaired,
            "least_slack": self.least_slack,
            "slacks": {str(slack): n for slack, n in sorted(self.slacks.items())},
            "sums": {name: dict(sorted(sums.items())) for name, sums in sorted(self.sums.items()) if sums},
            "cost": costs(self),
            "spent": self.spent,
            "forecast": self.forecast,
            "families": self.families,
            "decontamination": contamination(self),
            "seconds": self.seconds,
        }


def costs(report: Report) -> dict[str, object] | None:
    """What the answers behind these rows have cost, by table and in all, whenever they were paid; None without any.

    A cost is null where no price of the model is known.
    """
    if not report.asked:
        return None
    rows = report.total.accepted
    tables = {name: _usd(sums) for name, sums in sorted(report.asked.items())}
    known = [usd for usd in tables.values() if usd is not None]
    total = sum(known) if len(known) == len(tables) else None
    return {"usd": total, "usd_per_row": total / rows if total is not None and rows else None, "tables_usd": tables}


def contamination(report: Report) -> dict[str, Any] | None:
    """What the comparison with evaluation sets found, by set and row by row; None where there was none.

    `templates` counts rows that stayed: they are worded like an item and state other numbers.
    """
    if not report.evaluation_sets:
        return None
    sums = report.sums.get(TABLE, {})
    sets = {}
    for name, about in sorted(report.evaluation_sets.items()):
        found = [row for row in report.contaminated if row["set"] == name]
        sets[name] = {
            **about,
            "found_items": len({row["item"] for row in found}),
            "rows": len(found),
            "kinds": dict(sorted(Counter(row["kind"] for row in found).items())),
            "templates": int(sums.get(f"{TEMPLATES}{name}", 0)),
        }
    return {"sets": sets, "rows": report.contaminated}


def _usd(sums: Mapping[str, float]) -> float | None:
    return None if sums["unpriced"] else sums["nano_usd"] / NANO_USD


def from_json(plain: Mapping[str, Any]) -> Report:
    """Inverse of `Report.to_json`."""
    report = Report(
        reasons=Counter(plain["rejected"]),
        licenses=dict(plain["licenses"]),
        splits=Counter(plain["splits"]),
        voices=dict(plain["voice_hours"]),
        tokens=plain["tokens"],
        pads=plain["pads"],
        response_tokens=plain["response_tokens"],
        reasoning_tokens=plain["reasoning_tokens"],
        repaired=plain["repaired"],
        audio_s=plain["audio_hours"] * SECONDS_PER_HOUR,
        response_audio_s=plain["response_audio_hours"] * SECONDS_PER_HOUR,
        wer_sum=(plain["mean_wer"] or 0.0) * plain["heard_rows"],
        wer_rows=plain["heard_rows"],
        slacks=Counter({int(slack): n for slack, n in plain["slacks"].items()}),
        sums=plain["sums"],
        spent=plain["spent"],
        forecast=plain["forecast"],
        families=plain["families"],
        seconds=plain["seconds"],
    )
    if plain["decontamination"] is not None:
        report.contaminated = plain["decontamination"]["rows"]
        report.evaluation_sets = {
            name: {"items": found["items"], "digest": found["digest"]}
            for name, found in plain["decontamination"]["sets"].items()
        }
    for name, counts in plain["sources"].items():
        report.sources[name] = SourceCount(counts["in"], counts["accepted"], counts["rejected"], counts["duplicates"])
    return report


def _counts(count: SourceCount) -> Mapping[str, int]:
    return {
        "in": count.rows_in,
        "accepted": count.accepted,
        "rejected": count.rejected,
        "duplicates": count.duplicates,
        "pending": count.pending,
    }


def _items(rows: pa.Table, column: str) -> int:
    return int(_sum(pc.list_value_length(rows.column(column))))


def _count_true(values: pa.ChunkedArray) -> int:
    return int(_sum(values))


def _sum(values: pa.ChunkedArray) -> float:
    total: float = pc.sum(values).as_py() or 0
    return total
