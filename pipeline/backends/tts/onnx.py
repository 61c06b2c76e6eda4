"""What the engines that run in onnxruntime share: one session, the GPU where there is one, words in time."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import onnxruntime

from pipeline.backends.tts.protocol import WordTime
from pipeline.errors import EngineError

_FATAL = 4


def session(engine: str, model: Path, graph: bytes | None = None) -> onnxruntime.InferenceSession:
    """Load a graph on one thread: a build runs one engine a core. Raises EngineError for a damaged file.

    Args:
        engine: for the message.
        model: the file.
        graph: its content, where it was changed in memory.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL  # what goes wrong is raised, not printed
    wanted = ("CUDAExecutionProvider", "CPUExecutionProvider")
    providers = [name for name in wanted if name in onnxruntime.get_available_providers()]
    try:
        return onnxruntime.InferenceSession(graph or str(model), options, providers=providers)
    # onnxruntime's exceptions have no common base but Exception; a damaged file raises several of them.
    except Exception as exc:
        reason = (str(exc).strip().splitlines() or [""])[0][:200]
        raise EngineError(f"{engine}: {model} does not load: {reason}") from exc


class Phoneme(NamedTuple):
    """A phoneme, or a mark or space between, as an engine spoke it."""

    symbol: str
    start_s: float
    end_s: float


def word_times(words: Sequence[str], alone: Sequence[str], spoken: Sequence[Phoneme]) -> tuple[WordTime, ...]:
    """When each word is spoken.

    A phonemizer runs words together ("of the" is one) and changes sounds where they meet, so that the phonemes of a
    text cannot be cut at its spaces: they are matched with those of the words one by one.

    Args:
        words: of the text.
        alone: phonemes of each word by itself, as long as `words`.
        spoken: phonemes of the text in time, one character each.
    """
    target = "".join(phoneme.symbol[:1] for phoneme in spoken)
    source = "".join(alone)
    position = _positions(source, target)
    ends = list(accumulate(len(part) for part in alone))
    starts = [0, *ends[:-1]]
    times: list[WordTime] = []
    for word, start, end in zip(words, starts, ends, strict=True):
        first = min(position[start], len(spoken) - 1)
        last = min(max(position[end] - 1, first), len(spoken) - 1)
        while last > first and not spoken[last].symbol.strip(" .,;:!?"):
            last -= 1
        while first < last and not spoken[first].symbol.strip(" .,;:!?"):
            first += 1
        times.append(WordTime(word, spoken[first].start_s, spoken[last].end_s))
    return tuple(times)


def _positions(source: str, target: str) -> list[int]:
    """For each place in `source`, ends included, the place in `target` that matches it."""
    position = [0] * (len(source) + 1)
    for _, a, a_end, b, b_end in SequenceMatcher(None, source, target, autojunk=False).get_opcodes():
        for i in range(a, a_end):
            position[i] = b + (i - a) * (b_end - b) // max(1, a_end - a)
    position[len(source)] = len(target)
    return position
