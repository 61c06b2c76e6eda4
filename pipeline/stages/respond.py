"""Step respond: the final response through a voice, heard back by an ear, with the time of every word.

It follows interleaving, as repair may change the words. A clip hangs on response and voice: where another ratio leaves
a response as it was, its clip is taken over. A response that is not understood is spoken again by the same voice, a
little slower, then a little faster: an assistant keeps its voice.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pipeline.backends.tokenizer import load as load_tokenizer
from pipeline.config_speech import SpeakConfig
from pipeline.core.fingerprint import digest
from pipeline.errors import EngineError, UsageError
from pipeline.stages.booth import Booth, Take, open_booth, terms
from pipeline.stages.roster import ALL, PACES, Member, paced, pool_of
from pipeline.stages.speak import Casting, takes_of, tries
from pipeline.stages.stage import Inputs, Outcome, Transform, attempts_in, joined, refuse
from schemas.rows import Rejected, ResponseSpeech, WordTimeDict

TABLE = "response_speech"
STAGE = "respond"
VERSION = 3
ROW = "row"
"""Value of `speak.response_voice` for the voice of the row's question."""


@dataclass(frozen=True)
class _Speaker:
    """Everything that responses are spoken with."""

    booth: Booth
    members: tuple[Member, ...]
    config: SpeakConfig
    seed: int
    decode: Callable[[list[int]], str]

    def member(self, question_voice: str) -> Member:
        """Who speaks the response to a question spoken by a voice."""
        wanted = question_voice if self.config.response_voice == ROW else self.config.response_voice
        if not wanted:
            return pool_of(self.members, test=False)[0]
        for tried in range(len(PACES)):  # a question may have been understood at another pace than the roster's
            for member in self.members:
                voice = paced(member, tried)
                if voice.label == wanted:
                    return voice
        raise EngineError(f"speak.response_voice: no voice {wanted!r} in the roster; {_named(self.members)}")


def require_voice(config: SpeakConfig, members: Sequence[Member]) -> None:
    """Refuse a voice for the responses that the roster does not have, as far as that is known before loading.

    Raises:
        UsageError: it has none of that name.
    """
    labels = [member.label for member in members]
    open_ended = any(member.voice.name == ALL for member in members)
    if config.response_voice not in ("", ROW, *labels) and not open_ended:
        raise UsageError(f"speak.response_voice: no voice {config.response_voice!r} in the roster; {_named(members)}")


def _named(members: Sequence[Member]) -> str:
    return f'give "row" or one of {", ".join(member.label for member in members[:12])}'


def identity(cast: Casting) -> dict[str, object]:
    """What the table depends on, besides its inputs and the vocabulary."""
    return {
        "terms": terms(cast.config, cast.server),
        "attempts": cast.config.attempts,
        "response_voice": cast.config.response_voice,
        # Weights and held-out voices do not matter to a voice that is named, but decide which one is the first.
        "roster": [[member.key, member.weight > 0, member.held_out] for member in cast.members],
        "seed": cast.seed,
    }


def load(cast: Casting, tokenizer: str) -> Transform:
    """Load ear and vocabulary; engines are loaded when they are first needed.

    Raises:
        EngineError: an engine or model cannot be loaded, or a voice does not exist.
        UsageError: no such tokenizer.
    """
    booth = open_booth(cast.config, cast.server)
    decode = load_tokenizer(tokenizer).decode
    speaker = _Speaker(booth, booth.everyone(cast.members), cast.config, cast.seed, decode)
    return _responding(speaker, terms(cast.config, cast.server))


def _responding(speaker: _Speaker, gates: Mapping[str, object]) -> Callable[[Inputs], Outcome]:
    alike = digest([VERSION, gates, speaker.seed])
    booth = speaker.booth

    def respond_all(inputs: Inputs) -> Outcome:
        afresh = attempts_in(inputs)
        made_before = {(row["id"], row["take"]): row for row in inputs[TABLE].to_pylist()} if TABLE in inputs else {}

        def respond(row: tuple[Mapping[str, Any], ...]) -> ResponseSpeech | Rejected:
            problem, interleaved, speech = row
            text = interleaved["response"]
            member = speaker.member(speech["voice"])
            again = afresh.get(problem["id"], 0)
            first = again * speaker.config.attempts
            key = digest([alike, text, member.key, speaker.config.attempts, *([first] if first else [])])
            before = made_before.get((problem["id"], key))
            if before is not None:
                return ResponseSpeech(
                    **{**before, "response_words": _placed(before["response_words"], interleaved, speaker)}
                )
            voices = [paced(member, number) for number in range(first, first + speaker.config.attempts)]
            takes = takes_of(partial(booth.take, text, timed=True), voices, speaker.seed + first)
            if takes[-1].finding is None:
                return _row(speaker, interleaved, takes, key, first)
            return refuse(STAGE, problem, takes[-1].finding, {"response": text, "attempts": tries(takes)}, again)

        done = booth.for_each(list(joined(inputs, "problem", "interleaved", "speech")), respond, speaker.members)
        rows = [row for row in done if isinstance(row, ResponseSpeech)]
        refused = [row for row in done if isinstance(row, Rejected)]
        return Outcome(rows, refused, {"response_audio_s": sum(row.response_duration_s for row in rows)})

    return respond_all


def _row(
    speaker: _Speaker, interleaved: Mapping[str, Any], takes: Sequence[Take], key: str, first: int
) -> ResponseSpeech:
    last = takes[-1]
    if last.clip is None:
        raise ValueError(f"row {interleaved['id']}: passed without a clip")
    timing = speaker.booth.words(last, last.clip, interleaved["response"])
    heard = {} if last.heard is None else {"asr_text": last.heard.text, "wer": round(last.heard.wer, 4)}
    words: list[WordTimeDict] = [
        {"word": word.word, "start_s": word.start_s, "end_s": word.end_s, "resp_start": 0} for word in timing.words
    ]
    made_by = {**speaker.booth.provenance(last, first + len(takes) - 1), **heard, "word_times": timing.method}
    return ResponseSpeech(
        id=interleaved["id"],
        response_audio=speaker.booth.audio(last.clip, f"{interleaved['id']}-response"),
        response_voice=last.member.label,
        response_duration_s=last.clip.duration_s,
        response_words=_placed(words, interleaved, speaker),
        respond=json.dumps(made_by, sort_keys=True, ensure_ascii=False),
        take=key,
    )


def _placed(words: Sequence[WordTimeDict], interleaved: Mapping[str, Any], speaker: _Speaker) -> list[WordTimeDict]:
    """The words with the token that each begins in."""
    starts = word_tokens(interleaved["response"], interleaved["response_ids"], speaker.decode)
    return [{**word, "resp_start": start} for word, start in zip(words, starts, strict=True)]


def word_tokens(response: str, response_ids: Sequence[int], decode: Callable[[list[int]], str]) -> list[int]:
    """For each word of `response.split()` the index of the token that holds its first character.

    Args:
        response: what the ids decode to.
        response_ids: [n_tokens].
        decode: ids to text.
    """
    ids = list(response_ids)
    ends = [len(decode(ids[: number + 1])) for number in range(len(ids))]  # [n_tokens]
    starts: list[int] = []
    token = 0
    for word in re.finditer(r"\S+", response):
        while token < len(ends) - 1 and ends[token] <= word.start():
            token += 1
        starts.append(token)
    return starts
