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
from prompts import load as load_prompt

_TURN_TOKENS = 8
"""What a chat format adds to a request."""
_JUDGES = ("judge_drift", "judge_colloquial", "judge_transcript")
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
        """Load the vocabulary; whether an ear hears the question decides how many judges there are."""
        self._tokenizer = load_tokenizer("qwen2.5")
        self._with_ear = config.speak.tts != "none" and config.speak.asr != "none"

    def rewriting(self, problems: pa.Table, spoken: pa.Table) -> PerRequest:
        """The joint rewriting of each problem; the rules' texts stand for the answer."""
        prompt = load_prompt("rewrite_joint")
        asked = [
            prompt.fill(question=row["question"], solution=row["solution"], answer=row["answer"] or row["answer_value"])
            for row in problems.to_pylist()
        ]
        fields = ("spoken_question", "reasoning", "response")
        answers = [json.dumps({name: row[name] for name in fields}) for row in spoken.to_pylist()]
        return PerRequest(1.0, self._fixed("rewrite_joint") + self._mean(asked), self._mean(answers))

    def judging(self, problems: pa.Table, tables: Mapping[str, pa.Table]) -> PerRequest:
        """All judges of each row; its own texts stand for the record."""
        questions = {row["id"]: row["question"] for row in problems.to_pylist()}
        rows = tables["interleaved"].to_pylist()
        reasonings = {row["id"]: row["reasoning"] for row in tables["spoken"].to_pylist()}
        judges = _JUDGES if self._with_ear else _JUDGES[:2]
        prompts = 0.0
        for name in judges:
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
            prompts += self._fixed(name) + self._mean(filled)
        return PerRequest(float(len(judges)), prompts / len(judges), self._mean([_VERDICT]))

    def _fixed(self, name: str) -> float:
        prompt = load_prompt(name)
        return self._count(prompt.text) + self._count(json.dumps(json_schema(prompt.answer))) + _TURN_TOKENS

    def _mean(self, texts: Sequence[str]) -> float:
        return sum(map(self._count, texts)) / max(1, len(texts))

    def _count(self, text: str) -> int:
        return len(self._tokenizer.encode(text).ids)


def _record(response: str, reasoning: str) -> str:
    """As long as the record that a judge reads: lines of two spoken and eight thought tokens."""
    words = response.split()
    return "\n".join(f"SAYS> {' '.join(words[at : at + 2])}\nTHINKS>" for at in range(0, len(words), 2)) + reasoning
