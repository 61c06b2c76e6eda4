"""`smp3m review DIR`: put the notebook beside the data and open it in JupyterLab."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from pipeline.errors import RunError
from pipeline.review.dataset import open_build

NEEDED = ("jupyterlab", "ipywidgets", "anywidget")
NOTEBOOK = "review.ipynb"
_PLACES = (Path(__file__).with_name(NOTEBOOK), Path(__file__).parents[2] / "notebooks" / NOTEBOOK)
"""In an installed wheel, and in a checkout."""


def open_notebook(out: Path, *, browser: bool) -> None:
    """Run JupyterLab on DIR/review.ipynb until it is stopped; the notebook of an earlier time is kept.

    Raises:
        UsageError: no finished build here.
        RunError: what the notebook needs is not installed, or JupyterLab failed.
    """
    open_build(out)
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise RunError(f"review needs {missing[0]}, which is not installed: pip install 'smp3m[review]'")
    notebook = out / NOTEBOOK
    if not notebook.exists():
        shutil.copyfile(shipped_notebook(), notebook)
    flags = ["--ServerApp.root_dir", str(out.absolute()), *([] if browser else ["--no-browser"])]
    # Code of this very installation, and matplotlib without a window, whatever the user's settings are.
    environment = {**os.environ, "MPLBACKEND": "agg"}
    done = subprocess.run([sys.executable, "-m", "jupyterlab", str(notebook.absolute()), *flags], env=environment)
    if done.returncode:
        raise RunError(f"JupyterLab ended with exit code {done.returncode}; its last lines above say why")


def shipped_notebook() -> Path:
    """Where the notebook lies as it was installed."""
    return next(place for place in _PLACES if place.exists())
