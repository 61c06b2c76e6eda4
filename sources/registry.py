"""The sources by the name that `--source` takes; `sample` stands for its three formats."""

from pipeline.errors import UsageError
from sources import gsm8k, metamath, orca_math, sample, simpleop
from sources.source import Source

SOURCES: dict[str, tuple[Source, ...]] = {
    sample.NAME: sample.SOURCES,
    simpleop.NAME: (simpleop.SOURCE,),
    gsm8k.NAME: (gsm8k.SOURCE,),
    metamath.NAME: (metamath.SOURCE,),
    orca_math.NAME: (orca_math.SOURCE,),
}


_BY_NAME: dict[str, Source] = {source.name: source for group in SOURCES.values() for source in group}


def source_named(name: str) -> Source:
    """The source whose rows carry this name in their `source` column ("sample/gsm8k")."""
    return _BY_NAME[name]


def resolve(name: str) -> tuple[Source, ...]:
    """The sources that a name on the command line stands for; UsageError lists the names there are."""
    try:
        return SOURCES[name]
    except KeyError:
        raise UsageError(f"unknown source {name!r}: choose one of {', '.join(SOURCES)}") from None
