"""Where the contract puts what a build publishes."""

from typing import Generic, NamedTuple

from pipeline.store.place import AnyPlace


class Outputs(NamedTuple, Generic[AnyPlace]):
    """Paths in an output directory."""

    dataset: AnyPlace
    rejected: AnyPlace
    report: AnyPlace

    @classmethod
    def under(cls, out: AnyPlace) -> "Outputs[AnyPlace]":
        """The names of the contract."""
        return Outputs(out / "dataset", out / "rejected", out / "report.json")
