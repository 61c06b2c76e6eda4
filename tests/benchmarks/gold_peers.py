"""The other tools, each in a process of its own that answers one line of JSON with what it says and its own seconds.

speech-rule-engine reads MathML alone; LaTeX reaches it through MathJax, its usual partner, and a formula that
MathJax cannot read counts as refused. The time counts both, but neither the pipe nor the start.
"""

import json
import subprocess
from pathlib import Path
from typing import NamedTuple


class Answer(NamedTuple):
    """What a tool said, None where it refused, and how long that took it."""

    said: str | None
    seconds: float


_PYTHON = """
import json, sys, time
{make}
print("ready", flush=True)
for line in sys.stdin:
    source = json.loads(line)["source"]
    start = time.perf_counter()
    try:
        said = {say}
    except Exception:  # a peer may raise anything; that is a refusal
        said = None
    print(json.dumps([said, time.perf_counter() - start]), flush=True)
"""
NEMO = _PYTHON.format(
    make="from nemo_text_processing.text_normalization.normalize import Normalizer\n"
    'n = Normalizer(input_case="cased", lang="en")',
    say="n.normalize(source, verbose=False)",
)
WETEXT = _PYTHON.format(
    make='from wetext import Normalizer\nn = Normalizer(lang="en", operator="tn")', say="n.normalize(source)"
)
SRE = """
const at = process.argv[1] + '/node_modules/';
const sre = require(at + 'speech-rule-engine');
const jax = at + 'mathjax-full/js/';
const {mathjax} = require(jax + 'mathjax.js');
const {TeX} = require(jax + 'input/tex.js');
const {AllPackages} = require(jax + 'input/tex/AllPackages.js');
const {liteAdaptor} = require(jax + 'adaptors/liteAdaptor.js');
const {RegisterHTMLHandler} = require(jax + 'handlers/html.js');
const {SerializedMmlVisitor} = require(jax + 'core/MmlTree/SerializedMmlVisitor.js');
const {STATE} = require(jax + 'core/MathItem.js');
RegisterHTMLHandler(liteAdaptor());
const packages = AllPackages.filter((p) => p !== 'bussproofs' && p !== 'noerrors' && p !== 'noundefined');
const page = mathjax.document('', {InputJax: new TeX({packages: packages})});
const visitor = new SerializedMmlVisitor();
const said = (q) => {
  if (q.form !== 'latex') return sre.toSpeech(q.source);
  const tree = visitor.visitTree(page.convert(q.source, {display: true, end: STATE.CONVERT}));
  return tree.includes('<merror') ? null : sre.toSpeech(tree);
};
sre.setupEngine({locale: 'en', domain: 'clearspeak', modality: 'speech'}).then(() => {
  console.log('ready');
  require('readline').createInterface({input: process.stdin}).on('line', (line) => {
    let answer = null;
    const start = process.hrtime.bigint();
    try { answer = said(JSON.parse(line)); } catch (e) { answer = null; }
    console.log(JSON.stringify([answer, Number(process.hrtime.bigint() - start) / 1e9]));
  });
});
"""


class Peer:
    """A tool, started again when it dies."""

    def __init__(self, command: list[str], forms: tuple[str, ...]) -> None:
        self.command, self.forms = command, forms
        self.starts = self._start()

    def _start(self) -> bool:
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout
        return self.process.stdout.readline().strip() == "ready"

    def ask(self, source: str, form: str) -> Answer:
        """What the tool says; nothing where it refuses or dies."""
        if self.process.poll() is not None and not self._start():
            return Answer(None, 0.0)
        assert self.process.stdin
        assert self.process.stdout
        if form == "mathml" and not source.lstrip().startswith("<math"):
            source = f"<math>{source}</math>"
        self.process.stdin.write(json.dumps({"source": " ".join(source.split()), "form": form}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            return Answer(None, 0.0)
        said, seconds = json.loads(line)
        return Answer(said if isinstance(said, str) and said.strip() else None, float(seconds))


def started(python: str | None, sre: Path | None) -> dict[str, Peer]:
    """The tools that start, by name."""
    commands: dict[str, tuple[list[str], tuple[str, ...]]] = {}
    if python:
        commands["nemo"] = ([python, "-c", NEMO], ("text",))
        commands["wetext"] = ([python, "-c", WETEXT], ("text",))
    if sre:
        commands["sre"] = (["node", "-e", SRE, str(sre.resolve())], ("mathml", "latex"))
    peers = {name: Peer(command, forms) for name, (command, forms) in commands.items()}
    return {name: peer for name, peer in peers.items() if peer.starts}
