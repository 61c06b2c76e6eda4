"""`smp3m review DIR`: put the notebook beside the data and open it in JupyterLab."""

import os
import shutil
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

from pipeline.errors import RunError
from pipeline.review.dataset import open_build

NEEDED = ("jupyterlab", "ipywidgets", "anywidget")
NOTEBOOK = "review.ipynb"
_PLACES = (Path(__file__).with_name(NOTEBOOK), Path(__file__).parents[2] / "notebooks" / NOTEBOOK)
"""In an installed wheel, and in a checkout."""


def open_notebook(out: Path, flags: Sequence[str]) -> NoReturn:
    """Become JupyterLab on DIR/review.ipynb; the notebook of an earlier time is kept.

    Args:
        out: the directory that `--out` named.
        flags: handed to JupyterLab, such as "--no-browser".

    Raises:
        UsageError: no finished build here.
        RunError: what the notebook needs is not installed.
    """
    open_build(out)
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise RunError(f"review needs {missing[0]}, which is not installed: pip install 'smp3m[review]'")
    notebook = out / NOTEBOOK
    if not notebook.exists():
        shutil.copyfile(shipped_notebook(), notebook)
    # The address that JupyterLab prints, too, leads to the notebook: without a browser here it is opened elsewhere.
    settings = {"ServerApp.root_dir": out.absolute(), "LabApp.default_url": f"/lab/tree/{NOTEBOOK}"}
    command = [sys.executable, "-m", "jupyterlab", *(f"--{name}={value}" for name, value in settings.items()), *flags]
    os.execv(sys.executable, command)  # Ctrl-C is JupyterLab's from here: it asks before it stops


def shipped_notebook() -> Path:
    """Where the notebook lies as it was installed."""
    return next(place for place in _PLACES if place.exists())
