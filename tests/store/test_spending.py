import asyncio
import json
from pathlib import Path

import pytest

from pipeline.errors import StoreError, UsageError
from pipeline.store.attempts import Attempts
from pipeline.store.batches import BatchShelf
from pipeline.store.journal import SUFFIX, Journal, Record
from pipeline.store.providers import require_provider
from pipeline.store.spending import MEMORY, spending

ANSWER: Record = {"text": "hm", "prompt_tokens": 10, "cached_tokens": 4, "completion_tokens": 3, "nano_usd": 70}


def pay(journal: Path, *answers: Record, first_key: int = 0) -> None:
    async def go() -> None:
        async with Journal(journal) as writing:
            for number, answer in enumerate(answers, first_key):
                await writing.put(f"{number:032x}", answer)

    asyncio.run(go())


def test_every_answer_is_counted_once_however_often_one_looks(tmp_path: Path) -> None:
    assert spending(tmp_path / "none").answers == 0
    pay(tmp_path, ANSWER, ANSWER)
    for remember in (False, True, True):
        spent = spending(tmp_path, remember=remember)
        assert (spent.answers, spent.prompt_tokens, spent.cached_tokens, spent.nano_usd) == (2, 20, 8, 140)
    pay(tmp_path, ANSWER, first_key=2)
    assert spending(tmp_path).answers == 3
    (tmp_path / MEMORY).unlink()
    assert spending(tmp_path).nano_usd == 210


def test_answers_without_a_price_are_told_apart(tmp_path: Path) -> None:
    free = {name: value for name, value in ANSWER.items() if name != "nano_usd"}
    pay(tmp_path, ANSWER, free)
    spent = spending(tmp_path)
    assert (spent.answers, spent.unpriced, spent.nano_usd) == (2, 1, 70)


def test_a_line_that_is_still_being_written_is_counted_when_it_is_whole(tmp_path: Path) -> None:
    pay(tmp_path, ANSWER, ANSWER)
    [file] = tmp_path.glob(f"*{SUFFIX}")
    whole = file.read_bytes()
    file.write_bytes(whole[:-5])
    assert spending(tmp_path, remember=True).answers == 1
    file.write_bytes(whole)
    assert spending(tmp_path, remember=True).answers == 2


def test_another_journal_in_the_same_place_is_counted_anew(tmp_path: Path) -> None:
    pay(tmp_path, ANSWER)
    spending(tmp_path, remember=True)
    for file in tmp_path.glob(f"*{SUFFIX}"):
        file.unlink()
    pay(tmp_path, ANSWER, ANSWER)
    assert spending(tmp_path, remember=True).answers == 2


def test_attempts_are_kept_by_stage_and_row(tmp_path: Path) -> None:
    Attempts(tmp_path).raise_for("stage", ["a", "b"])
    Attempts(tmp_path).raise_for("stage", ["b"])
    assert Attempts(tmp_path).of("stage") == {"a": 1, "b": 2}
    assert Attempts(tmp_path).of("another") == {}


def test_a_damaged_file_of_attempts_is_not_guessed_at(tmp_path: Path) -> None:
    Attempts(tmp_path).raise_for("stage", ["a"])
    (tmp_path / "attempts" / "stage.json").write_text('{"a": ')
    with pytest.raises(StoreError, match="damaged"):
        Attempts(tmp_path).of("stage")


def test_batches_stay_open_until_they_are_closed_and_keep_what_was_refused(tmp_path: Path) -> None:
    shelf = BatchShelf(tmp_path)
    batch = shelf.add([json.dumps({"custom_id": key}) + "\n" for key in ("k1", "k2")], "m", 0.5)
    assert BatchShelf(tmp_path).open() == [batch]
    assert list(shelf.keys(batch)) == ["k1", "k2"]
    shelf.note(type(batch)(batch.name, 2, 0.5, "m", batch_id="b", refused={"k1": "no"}))
    [noted] = shelf.open()
    shelf.close(noted)
    assert BatchShelf(tmp_path).open() == []
    assert BatchShelf(tmp_path).refusals() == {"k1": "no"}
    assert not shelf.requests_file(batch).exists()


def test_a_new_provider_is_refused_only_where_answers_of_others_lie(tmp_path: Path) -> None:
    journal = tmp_path / "store" / "journal"
    require_provider(journal, "m", "first", named=False)
    require_provider(journal, "m", "second", named=False)  # nothing was answered yet
    pay(journal, ANSWER)
    with pytest.raises(UsageError, match=r"come from second, but OPENAI_BASE_URL names third"):
        require_provider(journal, "m", "third", named=False)
    require_provider(journal, "another model", "third", named=False)
    require_provider(journal, "m", "third", named=True)
    require_provider(journal, "m", "third", named=False)
