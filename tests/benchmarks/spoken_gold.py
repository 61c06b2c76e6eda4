"""Reads the spoken gold aloud, ours beside its peers: python tests/benchmarks/spoken_gold.py DIR [--peers PYTHON].

Prints for every class the share of exact matches (case, punctuation, hyphens and "and" apart), of equal quantities,
of refusals, and microseconds an item. PYTHON is an interpreter that has nemo_text_processing or wetext;
--sre names a folder into which npm has installed speech-rule-engine. A tool is not ranked on its own tests.
"""

import argparse
import csv
import json
import re
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from pipeline.core.latex import speak_math
from pipeline.core.outcome import Unreadable
from pipeline.core.quantities import read
from pipeline.core.speak import speak

sys.path.insert(0, str(Path(__file__).parent))
from mathml import latex


class Item(NamedTuple):
    """One sentence or formula with its gold."""

    kind: str
    written: str
    gold: str
    form: str
    """"text", "latex" or "mathml"."""


Said = str | None


def items(folder: Path) -> Iterable[Item]:
    """The gold, cleaned: no MathSpeak, one ClearSpeak preference, no gold that is LaTeX itself."""
    for row in _rows(folder / "nemo_en_tn.tsv"):
        yield Item(f"nemo {row['class']}", row["written"], row["spoken"], "text")
    for name, spoken, tex in (("mathspeech_1101", "transcription", "LaTeX"), ("mathbridge_12610", "spoken", "latex")):
        for row in _rows(folder / f"{name}.tsv"):
            gold = re.sub(r": .*", "", row[spoken] or "") if name.startswith("mathb") else row[spoken]
            if gold and row[tex] and not re.search(r"[\\$^_{}]", gold):
                yield Item(name, row[tex].strip().strip("$").strip(), gold, "latex")
    for line in (folder / "mathcat_en.jsonl").read_text().splitlines():
        row = json.loads(line)
        if row["args"] == ["ClearSpeak"] or row["args"] == ["SimpleSpeak"]:
            yield Item(f"mathcat {row['args'][0]}", row["input"], row["spoken"], "mathml")
    for line in (folder / "sre_en.jsonl").read_text().splitlines():
        row = json.loads(line)
        if row["domain"] == "clearspeak" and str(row["preference"]).endswith("_Auto"):
            yield Item("sre clearspeak", row["input"], row["spoken"], "mathml")


def _rows(path: Path) -> Iterable[dict[str, str]]:
    with path.open() as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def ours(item: Item) -> Said:
    """This project's reading."""
    source: str | None = item.written
    if item.form == "mathml":
        source = latex(item.written)
    if source is None:
        return None
    said = speak(source) if item.form == "text" else speak_math(source)
    return None if isinstance(said, Unreadable) else said


_NEMO = """
import json, sys
from nemo_text_processing.text_normalization.normalize import Normalizer
n = Normalizer(input_case="cased", lang="en")
print("ready", flush=True)
for line in sys.stdin:
    print(json.dumps(n.normalize(json.loads(line), verbose=False)), flush=True)
"""
_WETEXT = """
import json, sys
from wetext import Normalizer
n = Normalizer(lang="en", operator="tn")
print("ready", flush=True)
for line in sys.stdin:
    print(json.dumps(n.normalize(json.loads(line))), flush=True)
"""
_SRE = """
const sre = require(process.argv[1] + '/node_modules/speech-rule-engine');
sre.setupEngine({locale: 'en', domain: 'clearspeak', modality: 'speech'}).then(() => {
  console.log('ready');
  require('readline').createInterface({input: process.stdin}).on('line', (line) => {
    let said = null;
    try { said = sre.toSpeech(JSON.parse(line)); } catch (e) { said = null; }
    console.log(JSON.stringify(said));
  });
});
"""


class Peer:
    """A tool in a process of its own that answers one line of JSON with another; started again when it dies."""

    def __init__(self, command: list[str], forms: tuple[str, ...]) -> None:
        self.command, self.forms = command, forms
        self.starts = self._start()

    def _start(self) -> bool:
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout
        return self.process.stdout.readline().strip() == "ready"

    def __call__(self, item: Item) -> Said:
        """What the tool says; None where it refuses, dies or does not read this form."""
        if item.form not in self.forms or (self.process.poll() is not None and not self._start()):
            return None
        assert self.process.stdin
        assert self.process.stdout
        source = item.written
        if item.form == "mathml" and not source.lstrip().startswith("<math"):
            source = f"<math>{source}</math>"
        self.process.stdin.write(json.dumps(" ".join(source.split())) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            return None
        said = json.loads(line)
        return said if isinstance(said, str) else None


def peer(command: list[str], forms: tuple[str, ...]) -> Peer | None:
    """The tool, None where it does not start."""
    tool = Peer(command, forms)
    return tool if tool.starts else None


def normal(text: str) -> str:
    """Words alone, digits as words, without case, hyphens and "and"."""
    words = speak(text)
    plain = text if isinstance(words, Unreadable) else words
    return " ".join(w for w in re.sub(r"[^a-z ]", " ", plain.lower()).split() if w != "and")


def main() -> None:
    """Compare all tools that start."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peers")
    parser.add_argument("--sre", type=Path)
    parser.add_argument("--lost", type=int, default=0, help="print so many lost cases of each class")
    args = parser.parse_args()
    tools: dict[str, Callable[[Item], Said] | None] = {"ours": ours}
    if args.peers:
        tools["nemo"] = peer([args.peers, "-c", _NEMO], ("text",))
        tools["wetext"] = peer([args.peers, "-c", _WETEXT], ("text",))
    if args.sre:
        tools["sre"] = peer(["node", "-e", _SRE, str(args.sre.resolve())], ("mathml",))
    by_kind: dict[str, list[Item]] = defaultdict(list)
    for item in items(args.folder):
        by_kind[item.kind].append(item)
    print(f"{'class':22} {'n':>5}  " + "  ".join(f"{name:>26}" for name, t in tools.items() if t))
    print(f"{'':29}" + "  ".join(f"{'exact quant. refused    us':>26}" for t in tools.values() if t))
    for kind, members in sorted(by_kind.items()):
        columns = [_column(tool, members, args.lost if name == "ours" else 0) for name, tool in tools.items() if tool]
        print(f"{kind:22} {len(members):>5}  " + "  ".join(columns), flush=True)


def _column(tool: Callable[[Item], Said], members: list[Item], lost: int) -> str:
    exact = quantities = refused = 0
    spent = 0.0
    for item in members:
        start = time.perf_counter()
        said = tool(item)
        spent += time.perf_counter() - start
        if said is None:
            refused += 1
            continue
        same = normal(said) == normal(item.gold)
        exact += same
        quantities += [q.value for q in read(said)] == [q.value for q in read(item.gold)]
        if not same and lost > 0:
            lost -= 1
            print(f"    {item.written[:100]!r}\n      gold {item.gold[:140]}\n      ours {said[:140]}")
    n = len(members)
    if refused == n:
        return f"{'-':>26}"
    return f"{exact / n:>6.1%} {quantities / n:>6.1%} {refused / n:>6.1%} {spent / n * 1e6:>5.0f}"


if __name__ == "__main__":
    main()
