"""Benchmark items: spoken or written problems with their gold answers, from the Hub or from files in the same form.

    spoken_mqa   amao0o0/spoken-mqa: splits short_digit, long_digit, single_step_reasoning, multi_step_reasoning; the
                 fifth subset, knowledge, is in files alone. A local copy is a folder with one file or subfolder a
                 split. A row:
                 {"context": {"bytes": ..., "path": ...}, "context_transcript": "What is ...", "answer":
                 {"text": "7", "audio": null}, "instruction": {"text": "...", "audio": null}}
                 (in jsonl `context` is the path of a recording in that folder)
    gsm8k        openai/gsm8k, split test: {"question": "...", "answer": "... #### 7"}; no audio
    svamp        a file of SVAMP: [{"ID": "...", "Body": "...", "Question": "...", "Answer": 7.0, "Type": "..."}]
    smp3m        the test split of a build of this project: its spoken question and its audio
    smp3m_train  its training split: what was learned by heart, no benchmark

It asks nobody and scores nothing.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.core.answer import Answer, from_text
from pipeline.core.fingerprint import digest, digest_bytes
from pipeline.core.outcome import Unreadable
from pipeline.errors import UsageError
from sources.files import SUFFIXES, RawRow, read_path
from sources.hub import read_hub
from sources.source import Hub

SPOKEN_MQA_SUBSETS = ("short_digit", "long_digit", "single_step_reasoning", "multi_step_reasoning", "knowledge")
ARITHMETIC = ("short_digit", "long_digit")
"""Subsets whose golds the published scorer takes as they are written."""
_GOLD = re.compile(r"####\s*([^\n]*)")
_FLAG = "--data"
_SPOKEN_MQA_ROWS = {"short_digit": 100, "long_digit": 173, "single_step_reasoning": 594, "multi_step_reasoning": 1_402}
"""Splits on the Hub, and their rows."""
_GSM8K_TEST = Hub("openai/gsm8k", "main", "test", "740312add88f781978c0658806c59bc2815b9866", 1_319)


@dataclass(frozen=True, slots=True)
class Item:
    """One problem."""

    set: str
    """Name of the benchmark."""
    subset: str
    id: str
    """Unique within set and subset."""
    question: str
    """As it is written, or transcribed from what is said."""
    gold: str
    """As the benchmark writes it, for the published scorer."""
    audio: bytes | None = None
    """A file in any format of libsndfile; None where the benchmark has none."""
    instruction: str = ""
    """What the benchmark tells a model to do, "" where it says nothing."""

    @property
    def answer(self) -> Answer | Unreadable:
        """The gold answer, read."""
        found = _GOLD.findall(self.gold)
        return from_text(str(found[-1]).strip() if found else self.gold)

    @property
    def digest(self) -> str:
        """Of all that a contestant is given."""
        audio = "" if self.audio is None else digest_bytes(self.audio)
        return digest([self.set, self.subset, self.id, self.question, self.instruction, audio])


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A set of items that can be read."""

    read: Callable[[Path | None], Iterator[Item]]
    """Reads a local copy, or the Hub where the path is None."""
    needs_path: bool = False


def spoken_mqa(path: Path | None) -> Iterator[Item]:
    """Every subset that is there, in the order of `SPOKEN_MQA_SUBSETS`."""
    found = False
    for subset in SPOKEN_MQA_SUBSETS:
        for index, row in enumerate(_spoken_mqa_rows(path, subset)):
            found = True
            yield _spoken_mqa_item(subset, index, row, path or Path())
    if not found:
        raise UsageError(
            f"{_FLAG} spoken_mqa={path}: no file is named after a subset ({', '.join(SPOKEN_MQA_SUBSETS)})"
        )


def gsm8k(path: Path | None) -> Iterator[Item]:
    """The test split."""
    if path is not None:
        rows: Iterator[RawRow] = read_path(path)
    else:
        rows = read_hub(_GSM8K_TEST, f"{_FLAG} gsm8k", streaming=False)
    for row in rows:
        raw = _fields(row, ("question", "answer"), "gsm8k")
        yield Item("gsm8k", "test", str(row.index), str(raw["question"]), str(raw["answer"]))


def svamp(path: Path | None) -> Iterator[Item]:
    """All items of a file."""
    assert path is not None
    for row in read_path(path):
        raw = _fields(row, ("ID", "Body", "Question", "Answer"), "svamp")
        body = str(raw["Body"]).strip()
        end = "" if body.endswith((".", "?", "!")) else "."
        question = f"{body}{end} {raw['Question']}".strip()
        yield Item("svamp", "all", str(raw["ID"]), question, str(raw["Answer"]))


def smp3m(path: Path | None) -> Iterator[Item]:
    """The test split of a build, by family, with its audio."""
    return _build("smp3m", "test", path)


def smp3m_train(path: Path | None) -> Iterator[Item]:
    """The training split of a build: how much of it was learned by heart."""
    return _build("smp3m_train", "train", path)


def _build(name: str, split: str, path: Path | None) -> Iterator[Item]:
    assert path is not None
    folder = next((found for found in (path / "dataset" / "data", path / "data") if found.is_dir()), None)
    files = sorted(folder.glob(f"{split}-*.parquet")) if folder else []
    if not files:
        raise UsageError(f"{_FLAG} {name}={path}: no {split} split here; give the folder of a build or of a data set")
    for file in files:
        for row in read_path(file):
            raw = _fields(row, ("id", "source", "spoken_question", "answer_value"), name)
            audio = _audio_of(raw.get("question_audio"), path)
            question, gold = str(raw["spoken_question"]), str(raw["answer_value"])
            yield Item(name, str(raw["source"]), str(raw["id"]), question, gold, audio)


BENCHMARKS = {
    "spoken_mqa": Benchmark(spoken_mqa),
    "gsm8k": Benchmark(gsm8k),
    "svamp": Benchmark(svamp, needs_path=True),
    "smp3m": Benchmark(smp3m, needs_path=True),
    "smp3m_train": Benchmark(smp3m_train, needs_path=True),
}


def read_items(names: Sequence[str], limit: int | None = None) -> list[Item]:
    """The items of benchmarks, as `--data` names them.

    Args:
        names: NAME for the Hub, or NAME=PATH.
        limit: most items of each subset.

    Raises:
        UsageError: an unknown name, a path that does not hold what it should, or two items of one id.
        SourceError: the Hub does not deliver.
    """
    items: list[Item] = []
    for text in names:
        name, equals, path = text.partition("=")
        if name not in BENCHMARKS:
            raise UsageError(f"{_FLAG} {text}: unknown benchmark; choose from {', '.join(BENCHMARKS)}")
        if not equals and BENCHMARKS[name].needs_path:
            raise UsageError(f"{_FLAG} {name}: has no place on the Hub; give {_FLAG} {name}=PATH")
        items += _limited(BENCHMARKS[name].read(Path(path) if equals else None), limit)
    if not items:
        raise UsageError("eval: there is no item; name a benchmark with --data")
    seen: set[tuple[str, str, str]] = set()
    for item in items:
        key = (item.set, item.subset, item.id)
        if key in seen:
            raise UsageError(f"{_FLAG}: {item.set} {item.subset} has two items {item.id}; name each benchmark once")
        seen.add(key)
    return items


def _limited(items: Iterator[Item], limit: int | None) -> Iterator[Item]:
    counts: dict[str, int] = {}
    for item in items:
        counts[item.subset] = counts.get(item.subset, 0) + 1
        if limit is None or counts[item.subset] <= limit:
            yield item


def _spoken_mqa_rows(path: Path | None, subset: str) -> Iterator[RawRow]:
    if path is not None:
        for file in _files_of(path, subset):
            yield from read_path(file)
    elif subset in _SPOKEN_MQA_ROWS:
        hub = Hub("amao0o0/spoken-mqa", "default", subset, "main", _SPOKEN_MQA_ROWS[subset])
        yield from read_hub(hub, f"{_FLAG} spoken_mqa", streaming=False)


def _spoken_mqa_item(subset: str, index: int, row: RawRow, folder: Path) -> Item:
    raw = _fields(row, ("context_transcript", "answer"), "spoken_mqa")
    return Item(
        "spoken_mqa",
        subset,
        str(index),
        str(raw["context_transcript"]).strip(),
        _text_of(raw["answer"]),
        _audio_of(raw.get("context"), folder),
        _text_of(raw.get("instruction") or ""),
    )


def _files_of(path: Path, subset: str) -> list[Path]:
    """Files of a subset: SUBSET.ext, SUBSET-00000-of-00001.ext, or those of a folder SUBSET."""
    if not path.exists():
        raise UsageError(f"{_FLAG} spoken_mqa={path}: no such file or folder")
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    return [
        file
        for file in files
        if file.suffix.lower() in SUFFIXES
        and (file.name.startswith((f"{subset}.", f"{subset}-")) or file.parent.name == subset)
    ]


def _fields(row: RawRow, wanted: Sequence[str], name: str) -> Mapping[str, Any]:
    if row.raw is None:
        raise UsageError(f"{_FLAG} {name}: row {row.index} cannot be read: {row.error}")
    missing = [field for field in wanted if row.raw.get(field) is None]
    if missing:
        there = ", ".join(sorted(map(str, row.raw)))
        raise UsageError(f"{_FLAG} {name}: row {row.index} has no {missing[0]!r}; it has {there}")
    return row.raw


def _text_of(value: object) -> str:
    """A text, or the text of {"text": ..., "audio": ...}."""
    text = value.get("text") if isinstance(value, Mapping) else value
    return "" if text is None else str(text).strip()


def _audio_of(value: object, folder: Path) -> bytes | None:
    """The bytes of an audio column, from inside the row or from the file that it names, in `folder` or anywhere."""
    if isinstance(value, str):
        value = {"path": value}
    if not isinstance(value, Mapping):
        return None
    data = value.get("bytes")
    if isinstance(data, bytes):
        return data
    name = value.get("path")
    if not isinstance(name, str):
        return None
    try:
        return (folder / name).read_bytes()
    except OSError as exc:
        raise UsageError(f"{_FLAG}: the recording {folder / name} cannot be read: {exc.strerror}") from exc
