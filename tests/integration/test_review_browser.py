"""Review in a real browser: the notebook in JupyterLab, and the page at the width of a desk and of a phone."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.conftest import Smp3m

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: apt-get install chromium"),
    pytest.mark.filterwarnings("default"),  # of the libraries that drive the browser
]
SIZES = {"desk": (1280, 900), "phone": (390, 844)}
PATIENCE_MS = 120_000
expect.set_options(timeout=PATIENCE_MS)  # its own are 5 s, which a busy machine needs to draw the plots


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def lab(spoken_build: Path, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The address that `smp3m review` prints, and the build it is of."""
    out = Path(shutil.copytree(spoken_build, tmp_path / "out"))
    settings = tmp_path / "settings"
    settings.mkdir()
    (settings / "jupyter_server_config.json").write_text(json.dumps({"ServerApp": {"allow_root": True, "port": 0}}))
    command = [str(Path(sys.executable).with_name("smp3m")), "review", str(out), "--", "--no-browser"]
    environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(settings), "JUPYTER_DATA_DIR": str(settings)}
    log = tmp_path / "lab.log"
    with log.open("w") as stream:
        server = subprocess.Popen(command, stderr=stream, stdout=stream, env=environment, start_new_session=True)
        try:
            yield _address(server, log), out
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait()


def _address(server: subprocess.Popen[bytes], log: Path) -> str:
    while not (found := re.search(r"http://(?:localhost|127\S+)/lab/tree/review\.ipynb\S*token=\w+", log.read_text())):
        with pytest.raises(subprocess.TimeoutExpired):  # that it ends means that it failed
            server.wait(0.2)
    return found[0]


def test_a_verdict_clicked_in_jupyterlab_is_on_disk(browser: Browser, lab: tuple[str, Path], tmp_path: Path) -> None:
    address, out = lab
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address)
    expect(page.locator(".jp-Notebook .jp-Cell").first).to_be_visible()
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible()
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").click()
    page.locator('[data-command="runmenu:run-all"]').click()
    row, status = page.locator(".smp3m .id"), page.locator(".smp3m .status")
    expect(row).to_be_visible()

    page.get_by_role("button", name="Play (p)").click()
    page.wait_for_function("() => { const a = document.querySelector('.smp3m audio'); return a.currentTime > 0.2 }")

    first = row.inner_text()
    page.get_by_role("button", name="Good (g)").click()
    expect(status).to_contain_text(f"Stored: {first[:8]} is good")
    assert [(said["id"], said["verdict"], said["chosen"]) for said in said_in(out)] == [(first, "good", "random")]

    second = row.inner_text()
    n_cells = page.locator(".jp-Notebook .jp-Cell").count()
    page.keyboard.press("n")
    page.keyboard.type("begins too late")
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    expect(status).to_contain_text(f"Stored: {second[:8]} is bad")
    page.keyboard.press("k")
    expect(row).to_have_text(second)
    page.keyboard.press("1")
    expect(status).to_contain_text(f"Stored: {second[:8]} is bad (audio)")
    assert page.locator(".jp-Notebook .jp-Cell").count() == n_cells  # "b" is a key of JupyterLab too
    last = said_in(out)[-1]
    assert (last["id"], last["verdict"], last["reason"], last["note"]) == (second, "bad", "audio", "begins too late")
    page.screenshot(path=tmp_path / "lab.png")


def said_in(out: Path) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = pq.read_table(out / "review.parquet").to_pylist()
    return rows


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_the_page_reads_well(
    browser: Browser, spoken_build: Path, smp3m: Smp3m, tmp_path: Path, size: str, scheme: str
) -> None:
    file = tmp_path / "page.html"
    assert smp3m("review", spoken_build, "--html", file) == 0
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        is_mobile=size == "phone",
        color_scheme="dark" if scheme == "dark" else "light",
        bypass_csp=True,  # the page forbids even the script of the accessibility check
    )
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url.partition(":")[0]))
    page.goto(file.as_uri())
    assert set(requests) <= {"file", "data"}
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert plays(page)
    for table in page.locator(".scroll").all():
        assert table.evaluate("box => box.scrollWidth <= box.clientWidth"), "the slack is seen without scrolling"
    page.screenshot(path=tmp_path / f"{size}-{scheme}.png", full_page=True)
    context.close()


def plays(page: Page) -> bool:
    """Whether the audio of the first row plays when its key is pressed, for as long as the row says."""
    page.keyboard.press("j")
    page.keyboard.press("p")
    page.wait_for_function("() => document.querySelector('audio').currentTime > 0.2")
    stated = float(re.findall(r"([\d.]+) s", page.locator(".sound .muted").first.inner_text())[-1])
    heard: float = page.evaluate("document.querySelector('audio').duration")
    return abs(heard - stated) < 0.1


def test_a_claim_is_followed_by_keyboard(browser: Browser, spoken_build: Path, smp3m: Smp3m, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    assert smp3m("review", spoken_build, "--html", file, "--rows", 1) == 0
    page = browser.new_page()
    page.goto(file.as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the rows"
    page.keyboard.press("Enter")
    said = page.locator("a.said[href]").first
    said.focus()
    page.keyboard.press("Enter")
    goal = str(said.get_attribute("href"))
    assert page.url.endswith(goal)
    lit = page.locator(f"a.reasoned:has({goal})").evaluate("link => getComputedStyle(link).backgroundColor")
    assert lit == page.evaluate("getComputedStyle(document.body).color")
    page.close()
