"""Step speak: the spoken question through a voice, finished as a clip, and heard back by an ear, or two.

A row that is not understood is spoken again with its next voice, up to the attempts allowed; then it is given up with
all its transcripts. The ear judges the clean take; a row that draws an augmentation is made harder to hear after that.
It knows no schedule: a new ratio never speaks a question again.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pipeline.backends.audio import Clip
from pipeline.backends.augment import EFFECTS, Drawn, Ranges, augment
from pipeline.backends.openai_address import Server
from pipeline.config import section
from pipeline.config_speech import SpeakConfig
from pipeline.core.fingerprint import digest, fraction_of
from pipeline.core.splits import TEST, split_of
from pipeline.stages.booth import Booth, Take, open_booth, terms
from pipeline.stages.roster import Member, order, paced, pool_of
from pipeline.stages.stage import FAMILY, Inputs, Outcome, Transform, attempts_in, joined, refuse
from schemas.rows import Rejected, Speech

TABLE = "speech"
STAGE = "speak"
VERSION = 4
BATCH_ROWS = 64
"""Rows whose audio is in memory at a time, whatever the size of a shard."""
_SEED_DIGITS = 13


@dataclass(frozen=True)
class Casting:
    """Who may speak what; small enough to be sent to every worker."""

    config: SpeakConfig
    members: tuple[Member, ...]
    seed: int
    held_out_share: float
    """Share of the families whose rows are spoken by held-out voices alone; 0 where no voice is held out."""
    server: Server | None = None
    """What is asked, where a server speaks or hears."""

    @property
    def identity(self) -> dict[str, object]:
        """What the table depends on."""
        return {
            "terms": terms(self.config, self.server),
            "attempts": self.config.attempts,
            "augment": section(self.config.augment),
            "roster": sorted([member.key, member.weight, member.held_out] for member in self.members),
            "held_out_share": self.held_out_share,
            "seed": self.seed,
        }


def casting(
    config: SpeakConfig, members: tuple[Member, ...], seed: int, test_share: float, server: Server | None = None
) -> Casting:
    """Cast the voices of a build whose test split holds `test_share` of the families."""
    held_out = any(member.held_out and member.weight > 0 for member in members)
    return Casting(config, members, seed, test_share if held_out else 0.0, server)


def load(cast: Casting) -> Transform:
    """Load the ear, and the engines whose voices only they know.

    Raises:
        EngineError: an engine or model cannot be loaded, or a voice does not exist.
    """
    booth = open_booth(cast.config, cast.server)
    return _speaking(booth, booth.everyone(cast.members), cast)


def _speaking(booth: Booth, members: Sequence[Member], cast: Casting) -> Callable[[Inputs], Outcome]:
    alike = digest([VERSION, terms(cast.config, cast.server), section(cast.config.augment), cast.seed])

    def speak_all(inputs: Inputs) -> Outcome:
        made_before = {(row["id"], row["take"]): row for row in inputs[TABLE].to_pylist()} if TABLE in inputs else {}
        afresh = attempts_in(inputs)
        joined_families = _families(inputs)

        def speak_one(row: tuple[Mapping[str, Any], ...]) -> Speech | Rejected:
            problem, spoken = row
            problem = {**problem, "family": joined_families.get(problem["id"], problem["family"])}
            again = afresh.get(problem["id"], 0)
            # A row that is tried afresh goes on where it was given up: with its next voices, and other seeds.
            first = again * cast.config.attempts
            voices = _voices(problem, members, cast, first)
            text = spoken["spoken_question"]
            keys = [
                digest([alike, text, [member.key for member in voices[: n + 1]], *([first] if first else [])])
                for n in range(len(voices))
            ]
            for key in keys:
                if (problem["id"], key) in made_before:
                    return Speech(**made_before[problem["id"], key])
            takes = takes_of(partial(booth.take, text), voices, cast.seed + first)
            if takes[-1].finding is None:
                return _row(booth, problem["id"], takes, keys[len(takes) - 1], cast, first)
            payload = {"spoken_question": text, "attempts": tries(takes)}
            return refuse(STAGE, problem, takes[-1].finding, payload, again)

        done = booth.for_each(list(joined(inputs, "problem", "spoken")), speak_one, members)
        rows = [row for row in done if isinstance(row, Speech)]
        refused = [row for row in done if isinstance(row, Rejected)]
        return Outcome(rows, refused, {"audio_s": sum(row.duration_s for row in rows)})

    return speak_all


def _families(inputs: Inputs) -> dict[str, str]:
    """Row id -> family, of a shard in which near duplicates have joined some."""
    if FAMILY not in inputs:
        return {}
    ids, families = (inputs[FAMILY].column(name).to_pylist() for name in ("id", "family"))
    return dict(zip(ids, families, strict=True))


def _voices(problem: Mapping[str, Any], members: Sequence[Member], cast: Casting, first: int) -> list[Member]:
    """The voices of a row in the order they are tried, one for each attempt from the first on."""
    test = split_of(problem["family"], cast.seed, validation=0.0, test=cast.held_out_share) == TEST
    ranked = order(problem["id"], pool_of(members, test=test), cast.seed)
    numbers = range(first, first + cast.config.attempts)
    return [paced(ranked[number % len(ranked)], number // len(ranked)) for number in numbers]


def takes_of(take: Callable[[Member, int], Take], voices: Sequence[Member], seed: int) -> list[Take]:
    """Tries with one voice after another, the last of which passed or is the last allowed."""
    takes: list[Take] = []
    for number, member in enumerate(voices):
        takes.append(take(member, seed + number))
        if takes[-1].finding is None:
            break
    return takes


def _row(booth: Booth, row_id: str, takes: Sequence[Take], key: str, cast: Casting, first: int) -> Speech:
    last = takes[-1]
    if last.clip is None:
        raise ValueError(f"row {row_id}: passed without a clip")
    clip, drawn = _augmented(booth, row_id, last.clip, cast)
    made_by = booth.provenance(last, first + len(takes) - 1)
    return Speech(
        id=row_id,
        question_audio=booth.audio(clip, row_id),
        voice=last.member.label,
        duration_s=clip.duration_s,
        asr_text=None if last.heard is None else last.heard.text,
        wer=None if last.heard is None else last.heard.wer,
        speech=json.dumps({**made_by, **({"augment": drawn} if drawn else {})}, sort_keys=True),
        take=key,
    )


def _augmented(booth: Booth, row_id: str, clip: Clip, cast: Casting) -> tuple[Clip, dict[str, Drawn]]:
    how = cast.config.augment
    shares = {name: float(getattr(how, name)) for name in EFFECTS}
    effects = tuple(
        name for name, share in shares.items() if fraction_of(row_id, f"augment {name} {cast.seed}") < share
    )
    if not effects:
        return clip, {}
    seed = int(digest(["augment", cast.seed, row_id])[:_SEED_DIGITS], 16)
    return augment(clip, effects, seed, Ranges(how.decay_s, how.snr_db), booth.how)


def tries(takes: Sequence[Take]) -> list[dict[str, object]]:
    """What is told of takes that did not pass."""
    return [
        {
            "voice": take.member.label,
            "heard": None if take.heard is None else take.heard.text,
            "wer": None if take.heard is None else take.heard.wer,
            "finding": None if take.finding is None else take.finding.detail,
        }
        for take in takes
    ]
