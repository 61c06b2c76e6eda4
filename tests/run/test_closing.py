from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from pipeline.run.closing import close
from pipeline.stages.report import Report


@pytest.mark.parametrize(
    ("unpriced", "told"),
    [(0, "$0.2500 in this directory"), (3, "$0.2500 in this directory, and 3 answers of unknown price")],
)
def test_answers_of_unknown_price_are_not_told_as_free(unpriced: int, told: str) -> None:
    report = Report(
        sums={"spoken": {"answers": 4.0, "prompt_tokens": 9.0, "completion_tokens": 9.0, "unpriced": 0, "nano_usd": 5}},
        spent={"answers": 4 + unpriced, "nano_usd": 250_000_000, "unpriced": unpriced},
    )
    shown = StringIO()
    close(report, Path("out"), 1.0, Console(file=shown, width=120), published=False)
    line = next(line for line in shown.getvalue().splitlines() if "paid so far" in line)
    assert line.strip(" │").endswith(told)
