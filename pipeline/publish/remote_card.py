"""The columns that a card promises, and where two cards differ; for readers' sake no push changes them unasked."""

from huggingface_hub import DatasetCard

ConfigColumns = dict[str, dict[str, str]]
"""Config -> column -> its type in words."""


def columns_of(card: str) -> ConfigColumns:
    """What the metadata of a card says of each config; nothing where it says nothing that can be understood."""
    # Only here: importing `datasets` takes over a second.
    from datasets.info import DatasetInfosDict

    try:
        infos = DatasetInfosDict.from_dataset_card_data(DatasetCard(card, ignore_metadata_errors=True).data)
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}  # whatever stands there, it is not ours
    return {
        name: {column: str(feature) for column, feature in (info.features or {}).items()}
        for name, info in infos.items()
    }


def difference(ours: ConfigColumns, theirs: ConfigColumns) -> str | None:
    """The first difference that a reader of the published data set would meet, None when there is none."""
    if not theirs:
        return "its card says nothing of its columns"
    for config, columns in theirs.items():
        if config not in ours:
            return f"config {config!r} would be gone"
        for name, kind in columns.items():
            if name not in ours[config]:
                return f"config {config!r}: column {name!r} would be gone"
            if ours[config][name] != kind:
                return f"config {config!r}: column {name!r} is {kind} there, {ours[config][name]} here"
        added = sorted(set(ours[config]) - set(columns))
        if added:
            return f"config {config!r}: column {added[0]!r} would be new"
    return None
