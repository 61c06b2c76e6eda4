"""Which sentence of a problem asks, and the form of the answer it wants: yes or no, a percentage, a unit.

It looks for a few words; the grammar of what is asked is `core.split_question`.
"""

import re
from functools import lru_cache

from pipeline.core.units import is_measure

_SENTENCE_END = re.compile(r"\s(?:(?<=[.!?]\s)(?<!\bM[rs]\.\s)(?<!\bDr\.\s)(?<!\bSt\.\s)(?<!\bMrs\.\s)\s*|(?<=\n)\n*)")
"""Opens with the blank itself: a pattern that may begin anywhere takes three times as long."""
_YES_OR_NO = re.compile(
    r"(?:is|are|was|were|does|do|did|can|could|will|would|has|have|had|should)\b"
    r"(?!.*\b(?:how|what|which|when|where|who|whose|find|calculate|determine|compute|tell|give|or)\b)",
    re.IGNORECASE | re.DOTALL,
)
_PERCENT_ASKED = re.compile(r"\b(?:what|which|how many) perc(?:ent|entage)\b", re.IGNORECASE)
_UNIT_ASKED = re.compile(
    r"\b(?:(?:what|how|find|calculate|express)\b.*\bin|convert\b.*\bto) ((?:(?:square|cubic) )?([a-z]+))\s*[?.]?$",
    re.IGNORECASE | re.DOTALL,
)


@lru_cache(maxsize=8)
def sentences(question: str) -> tuple[str, ...]:
    """The sentences of a question, none of them empty."""
    return tuple(sentence for sentence in _SENTENCE_END.split(question.strip()) if sentence)


def last_sentence(question: str) -> str:
    """The last sentence, "" of an empty question."""
    found = sentences(question)
    return found[-1] if found else ""


def wants_yes_or_no(question: str) -> bool:
    """Whether the last question is answered by yes or no: it opens with a verb and asks for nothing else."""
    last = last_sentence(question)
    return last.endswith("?") and _YES_OR_NO.match(last) is not None


def asks_percent(question: str) -> bool:
    """Whether what is asked for is a percentage."""
    last = last_sentence(question)
    return "perc" in last.lower() and _PERCENT_ASKED.search(last) is not None


@lru_cache(maxsize=8)
def unit_asked(question: str) -> str:
    """The measure that a question asks its answer in: "quarts" of "… in quarts?"; "" where it names none."""
    last = last_sentence(question)
    if not is_measure(last.rstrip(" \n?.").rpartition(" ")[2].lower()):
        return ""  # most of them, without the search
    found = _UNIT_ASKED.search(last)
    return found[1].lower() if found and is_measure(found[2].lower()) else ""
