"""`smp3m push` over HTTP against a Hub of our own: whole, killed and resumed, over an older data set, and refused."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from huggingface_hub import constants
from huggingface_hub.utils import close_session

from pipeline.run.cluster import CODE_ROOT
from pipeline.store.parts import Store
from tests.conftest import ROWS, Smp3m, write_jsonl
from tests.hub_server import HubServer, Trouble
from tests.integration.test_command_line import complaint
from tests.serial import build, built

# huggingface_hub 2.4 sends files in a way that its HTTP client advises against.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
REPO = "org/spoken"
SMALL = ("--set", "push.batch_files=2", "--set", "push.parallel=1", "--set", "push.retries=2")


def sixteen_rows(out: Path, *flags: object) -> Path:
    """A build of 16 rows."""
    rows = [{**row, "question": f"{row['question']} Round {n}."} for n in range(3, 7) for row in ROWS]
    source = write_jsonl(out.parent / f"{out.name}.jsonl", rows)
    splits = ("--set", "split.validation=0.2", "--set", "split.test=0.0")
    small = ("--asr", "none", "--set", "collect.shard_rows=2")
    return built(out, "--source", f"gsm8k={source}", *splits, *small, *flags)


@pytest.fixture(scope="module")
def spoken_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sixteen_rows(tmp_path_factory.mktemp("push") / "spoken", "--set", "publish.file_rows=2")


@pytest.fixture(scope="module")
def text_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sixteen_rows(tmp_path_factory.mktemp("push") / "text", "--tts", "none", "--set", "publish.file_rows=2")


@pytest.fixture
def spoken(spoken_build: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(spoken_build, tmp_path / "spoken"))


@pytest.fixture
def text(text_build: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(text_build, tmp_path / "text"))


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    with HubServer() as server:
        monkeypatch.setattr(constants, "ENDPOINT", server.url)
        monkeypatch.setenv("HF_TOKEN", server.token)
        yield server
        close_session()


def here(directory: Path) -> dict[str, bytes]:
    """What a push must bring, by name in the repository."""
    folder = directory / "dataset"
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def there(hub: HubServer, revision: str = "main") -> dict[str, bytes]:
    return {name: data for name, data in hub.files(REPO, revision).items() if name != ".gitattributes"}


def commits(hub: HubServer) -> list[dict[str, str]]:
    """Every state that readers of main could ever see, oldest first: name -> content address."""
    return [
        {name: entry.sha256 or entry.oid for name, entry in commit.files.items()}
        for commit in hub.repos[REPO].commits.values()
        if commit.message.startswith(("initial", "Publish"))
    ]


def environment(hub: HubServer) -> dict[str, str]:
    return {**os.environ, "HF_ENDPOINT": hub.url, "HF_TOKEN": hub.token}


def start_push(hub: HubServer, directory: Path, *flags: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from pipeline.cli import main; main()", "push", str(directory), REPO, *flags]
    return subprocess.Popen(
        command, cwd=CODE_ROOT, env=environment(hub), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_the_folder_arrives_byte_for_byte_in_one_commit(
    smp3m: Smp3m, hub: HubServer, spoken: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert smp3m("push", spoken, REPO, "--private", "--tag", "v1", *SMALL) == 0
    assert there(hub) == here(spoken)
    assert len(here(spoken)) > 5
    repo = hub.repos[REPO]
    assert repo.private
    assert set(repo.branches) == {"main"}, "the side branch is gone"
    assert repo.tags == {"v1": repo.branches["main"]}
    assert [len(files) for files in commits(hub)] == [1, 1 + len(here(spoken))]
    assert hub.puts.total() == len(here(spoken)) - 1
    captured = capsys.readouterr()
    assert f"{hub.url}/datasets/{REPO}" in captured.out
    assert hub.token not in captured.out + captured.err


def test_an_equal_push_sends_and_commits_nothing(smp3m: Smp3m, hub: HubServer, text: Path) -> None:
    assert smp3m("push", text, REPO, "--tag", "v1") == 0
    sent, made = hub.puts.total(), len(hub.repos[REPO].commits)
    assert smp3m("push", text, REPO, "--tag", "v1", "--private") == 0
    assert (hub.puts.total(), len(hub.repos[REPO].commits)) == (sent, made)
    assert hub.repos[REPO].private


# Killed with two batches committed on the side, and with content sent that is in no commit at all.
@pytest.mark.parametrize("batch_files", [2, 100])
def test_killed_and_resumed_no_file_is_sent_twice(smp3m: Smp3m, hub: HubServer, spoken: Path, batch_files: int) -> None:
    flags = ("--set", f"push.batch_files={batch_files}", "--set", "push.parallel=1")
    hub.hold_after = 5
    process = start_push(hub, spoken, *flags)
    assert hub.held.wait(120)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert hub.puts.total() == 5
    assert [name for name in there(hub) if name.startswith("data/")] == [], "no reader sees half a data set"
    hub.hold_after = None
    assert smp3m("push", spoken, REPO, *flags) == 0
    assert there(hub) == here(spoken)
    assert set(hub.puts.values()) == {1}
    assert hub.puts.total() == len(here(spoken)) - 1
    assert set(hub.repos[REPO].branches) == {"main"}


def test_control_c_is_exit_130_and_says_how_to_go_on(hub: HubServer, text: Path) -> None:
    hub.hold_after = 1
    process = start_push(hub, text, *SMALL)
    assert hub.held.wait(120)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "run the same command to go on" in said


LOAD = """
import io, json, sys
import datasets, soundfile
repo = sys.argv[1]
text = datasets.load_dataset(repo, "text")
whole = datasets.load_dataset(repo).cast_column("question_audio", datasets.Audio(decode=False))
streamed = datasets.load_dataset(repo, "text", split="train", streaming=True)
heard = datasets.load_dataset(repo, split="validation", streaming=True)
heard = heard.cast_column("question_audio", datasets.Audio(decode=False))
off = [
    abs(soundfile.info(io.BytesIO(row["question_audio"]["bytes"])).duration - row["duration_s"])
    for row in [*whole["train"], *whole["validation"], *heard]
]
json.dump({
    "configs": datasets.get_dataset_config_names(repo),
    "audio": repr(datasets.load_dataset_builder(repo).info.features["question_audio"]),
    "text_columns": text["train"].column_names,
    "rows": {split: part["id"] for split, part in text.items()},
    "streamed": [row["id"] for row in streamed],
    "heard": len(off),
    "most_off_s": max(off),
}, sys.stdout, default=list)
"""


def test_what_is_published_loads_from_the_hub_whole_and_streamed(
    smp3m: Smp3m, hub: HubServer, spoken: Path, tmp_path: Path
) -> None:
    assert smp3m("push", spoken, REPO, *SMALL) == 0
    fresh = {**environment(hub), "HF_HOME": str(tmp_path / "home"), "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    done = subprocess.run([sys.executable, "-c", LOAD, REPO], cwd=tmp_path, env=fresh, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Ignoring" not in done.stderr, "every part of the card is understood"
    found: dict[str, Any] = json.loads(done.stdout)
    expected: dict[str, list[str]] = {}
    for path in sorted((spoken / "dataset" / "data").glob("*.parquet")):
        expected.setdefault(path.name.split("-")[0], []).extend(pq.read_table(path, columns=["id"])["id"].to_pylist())
    assert found["configs"] == ["default", "text"]
    assert found["audio"].startswith("Audio(sampling_rate=24000")
    assert "question_audio" not in found["text_columns"]
    assert "token_ids" in found["text_columns"]
    assert found["rows"] == expected
    assert found["streamed"] == expected["train"]
    assert found["heard"] == 16 + len(expected["validation"])
    assert found["most_off_s"] < 1e-3


def test_a_data_set_cut_otherwise_replaces_the_earlier_one_at_once(
    smp3m: Smp3m, hub: HubServer, text: Path, tmp_path: Path
) -> None:
    assert smp3m("push", text, REPO, *SMALL) == 0
    other = sixteen_rows(tmp_path / "other", "--tts", "none", "--set", "publish.file_rows=4")
    assert not set(here(text)) & set(here(other)) - {"README.md"}, "equal names would prove nothing"
    assert smp3m("push", other, REPO, *SMALL) == 0
    assert there(hub) == here(other)
    kinds = [{name.split("-of-")[1] for name in files if "train" in name} for files in commits(hub)]
    assert [len(kind) for kind in kinds] == [0, 1, 1], "no state of main mixes two data sets"


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble("POST", "/commit/main", 503, {"Retry-After": "0"}),
        Trouble("POST", "/commit/main", 504, {"Retry-After": "0"}, done=True),
        Trouble("POST", "/commit/smp3m-push-main", 504, {"Retry-After": "0"}, done=True),
        Trouble("POST", "/branch/", 500, {"Retry-After": "0"}, done=True),
        Trouble("POST", "/repos/create", 502, {"Retry-After": "0"}, done=True),
        Trouble("PUT", "/lfs/", 429, {"Retry-After": "0"}),
        Trouble("GET", "/tree/", 503, {"Retry-After": "0"}),
        Trouble("POST", "/tag/", 503, {"Retry-After": "0"}, done=True),
    ],
    ids=lambda trouble: f"{trouble.method}{trouble.part}{trouble.status}{'-done' * trouble.done}",
)
def test_passing_troubles_are_overcome_and_nothing_is_done_twice(
    smp3m: Smp3m, hub: HubServer, text: Path, trouble: Trouble
) -> None:
    hub.troubles.append(trouble)
    assert smp3m("push", text, REPO, "--tag", "v1", "--set", "push.retries=2") == 0
    assert not hub.troubles
    assert there(hub) == here(text)
    assert set(hub.puts.values()) == {1}
    assert len(commits(hub)) == 2
    assert set(hub.repos[REPO].branches) == {"main"}


def test_the_hub_says_how_long_to_wait(
    smp3m: Smp3m, hub: HubServer, text: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.troubles.append(Trouble("POST", "/commit/main", 429, {"Retry-After": "1"}))
    assert smp3m("push", text, REPO) == 0
    assert "commit to main: status 429; again in 1 s" in " ".join(capsys.readouterr().out.split())


def test_a_lasting_trouble_is_one_line_and_what_was_sent_counts(
    smp3m: Smp3m, hub: HubServer, text: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.troubles += [Trouble("POST", "/commit/main", 503, {"Retry-After": "0"})] * 3
    assert smp3m("push", text, REPO, *SMALL) == 1
    line = complaint(capsys)
    assert "could not commit to main: status 503" in line
    assert "what was sent is kept, run again" in line
    sent = hub.puts.total()
    assert smp3m("push", text, REPO, *SMALL) == 0
    assert hub.puts.total() == sent
    assert there(hub) == here(text)


def test_a_dry_run_shows_everything_and_sends_nothing(
    smp3m: Smp3m, hub: HubServer, text: Path, spoken: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert smp3m("push", text, REPO, "--dry-run") == 0
    said = capsys.readouterr().out
    assert "to be created" in said
    assert said.count("new") >= len(here(text))
    assert not hub.repos
    assert smp3m("push", text, REPO) == 0
    other = sixteen_rows(tmp_path / "other", "--tts", "none", "--set", "publish.file_rows=4")
    capsys.readouterr()
    asked = len(hub.log)
    assert smp3m("push", other, REPO, "--dry-run") == 0
    said = capsys.readouterr().out
    assert "changed" in said
    assert "deleted" in said
    assert {method for method, _ in hub.log[asked:]} <= {"GET", "HEAD"}
    assert there(hub) == here(text)
    assert smp3m("push", spoken, REPO, "--dry-run", "--revision", "audio") == 0


def test_another_branch_is_made_and_main_left(smp3m: Smp3m, hub: HubServer, text: Path, tmp_path: Path) -> None:
    assert smp3m("push", text, REPO) == 0
    other = sixteen_rows(tmp_path / "other", "--tts", "none", "--set", "publish.file_rows=4")
    assert smp3m("push", other, REPO, "--revision", "wide", *SMALL) == 0
    assert there(hub) == here(text)
    assert there(hub, "wide") == here(other)
    assert set(hub.repos[REPO].branches) == {"main", "wide"}


def test_other_columns_are_replaced_only_when_asked(
    smp3m: Smp3m, hub: HubServer, text: Path, spoken: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert smp3m("push", spoken, REPO) == 0
    made = len(hub.repos[REPO].commits)
    assert smp3m("push", text, REPO) == 1
    line = complaint(capsys)
    assert "holds another data set (config 'default' would be gone)" in line
    assert "--replace" in line
    assert len(hub.repos[REPO].commits) == made
    assert smp3m("push", text, REPO, "--replace") == 0
    assert there(hub) == here(text)


def rewrite_parquet(directory: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    """Alter the first data file, and the report with it."""
    path = min((directory / "dataset" / "data").glob("*.parquet"))
    pq.write_table(change(pq.read_table(path)), path)
    report = json.loads((directory / "report.json").read_text())
    report["files"][path.name] = path.stat().st_size
    (directory / "report.json").write_text(json.dumps(report))


def silence(table: pa.Table) -> pa.Table:
    at = table.column_names.index("question_audio")
    kept = [*table.column(at).to_pylist()[:-1], None]
    return table.set_column(at, table.schema.field(at), pa.array(kept, table.schema.field(at).type))


def relicense(name: str) -> Callable[[pa.Table], pa.Table]:
    def change(table: pa.Table) -> pa.Table:
        at = table.column_names.index("license")
        return table.set_column(at, table.schema.field(at), pa.array([name] * table.num_rows))

    return change


def test_a_row_without_audio_is_named(
    smp3m: Smp3m, hub: HubServer, spoken: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rewrite_parquet(spoken, silence)
    last = pq.read_table(min((spoken / "dataset" / "data").glob("*.parquet")))["id"][-1].as_py()
    assert smp3m("push", spoken, REPO) == 1
    assert f"row {last} has no audio" in complaint(capsys)
    assert not hub.log


def test_licences_stop_a_push_unless_the_user_answers_for_them(
    smp3m: Smp3m, hub: HubServer, text: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rewrite_parquet(text, relicense("CC-BY-ND-4.0"))
    assert smp3m("push", text, REPO, "--allow-license", "CC-BY-ND-4.0") == 2
    assert "gsm8k: CC-BY-ND-4.0" in complaint(capsys)
    rewrite_parquet(text, relicense("school board's"))
    assert smp3m("push", text, REPO) == 2
    assert "gsm8k: school board's" in complaint(capsys)
    assert not hub.log
    assert smp3m("push", text, REPO, "--allow-license", "school board's") == 0


def test_an_empty_data_set_is_not_pushed(
    smp3m: Smp3m, hub: HubServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    false = write_jsonl(tmp_path / "no.jsonl", [{"question": "What is 2 and 2?", "answer": "2+2=<<2+2=5>>5\n#### 5"}])
    out = tmp_path / "out"
    assert build("--source", f"gsm8k={false}", "--tts", "none", "--asr", "none", "--out", out) == 1
    capsys.readouterr()
    assert smp3m("push", out, REPO) == 1
    assert "the data set is empty" in complaint(capsys)
    assert not hub.log


def test_only_a_finished_whole_and_resting_build_is_pushed(
    smp3m: Smp3m, hub: HubServer, text: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert smp3m("push", tmp_path / "nowhere", REPO) == 2
    assert "no build here" in complaint(capsys)
    begun = Store(tmp_path / "begun")
    begun.open()
    assert smp3m("push", begun.out, REPO) == 1
    assert "not finished" in complaint(capsys)
    with Store(text).locked():
        assert smp3m("push", text, REPO) == 1
    assert "a build is at work here" in complaint(capsys)
    (text / "dataset" / "data" / "train-9.parquet").write_text("more")
    assert smp3m("push", text, REPO) == 1
    assert "altered since" in complaint(capsys)
    assert not hub.log


@pytest.mark.parametrize("repo", ["spoken", "org/sub/spoken", "org/spo ken", "org/"])
def test_a_name_that_is_none_is_bad_usage(
    smp3m: Smp3m, hub: HubServer, text: Path, capsys: pytest.CaptureFixture[str], repo: str
) -> None:
    assert smp3m("push", text, repo) == 2
    assert "org/name" in complaint(capsys)
    assert not hub.log


def test_settings_of_builds_are_bad_usage(smp3m: Smp3m, text: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert smp3m("push", text, REPO, "--set", "publish.file_rows=3") == 2
    assert "push.KEY" in complaint(capsys)


def test_tokens_and_networks_that_do_not_serve_are_one_line(
    smp3m: Smp3m, hub: HubServer, text: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    assert smp3m("push", text, REPO) == 1
    line = complaint(capsys)
    assert "does not know this token" in line
    assert "hf_wrong" not in line
    monkeypatch.delenv("HF_TOKEN")
    assert smp3m("push", text, REPO) == 1
    assert "no token for the Hub" in complaint(capsys)
    monkeypatch.setenv("HF_TOKEN", hub.token)
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    assert smp3m("push", text, REPO) == 1
    assert "cannot be reached at http://127.0.0.1:9" in complaint(capsys)


def test_a_token_that_may_only_read_is_named(
    smp3m: Smp3m, text: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with HubServer(readonly=True) as server:
        monkeypatch.setattr(constants, "ENDPOINT", server.url)
        monkeypatch.setenv("HF_TOKEN", server.token)
        assert smp3m("push", text, REPO) == 1
        close_session()
    assert f"may write to {REPO}" in complaint(capsys)


def test_tags_stay_where_they_are(
    smp3m: Smp3m, hub: HubServer, text: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert smp3m("push", text, REPO, "--tag", "v1") == 0
    first = hub.repos[REPO].tags["v1"]
    capsys.readouterr()
    assert smp3m("push", text, REPO, "--revision", "v1") == 2
    assert "a tag" in complaint(capsys)
    other = sixteen_rows(tmp_path / "other", "--tts", "none", "--set", "publish.file_rows=4")
    capsys.readouterr()
    assert smp3m("push", other, REPO, "--tag", "v1") == 1
    assert "names commit" in complaint(capsys)
    assert hub.repos[REPO].tags == {"v1": first}


def test_a_commit_of_somebody_else_in_between_is_not_written_over(
    smp3m: Smp3m, hub: HubServer, text: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.troubles.append(Trouble("POST", "/commit/main", 412))
    assert smp3m("push", text, REPO) == 1
    assert "somebody else has committed meanwhile; run again" in complaint(capsys)
