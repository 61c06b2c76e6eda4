"""The data set card: README.md with the metadata the Hub and `datasets` read, and what a user must know.

Every figure in it comes from the report of the build it describes. A section is a function of `_SECTIONS` that yields
its paragraphs, or nothing where it does not apply.
"""

from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

from pipeline.backends.augment import EFFECTS
from pipeline.config import Config, to_toml
from pipeline.config_sources import Judge
from pipeline.core.contamination import Kind
from pipeline.publish.card_metadata import TEXT_CONFIG, front_matter
from pipeline.stages.plan import judges_of
from pipeline.stages.references import recordings
from pipeline.stages.report import SECONDS_PER_HOUR, Report, contamination
from pipeline.stages.roster import licences
from schemas.derive import data_dictionary

GENERATED = frozenset({"simpleop"})
"""Sources whose problems a program makes up."""
_MOST = 0.5
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
_CITATION = """\
@misc{{xie2025miniomnireasoner,
  title = {{Mini-Omni-Reasoner: Token-Level Thinking-in-Speaking in Large Speech Models}},
  author = {{Zhifei Xie and Ziyang Ma and Zihang Liu and Kaiyu Pang and Hongyu Li and Jialin Zhang and Yue Liao and
            Deheng Ye and Chunyan Miao and Shuicheng Yan}},
  year = {{2025}},
  eprint = {{2508.15827}},
  archivePrefix = {{arXiv}},
}}
@software{{smp3m,
  title = {{smp3m: a builder of Spoken-Math-Problems-3M}},
  version = {{{version}}},
}}
"""


def card(config: Config, report: Report, key: str) -> str:
    """Write the card of a build whose content `key` identifies."""
    paragraphs = [front_matter(config, report, key)]
    for section in _SECTIONS:
        paragraphs += section(config, report)
    return "\n".join(paragraphs)


def _head(config: Config, report: Report) -> Iterator[str]:
    yield "# Spoken-Math-Problems-3M (built with smp3m)\n"
    yield (
        "Math problems for speech models that think while they speak: a spoken question, a silent reasoning stream and "
        "a concise spoken response, interleaved into one token sequence in which no result is spoken before it is "
        "reasoned. Rebuilt from the description in *Mini-Omni-Reasoner* (arXiv 2508.15827), whose authors released no "
        "data.\n"
    )
    yield (
        f"{report.total.accepted:,} rows; {_audio_line(report)} Tokens: {report.tokens:,}. "
        f"Schedule {_schedule(config)}, vocabulary `{Path(config.interleave.tokenizer).name}`.\n"
    )


def _mixture(_config: Config, report: Report) -> Iterator[str]:
    accepted = report.total.accepted
    yield "## Mixture\n"
    shares = sorted(report.sources.items(), key=lambda item: (-item[1].accepted, item[0]))
    yield ", ".join(f"{_percent(n.accepted, accepted)} `{name}`" for name, n in shares if n.accepted) + ".\n"
    generated = sum(report.sources[name].accepted for name in GENERATED & set(report.sources))
    if generated > _MOST * accepted:
        yield (
            f"**Most rows are generated arithmetic**: {generated:,} of {accepted:,}. Draw by `source` rather than "
            "evenly over rows unless that is what you want to train on.\n"
        )


def _reading(_config: Config, report: Report) -> Iterator[str]:
    yield "## Read a row\n"
    yield f"```python\n{_DE_INTERLEAVE}```\n"
    if report.audio_s:
        yield f"Config `{TEXT_CONFIG}` is the same rows without the audio columns, which are then not fetched.\n"
        yield "Audio decodes by itself where `torchcodec` and FFmpeg are installed; without them:\n"
        yield f"```python\n{_AUDIO}```\n"


def _columns(_config: Config, _report: Report) -> Iterator[str]:
    yield "## Columns\n"
    yield data_dictionary() + "\n"
    yield (
        "Control tokens and the digest of the vocabulary are in `provenance`; a reader with another vocabulary must "
        "refuse the ids.\n"
    )


def _sources(_config: Config, report: Report) -> Iterator[str]:
    yield "## Sources and licences\n"
    yield _table(
        ("source", "in", "accepted", "rejected", "duplicates", "licence"),
        (
            (name, count.rows_in, count.accepted, count.rejected, count.duplicates, report.licenses.get(name, ""))
            for name, count in sorted(report.sources.items())
        ),
    )
    yield "Each row carries its licence in `license`; its terms hold for what was made from it too.\n"


def _rejections(_config: Config, report: Report) -> Iterator[str]:
    yield "## Why rows were rejected\n"
    yield _table(("stage/reason", "rows"), report.reasons.most_common()) if report.reasons else "None were.\n"


def _families(_config: Config, report: Report) -> Iterator[str]:
    found = report.families
    if found is None or not found["rows"]:
        return
    yield "## Duplicates and families\n"
    yield (
        f"Rows of equal question and solution are one. {found['rows']:,} rows of collected sources were searched for "
        f"near duplicates: equal numbers, and questions of which at least {found['similarity']:.0%} of the word pairs "
        f"are the same. They joined {found['joined']:,} families to others, so that no split divides them; "
        f"{found['removed']:,} such rows were removed.\n"
    )
    yield _table(
        ("source", "rows compared", "questions with numbers masked", "rows of the commonest"),
        ((name, n["rows"], n["templates"], n["commonest"]) for name, n in sorted(found["templates"].items())),
    )


def _decontamination(config: Config, report: Report) -> Iterator[str]:
    yield "## Decontamination\n"
    done = contamination(report)
    if done is not None:
        how = config.decontaminate
        yield (
            "Every question, and the question that it was made from, was compared with these evaluation sets, all as "
            f"they are spoken. Removed were rows that say the same as an item, or share {how.ngram} words in a row, "
            f"{how.share:.0%} of its words in order and all its numbers. Rows that are worded like an item and state "
            "other numbers were counted and kept.\n"
        )
        yield _table(
            ("set", "items", "rows removed", "of these the same", "items found", "like an item, kept", "digest"),
            (
                (
                    name,
                    one["items"],
                    one["rows"],
                    one["kinds"].get(Kind.SAME.value, 0),
                    one["found_items"],
                    one["templates"],
                    f"`{one['digest']}`",
                )
                for name, one in done["sets"].items()
            ),
        )
        yield (
            "Every removed row is listed with its item and the words found, in `report.json` under `decontamination` "
            "and among the rejected rows. A paraphrase in other words is not found this way.\n"
        )
        return
    yield (
        "None was done: no row was compared with any evaluation set. The sources are training sets; before you report "
        "a benchmark, compare its questions with `question` and `spoken_question`.\n"
    )


def _streams(config: Config, report: Report) -> Iterator[str]:
    yield "## Streams\n"
    yield (
        "The slack of a row is the least number of reasoning tokens that are out, when a result is spoken, beyond what "
        "its step needs; negative slack would be anticipation.\n"
    )
    yield _table(("figure", "value"), _stream_figures(config, report))


def _stream_figures(config: Config, report: Report) -> Iterator[tuple[str, str]]:
    yield "schedule", _schedule(config)
    yield "response tokens", f"{report.response_tokens:,}"
    yield "reasoning tokens", f"{report.reasoning_tokens:,}"
    if report.response_tokens:
        yield "reasoning per response token", f"{report.reasoning_tokens / report.response_tokens:.2f}"
    yield "pads, of all tokens", _percent(report.pads, report.tokens)
    yield "rows repaired by inserted words", _percent(report.repaired, report.total.accepted)
    if report.slacks:
        quantiles = ", ".join(f"{report.slack_at(share)}" for share in (0.1, 0.5, 0.9))
        yield "slack: least", f"{report.least_slack}"
        yield "slack: 10%, median, 90%", quantiles
        yield "rows without a derived result", f"{report.total.accepted - report.slacks.total():,}"


def _voices(config: Config, report: Report) -> Iterator[str]:
    if report.voices:
        yield "## Hours per voice\n"
        known = licences(config.speak)
        rows = (
            (voice, f"{h:.2f}", known.get(voice.rpartition("/")[0], "")) for voice, h in sorted(report.voices.items())
        )
        yield _table(("voice", "hours", "licence of the voice"), rows)
        shares = {name: getattr(config.speak.augment, name) for name in EFFECTS}
        harder = [f"{share:.1%} {name}" for name, share in shares.items() if share]
        if harder:
            yield (
                "Questions made harder to hear, after an ear had judged them clean (`provenance` says which): "
                f"{', '.join(harder)}.\n"
            )
        notes = [(note.name, note.license, note.consent) for note in recordings(config.speak).values()]
        if notes:
            yield "Recordings that were cloned:\n"
            yield _table(("recording", "licence", "consent"), notes)


def _use(config: Config, report: Report) -> Iterator[str]:
    yield "## Intended use and limits\n"
    yield (
        "For training and studying speech models that reason while they speak. Not a benchmark: the splits come from "
        "the sources' training data, and problems are often variants of each other (`family` says which; no family is "
        "divided between splits).\n"
    )
    yield (
        "The drift check follows stated quantities: a response that anticipates without a number, or a wrong sentence "
        f"around a right number, is left to a judge. {_judged(config, report)} The language is English.\n"
    )
    if report.audio_s:
        yield "Questions are synthetic speech, read clearly by few voices: expect less of real rooms and accents.\n"


def _rebuild(config: Config, _report: Report) -> Iterator[str]:
    yield "## Rebuild\n"
    yield (
        "Save these settings as `build.toml`, put the named files beside it, and run "
        "`smp3m build --config build.toml`; equal inputs and seed give equal bytes.\n"
    )
    yield f"```toml\n{to_toml(config)}```\n"


def _citation(_config: Config, _report: Report) -> Iterator[str]:
    yield "## Citation\n"
    yield f"```bibtex\n{_CITATION.format(version=version('smp3m'))}```\n"


_SECTIONS: tuple[Callable[[Config, Report], Iterator[str]], ...] = (
    _head,
    _mixture,
    _reading,
    _columns,
    _sources,
    _rejections,
    _families,
    _decontamination,
    _streams,
    _voices,
    _use,
    _rebuild,
    _citation,
)


def _schedule(config: Config) -> str:
    how = config.interleave
    return "`adaptive`" if how.schedule == "adaptive" else f"`{how.ratio}`, `{how.order}`"


def _audio_line(report: Report) -> str:
    if not report.audio_s:
        return "no audio."
    wer = f", mean number-aware WER {report.mean_wer:.3f}" if report.mean_wer is not None else ""
    responses = f", {report.response_audio_s / SECONDS_PER_HOUR:.2f} of responses" if report.response_audio_s else ""
    return f"{report.audio_s / SECONDS_PER_HOUR:.2f} hours of question audio{responses}{wer}."


def _judged(config: Config, report: Report) -> str:
    """Who judged what the exact checks do not see."""
    asked = [names for judge, names in judges_of(config).items() if judge is not Judge.RULES]
    sources = sorted(set(report.sources) & frozenset[str]().union(*asked))
    if not sources:
        return "None was used."
    return f"`{config.llm.model}` judged {config.verify.sample:.1%} of the rows of {', '.join(sources)}."


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "0%"


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    names = list(head)
    lines = [f"| {' | '.join(names)} |", f"|{' --- |' * len(names)}"]
    lines += [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"
