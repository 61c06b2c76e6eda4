"""A calibration for the screen and as JSON. It counts nothing that `core.calibration` does not."""

from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from pipeline.core.calibration import Score, quality, rows_enough, scores
from pipeline.errors import Reason
from pipeline.evaluate.calibrate import Calibration

REASONS = (Reason.DRIFT, Reason.UNGROUNDED)
_MOST_MISJUDGED = 100
"""Items that the JSON spells out, so that a person can read what went wrong."""


def kind_table(found: Calibration) -> Table:
    """Right judgements by what was planted, coincident items in columns of their own."""
    shown = Table(title="by kind: judged rightly", title_justify="left", box=SIMPLE_HEAD, collapse_padding=True)
    for name in ("planted", "due", "items", "right", "share", "coincident", "right"):
        shown.add_column(name, justify="left" if name in ("planted", "due") else "right", no_wrap=True)
    by_fault: dict[str, dict[bool, Score]] = {}
    for score in scores(found.judged):
        by_fault.setdefault(score.fault, {})[score.coincident] = score
    for fault, parts in by_fault.items():
        plain, coincident = parts.get(False), parts.get(True)
        shown.add_row(
            fault,
            next(judged.item.expected or "pass" for judged in found.judged if judged.item.fault == fault),
            *((f"{plain.n:,}", f"{plain.n_right:,}", f"{plain.share_right:.2%}") if plain else ("", "", "")),
            *((f"{coincident.n:,}", f"{coincident.n_right:,}") if coincident else ("", "")),
        )
    return shown


def reason_table(found: Calibration) -> Table:
    """Precision and recall by reason, coincident items left out."""
    shown = Table(
        title="by reason, without coincident items", title_justify="left", box=SIMPLE_HEAD, collapse_padding=True
    )
    for name in ("reason", "planted", "flagged", "precision", "recall"):
        shown.add_column(name, justify="left" if name == "reason" else "right")
    for reason in REASONS:
        good = quality(found.judged, reason)
        shown.add_row(
            reason, f"{good.n_faults:,}", f"{good.n_flagged:,}", f"{good.precision:.4f}", f"{good.recall:.4f}"
        )
    return shown


def to_json(found: Calibration, seed: int) -> dict[str, Any]:
    """All figures and the first misjudged items."""
    wrong = [
        {
            "id": planted.id,
            "fault": judged.item.fault,
            "coincident": judged.item.coincident,
            "expected": judged.item.expected,
            "verdict": judged.verdict,
            "words": judged.item.words,
            "response": judged.item.response,
        }
        for planted, judged in zip(found.planted, found.judged, strict=True)
        if judged.verdict != judged.item.expected
    ]
    reasons = {reason: quality(found.judged, reason)._asdict() for reason in REASONS}
    return {
        "judge": found.judge,
        "seed": seed,
        "rows": found.n_rows,
        "items": len(found.judged),
        "faults": sum(entry.item.expected is not None for entry in found.judged),
        "kinds": [{**score._asdict(), "share_right": score.share_right} for score in scores(found.judged)],
        "reasons": reasons,
        "rows_enough": rows_enough(reasons[Reason.DRIFT]["recall"]),
        "no_verdict": sum(judged.verdict is Reason.LLM_FAILED for judged in found.judged),
        "n_misjudged": len(wrong),
        "misjudged": wrong[:_MOST_MISJUDGED],
    }
