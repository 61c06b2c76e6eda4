from typing import Any

from pipeline.publish.card_calibration import with_calibration

CARD = "# Rows\n\n## Limits\n\nNone.\n"


def found(recall: float) -> dict[str, Any]:
    quality = {"precision": 1.0, "recall": recall, "n_faults": 30, "n_flagged": 30}
    return {"faults": 40, "items": 1065, "reasons": {"drift": quality, "ungrounded": quality}}


def test_each_judge_has_a_line_behind_what_the_card_said() -> None:
    card = with_calibration(CARD, {"rules": found(1.0), "openai (m)": found(0.75)})
    assert card.startswith(CARD)
    lines = [line for line in card.splitlines() if line.startswith("| ")]
    assert lines[2:] == [
        "| openai (m) | 40 | 1,025 | 1.000 | 0.750 | 1.000 | 0.750 |",
        "| rules | 40 | 1,025 | 1.000 | 1.000 | 1.000 | 1.000 |",
    ]


def test_a_new_calibration_takes_the_place_of_the_old_one() -> None:
    once = with_calibration(CARD, {"rules": found(0.5)})
    assert with_calibration(once, {"rules": found(0.5)}) == once
    again = with_calibration(once, {"rules": found(0.25)})
    assert again.count("How well drift is judged") == 1
    assert "0.500" not in again
