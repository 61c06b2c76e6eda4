"""Join the parts of one shard on id into rows of the published table, in Arrow and without a loop over rows' columns.

It does not know where parts lie nor how files are cut.
"""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.config_screen import SplitConfig
from pipeline.core.splits import split_of
from pipeline.stages.stage import FAMILY
from schemas.example import ExampleTable
from schemas.table import arrow_schema

_OWNER = {
    "reasoning": "spoken",
    "spoken_question": "spoken",
    "judge": "verified",
    "question_audio": "speech",
    "voice": "speech",
    "duration_s": "speech",
    "asr_text": "speech",
    "wer": "speech",
    "response_audio": "response_speech",
    "response_voice": "response_speech",
    "response_duration_s": "response_speech",
    "response_words": "response_speech",
}
"""Columns that come from neither `problem` nor `interleaved`."""


def accepted_ids(parts: Mapping[str, pa.Table]) -> pa.Array:
    """Ids that every table of the shard let pass, in the order of the problems."""
    ids = parts["problem"].column("id").combine_chunks()
    for name in parts:
        ids = ids.filter(pc.is_in(ids, value_set=parts[name].column("id").combine_chunks()))
    return ids


def join(parts: Mapping[str, pa.Table], split: SplitConfig, seed: int) -> pa.Table:
    """Make the published rows of a shard.

    Args:
        parts: tables `problem`, `spoken`, `interleaved`, `verified`, and `speech` and `response_speech` where
            questions and responses were spoken, `family` where near duplicates have joined families.
        split: shares of the held-out splits.
        seed: seed of the build; part of what decides the split of a family.
    """
    ids = accepted_ids(parts)
    aligned = {name: table.take(pc.index_in(ids, value_set=table.column("id"))) for name, table in parts.items()}
    if FAMILY in aligned:
        problems = aligned["problem"]
        at = problems.column_names.index("family")
        aligned["problem"] = problems.set_column(at, problems.field(at), aligned[FAMILY].column("family"))
    schema = arrow_schema(ExampleTable)
    columns = []
    for field in schema:
        if field.name == "split":
            families = aligned["problem"].column("family").to_pylist()
            columns.append(pa.array([_split(family, split, seed) for family in families], pa.string()))
        elif field.name == "provenance":
            columns.append(_provenance(aligned, seed))
        else:
            columns.append(_column(aligned, field))
    return pa.Table.from_arrays(columns, schema=schema)


def _split(family: str, split: SplitConfig, seed: int) -> str:
    return split_of(family, seed, validation=split.validation, test=split.test)


def _column(aligned: Mapping[str, pa.Table], field: pa.Field) -> pa.Array | pa.ChunkedArray:
    owner = _OWNER.get(field.name)
    if owner is None:
        owner = "problem" if field.name in aligned["problem"].column_names else "interleaved"
    if owner in aligned and field.name in aligned[owner].column_names:
        return aligned[owner].column(field.name)
    return pa.nulls(aligned["problem"].num_rows, field.type)


def _provenance(aligned: Mapping[str, pa.Table], seed: int) -> pa.Array | pa.ChunkedArray:
    parts: list[object] = ['{"interleave":', aligned["interleaved"].column("interleave")]
    parts += [',"rewrite":', aligned["spoken"].column("rewrite")]
    if "speech" in aligned:
        parts += [',"speech":', aligned["speech"].column("speech")]
    if "response_speech" in aligned:
        parts += [',"respond":', aligned["response_speech"].column("respond")]
    return pc.binary_join_element_wise(*parts, f',"seed":{seed}}}', "")
