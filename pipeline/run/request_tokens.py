"""How many tokens the requests of some rows have: prompts as they would be sent, the rules' texts for the answers.

It sends nothing. The vocabulary is Qwen's, which every installation has; OpenAI's count some per cent otherwise.
"""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa

from pipeline.backends.llm.answers import json_schema
from pipeline.backends.tokenizer import load as load_tokenizer
from pipeline.config import Config
from pipeline.stages.rewrite_llm import Calls
from prompts import load as load_prompt

_TURN_TOKENS = 8
"""What a chat format adds to a request."""
_JUDGES = ("judge_drift", "judge_colloquial")
_OF_TRANSCRIPTS = "judge_transcript"
_VERDICT = '{"quote":"","explanation":"Nothing is at fault.","verdict":"ok"}'


class PerRequest(NamedTuple):
    """What the rows of a sample bring, on average."""

    requests: float
    """For each row."""
    prompt: float
    """Tokens of a prompt."""
    answer: float
    """Tokens of an answer."""


class RequestTokens:
    """Counts tokens of the requests that a sample would bring."""

    def __init__(self, config: Config) -> None:
        """Load the vocabulary; the settings say how many calls a row takes, and which share of the rows is judged."""
        self._tokenizer = load_tokenizer("qwen2.5")
        self._calls = Calls(config.rewrite.calls)
        self._judged = config.verify.sample

    def rewriting(self, problems: pa.Table, spoken: pa.Table) -> PerRequest:
        """All calls that rewrite a problem; the rules' texts stand for the answers."""
        asked, told = problems.to_pylist(), spoken.to_pylist()
        prompts = answers = 0.0
        for name in self._calls.prompts:
            prompt = load_prompt(name)
            filled = [
                prompt.fill(**{place: value for place, value in _shown(row).items() if place in prompt.places})
                for row in asked
            ]
            prompts += self._fixed(name) + self._mean(filled)
            fields = prompt.answer.model_fields
            answers += self._mean([json.dumps({field: row[field] for field in fields}) for row in told])
        n_calls = len(self._calls.prompts)
        return PerRequest(float(n_calls), prompts / n_calls, answers / n_calls)

    def judging(self, problems: pa.Table, tables: Mapping[str, pa.Table]) -> PerRequest:
        """All judges of the rows that are drawn; their own texts stand for the record."""
        questions = {row["id"]: row["question"] for row in problems.to_pylist()}
        rows = tables["interleaved"].to_pylist()
        reasonings = {row["id"]: row["reasoning"] for row in tables["spoken"].to_pylist()}
        judges = {**dict.fromkeys(_JUDGES, 1.0), _OF_TRANSCRIPTS: _doubtful(tables)}
        prompts = 0.0
        for name, share in judges.items():
            prompt = load_prompt(name)
            told = [
                {
                    "question": questions[row["id"]],
                    "response": row["response"],
                    "record": _record(row["response"], reasonings[row["id"]]),
                    "transcript": questions[row["id"]],
                }
                for row in rows
            ]
            filled = [prompt.fill(**{place: one[place] for place in prompt.places}) for one in told]
            prompts += share * (self._fixed(name) + self._mean(filled))
        n_judges = sum(judges.values())
        return PerRequest(self._judged * n_judges, prompts / n_judges, self._mean([_VERDICT]))

    def _fixed(self, name: str) -> float:
        prompt = load_prompt(name)
        return self._count(prompt.text) + self._count(json.dumps(json_schema(prompt.answer))) + _TURN_TOKENS

    def _mean(self, texts: Sequence[str]) -> float:
        return sum(map(self._count, texts)) / max(1, len(texts))

    def _count(self, text: str) -> int:
        return len(self._tokenizer.encode(text).ids)


def _shown(problem: Mapping[str, str]) -> dict[str, str]:
    """What a prompt that rewrites may show of a problem."""
    answer = problem["answer"] or problem["answer_value"]
    return {"question": problem["question"], "solution": problem["solution"], "answer": answer}


def _doubtful(tables: Mapping[str, pa.Table]) -> float:
    """Share of the rows whose transcript is judged: those of which an ear heard a word otherwise."""
    if "speech" not in tables or not tables["speech"].num_rows:
        return 0.0
    wer = tables["speech"].column("wer").to_pylist()
    return sum(1 for errors in wer if errors) / len(wer)


def _record(response: str, reasoning: str) -> str:
    """As long as the record that a judge reads: lines of two spoken and eight thought tokens."""
    words = response.split()
    return "\n".join(f"SAYS> {' '.join(words[at : at + 2])}\nTHINKS>" for at in range(0, len(words), 2)) + reasoning
