"""The part of a data set's card that says how well its judges find planted faults; `smp3m calibrate` puts it in."""

import re
from collections.abc import Mapping
from typing import Any

_BEGIN, _END = "<!-- calibration: begin -->", "<!-- calibration: end -->"
_SECTION = re.compile(f"\n*{re.escape(_BEGIN)}.*?{re.escape(_END)}\n", re.DOTALL)


def with_calibration(card: str, judges: Mapping[str, Mapping[str, Any]]) -> str:
    """The card with this calibration in the place of an older one, else at its end.

    Args:
        card: text of the card.
        judges: name of a judge -> its entry in calibration.json.
    """
    head = (
        "judge",
        "planted faults",
        "harmless changes",
        "drift: precision",
        "recall",
        "from nowhere: precision",
        "recall",
    )
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for name, found in sorted(judges.items()):
        drift, ungrounded = found["reasons"]["drift"], found["reasons"]["ungrounded"]
        figures = (drift["precision"], drift["recall"], ungrounded["precision"], ungrounded["recall"])
        cells = [name, f"{found['faults']:,}", f"{found['items'] - found['faults']:,}", *map("{:.3f}".format, figures)]
        lines.append(f"| {' | '.join(cells)} |")
    section = [
        _BEGIN,
        "## How well drift is judged\n",
        "Faults planted into rows of this data set (results said too early, numbers from nowhere) and harmless "
        "changes, shown to each judge as a listener would meet them. Where the numbers alone cannot show a fault, it "
        "is not counted.\n",
        *lines,
        _END,
    ]
    return _SECTION.sub("", card).rstrip("\n") + "\n\n" + "\n".join(section) + "\n"
