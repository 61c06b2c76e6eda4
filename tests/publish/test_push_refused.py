"""What stops a push: one line each, an exit code, and nothing sent."""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from huggingface_hub import constants
from huggingface_hub.utils import close_session

from pipeline.store.parts import Store
from tests.conftest import Smp3m, write_jsonl
from tests.hub_server import HubServer, Trouble
from tests.integration.test_command_line import complaint
from tests.publish.conftest import REPO, here, sixteen_rows, there
from tests.serial import build

# huggingface_hub 2.4 sends files in a way that its HTTP client advises against.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


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


@pytest.mark.parametrize("flag", ["--revision", "--tag"])
@pytest.mark.parametrize("name", ["", "my tag", "a..b", "-v1", "v1.", "refs/pr/1", "a/.b", "v1.lock", "v[1]", "0" * 40])
def test_a_branch_or_tag_that_git_refuses_is_bad_usage_before_anything_is_sent(
    smp3m: Smp3m, hub: HubServer, text: Path, capsys: pytest.CaptureFixture[str], flag: str, name: str
) -> None:
    assert smp3m("push", text, REPO, f"{flag}={name}") == 2
    assert "no name that git takes" in complaint(capsys)
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
    sent = hub.puts.total()
    assert smp3m("push", other, REPO, "--tag", "v1") == 1
    assert hub.puts.total() == sent
    assert "names commit" in complaint(capsys)
    assert hub.repos[REPO].tags == {"v1": first}


def test_a_commit_of_somebody_else_in_between_is_not_written_over(
    smp3m: Smp3m, hub: HubServer, text: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.troubles.append(Trouble("POST", "/commit/main", 412))
    assert smp3m("push", text, REPO) == 1
    assert "somebody else has committed meanwhile; run again" in complaint(capsys)
