import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import fsspec
import pyarrow.parquet as pq
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("transformers", reason="the train extra is not installed")

from huggingface_hub import constants
from huggingface_hub.utils import close_session

from pipeline.errors import ContractError, SourceError, UsageError
from pipeline.model.vocabulary import Vocabulary
from pipeline.train.packing import Shape
from pipeline.train.reader import Corpus, Place, Reader, open_corpora, open_corpus
from pipeline.train.samples import Objective, Sample, Source, columns_of, sample_of
from tests.hub_repo import Entry, Repo, blob_id
from tests.hub_server import HubServer
from tests.object_store import new_prefix

MIX = (Objective(Source.AUDIO), Objective(Source.TEXT, "think_then_speak", share=2))
COLUMNS = tuple(columns_of(MIX))


@pytest.fixture(scope="module")
def folder(spoken_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rows of a build in row groups of one, so that eight rows make windows of three, three and two."""
    made = tmp_path_factory.mktemp("rows")
    (made / "data").mkdir()
    for file in (spoken_data / "dataset" / "data").glob("*.parquet"):
        pq.write_table(pq.read_table(file), made / "data" / file.name, row_group_size=1)
    return made


def reader(corpus: Corpus) -> Reader[Sample]:
    lay = partial(sample_of, vocabulary=Vocabulary.full("qwen2.5"))
    return Reader(corpus, MIX, COLUMNS, lay, Shape(rows=2, row_tokens=2048, packed=False), seed=4, window_rows=3)


def flat(batch: list[list[Sample]]) -> list[Sample]:
    return [sample for row in batch for sample in row]


def test_every_row_comes_once_an_epoch_in_another_order(folder: Path) -> None:
    corpus = open_corpus(str(folder), "train", COLUMNS)
    made = reader(corpus)
    epochs: dict[int, list[str]] = {0: [], 1: [], 2: []}
    for batch, place in islice(made.planned(), 2 * corpus.n_rows):
        epochs[min(2, place.epoch)] += [sample.id for sample in flat(batch)]
    assert sorted(epochs[0]) == sorted(epochs[1])
    assert len(set(epochs[0])) == corpus.n_rows
    assert epochs[0] != epochs[1]
    assert [sample.id for batch in made.epoch() for sample in flat(batch)] == epochs[0]


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    with HubServer() as server:
        monkeypatch.setattr(constants, "ENDPOINT", server.url)
        template = f"{server.url}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setenv("HF_TOKEN", server.token)
        yield server
        close_session()


def in_memory(folder: Path, _request: pytest.FixtureRequest) -> str:
    fsspec.filesystem("memory").put(str(folder / "data"), "/rows/data", recursive=True)
    return "memory://rows"


def in_an_object_store(folder: Path, request: pytest.FixtureRequest) -> str:
    request.getfixturevalue("s3")
    place = new_prefix("rows")
    place.fs.put(str(folder / "data"), f"{place.path}/data", recursive=True)
    return str(place)


def on_the_hub(folder: Path, request: pytest.FixtureRequest) -> str:
    repo = Repo()
    files = {}
    for path in (folder / "data").iterdir():
        data = path.read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        repo.lfs[sha256] = data
        files[f"data/{path.name}"] = Entry(len(data), blob_id(data), None, sha256)
    repo.commit("main", "rows", files)
    request.getfixturevalue("hub").repos["org/rows"] = repo
    return "hf://datasets/org/rows"


def on_this_machine(folder: Path, _request: pytest.FixtureRequest) -> str:
    return str(folder)


@pytest.mark.parametrize("put", [on_this_machine, in_memory, in_an_object_store, on_the_hub])
def test_reading_goes_on_exactly_from_any_place_wherever_the_rows_lie(
    folder: Path, request: pytest.FixtureRequest, put: Callable[[Path, pytest.FixtureRequest], str]
) -> None:
    whole = list(islice(reader(open_corpus(str(folder), "train", COLUMNS)).planned(), 9))
    made = reader(open_corpus(put(folder, request), "train", COLUMNS))
    for cut in (0, 1, 2, 5, 8):
        start = whole[cut - 1][1] if cut else Place()
        assert list(islice(made.planned(start), 9 - cut)) == whole[cut:]
    assert made.corpus.mark() == open_corpus(str(folder), "train", COLUMNS).mark()


def test_what_is_not_there_is_named(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="no file of split train"):
        open_corpus(str(tmp_path), "train", [])
    with pytest.raises(UsageError, match="no file of split test"):
        open_corpus(str(folder), "test", [])
    with pytest.raises(ContractError, match="has no column 'smell'"):
        open_corpus(str(folder), "train", ["smell"])
    with pytest.raises(UsageError, match=r"moon://here: cannot be listed"):
        open_corpus("moon://here", "train", [])
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(SourceError, match=r"hf://datasets/no/where: cannot be listed: .*refused"):
        open_corpus("hf://datasets/no/where", "train", [])
    (tmp_path / "data").mkdir()
    file = next(folder.glob("data/train-*"))
    pq.write_table(pq.read_table(file).slice(0, 0), tmp_path / "data" / "train-0.parquet")
    with pytest.raises(UsageError, match="split train has no rows"):
        open_corpus(str(tmp_path), "train", ["id"])
    (tmp_path / "data" / "train-0.parquet").write_bytes(b"PAR1")
    with pytest.raises(ContractError, match="not a readable parquet file"):
        open_corpus(str(tmp_path), "train", [])


def test_a_validation_split_without_rows_is_none(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to(folder / "data")
    assert open_corpora(str(tmp_path), ["id"]).validation is None
    (tmp_path / "data").unlink()
    (tmp_path / "data").mkdir()
    rows = pq.read_table(next(folder.glob("data/train-*")))
    pq.write_table(rows, tmp_path / "data" / "train-0.parquet")
    pq.write_table(rows.slice(0, 0), tmp_path / "data" / "validation-0.parquet")
    assert open_corpora(str(tmp_path), ["id"]).validation is None
    pq.write_table(rows.slice(0, 1), tmp_path / "data" / "validation-0.parquet")
    validation = open_corpora(str(tmp_path), ["id"]).validation
    assert validation is not None
    assert validation.n_rows == 1
