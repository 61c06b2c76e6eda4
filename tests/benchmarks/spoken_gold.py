"""Reads the spoken gold aloud, ours beside its peers, in one run.

    python -m tests.benchmarks.spoken_gold DIR [--peers PYTHON] [--sre NODE_DIR] [--half seen|unseen]
        [--questions JSONL] [--lost N]

PYTHON is an interpreter that has nemo_text_processing and wetext; NODE_DIR a folder into which npm has installed
speech-rule-engine and mathjax-full. For every class and tool: the share of readings that are exact and that have
the gold's structure (both as `gold_normal` defines them), the share with the gold's numbers in order, the
share refused, and microseconds an item inside the tool (the least of three passes, the median over the items).
An asterisk marks a tool's own
tests, on which it is not ranked. Half of each set, chosen by hash, is `seen`: `--lost` shows cases of that half
alone, so that the other half stays an honest measure of rules made after looking at it.
"""

import argparse
import csv
import json
import re
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.core.latex import speak_math
from pipeline.core.outcome import Unreadable
from pipeline.core.reading import reading
from pipeline.core.speak import speak
from tests.benchmarks.gold_normal import structure, words
from tests.benchmarks.gold_peers import Answer, Peer, started
from tests.benchmarks.mathml import latex


class Item(NamedTuple):
    """One sentence or formula with its gold."""

    kind: str
    written: str
    gold: str
    form: str
    """"text", "latex" or "mathml"."""


class Score(NamedTuple):
    """What a tool reached on a class: shares, and microseconds an item."""

    exact: float
    structure: float
    quantities: float
    refused: float
    us: float


Tool = Callable[[Item], Answer]
PASSES = 3
"""Over a class, one after the other; the least time of an item counts, for every tool alike."""
_GARBLED = re.compile(r"[\\$^_{}]|\bNone\b")
_LABEL = re.compile(r": .*")
"""MathBridge repeats its label after the words."""
_NOT_SHOWN = re.compile(r"[\ue000-\uf8ff]|\bintent=")
"""Characters of a font's own, and formulas of which an attribute, not the formula, says what they mean."""
_SPLIT_COMMAND = re.compile(r"\\ ([{}!,;:%#&|])")
"""MathBridge puts a blank into the commands that are a single sign, and around every brace."""
_OWN = {"nemo": "nemo ", "sre": "sre "}
"""The classes that are a tool's own tests, by their beginning."""
_MATHEMATICS = frozenset(
    f"nemo {c}" for c in ("cardinal", "date", "decimal", "fraction", "math", "measure", "money", "ordinal", "range",
                          "roman", "time")
) | {"mathspeech", "mathbridge", "mathcat ClearSpeak", "mathcat SimpleSpeak"}  # fmt: skip


def items(folder: Path) -> Iterable[Item]:
    """The gold, cleaned: no MathSpeak, one ClearSpeak preference, no gold that is LaTeX itself."""
    for row in _rows(folder / "nemo_en_tn.tsv"):
        if row["written"].strip() and row["spoken"].strip():
            yield Item(f"nemo {row['class']}", row["written"], row["spoken"], "text")
    yield from _formulas(folder / "mathspeech_1101.tsv", "mathspeech", "transcription", "LaTeX")
    yield from _formulas(folder / "mathbridge_12610.tsv", "mathbridge", "spoken", "latex")
    for row in _objects(folder / "mathcat_en.jsonl"):
        if tuple(row["args"]) in (("ClearSpeak",), ("SimpleSpeak",)) and not _NOT_SHOWN.search(row["input"]):
            yield Item(f"mathcat {row['args'][0]}", row["input"].replace('\\"', '"'), row["spoken"], "mathml")
    for row in _objects(folder / "sre_en.jsonl"):
        if row["domain"] == "clearspeak" and str(row["preference"]).endswith("_Auto"):
            yield Item("sre clearspeak", row["input"], row["spoken"], "mathml")


def _formulas(path: Path, kind: str, spoken: str, tex: str) -> Iterable[Item]:
    for row in _rows(path):
        gold = _LABEL.sub("", row[spoken] or "") if kind == "mathbridge" else row[spoken]
        if gold and row[tex] and not _GARBLED.search(gold):
            yield Item(kind, _SPLIT_COMMAND.sub(r"\\\1", row[tex]).strip().strip("$").strip(), gold, "latex")


def _objects(path: Path) -> Iterable[dict[str, Any]]:
    return map(json.loads, path.read_text().splitlines())


def _rows(path: Path) -> Iterable[dict[str, str]]:
    with path.open() as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def is_seen(item: Item) -> bool:
    """Whether an item belongs to the half whose losses may be looked at."""
    return blake2b(item.written.encode(), digest_size=1).digest()[0] % 2 == 0


def ours(item: Item) -> Answer:
    """This project's reading, of a text that it has not seen before."""
    reading.cache_clear()
    start = time.perf_counter()
    source = latex(item.written) if item.form == "mathml" else item.written
    said: str | Unreadable | None = None
    if source is not None:
        said = speak(source) if item.form == "text" else speak_math(source)
    return Answer(said if isinstance(said, str) else None, time.perf_counter() - start)


def _asking(peer: Peer) -> Tool:
    return lambda item: peer.ask(item.written, item.form)


def score(tool: Tool, members: list[Item], lost: int) -> Score:
    """The tool's shares on a class; prints the first cases it loses by structure."""
    exact = same = quantities = refused = 0
    passes = [[tool(item) for item in members] for _ in range(PASSES)]
    seconds = [min(answer.seconds for answer in answers) for answers in zip(*passes, strict=True)]
    for item, (said, _) in zip(members, passes[0], strict=True):
        matches = said is not None and structure(said) == structure(item.gold)
        exact += said is not None and words(said) == words(item.gold)
        same += matches
        refused += said is None
        quantities += said is not None and _values(said) == _values(item.gold)
        if not matches and lost > 0 and is_seen(item):
            lost -= 1
            print(f"    {item.written[:160]!r}\n      gold {item.gold[:160]}\n      ours {said and said[:160]}")
    n = len(members)
    return Score(exact / n, same / n, quantities / n, refused / n, statistics.median(seconds) * 1e6)


def _values(text: str) -> list[str]:
    return [token for token in structure(text) if token[0].isdigit()]


def main() -> None:
    """Compare all tools that start."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peers")
    parser.add_argument("--sre", type=Path)
    parser.add_argument("--questions", type=Path, help="a JSONL file of whole questions to be timed on, without gold")
    parser.add_argument("--half", choices=("seen", "unseen"))
    parser.add_argument("--only", default="", help="classes that begin so")
    parser.add_argument("--lost", type=int, default=0, help="print so many lost cases of each class")
    args = parser.parse_args()
    peers = started(args.peers, args.sre)
    by_kind: dict[str, list[Item]] = defaultdict(list)
    for item in items(args.folder):
        if item.kind.startswith(args.only) and (args.half is None or is_seen(item) is (args.half == "seen")):
            by_kind[item.kind].append(item)
    names = ["ours", *peers]
    print(f"{'class':32}{'n':>5}  " + "  ".join(f"{name:^36}" for name in names))
    print(f"{'':37}  " + "  ".join(f"{'exact struct quant. refused    us':>36}" for _ in names))
    table: dict[str, dict[str, Score]] = {}
    for kind, members in sorted(by_kind.items()):
        form = members[0].form
        scores = {"ours": score(ours, members, args.lost)}
        for name, peer in peers.items():
            if form in peer.forms:
                scores[name] = score(_asking(peer), members, 0)
        table[kind] = scores
        print(
            f"{kind:32}{len(members):>5}  " + "  ".join(_cell(name, kind, scores.get(name)) for name in names),
            flush=True,
        )
    _verdict(table, by_kind)
    if args.questions:
        _time_questions(args.questions, peers)


QUESTIONS = 100


def _time_questions(path: Path, peers: dict[str, Peer]) -> None:
    """Milliseconds a whole question, ours beside the peers that read text."""
    with path.open() as file:
        texts = [str(json.loads(line)["question"]) for line, _ in zip(file, range(QUESTIONS), strict=False)]
    members = [Item("question", text, "", "text") for text in texts]
    tools: dict[str, Tool] = {"ours": ours} | {n: _asking(p) for n, p in peers.items() if "text" in p.forms}
    us = {name: score(tool, members, 0).us for name, tool in tools.items()}
    print(
        f"first {len(texts)} questions of {path.name}, microseconds: "
        + ", ".join(f"{n} {v:.0f}" for n, v in us.items())
    )


def _cell(name: str, kind: str, found: Score | None) -> str:
    if found is None:
        return f"{'-':>36}"
    shares = " ".join(f"{share:>6.1%}" for share in found[:4])
    return f"{shares} {found.us:>6.0f}{'*' if _is_own(name, kind) else ' '}"


def _is_own(name: str, kind: str) -> bool:
    return name in _OWN and kind.startswith(_OWN[name])


def _verdict(table: dict[str, dict[str, Score]], by_kind: dict[str, list[Item]]) -> None:
    """Where a peer is level or ahead on a class of mathematics, and how the times compare."""
    print("\nmathematics classes on which a ranked peer is not behind:")
    for kind, scores in table.items():
        for name, theirs in scores.items():
            if name == "ours" or _is_own(name, kind) or kind not in _MATHEMATICS:
                continue
            mine = scores["ours"]
            for measure in ("exact", "structure", "quantities"):
                a, b = getattr(mine, measure), getattr(theirs, measure)
                if a <= b:
                    print(f"  {kind:24} {measure:11} ours {a:6.1%}  {name} {b:6.1%}{'  level' if a == b else ''}")
    for form in ("text", "latex", "mathml"):
        kinds = [k for k, members in by_kind.items() if members[0].form == form]
        means: dict[str, float] = {}
        for name in {n for k in kinds for n in table[k]}:
            total = sum(table[k][name].us * len(by_kind[k]) for k in kinds)
            means[name] = total / sum(len(by_kind[k]) for k in kinds)
        fastest = min((v for n, v in means.items() if n != "ours"), default=0.0)
        if fastest:
            listed = ", ".join(f"{n} {v:.0f}" for n, v in sorted(means.items(), key=lambda pair: pair[1]))
            print(
                f"{form}: microseconds an item: {listed}; "
                f"the fastest peer takes {fastest / means['ours']:.0f} times as long"
            )


if __name__ == "__main__":
    main()
