"""The YAML part of the data set card: what the Hub's viewer and `load_dataset` read, so that both see the same."""

from copy import deepcopy
from typing import Any

from pipeline.config import Config
from pipeline.publish.files import SPLITS, features
from pipeline.publish.licences import hub_licence
from pipeline.stages.report import Report

AUDIO_CONFIG = "default"
TEXT_CONFIG = "text"
AUDIO_COLUMNS = ("question_audio", "response_audio")
_SIZES = {10**3: "n<1K", 10**4: "1K<n<10K", 10**5: "10K<n<100K", 10**6: "100K<n<1M", 10**7: "1M<n<10M"}
"""The Hub's words for fewer rows than so many."""
_LARGEST_SIZE = "10M<n<100M"


def front_matter(config: Config, report: Report, key: str) -> str:
    """Write the metadata of a build whose content `key` identifies, `---` lines included.

    With audio there are the configs `default` (all columns) and `text` (the same files without audio columns, which a
    reader then does not fetch); without audio `text` alone. Splits without rows are left out: they have no file.
    """
    # Only here: importing `datasets` takes over a second.
    from datasets import DatasetInfo, Features, SplitInfo
    from datasets.info import DatasetInfosDict
    from datasets.splits import SplitDict
    from huggingface_hub import DatasetCardData

    with_audio = report.audio_s > 0
    splits = [split for split in SPLITS if report.splits.get(split)]
    counted = SplitDict({name: SplitInfo(name=name, num_examples=report.splits[name]) for name in splits})
    whole = features(config.speak.sample_rate_hz)
    text = Features({name: kind for name, kind in whole.items() if name not in AUDIO_COLUMNS})
    speech_tasks = ["text-to-speech", "automatic-speech-recognition"] if with_audio else []
    data = DatasetCardData(
        language="en",
        **hub_licence(report.licenses.values()),
        task_categories=["question-answering", *(speech_tasks or ["text-generation"])],
        tags=["math", "speech", "reasoning", "synthetic", "smp3m"],
        size_categories=_size(report.total.accepted),
        pretty_name="Spoken-Math-Problems-3M",
        configs=_configs(key, splits, list(text), with_audio=with_audio),
    )
    infos = {AUDIO_CONFIG: DatasetInfo(features=whole, splits=counted)} if with_audio else {}
    infos[TEXT_CONFIG] = DatasetInfo(features=text, splits=counted)
    DatasetInfosDict(infos).to_dataset_card_data(data)
    return f"---\n{data.to_yaml()}\n---\n"


def _configs(key: str, splits: list[str], columns: list[str], *, with_audio: bool) -> list[dict[str, Any]]:
    files = [{"split": split, "path": f"data/{split}-*.parquet"} for split in splits]
    # `datasets` caches a local folder by what its card says, not by its files or path: without the key in it,
    # load_dataset would give the rows of an earlier build whose folder has the same name.
    text = {"config_name": TEXT_CONFIG, "description": key, "columns": columns, "data_files": files}
    if not with_audio:
        return [{**text, "default": True}]
    # A copy, or YAML would write a reference.
    audio = {"config_name": AUDIO_CONFIG, "default": True, "description": key, "data_files": deepcopy(files)}
    return [audio, text]


def _size(rows: int) -> str:
    return next((words for bound, words in _SIZES.items() if rows < bound), _LARGEST_SIZE)
