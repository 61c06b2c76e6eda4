"""The commands as a user meets them."""

import json
from pathlib import Path

import pytest

from pipeline.review import launch
from pipeline.review.dataset import index_of, open_build
from pipeline.review.session import Session
from tests.conftest import Smp3m


def ids(out: Path) -> list[str]:
    found: list[str] = index_of(open_build(out)).column("id").to_pylist()
    return found


def test_show_prints_the_row_whose_id_begins_so(smp3m: Smp3m, capsys: pytest.CaptureFixture[str], built: Path) -> None:
    assert smp3m("show", built, ids(built)[0][:12].upper()) == 0
    said = capsys.readouterr().out
    assert ids(built)[0] in said
    assert "Timeline" in said
    assert smp3m("show", built, ids(built)[-1]) == 0
    assert "refused by collect: no_answer" in capsys.readouterr().out


def test_a_page_is_written_and_its_size_said(
    smp3m: Smp3m, capsys: pytest.CaptureFixture[str], built: Path, tmp_path: Path
) -> None:
    file = tmp_path / "page.html"
    assert smp3m("review", built, "--html", file, "--rows", 3, "--order", "slack", "--slack", "0:") == 0
    assert f"{file}: 3 rows, {file.stat().st_size / 1e6:.1f} MB" in capsys.readouterr().out
    html = file.read_text()
    assert html.count("<article") == 3
    assert "3 of 12 rows (slack=0:), order: slack." in html
    assert smp3m("review", built, "--html", file, "--reason", "no_answer") == 0
    assert "Refused by collect: no_answer" in file.read_text()


def test_equal_wishes_give_equal_pages(smp3m: Smp3m, built: Path, tmp_path: Path) -> None:
    pages = [tmp_path / "one.html", tmp_path / "two.html"]
    for page in pages:
        assert smp3m("review", built, "--html", page, "--rows", 4, "--seed", 3) == 0
    assert pages[0].read_bytes() == pages[1].read_bytes()


def test_a_page_of_rows_judged_bad_says_what_was_said(smp3m: Smp3m, build_copy: Path, tmp_path: Path) -> None:
    bad = Session.of(build_copy, "ann").judge("bad", "drift", "too early")
    file = tmp_path / "bad.html"
    assert smp3m("review", build_copy, "--html", file, "--verdicts", "bad") == 0
    html = file.read_text()
    assert html.count("<article") == 1
    assert bad.id in html
    assert "by ann, drift: too early" in html


def test_apply_says_what_the_verdicts_come_to(
    smp3m: Smp3m, capsys: pytest.CaptureFixture[str], build_copy: Path
) -> None:
    session = Session.of(build_copy, "ann")
    review = session.judge("bad", "response", "<odd>")
    assert smp3m("review", build_copy, "--apply") == 0
    said = capsys.readouterr().out
    assert "1 verdicts by ann: 0 rows good, 1 bad" in said
    assert "good rows: 0.0% of 1 drawn at random" in said
    assert "1 rows will be left out" in said
    [listed] = json.loads((build_copy / "store/review/quarantine.json").read_text())
    assert listed == {"id": review.id, "content": review.content, "detail": "ann: bad (response, <odd>)"}


def test_a_reviewers_name_is_shown_and_not_obeyed(
    smp3m: Smp3m, capsys: pytest.CaptureFixture[str], build_copy: Path
) -> None:
    Session.of(build_copy, "ann [/b] [red]\x1b[31m").judge("good")
    assert smp3m("review", build_copy, "--apply") == 0
    assert "by ann [/b] [red]␛[31m: 1 rows good" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "NOWHERE", "abc"), ("no finished build here",)),
        (("show", "BUILT", "zz"), ("'zz'", "no row")),
        (("review", "NOWHERE"), ("no finished build here",)),
        (("review", "BUILT", "--apply"), ("nobody has judged a row yet",)),
        (("review", "BUILT", "--html", "NOWHERE/page.html"), ("cannot be written there",)),
        (("review", "BUILT", "--html", "FILE", "--apply"), ("give one of them",)),
        (("review", "BUILT", "--html", "FILE", "--order", "best"), ("best", "worst")),
        (("review", "BUILT", "--html", "FILE", "--verdicts", "mixed"), ("mixed", "good")),
        (("review", "BUILT", "--html", "FILE", "--slack", "low"), ("low", "LOW:HIGH")),
        (("review", "BUILT", "--html", "FILE", "--slack", "9999:"), ("no row passes", "slack=9999:")),
        (("review", "BUILT", "--html", "FILE", "--voice", "eve"), ("eve", "no row has it")),
        (("review", "BUILT", "--html", "FILE", "--rows", "0"), ("--rows", "greater than")),
    ],
)
def test_bad_usage_is_one_line_and_exit_2(
    smp3m: Smp3m,
    capsys: pytest.CaptureFixture[str],
    built: Path,
    tmp_path: Path,
    arguments: tuple[str, ...],
    words: tuple[str, ...],
) -> None:
    places = {"NOWHERE": str(tmp_path / "nowhere"), "BUILT": str(built), "FILE": str(tmp_path / "page.html")}
    given = [places.get(argument, argument.replace("NOWHERE", places["NOWHERE"])) for argument in arguments]
    assert smp3m(*given) == 2
    (line,) = capsys.readouterr().err.splitlines()
    for word in words:
        assert word in line


def test_a_missing_jupyterlab_is_one_line(
    smp3m: Smp3m, capsys: pytest.CaptureFixture[str], build_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "NEEDED", ("jupyterlab_that_is_not_there",))
    assert smp3m("review", build_copy) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "pip install 'smp3m[review]'" in line
    assert not (build_copy / launch.NOTEBOOK).exists()


def test_the_notebook_is_found_where_it_was_installed() -> None:
    cells = json.loads(launch.shipped_notebook().read_text())["cells"]
    assert not any(cell.get("outputs") for cell in cells)
