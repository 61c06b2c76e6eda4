"""kill -9 at random moments, again and again, over a whole build that asks a mock server; what was paid twice?

    python tests/benchmarks/bench_kill.py [--rows N] [--kills N] [--seed N]

The server counts how often each question was asked. A kill may cost the requests that were in flight and nothing else;
the rows that are published in the end must be all there, each once.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq

from pipeline.backends.llm.fake_server import Behaviour, FakeServer

IN_FLIGHT = 16
QUESTIONS_PER_ROW = 3  # rewrite, and two judges where there is no ear
LATENCY_S = 0.1


def build(out: Path, n: int, url: str) -> "subprocess.Popen[bytes]":
    command = [str(Path(sys.executable).with_name("smp3m")), "build", "--source", "simpleop", "--rows", str(n)]
    flags = ["--tts", "none", "--rewriter", "openai", "--judge", "openai", "--workers", "2", "--out", str(out)]
    settings = ["--set", f"llm.requests.concurrency={IN_FLIGHT}", "--set", "collect.shard_rows=40"]
    environment = {**os.environ, "OPENAI_BASE_URL": url}
    # A session of its own: what Ray leaves running is killed with it.
    return subprocess.Popen(
        [*command, *flags, *settings], env=environment, stdout=subprocess.DEVNULL, start_new_session=True
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=240)
    options.add_argument("--kills", type=int, default=10)
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args()
    expected = given.rows * QUESTIONS_PER_ROW
    moments = sorted(random.Random(given.seed).sample(range(expected - 2 * IN_FLIGHT), given.kills))
    with tempfile.TemporaryDirectory() as folder, FakeServer(Behaviour(latency_s=LATENCY_S)) as server:
        out = Path(folder) / "out"
        in_flight = 0
        for number, moment in enumerate(moments):
            process = build(out, given.rows, server.url)
            while server.requests < moment and process.poll() is None:
                time.sleep(0.005)
            if process.poll() is not None:
                sys.exit(f"the build ended by itself, with code {process.returncode}, before kill {number + 1}")
            at_kill = min(server.in_flight, IN_FLIGHT)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            in_flight += at_kill
            print(f"kill {number + 1:2} at request {server.requests:5}: {at_kill} in flight", flush=True)
            time.sleep(1.0)  # Ray's processes end by themselves when their driver has
        started = time.monotonic()
        code = build(out, given.rows, server.url).wait()
        took_s = time.monotonic() - started
        repeated = sum(times - 1 for times in Counter(asked.messages for asked in server.asked).values())
        ids = pq.read_table(out / "dataset" / "data", columns=["id"])["id"].to_pylist()
        rejected = pq.read_table(out / "rejected").num_rows
    print(f"last run: exit code {code}, {took_s:.0f} s")
    print(
        f"{server.requests:,} requests for {expected:,} questions at most; asked twice: {repeated}, "
        f"in flight at the kills: {in_flight}"
    )
    print(f"{len(ids)} rows published, {len(set(ids))} distinct, {rejected} rejected, of {given.rows}")


if __name__ == "__main__":
    main()
