"""The plan of a push, checked by carrying it out on a pretended repository."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pipeline.publish.local_files import LocalFile
from pipeline.publish.push_plan import Change, RemoteFile, batches, is_same, steps, to_do, to_send


def local(name: str, content: str, size: int = 1) -> LocalFile:
    return LocalFile(name, Path(name), size, f"sha-{content}", f"blob-{content}")


def remote(name: str, content: str, *, lfs: bool = True) -> RemoteFile:
    return RemoteFile(name, 1, f"pointer-{content}" if lfs else f"blob-{content}", f"sha-{content}" if lfs else None)


OURS = [local("README.md", "card"), local("data/train-00000-of-00001.parquet", "rows")]


def test_an_empty_repository_gets_everything() -> None:
    plan = steps(OURS, [remote(".gitattributes", "a", lfs=False)])
    assert [(step.name, step.change) for step in plan] == [(file.name, Change.NEW) for file in OURS]
    assert to_send(plan, []) == OURS


def test_files_of_an_earlier_sharding_go_and_others_stay() -> None:
    there = [
        remote("README.md", "card", lfs=False),
        remote("data/train-00000-of-00002.parquet", "rows"),
        remote("data/validation-00000-of-00001-abc.parquet", "old"),
        remote("data/notes.txt", "x", lfs=False),
        remote("extra/train-1.parquet", "x"),
    ]
    plan = steps(OURS, there)
    assert [(step.name, step.change) for step in plan] == [
        ("README.md", Change.SAME),
        ("data/train-00000-of-00001.parquet", Change.NEW),
        ("data/train-00000-of-00002.parquet", Change.DELETED),
        ("data/validation-00000-of-00001-abc.parquet", Change.DELETED),
    ]
    # The content is there under another name.
    assert to_send(plan, there) == []


def test_what_waits_on_the_side_is_not_sent() -> None:
    plan = steps(OURS, [])
    assert to_send(plan, [], [remote("data/train-00000-of-00001.parquet", "rows")]) == OURS[:1]


NAMES = st.sampled_from([f"data/{s}-0000{n}-of-00003.parquet" for s in ("train", "test") for n in range(3)])
CONTENTS = st.sampled_from("abc")


@given(st.dictionaries(NAMES, CONTENTS, min_size=1), st.dictionaries(NAMES, CONTENTS))
def test_after_the_steps_the_repository_holds_the_data_set_and_nothing_is_left_to_do(
    here: dict[str, str], there: dict[str, str]
) -> None:
    files = [local(name, content) for name, content in sorted(here.items())]
    plan = steps(files, [remote(name, content) for name, content in there.items()])
    after = dict(there)
    for step in to_do(plan):
        if step.file is None:
            del after[step.name]
        else:
            after[step.name] = here[step.name]
    assert after == here
    now = [remote(name, content) for name, content in after.items()]
    assert not to_do(steps(files, now))
    assert all(is_same(one, other) for one, other in zip(files, sorted(now, key=lambda f: f.name), strict=True))


@given(st.lists(st.integers(0, 9), max_size=20), st.integers(1, 4), st.integers(1, 12))
def test_batches_keep_order_and_bounds(sizes: list[int], most_files: int, most_bytes: int) -> None:
    files = [local(str(n), str(n), size) for n, size in enumerate(sizes)]
    groups = list(batches(files, most_files, most_bytes))
    assert [file for group in groups for file in group] == files
    for group in groups:
        assert 1 <= len(group) <= most_files
        assert len(group) == 1 or sum(file.size for file in group) <= most_bytes
