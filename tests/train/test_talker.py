from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

torch = pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("transformers", reason="the train extra is not installed")

from pipeline.backends.asr.hearing import listen  # noqa: E402
from pipeline.backends.asr.moonshine import Moonshine  # noqa: E402
from pipeline.core.wer import compare  # noqa: E402
from pipeline.errors import ContractError, EngineError, RunError, UsageError  # noqa: E402
from pipeline.model import thinker as thinkers  # noqa: E402
from pipeline.model.codec import CodecFacts  # noqa: E402
from pipeline.model.melrvq import MelRvq, MelRvqConfig  # noqa: E402
from pipeline.model.talker import Talker, TalkerGeometry  # noqa: E402
from pipeline.model.talker_voice import TalkerVoice  # noqa: E402
from pipeline.model.thinker import Geometry, Thinker  # noqa: E402
from pipeline.model.vocabulary import Vocabulary  # noqa: E402
from pipeline.train.accelerator import accelerator_of  # noqa: E402
from pipeline.train.curriculum import Part, TrainStage  # noqa: E402
from pipeline.train.loop import LoopConfig, StepLog, Validated  # noqa: E402
from pipeline.train.packing import Shape  # noqa: E402
from pipeline.train.reader import Corpora, Corpus, open_corpus  # noqa: E402
from pipeline.train.samples import Objective, Source  # noqa: E402
from pipeline.train.talker import train_talker  # noqa: E402
from pipeline.train.talker_data import Utterances, fit_codec, spoken_columns, spoken_sample  # noqa: E402
from pipeline.train.talker_start import TalkerConfig, starting_voice  # noqa: E402
from tests.serial import built  # noqa: E402

HEAR = (Objective(Source.AUDIO),)
THINKS = Geometry(hidden=48, layers=2, heads=4, feed_forward=96, audio_hidden=16, audio_layers=1, n_mels=20)
QUICK = LoopConfig(shape=Shape(rows=4, row_tokens=2048), save_every=1000)
STAGE = TrainStage("5", frozenset({Part.TALKER}), HEAR, 2e-3, 6)
N_BY_HEART = 2
SMALL_CODEC = MelRvqConfig(codebook_size=256, n_layers=6)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sums whose questions and responses were spoken; the first file holds the shortest responses alone."""
    flags = ("--rows", 6, "--source", "simpleop", "--speak", "both", "--asr", "none", "--set", "split.validation=0")
    out = built(tmp_path_factory.mktemp("spoken-both") / "data", *flags, "--set", "split.test=0")
    return out / "dataset"


@pytest.fixture(scope="module")
def corpus(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """The shortest responses."""
    table = pq.read_table(next(folder.glob("data/*.parquet")))
    short = table.sort_by("response_duration_s").slice(0, N_BY_HEART)
    few = tmp_path_factory.mktemp("few")
    (few / "data").mkdir()
    pq.write_table(short, few / "data" / "train-00000-of-00001.parquet")
    return open_corpus(str(few), "train", spoken_columns(HEAR))


@pytest.fixture(scope="module")
def whole(folder: Path) -> Corpus:
    return open_corpus(str(folder), "train", spoken_columns(HEAR))


@pytest.fixture(scope="module")
def codec(whole: Corpus) -> MelRvq:
    return fit_codec(whole, SMALL_CODEC)


@pytest.fixture(scope="module")
def thinker(corpus: Corpus) -> Thinker:
    rows = corpus.rows(corpus.pieces[0], ["token_ids"])
    return thinkers.tiny(Vocabulary.trimmed("qwen2.5", {i for row in rows for i in row["token_ids"]}), THINKS)


def made(codec: MelRvq, state_size: int, hidden: int = 32, seed: int = 0) -> TalkerVoice:
    torch.manual_seed(seed)
    geometry = TalkerGeometry(hidden=hidden, layers=2, heads=4, feed_forward=3 * hidden)
    return TalkerVoice(Talker(geometry, CodecFacts.of(codec), state_size), codec)


def run(
    thinker: Thinker,
    voice: TalkerVoice,
    corpus: Corpus,
    folder: Path,
    stage: TrainStage = STAGE,
    config: LoopConfig = QUICK,
) -> list[StepLog]:
    logs: list[StepLog | Validated] = []
    train_talker(thinker, voice, Corpora(corpus), stage, config, folder, accelerator_of(), logs.append)
    return [log for log in logs if isinstance(log, StepLog)]


def test_a_tiny_talker_learns_responses_by_heart_and_an_ear_hears_their_numbers(
    thinker: Thinker, codec: MelRvq, corpus: Corpus, tmp_path: Path
) -> None:
    before = {name: value.clone() for name, value in thinker.state_dict().items()}
    digest = codec.digest
    voice = made(codec, thinker.hidden_size, hidden=128)
    logs = run(thinker, voice, corpus, tmp_path, replace(STAGE, learning_rate=3e-3, steps=110))
    assert logs[-1].losses.total < 0.3 < 3 < logs[0].losses.total
    assert all(torch.equal(value, before[name]) for name, value in thinker.state_dict().items())
    assert codec.digest == digest
    ear = Moonshine()
    rows = corpus.rows(corpus.pieces[0], [*spoken_columns(HEAR), "response"])
    for row in rows:
        sample = spoken_sample(row, HEAR[0], thinker.vocabulary)
        (wanted,) = Utterances(thinker, codec, voice.talker.geometry.lead_s).of([sample])
        frames = torch.stack(list(voice.talker.stream(wanted.states)), dim=1)
        assert frames.shape[1] == wanted.codes.shape[1]
        assert float((frames == wanted.codes).float().mean()) > 0.95
        heard = ear.transcribe(voice.speak(wanted.states))
        # The codec's own sound is the best that a talker can do.
        assert (
            compare(row["response"], heard).wer
            <= compare(row["response"], ear.transcribe(codec.decode(wanted.codes))).wer + 0.1
        )
        assert listen(ear, voice.speak(wanted.states), row["response"], max_wer=0.3).understood, heard


def test_every_parameter_of_the_talker_trains_and_its_loss_falls(
    thinker: Thinker, codec: MelRvq, corpus: Corpus, tmp_path: Path
) -> None:
    voice = made(codec, thinker.hidden_size)
    before = {name: value.clone() for name, value in voice.talker.state_dict().items()}
    logs = run(thinker, voice, corpus, tmp_path, replace(STAGE, learning_rate=1e-2))
    assert [log.step for log in logs] == [1, 2, 3, 4, 5, 6]
    assert logs[-1].losses.total < logs[0].losses.total
    assert logs[0].losses.finer.keys() == {f"layer_{k}" for k in range(6)}
    assert not any(torch.equal(value, before[name]) for name, value in voice.talker.state_dict().items())
    assert not any(p.requires_grad for p in thinker.parameters())


def test_validation_speaks_with_the_truth_before_each_frame_and_teaches_nothing(
    thinker: Thinker, codec: MelRvq, corpus: Corpus, whole: Corpus, tmp_path: Path
) -> None:
    config = replace(QUICK, save_every=2)
    logs: list[StepLog | Validated] = []
    voice = made(codec, thinker.hidden_size)
    train_talker(thinker, voice, Corpora(corpus, whole), STAGE, config, tmp_path / "a", accelerator_of(), logs.append)
    measured = [log for log in logs if isinstance(log, Validated)]
    assert [log.step for log in measured] == [2, 4, 6]
    assert measured[-1].losses.total < measured[0].losses.total
    assert measured[0].losses.parts.keys() == {"codes", "clock"}
    alone = made(codec, thinker.hidden_size)
    assert run(thinker, alone, corpus, tmp_path / "b", config=config) == [x for x in logs if isinstance(x, StepLog)]
    rows = whole.rows(whole.pieces[0], spoken_columns(HEAR))
    samples = [spoken_sample(row, HEAR[0], thinker.vocabulary) for row in rows]
    with torch.no_grad():
        batch = voice.talker.batch(Utterances(thinker, codec, voice.talker.geometry.lead_s).of(samples))
        means = voice.talker(batch) / batch.n_learned
    assert measured[-1].losses.parts["clock"] == pytest.approx(float(means[-1]), rel=1e-4)
    assert measured[-1].losses.parts["codes"] == pytest.approx(float(means[:-1].mean()), rel=1e-4)


def test_a_killed_run_goes_on_to_the_same_weights(
    thinker: Thinker, codec: MelRvq, corpus: Corpus, tmp_path: Path
) -> None:
    config = replace(QUICK, shape=Shape(rows=1, row_tokens=2048), save_every=2)
    whole = made(codec, thinker.hidden_size)
    expected = run(thinker, whole, corpus, tmp_path / "whole", config=config)

    class Killed(Exception):
        pass

    def kill(log: StepLog | Validated) -> None:
        if log.step == 5:
            raise Killed

    cut = made(codec, thinker.hidden_size)
    with pytest.raises(Killed):
        train_talker(thinker, cut, Corpora(corpus), STAGE, config, tmp_path / "cut", accelerator_of(), kill)
    again = made(codec, thinker.hidden_size, seed=9)
    rest = run(thinker, again, corpus, tmp_path / "cut", config=config)
    assert rest == expected[4:]  # from the checkpoint of step 4 on
    for name, value in whole.talker.state_dict().items():
        assert torch.equal(value, again.talker.state_dict()[name]), name
    with pytest.raises(ContractError, match=r"made with stage\.steps 6, now it is 7"):
        run(thinker, again, corpus, tmp_path / "cut", replace(STAGE, steps=7), config)


def test_rows_whose_response_was_not_spoken_are_refused(
    thinker: Thinker, codec: MelRvq, spoken_data: Path, tmp_path: Path
) -> None:
    silent = open_corpus(str(spoken_data), "train", spoken_columns(HEAR))
    said = r"row [0-9a-f]{32} has no response_audio: build with --speak both, or name the stages before the talker's"
    with pytest.raises(ContractError, match=said):
        run(thinker, made(codec, thinker.hidden_size), silent, tmp_path)
    with pytest.raises(ContractError, match=said):
        fit_codec(silent)


def test_a_talker_of_another_codec_or_thinker_is_refused(
    thinker: Thinker, codec: MelRvq, corpus: Corpus, tmp_path: Path
) -> None:
    voice = made(codec, thinker.hidden_size)
    other = MelRvq(codec.config, codec._codebooks.flip(0))
    with pytest.raises(ContractError, match="codec mismatch: the talker was trained with codec"):
        TalkerVoice(voice.talker, other)
    with pytest.raises(ContractError, match="reads states of 40, this thinker's have 48"):
        run(thinker, made(codec, 40), corpus, tmp_path)


def test_a_loss_that_is_not_finite_stops_before_the_step(
    thinker: Thinker, codec: MelRvq, corpus: Corpus, tmp_path: Path
) -> None:
    voice = made(codec, thinker.hidden_size)
    with torch.no_grad():
        voice.talker.heads.weight.fill_(float("nan"))
    with pytest.raises(RunError, match=r"the loss is nan.*not-finite\.json holds its 2 samples"):
        run(thinker, voice, corpus, tmp_path)
    assert corpus.rows(corpus.pieces[0], ["id"])[0]["id"] in (tmp_path / "not-finite.json").read_text()


def test_without_memory_it_says_what_to_lower(thinker: Thinker, codec: MelRvq, corpus: Corpus, tmp_path: Path) -> None:
    voice = made(codec, thinker.hidden_size)

    def exhausted(*_: object) -> None:
        raise torch.OutOfMemoryError

    voice.talker.net.register_forward_pre_hook(exhausted)
    with pytest.raises(EngineError, match=r"batches of 4 responses: lower loop\.shape\.rows"):
        run(thinker, voice, corpus, tmp_path)


def test_training_begins_with_a_codec_of_the_data_or_one_by_name(codec: MelRvq, whole: Corpus, tmp_path: Path) -> None:
    config = TalkerConfig(TalkerGeometry(hidden=32, layers=1, heads=2, feed_forward=32), melrvq=SMALL_CODEC)
    fitted = starting_voice(config, whole, 48)
    assert fitted.codec.digest == codec.digest
    codec.save(tmp_path / "codec")
    named = starting_voice(replace(config, codec=str(tmp_path / "codec")), whole, 48)
    assert named.codec.digest == codec.digest
    for name, value in fitted.talker.state_dict().items():
        assert torch.equal(value, named.talker.state_dict()[name]), name
    with pytest.raises(UsageError, match="codec_rows is 0"):
        replace(config, codec_rows=0)
