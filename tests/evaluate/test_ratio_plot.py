"""The picture is drawn for any lines, and other figures give another picture."""

from pathlib import Path

from pipeline.core.ratio_figures import Tally
from pipeline.evaluate.ratio_plot import write_plot

PNG = b"\x89PNG"


def drawn(path: Path, accepted: int) -> bytes:
    full = Tally("2:8", "response_first", rows=4, accepted=accepted)
    full.slack.update({3: accepted})
    write_plot(path, [full.figures(), Tally("adaptive", None).figures()], "four rows")
    return path.read_bytes()


def test_other_figures_give_another_picture(tmp_path: Path) -> None:
    first, second = drawn(tmp_path / "a.png", 4), drawn(tmp_path / "b.png", 2)
    assert first.startswith(PNG)
    assert first != second
    assert drawn(tmp_path / "c.png", 4) == first
