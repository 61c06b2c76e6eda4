"""Other projects' LLM clients on the same prompts, for bench_llm.py; run by the interpreter they are installed for.

    PYTHON llm_peers.py NAME URL PROMPTS.jsonl

PROMPTS has {"system": ..., "user": ...} a line. Prints one line of figures as JSON: rows that came back with a text,
those of them that are no JSON, processor seconds of this process and its children, and peak memory of the largest.
It imports nothing of this project, whose packages need not be there.
"""

import importlib.util
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

IN_FLIGHT = 256
_MAX_TOKENS = 1500
_PLENTY = 10**9


def curator(url: str, prompts: list[dict[str, str]]) -> list[str | None]:
    """bespokelabs-curator: its own cache and files on, as by default."""
    from bespokelabs import curator as package
    from datasets import Dataset

    class Asking(package.LLM):  # type: ignore[misc]
        """One request a row."""

        def prompt(self, row: dict[str, str]) -> list[dict[str, str]]:
            """The messages of a row."""
            return [{"role": "system", "content": row["system"]}, {"role": "user", "content": row["user"]}]

        def parse(self, row: dict[str, str], response: str) -> dict[str, str]:  # noqa: ARG002
            """The answer as it came."""
            return {"text": response}

    limits = {
        "max_requests_per_minute": _PLENTY,
        "max_tokens_per_minute": _PLENTY,
        "max_concurrent_requests": IN_FLIGHT,
    }
    asking = Asking(
        model_name="m",
        backend="openai",
        backend_params={"base_url": url, "api_key": "none", "require_all_responses": False, **limits},
        generation_params={"max_tokens": _MAX_TOKENS},
    )
    done: Any = asking(Dataset.from_list(prompts))
    return [row["text"] for row in getattr(done, "dataset", done)]


def distilabel(url: str, prompts: list[dict[str, str]]) -> list[str | None]:
    """distilabel: a pipeline of one task, a batch as large as the others' requests in flight."""
    from distilabel.models import OpenAILLM
    from distilabel.pipeline import Pipeline
    from distilabel.steps import LoadDataFromDicts
    from distilabel.steps.tasks import TextGeneration

    rows = [{"system_prompt": prompt["system"], "instruction": prompt["user"]} for prompt in prompts]
    with Pipeline(name="bench") as pipeline:
        load = LoadDataFromDicts(data=rows, batch_size=IN_FLIGHT)
        model = OpenAILLM(model="m", base_url=url, api_key="none", generation_kwargs={"max_new_tokens": _MAX_TOKENS})
        load >> TextGeneration(llm=model, input_batch_size=IN_FLIGHT, use_system_prompt=True)
    done = pipeline.run(use_cache=False)
    return [row["generation"] for row in done["default"]["train"]]


PEERS: dict[str, Callable[[str, list[dict[str, str]]], list[str | None]]] = {
    "bespokelabs-curator": curator,
    "distilabel": distilabel,
}
MODULES = {"bespokelabs-curator": "bespokelabs.curator", "distilabel": "distilabel.pipeline"}


def main() -> None:
    """Ask and print."""
    name, url, path = sys.argv[1:]
    prompts = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    # Neither is to tell anybody that it ran, nor to find what an earlier run has left.
    os.environ |= {"TELEMETRY_ENABLED": "false", "HF_HUB_OFFLINE": "1", "CURATOR_DISABLE_RICH_DISPLAY": "1"}
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"CURATOR_CACHE_DIR": folder, "HF_HOME": folder, "HF_DATASETS_CACHE": folder}
        litellm = importlib.util.find_spec("litellm")
        if litellm is not None and litellm.origin is not None:
            # curator counts tokens by a vocabulary that tiktoken would download; litellm brings it along.
            vocabularies = Path(litellm.origin).parent / "litellm_core_utils" / "tokenizers"
            os.environ["TIKTOKEN_CACHE_DIR"] = str(vocabularies)
        importlib.import_module(MODULES[name])
        before_s, began = _cpu_s(), time.monotonic()
        out, sys.stdout = sys.stdout, sys.stderr
        texts = PEERS[name](url, prompts)
        sys.stdout = out
        wall_s, cpu_s = time.monotonic() - began, _cpu_s() - before_s
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    figures = {
        "answered": sum(bool(text) for text in texts),
        "broken": sum(bool(text) and not _is_json(str(text)) for text in texts),
        "cpu_s": cpu_s,
        "wall_s": wall_s,
        "rss_mb": max(each.ru_maxrss for each in used) / 1000,
    }
    print(json.dumps(figures), flush=True)
    os._exit(0)  # one of them leaves threads behind that never end


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


if __name__ == "__main__":
    main()
