"""Pictures of a build, and the same in words."""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from pipeline.review.dataset import INDEX, index_of, open_build
from pipeline.review.plots import in_words, overview, to_png


def _rows_in(axis: Axes) -> float:
    return sum(bar.get_height() for bar in axis.patches if isinstance(bar, Rectangle))


def test_every_panel_draws_all_rows_that_have_a_value(built: Path) -> None:
    figure = overview(index_of(open_build(built)))
    heights = {axis.get_title(loc="left"): _rows_in(axis) for axis in figure.axes}
    assert heights["least slack of a row, reasoning tokens"] == 12
    assert heights["pads of all tokens, %"] == 12
    assert heights["length, tokens"] == 24
    assert heights["word error rate"] == 0  # no ear
    assert [label.get_text() for label in figure.axes[5].get_yticklabels()] == ["no_answer"]
    assert to_png(figure).startswith(b"\x89PNG")


def test_no_rows_are_drawn_too() -> None:
    assert len(overview(INDEX.empty_table()).axes) == 6


def test_the_pictures_are_said_in_words(built: Path) -> None:
    words = in_words(index_of(open_build(built)))
    assert words.startswith("Medians over 12 accepted rows: least slack ")
    assert words.endswith("Refused: no_answer 1.")
