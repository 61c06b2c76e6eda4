"""`smp3m plan` on the console: the recipe, what each table needs, and what was assumed."""

from rich.console import Console
from rich.table import Table

from pipeline.backends.llm.prices import price_of, table
from pipeline.config import Config
from pipeline.run.forecast import Assumed, Forecast, Need, forecast, keep, like
from pipeline.stages.interview import provider_of
from pipeline.stages.plan import judges_of, rewriters_of
from pipeline.store.place import Place

_GB = 1_000_000_000
_MILLION = 1_000_000


def show_plan(
    config: Config, out: Place | None, sample_rows: int, thinking_tokens: float, build: Place | None, console: Console
) -> None:
    """Predict a build and print it; with `out` keep it there, for the build's report.

    Raises:
        UsageError: a file, engine or setting cannot be used.
        EngineError: an engine cannot be loaded, or the address of the model is none.
    """
    assumed = Assumed(thinking_tokens=thinking_tokens) if build is None else like(build, thinking_tokens)
    made = forecast(config, sample_rows, assumed)
    _recipe(config, made, console)
    _needs(made, console)
    for note in [*_pricing(config, made), *made.notes]:
        console.print(f"- {note}", highlight=False)
    if out is not None:
        keep(made, out)
        console.print(
            f"kept in {out}: the report of a build there will show it beside what came of it", highlight=False
        )


def _recipe(config: Config, made: Forecast, console: Console) -> None:
    shown = Table("source", "rows", "share", "rewriter", "judge", title="recipe", title_justify="left")
    for source, n_rows in made.sources.items():
        [rewriter] = [who for who, names in rewriters_of(config).items() if source in names]
        [judge] = [who for who, names in judges_of(config).items() if source in names]
        shown.add_row(source, f"{n_rows:,}", f"{n_rows / made.rows_in:.1%}", rewriter, judge)
    console.print(shown)


def _needs(made: Forecast, console: Console) -> None:
    names = ("table", "rows", "requests", "prompt tokens", "answer tokens", "USD", "hours")
    shown = Table(*names, title="needs", title_justify="left")
    for name, need in [*made.tables.items(), ("all", made.total)]:
        shown.add_row(name, *_cells(need))
    console.print(shown)
    console.print(
        f"{made.rows_in:,} rows in, about {made.rows_out:,.0f} out, {made.bytes / _GB:.2f} GB", highlight=False
    )


def _cells(need: Need) -> tuple[str, ...]:
    usd = "not known" if need.usd is None else f"{need.usd:,.2f}"
    asked = (f"{need.requests:,.0f}", _short(need.prompt_tokens), _short(need.completion_tokens), usd)
    return (f"{need.rows:,.0f}", *(asked if need.requests else ("", "", "", "")), f"{need.hours:,.2f}")


def _short(tokens: float) -> str:
    return f"{tokens:,.0f}" if tokens < _MILLION else f"{tokens / _MILLION:,.1f}M"


def _pricing(config: Config, made: Forecast) -> list[str]:
    if not made.total.requests:
        return []
    model, provider = config.llm.model, provider_of(config.llm)
    price = price_of(model, provider, config.llm.prices)
    if price is None:
        return [f"cost: no price is known of {model} at {provider}; give --set llm.prices=..."]
    told = "llm.prices" if model in config.llm.prices else f"{table().source}, {table().date}"
    each = f"${price.input:g} in, ${price.output:g} out per million tokens, batches at {price.batch:.0%}"
    return [f"{model} at {provider}: {each} ({told})"]
