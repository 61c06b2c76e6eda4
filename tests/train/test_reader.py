from itertools import islice
from pathlib import Path

import pyarrow.parquet as pq
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("transformers", reason="the train extra is not installed")

from pipeline.errors import ContractError, UsageError
from pipeline.model import thinker
from pipeline.model.thinker import Geometry, Thinker
from pipeline.model.vocabulary import Vocabulary
from pipeline.train.packing import Shape
from pipeline.train.reader import Corpus, Place, Reader, open_corpus
from pipeline.train.samples import Objective, Source, columns_of

MIX = (Objective(Source.AUDIO), Objective(Source.TEXT, "think_then_speak", share=2))


@pytest.fixture(scope="module")
def small() -> Thinker:
    geometry = Geometry(hidden=48, layers=1, heads=4, feed_forward=64, audio_hidden=16, n_mels=20)
    return thinker.tiny(Vocabulary.trimmed("qwen2.5", []), geometry)


@pytest.fixture(scope="module")
def folder(spoken_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rows of a build in row groups of one, so that eight rows make windows of three, three and two."""
    made = tmp_path_factory.mktemp("rows")
    (made / "data").mkdir()
    for file in (spoken_data / "dataset" / "data").glob("*.parquet"):
        pq.write_table(pq.read_table(file), made / "data" / file.name, row_group_size=1)
    return made


def reader(corpus: Corpus) -> Reader:
    return Reader(corpus, MIX, Shape(rows=2, row_tokens=2048, packed=False), seed=4, window_rows=3)


def test_every_row_comes_once_an_epoch_in_another_order(folder: Path, small: Thinker) -> None:
    corpus = open_corpus(str(folder), "train", columns_of(MIX))
    made = reader(corpus)
    epochs: dict[int, list[str]] = {0: [], 1: []}
    for batch, place in made.batches(small):
        finished = place.epoch  # the place after a batch lies in the epoch that it belongs to
        if finished > 1:
            break
        epochs[finished] += batch.ids
        if len(epochs[1]) == corpus.n_rows:
            break
    assert sorted(epochs[0]) == sorted(epochs[1])
    assert len(set(epochs[0])) == corpus.n_rows
    assert epochs[0] != epochs[1]


def test_reading_goes_on_exactly_from_any_place(folder: Path, small: Thinker) -> None:
    made = reader(open_corpus(str(folder), "train", columns_of(MIX)))
    whole = list(islice(made.batches(small), 9))
    for cut in range(1, 9):
        rest = list(islice(made.batches(small, whole[cut - 1][1]), 9 - cut))
        assert [place for _, place in rest] == [place for _, place in whole[cut:]]
        assert [batch.ids for batch, _ in rest] == [batch.ids for batch, _ in whole[cut:]]
        assert all((a.rows == b.rows).all() for (a, _), (b, _) in zip(rest, whole[cut:], strict=True))


def test_where_the_data_lies_does_not_change_the_order(folder: Path, small: Thinker, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").symlink_to(folder)
    made = [
        [batch.ids for batch, _ in islice(reader(open_corpus(str(place), "train", [])).batches(small), 6)]
        for place in (folder, tmp_path / "elsewhere")
    ]
    assert made[0] == made[1]


def test_what_is_not_there_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no file of split train"):
        open_corpus(str(tmp_path), "train", [])
    with pytest.raises(UsageError, match="no file of split test"):
        open_corpus(str(folder), "test", [])
    with pytest.raises(ContractError, match="has no column 'smell'"):
        open_corpus(str(folder), "train", ["smell"])
    (tmp_path / "data").mkdir()
    file = next(folder.glob("data/train-*"))
    pq.write_table(pq.read_table(file).slice(0, 0), tmp_path / "data" / "train-0.parquet")
    with pytest.raises(UsageError, match="split train has no rows"):
        open_corpus(str(tmp_path), "train", ["id"])
    (tmp_path / "data" / "train-0.parquet").write_bytes(b"PAR1")
    with pytest.raises(ContractError, match="not a readable parquet file"):
        open_corpus(str(tmp_path), "train", [])
    assert Place() == Place(0, 0, 0)
