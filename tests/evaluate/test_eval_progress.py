import io

import pytest
from rich.console import Console

pytest.importorskip("torch", reason="the train extra is not installed")

from pipeline.evaluate import eval_progress
from pipeline.evaluate.eval_progress import EvalProgress

N_ITEMS = 3


def shown(*, terminal: bool) -> str:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=terminal, width=80)
    with EvalProgress(console, N_ITEMS) as progress:
        for what in ("asked by text", "heard"):
            for _ in range(N_ITEMS):
                progress.count("run/model [2:8]", what)
    return screen.getvalue()


def test_without_a_terminal_a_line_says_who_is_through() -> None:
    assert shown(terminal=False).splitlines() == [
        "run/model [2:8], asked by text: 3 of 3",
        "run/model [2:8], heard: 3 of 3",
    ]


def test_without_a_terminal_a_line_comes_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eval_progress, "LINE_EVERY_S", 0.0)
    assert len(shown(terminal=False).splitlines()) == 6


def test_on_a_terminal_there_is_a_bar_for_each() -> None:
    screen = shown(terminal=True)
    assert "run/model [2:8], asked by text" in screen
    assert "3/3" in screen
