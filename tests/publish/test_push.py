"""`smp3m push` over HTTP against a Hub of our own: whole, killed and resumed, in trouble, over an older data set."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.run.cluster import CODE_ROOT
from tests.conftest import Smp3m
from tests.hub_server import HubServer, Trouble
from tests.integration.test_command_line import complaint
from tests.publish.conftest import REPO, SMALL, here, sixteen_rows, there

# huggingface_hub 2.4 sends files in a way that its HTTP client advises against.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


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
def test_killed_and_resumed_no_file_is_sent_twice_and_it_loads(
    smp3m: Smp3m, hub: HubServer, spoken: Path, tmp_path: Path, batch_files: int
) -> None:
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
    assert sum(len(ids) for ids in loaded(hub, tmp_path)["rows"].values()) == 16


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


def loaded(hub: HubServer, tmp_path: Path) -> dict[str, Any]:
    """What `datasets` finds in the repository, in a process of its own that has never seen it."""
    fresh = {**environment(hub), "HF_HOME": str(tmp_path / "home"), "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    done = subprocess.run([sys.executable, "-c", LOAD, REPO], cwd=tmp_path, env=fresh, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Ignoring" not in done.stderr, "every part of the card is understood"
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_what_is_published_loads_from_the_hub_whole_and_streamed(
    smp3m: Smp3m, hub: HubServer, spoken: Path, tmp_path: Path
) -> None:
    assert smp3m("push", spoken, REPO, *SMALL) == 0
    found = loaded(hub, tmp_path)
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


def test_brackets_of_the_hub_are_no_markup(
    smp3m: Smp3m, hub: HubServer, text: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = {"Retry-After": "0", "X-Error-Message": "shard [/7] [red]is[/red] away"}
    hub.troubles.append(Trouble("POST", "/commit/main", 503, said))
    assert smp3m("push", text, REPO) == 0
    assert said["X-Error-Message"] in " ".join(capsys.readouterr().out.split())
    repo = hub.repos[REPO]
    there_now = dict(repo.commits[repo.branches["main"]].files)
    repo.commit("main", "of others", {**there_now, "data/train-[old].parquet": there_now[".gitattributes"]})
    assert smp3m("push", text, REPO, "--dry-run") == 0
    assert "data/train-[old].parquet" in capsys.readouterr().out


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
