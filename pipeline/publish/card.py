"""The data set card: README.md with the metadata the Hub and `datasets` read, and what a user must know.

Every figure in it comes from the report of the build it describes.
"""

from collections.abc import Iterable
from pathlib import Path

from pipeline.config import Config, to_toml
from pipeline.publish.files import SPLITS, features
from pipeline.stages.references import recordings
from pipeline.stages.report import SECONDS_PER_HOUR, Report
from schemas.derive import data_dictionary

TEXT_CONFIG = "text"
AUDIO_COLUMNS = ("question_audio", "response_audio")
_DE_INTERLEAVE = """\
import datasets

row = datasets.load_dataset("PATH_OR_REPO", "text", split="train")[0]
response = [t for t, s in zip(row["token_ids"], row["streams"]) if s == 0][:-1]  # without its end token
reasoning = [t for t, s in zip(row["token_ids"], row["streams"]) if s == 1][: len(row["reasoning_ids"])]
assert response == row["response_ids"] and reasoning == row["reasoning_ids"]
"""
_AUDIO = """\
import io, datasets, soundfile

rows = datasets.load_dataset("PATH_OR_REPO", split="train").cast_column("question_audio", datasets.Audio(decode=False))
samples, rate = soundfile.read(io.BytesIO(rows[0]["question_audio"]["bytes"]))
"""


def card(config: Config, report: Report, key: str) -> str:
    """Write the card of a build whose content `key` identifies."""
    total = report.total
    with_audio = report.audio_s > 0
    sections = [
        _front_matter(config, report, key),
        "# Spoken-Math-Problems-3M (built with smp3m)\n",
        "Math problems for speech models that think while they speak: a spoken question, a silent reasoning stream and "
        "a concise spoken response, interleaved into one token sequence in which no result is spoken before it is "
        "reasoned. Rebuilt from the description in *Mini-Omni-Reasoner* (arXiv 2508.15827), whose authors released no "
        "data.\n",
        f"{total.accepted:,} rows; {_audio_line(report)} Tokens: {report.tokens:,}, of which pads "
        f"{_percent(report.pads, report.tokens)}. Schedule {_schedule(config)}, "
        f"vocabulary `{Path(config.interleave.tokenizer).name}`; least slack {report.least_slack}; "
        f"{_percent(report.repaired, total.accepted)} of the rows were repaired by inserted words.\n",
        "## Read a row\n",
        f"```python\n{_DE_INTERLEAVE}```\n",
    ]
    if with_audio:
        sections += [
            "Audio decodes by itself where `torchcodec` and FFmpeg are installed; without them:\n",
            f"```python\n{_AUDIO}```\n",
        ]
    sections += [
        "## Columns\n",
        data_dictionary() + "\n",
        "Control tokens and the digest of the vocabulary are in `provenance`; a reader with another vocabulary must "
        "refuse the ids.\n",
        "## Sources and licences\n",
        _table(
            ("source", "in", "accepted", "rejected", "duplicates", "licence"),
            (
                (name, count.rows_in, count.accepted, count.rejected, count.duplicates, report.licenses.get(name, ""))
                for name, count in sorted(report.sources.items())
            ),
        ),
        "## Why rows were rejected\n",
        _table(("stage/reason", "rows"), report.reasons.most_common()) if report.reasons else "None were.\n",
    ]
    if report.voices:
        hours = ((voice, f"{h:.2f}") for voice, h in sorted(report.voices.items()))
        sections += ["## Hours per voice\n", _table(("voice", "hours"), hours)]
        notes = [(note.name, note.license, note.consent) for note in recordings(config.speak).values()]
        if notes:
            sections += ["Recordings that were cloned:\n", _table(("recording", "licence", "consent"), notes)]
    sections += [
        "## Limits\n",
        "The drift check follows stated quantities: a response that anticipates without a number is left to a judge, "
        "if one was used. Questions are synthetic speech. Most rows of the full recipe are generated arithmetic.\n",
        "## Rebuild\n",
        "Save these settings as `build.toml`, put the named files beside it, and run "
        "`smp3m build --config build.toml`; equal inputs and seed give equal bytes.\n",
        f"```toml\n{to_toml(config)}```\n",
    ]
    return "\n".join(sections)


def _front_matter(config: Config, report: Report, key: str) -> str:
    # Only here: importing `datasets` takes over a second.
    from datasets import DatasetInfo, Features, SplitInfo
    from datasets.info import DatasetInfosDict
    from datasets.splits import SplitDict
    from huggingface_hub import DatasetCardData

    licenses = sorted({name.lower() for name in report.licenses.values()})
    splits = [split for split in SPLITS if report.splits.get(split)]
    files = [{"split": split, "path": f"data/{split}-*.parquet"} for split in splits]
    whole = features(config.speak.sample_rate_hz)
    text = Features({name: kind for name, kind in whole.items() if name not in AUDIO_COLUMNS})
    data = DatasetCardData(
        language="en",
        license=licenses[0] if len(licenses) == 1 else "other",
        task_categories=["question-answering", "text-to-speech", "automatic-speech-recognition"],
        tags=["math", "speech", "reasoning", "smp3m"],
        pretty_name="Spoken-Math-Problems-3M",
        # `datasets` caches a local folder by what its card says, not by its files or path: without the key in it,
        # load_dataset would give the rows of an earlier build whose folder has the same name.
        configs=[
            {"config_name": "default", "default": True, "description": key, "data_files": files},
            {"config_name": TEXT_CONFIG, "description": key, "columns": list(text), "data_files": files},
        ],
    )
    counted = SplitDict({name: SplitInfo(name=name, num_examples=report.splits[name]) for name in splits})
    infos = {
        "default": DatasetInfo(features=whole, splits=counted),
        TEXT_CONFIG: DatasetInfo(features=text, splits=counted),
    }
    DatasetInfosDict(infos).to_dataset_card_data(data)
    return f"---\n{data.to_yaml()}\n---\n"


def _schedule(config: Config) -> str:
    how = config.interleave
    return "`adaptive`" if how.schedule == "adaptive" else f"`{how.ratio}`, `{how.order}`"


def _audio_line(report: Report) -> str:
    if not report.audio_s:
        return "no audio."
    wer = f", mean number-aware WER {report.mean_wer:.3f}" if report.mean_wer is not None else ""
    responses = f", {report.response_audio_s / SECONDS_PER_HOUR:.2f} of responses" if report.response_audio_s else ""
    return f"{report.audio_s / SECONDS_PER_HOUR:.2f} hours of question audio{responses}{wer}."


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "0%"


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    names = list(head)
    lines = [f"| {' | '.join(names)} |", f"|{' --- |' * len(names)}"]
    lines += [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"
