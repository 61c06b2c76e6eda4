import asyncio
import io
import json
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from rich.console import Console

import pipeline
from pipeline.core.fingerprint import digest
from pipeline.errors import StoreError, UsageError
from pipeline.run import status
from pipeline.run.progress import STATUS_FILE, BuildProgress
from pipeline.run.status import _duration, show_status
from pipeline.store.journal import Journal
from pipeline.store.parts import PartRecord, Store
from pipeline.store.place import Place
from tests.conftest import write_jsonl
from tests.serial import built_rows


def shown(out: Place, *, watch: bool = False) -> str:
    console = Console(file=io.StringIO(), width=200)
    show_status(out, console, watch=watch)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def row(text: str, table: str) -> list[str]:
    """The cells of a table's line."""
    [line] = [line for line in text.splitlines() if re.match(rf"│ {table} +│", line)]
    return [cell.strip() for cell in line.strip("│").split("│")]


def part(table: str, n_rows: int, **rejected: int) -> PartRecord:
    return PartRecord(table, "k", n_rows, 1, "d", rejected)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path)
    store.open()
    return store


def test_a_finished_build_says_what_became_of_its_rows(problems: Path, tmp_path: Path) -> None:
    out = built_rows(problems, tmp_path / "out", "--tts", "none", "--asr", "none")
    text = shown(out)
    assert f"{out}: finished" in text
    assert [row(text, name)[1:4] for name in ("problem", "verified")] == [["1/1", "0", "4"]] * 2


def test_while_another_process_builds_it_shows_rates_what_is_left_and_what_is_to_come(store: Store) -> None:
    script = (
        "import sys, time; from pathlib import Path; from rich.console import Console\n"
        "from pipeline.run import progress; from pipeline.run.progress import BuildProgress\n"
        "from pipeline.store.parts import PartRecord, Store\n"
        "progress.STATUS_EVERY_S = 0.0; store = Store(Path(sys.argv[1]))\n"
        "with store.locked(), BuildProgress(store.root, Console()) as shown:\n"
        "    shown.expect(['problem', 'spoken', 'verified']); shown.begin('problem', 1)\n"
        "    shown.shard(PartRecord('problem', 'k', 100, 1, 'd'), reused=True); shown.end('problem')\n"
        "    shown.begin('spoken', 400); time.sleep(0.2)\n"
        "    shown.shard(PartRecord('spoken', 'k', 90, 1, 'd', {'no_steps': 8, 'too_long': 2}), reused=False)\n"
        "    print('there', flush=True); time.sleep(600)\n"
    )
    root = Path(pipeline.__file__).parents[1]
    command = [sys.executable, "-c", script, str(store.out)]
    builder = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True)
    try:
        assert builder.stdout is not None
        while builder.stdout.readline() != "there\n":
            assert builder.poll() is None
        text = shown(store.out)
        assert ": running" in text
        assert row(text, "problem")[1:] == ["1/1", "1", "100", "0", "", ""]
        shards, kept, rows, rejected, rate, left = row(text, "spoken")[1:]
        assert (shards, kept, rows, rejected) == ("1/400", "0", "90", "10")
        assert 0 < int(rate) <= 450
        assert re.fullmatch(r"(\d+ h )?\d+ min( \d+ s)?", left)
        assert row(text, "verified")[1] == "to come"
        assert "spoken rejected: no_steps 8, too_long 2" in text
        assert f"process {builder.pid}, last shard or table begun" in text
    finally:
        builder.kill()
        builder.communicate()
    assert ": killed" in shown(store.out)


def test_every_table_that_a_build_makes_is_to_come_when_it_begins(
    problems: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = write_jsonl(tmp_path / "items.jsonl", [{"question": "A loom weaves 3 rugs a day. How many in a week?"}])
    begun: list[tuple[str, list[str]]] = []
    begin = BuildProgress.begin

    def noted(progress: BuildProgress, table: str, shards: int) -> None:
        begun.append((table, progress.snapshot.to_come))
        begin(progress, table, shards)

    monkeypatch.setattr(BuildProgress, "begin", noted)
    built_rows(problems, tmp_path / "out", "--tts", "none", "--asr", "none", "--decontaminate", f"looms={items}")
    tables = list(dict.fromkeys(table for table, _ in begun))
    assert begun[0][1] == tables == ["problem", "clean", "sketch", "family", "spoken", "interleaved", "verified"]


def test_watching_ends_with_the_build(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "WATCH_EVERY_S", 0.01)
    begun, over = threading.Event(), threading.Event()

    def build() -> None:
        with store.locked(), BuildProgress(store.root, Console(file=io.StringIO())) as progress:
            progress.expect(["problem"])
            progress.begin("problem", 2)
            assert row(shown(store.out), "problem")[1:] == ["0/2", "0", "0", "0", "", ""]
            progress.shard(part("problem", 5), reused=False)
            begun.set()
            over.wait(60)
            progress.end("problem")

    builder = threading.Thread(target=build)
    builder.start()
    assert begun.wait(60)
    threading.Timer(0.1, over.set).start()
    text = shown(store.out, watch=True)
    builder.join()
    assert ": finished" in text


def test_what_was_paid_is_counted_while_it_is_being_paid(store: Store) -> None:
    async def pay() -> None:
        async with Journal(store.journal) as journal:
            for number in range(3):
                tokens = {"prompt_tokens": 10, "completion_tokens": 4, "cached_tokens": 0}
                await journal.put(digest(number), {"text": "x", "nano_usd": 500_000_000, **tokens})

    with BuildProgress(store.root, Console(file=io.StringIO())):
        assert "paid so far" not in shown(store.out)
        asyncio.run(pay())
        assert "paid so far: $1.5000 for 3 answers (30 + 12 tokens)" in shown(store.out)


def test_a_clock_that_goes_backwards_changes_no_rate_and_stops_nothing(
    problems: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hours = iter(range(10_000))
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now - 3600 * next(hours))
    out = built_rows(problems, tmp_path / "out", "--tts", "none", "--asr", "none")
    plain = json.loads((out / "store" / STATUS_FILE).read_text())
    assert plain["updated"] < plain["started"]
    assert all(table["seconds"] >= 0 for table in plain["tables"].values())
    assert "finished" in shown(out)


def test_where_nothing_can_be_told_it_is_said(store: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing is known of it yet"):
        shown(store.out)
    head = '{"process": 1, "started": 0, "updated": 0, "state": "running", "to_come": [], "tables": '
    for damage in ('{"process": ', "[]", "null", "{}", "\xff", head + '{"spoken": {}}}', head + '{"spoken": 7}}'):
        (store.root / STATUS_FILE).write_text(damage, encoding="latin-1")
        with pytest.raises(StoreError, match=r"progress\.json: damaged"):
            shown(store.out)
    file = tmp_path / "rows.jsonl"
    file.write_text("{}\n")
    for place in (tmp_path / "elsewhere", file):
        with pytest.raises(UsageError, match="no build here"):
            shown(place)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59.4, "59 s"), (61, "1 min 1 s"), (3600, "1 h 0 min"), (100_000, "27 h 46 min")],
)
def test_a_guess_is_told_as_exactly_as_it_deserves(seconds: float, words: str) -> None:
    assert _duration(seconds) == words
