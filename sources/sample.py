"""A few dozen problems in each external format, written for this project and shipped inside the package.

They let a build without a network go through every parser. They are not rows of the data sets whose form they follow,
so their source is named `sample/gsm8k` and so on, and their licence is this project's own.
"""

from functools import partial

from pipeline.core.answer import Convention
from sources import gsm8k, metamath, orca_math
from sources.source import Packaged, Source

NAME = "sample"
LICENSE = "Apache-2.0"

SOURCES = (
    Source(
        name="sample/gsm8k",
        origin=Packaged("gsm8k.jsonl"),
        license=LICENSE,
        convention=Convention.GSM8K,
        fields=gsm8k.FIELDS,
        parse=partial(gsm8k.parse, source="sample/gsm8k", license_name=LICENSE),
    ),
    Source(
        name="sample/metamath",
        origin=Packaged("metamath.jsonl"),
        license=LICENSE,
        convention=Convention.METAMATH,
        fields=metamath.FIELDS,
        parse=partial(metamath.parse, source="sample/metamath", license_name=LICENSE),
    ),
    Source(
        name="sample/orca_math",
        origin=Packaged("orca_math.jsonl"),
        license=LICENSE,
        convention=Convention.ORCA_MATH,
        fields=orca_math.FIELDS,
        parse=partial(orca_math.parse, source="sample/orca_math", license_name=LICENSE),
    ),
)
