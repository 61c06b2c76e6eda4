"""Ours beside bare openai+aiohttp against one mock server, all in one run.

    python tests/benchmarks/bench_llm.py [--requests N] [--rounds N] [--peers PYTHON]

The server runs in this process, each client in one of its own, one after the other, so that processor time and memory
are the client's alone. Both send the same messages and ask for the same schema; ours checks and journals each answer
besides. Ratios are medians over rounds. The aims: at least 0.90 of bare openai's requests a CPU-second; every row of
the faults run accepted or rejected, none from broken JSON; under 300 MB; at least 90% of a limited server's rate.

Peers that the interpreter of --peers has come after, once each, start-up excluded as everywhere; give them an
environment of their own: pip install bespokelabs-curator 'distilabel[openai]'.
"""

import argparse
import asyncio
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from openai import AsyncOpenAI, DefaultAioHttpClient
from openai.types.shared_params.response_format_json_schema import JSONSchema

from pipeline.backends.llm.answers import json_schema
from pipeline.backends.llm.fake_answers import Asked
from pipeline.backends.llm.fake_server import Behaviour, FakeServer, Trouble, shares
from pipeline.backends.llm.openai_chat import ClientSettings, OpenAIChat
from pipeline.backends.llm.protocol import Sampling
from pipeline.core.fingerprint import digest
from pipeline.core.gates import Limits
from pipeline.errors import Reason
from pipeline.stages.ask import Interviewer, Passed, ask
from pipeline.stages.rewrite_llm import Refusal, rewrite_row
from pipeline.stages.run_rows import run_rows
from pipeline.store.journal import Journal
from prompts import load
from prompts.answers import JointRewriting
from schemas.rows import Problem

IN_FLIGHT = 256
LATENCY_S = 0.05
LIMITED_PER_S = 50.0
LIMITED_S = 15
FAULTS = {Trouble.TOO_MANY: 0.05, Trouble.SERVER_ERROR: 0.03, Trouble.BROKEN_JSON: 0.02}
PEERS = {"bespokelabs-curator": "bespokelabs.curator", "distilabel": "distilabel"}
"""Peers for which llm_peers.py has an adapter, and the module that tells whether each is there."""
PEER_S = 300
_PROMPT = load("rewrite_joint")
_MAX_TOKENS = 1500


def problem(n: int) -> Problem:
    """The `n`-th row; every row has other numbers."""
    trays, lost = 12 + n, 70
    rolls, left = trays * 8, trays * 8 - lost
    return Problem(
        id=digest(n),
        source="bench",
        subset="",
        source_id=str(n),
        family=digest(n),
        license="CC0-1.0",
        original_question=None,
        question=f"A baker makes {trays} trays of 8 rolls. He sells {lost} of them. How many rolls are left?",
        solution=f"He makes {trays}*8=<<{trays}*8={rolls}>>{rolls} rolls.\n"
        f"There are {rolls}-{lost}=<<{rolls}-{lost}={left}>>{left} rolls left.\n#### {left}",
        answer=str(left),
        answer_value=str(left),
        answer_kind="number",
        duplicate_key=digest(n),
    )


def _user(n: int) -> str:
    row = problem(n)
    return _PROMPT.fill(question=row.question, solution=row.solution, answer=row.answer)


def quick(_asked: Asked) -> str:
    """An answer of the usual size that costs the server nothing."""
    return json.dumps(
        {
            "spoken_question": "A baker makes twelve trays of eight rolls. He sells seventy. How many rolls are left?",
            "reasoning": "12 * 8 = 96 rolls\n96 - 70 = 26 rolls",
            "response": "Okay, let us first count what the baker makes. All the trays together hold ninety six rolls. "
            "After the sale, twenty six rolls are left.",
        }
    )


async def bare(url: str, n: int) -> dict[str, Any]:
    """The openai client with its aiohttp transport, `IN_FLIGHT` workers, nothing else."""
    schema: JSONSchema = {"name": "JointRewriting", "schema": json_schema(JointRewriting), "strict": True}
    texts: list[str | None] = []
    async with AsyncOpenAI(base_url=url, api_key="none", max_retries=0, http_client=DefaultAioHttpClient()) as client:

        async def one(number: int) -> None:
            answer = await client.chat.completions.create(
                model="m",
                messages=[
                    {"role": "system", "content": _PROMPT.text},
                    {"role": "user", "content": _user(number)},
                ],
                max_tokens=_MAX_TOKENS,
                response_format={"type": "json_schema", "json_schema": schema},
            )
            texts.append(answer.choices[0].message.content)

        await run_rows(range(n), one, IN_FLIGHT)
    return {"answered": sum(bool(text) for text in texts)}


async def ours(url: str, n: int) -> dict[str, Any]:
    """Our client with the journal on: each answer is read, checked against its shape, and durable before it counts."""
    at: list[float] = []

    async def one(interviewer: Interviewer, number: int) -> bool:
        outcome = await ask(interviewer, _PROMPT, _user(number), JointRewriting, lambda draft: draft)
        at.append(time.monotonic())
        return isinstance(outcome, Passed)

    done = await _interviewed(url, lambda interviewer: run_rows(range(n), lambda k: one(interviewer, k), IN_FLIGHT))
    gaps = [later - earlier for earlier, later in pairwise(at)]
    return {"answered": sum(done), "longest_gap_s": max(gaps, default=0.0)}


async def rewriting(url: str, n: int) -> dict[str, Any]:
    """Whole rows: rewritten, checked by all gates, mended in repair turns."""
    rows = [problem(k) for k in range(n)]

    async def work(interviewer: Interviewer) -> list[Any]:
        return await run_rows(rows, lambda row: rewrite_row(interviewer, row, Limits()), IN_FLIGHT)

    done = [made.row for made in await _interviewed(url, work)]
    refused = [row for row in done if isinstance(row, Refusal)]
    accepted = [row for row in done if not isinstance(row, Refusal)]
    # What every text must end in; half a JSON answer would not.
    broken = [row for row in accepted if not row.response.endswith(".") or not row.spoken_question.endswith("?")]
    by_model = sum(row.finding.reason is Reason.LLM_FAILED for row in refused)
    return {"answered": len(done), "accepted": len(accepted), "broken": len(broken), "rejected_llm_failed": by_model}


async def _interviewed(url: str, work: Callable[[Interviewer], Awaitable[list[Any]]]) -> list[Any]:
    settings = ClientSettings(base_url=url, concurrency=IN_FLIGHT, backoff_s=0.05, longest_backoff_s=1.0)
    with tempfile.TemporaryDirectory() as folder:
        async with OpenAIChat(settings) as chat, Journal(Path(folder)) as journal:
            return await work(Interviewer(chat, journal, "m", Sampling(max_tokens=_MAX_TOKENS)))


CLIENTS = {"bare": bare, "ours": ours, "rewriting": rewriting}


def measured(client: str, url: str, n: int) -> dict[str, Any]:
    """Run a client in a process of its own; its figures with CPU and wall seconds of the asking, and peak memory."""
    command = [sys.executable, __file__, "--client", client, "--url", url, "--requests", str(n)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{client}: {done.stderr.strip()[-2000:]}")
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def run_client(client: str, url: str, n: int) -> None:
    """The child's side of `measured`."""
    cpu, wall = time.process_time(), time.monotonic()
    figures = asyncio.run(CLIENTS[client](url, n))
    figures["cpu_s"] = time.process_time() - cpu
    figures["wall_s"] = time.monotonic() - wall
    figures["rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(json.dumps(figures))


def speed(server: FakeServer, n: int, rounds: int) -> None:
    """Requests a CPU-second, ours beside bare."""
    server.behaviour = Behaviour(answer=quick, latency_s=LATENCY_S)
    made: dict[str, list[dict[str, Any]]] = {"bare": [], "ours": []}
    for number in range(rounds):
        for client in ("bare", "ours") if number % 2 else ("ours", "bare"):
            made[client].append(measured(client, server.url, n))
    print(f"{n:,} requests, {1000 * LATENCY_S:g} ms, {IN_FLIGHT} in flight; median of {rounds} rounds")
    print(f"  {'':28}{'req/CPU-s':>10}{'req/s':>8}{'CPU-s':>8}{'MB':>6}")
    for client, name in (("bare", "openai + aiohttp"), ("ours", "ours, journal on")):
        runs = made[client]
        assert all(run["answered"] == n for run in runs), f"{client}: not every request was answered"
        per_cpu, per_s = (statistics.median(n / run[key] for run in runs) for key in ("cpu_s", "wall_s"))
        cpu = statistics.median(run["cpu_s"] for run in runs)
        print(f"  {name:28}{per_cpu:10.0f}{per_s:8.0f}{cpu:8.2f}{max(run['rss_mb'] for run in runs):6.0f}")
    ratios = [b["cpu_s"] / o["cpu_s"] for b, o in zip(made["bare"], made["ours"], strict=True)]
    spread = f"{min(ratios):.2f}-{max(ratios):.2f}"
    print(f"  ours / bare, requests a CPU-second: {statistics.median(ratios):.2f} ({spread}; aim 0.90)")


def faults(server: FakeServer, n: int) -> None:
    """Whole rows while the server fails."""
    server.behaviour = Behaviour(latency_s=LATENCY_S, troubles=shares(FAULTS, seed=1))
    server.statuses.clear()
    got = measured("rewriting", server.url, n)
    named = " + ".join(f"{share:.0%} {trouble.value}" for trouble, share in FAULTS.items())
    print(f"faults: {n:,} rows under {named}; the server said {dict(sorted(server.statuses.items()))}")
    print(
        f"  accepted {got['accepted']:,}, rejected {got['answered'] - got['accepted']:,} "
        f"({got['rejected_llm_failed']:,} llm_failed), lost {n - got['answered']:,}, rows of broken JSON "
        f"{got['broken']}; {got['wall_s']:.1f} s, {got['rss_mb']:.0f} MB at most (aim under 300)"
    )


def limited(server: FakeServer) -> None:
    """A server that lets `LIMITED_PER_S` requests a second through and says 429 to all others."""
    n = int(LIMITED_PER_S * LIMITED_S)
    server.behaviour = Behaviour(answer=quick, latency_s=LATENCY_S, per_s=LIMITED_PER_S)
    server.statuses.clear()
    got = measured("ours", server.url, n)
    # The bucket starts with one second's worth.
    share = got["answered"] / (LIMITED_PER_S * (got["wall_s"] + 1))
    print(f"limited to {LIMITED_PER_S:g} requests/s: {n:,} requests, the server said {dict(server.statuses)}")
    print(
        f"  {got['answered']:,} answered in {got['wall_s']:.1f} s: {share:.0%} of its rate (aim 90%), "
        f"longest gap {got['longest_gap_s']:.1f} s"
    )


def peers(server: FakeServer, python: str, n: int) -> None:
    """The same prompts through what else the interpreter has: without faults, and with them."""
    with tempfile.TemporaryDirectory() as folder:
        prompts = Path(folder) / "prompts.jsonl"
        lines = (json.dumps({"system": _PROMPT.text, "user": _user(number)}) + "\n" for number in range(n))
        prompts.write_text("".join(lines), encoding="utf-8")
        for name, module in PEERS.items():
            found = subprocess.run([python, "-c", f"import {module}"], capture_output=True, check=False)
            if found.returncode != 0:
                print(f"{name}: not installed for {python}")
                continue
            for faulty in (False, True):
                server.behaviour = Behaviour(answer=quick, latency_s=LATENCY_S)
                if faulty:
                    server.behaviour = replace(server.behaviour, troubles=shares(FAULTS, seed=1))
                print(f"{name}{', with the faults' if faulty else ''}: {of_peer(python, name, server.url, prompts, n)}")


def of_peer(python: str, name: str, url: str, prompts: Path, n: int) -> str:
    """What one peer made of the prompts, in words."""
    command = [python, str(Path(__file__).with_name("llm_peers.py")), name, url, str(prompts)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PEER_S)
    except subprocess.TimeoutExpired:
        return f"not finished after {PEER_S} s"
    if done.returncode != 0:
        return f"failed: {(done.stderr.strip().splitlines() or ['no word'])[-1][:300]}"
    got = json.loads(done.stdout.splitlines()[-1])
    return (
        f"{n / got['cpu_s']:.0f} req/CPU-s, {n / got['wall_s']:.0f} req/s, {got['cpu_s']:.1f} CPU-s, "
        f"{got['rss_mb']:.0f} MB, {got['answered']:,} of {n:,} rows, {got['broken']} of them broken JSON"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--requests", type=int, default=2000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--peers", metavar="PYTHON", default=sys.executable, help="interpreter that has peers")
    options.add_argument("--client", choices=CLIENTS, help=argparse.SUPPRESS)
    options.add_argument("--url", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.client:
        run_client(given.client, given.url, given.requests)
        return
    with FakeServer() as server:
        speed(server, given.requests, given.rounds)
        faults(server, given.requests)
        limited(server)
        peers(server, given.peers, given.requests)


if __name__ == "__main__":
    main()
