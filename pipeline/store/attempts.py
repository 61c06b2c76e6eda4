"""Which rows a stage was told to try afresh, and how often: the one thing a user can change about equal inputs.

    DIR/store/attempts/STAGE.json      {row id: attempt}, for rows with an attempt above 0

STAGE is the address of the stage with all its settings, so that another model or prompt begins with attempt 0 again,
and a row keeps its attempt whatever shard it comes to lie in. The attempts of the rows of a shard are part of the
address of the part that is made of it; a shard without such rows has the address it always had. A part is thus what it
says it is made from, whether retrying was interrupted or not, and a directory that has been given the same attempts
holds the same parts. What was accepted keeps its attempt, so its answers are found in the journal and not asked again.
"""

import json
from collections.abc import Iterable, Mapping

from pipeline.errors import StoreError
from pipeline.store.atomic import write_json
from pipeline.store.place import Place, make_folder, read_text


class Attempts:
    """The attempts of all stages of a store."""

    def __init__(self, root: Place) -> None:
        """Name the folder; nothing is read yet."""
        self._folder = root / "attempts"
        self._known: dict[str, dict[str, int]] = {}

    def of(self, stage_key: str) -> Mapping[str, int]:
        """Row id -> attempt, for rows of a stage that were tried afresh.

        Raises:
            StoreError: the file is damaged: guessing would ask and pay for rows again.
        """
        if stage_key not in self._known:
            path = self._folder / f"{stage_key}.json"
            try:
                self._known[stage_key] = json.loads(read_text(path))
            except FileNotFoundError:
                self._known[stage_key] = {}
            except ValueError as exc:
                raise StoreError(f"{path}: damaged; remove it to take up the rows as if never tried afresh") from exc
        return self._known[stage_key]

    def raise_for(self, stage_key: str, row_ids: Iterable[str]) -> None:
        """Have these rows tried once more; durable when it returns."""
        attempts = dict(self.of(stage_key))
        for row_id in row_ids:
            attempts[row_id] = attempts.get(row_id, 0) + 1
        make_folder(self._folder)
        write_json(self._folder / f"{stage_key}.json", attempts)
        self._known[stage_key] = attempts
