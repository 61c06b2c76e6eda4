"""Which licences pass, which stop a push, and what a card says of them."""

import pytest

from pipeline.errors import UsageError
from pipeline.publish.licences import allows, forbids, hub_licence, require_passing_on
from sources import gsm8k, metamath, orca_math


@pytest.mark.parametrize(
    "name",
    ["MIT", "Apache-2.0", "CC-BY-4.0", "cc-by-nc-sa-4.0", "CC0-1.0", "MIT AND CC-BY-4.0", "GPL-9.9 OR MIT"],
)
def test_known_licences_allow(name: str) -> None:
    assert allows(name)


@pytest.mark.parametrize(
    "name", ["CC-BY-ND-4.0", "CC-BY-NC-ND-4.0", "proprietary", "All rights reserved", "unlicensed"]
)
def test_some_are_known_to_forbid(name: str) -> None:
    assert forbids(name)
    assert not allows(name)


@pytest.mark.parametrize("name", ["", "MIT AND homemade", "CC-BY", "mitten", "my own"])
def test_others_are_not_assumed_to_do_either(name: str) -> None:
    assert not allows(name)
    assert not forbids(name)


def test_a_choice_of_licences_forbids_only_if_each_does() -> None:
    assert not forbids("proprietary OR MIT")
    assert forbids("MIT AND proprietary")


def test_the_projects_own_sources_pass() -> None:
    require_passing_on([(s.NAME, s.LICENSE) for s in (gsm8k, metamath, orca_math)], ())


def test_what_stands_in_the_way_is_named_with_its_source() -> None:
    pairs = [("gsm8k", "MIT"), ("metamath", "house rules"), ("orca_math", "CC-BY-ND-4.0")]
    with pytest.raises(UsageError, match=r"orca_math: CC-BY-ND-4\.0; leave them out"):
        require_passing_on(pairs, ["CC-BY-ND-4.0", "house rules"])
    with pytest.raises(UsageError, match=r"metamath: house rules; .*--allow-license 'house rules'"):
        require_passing_on(pairs[:2], ())
    require_passing_on(pairs[:2], ["House Rules"])


def test_a_card_has_the_hubs_identifiers_or_other() -> None:
    assert hub_licence(["MIT"]) == {"license": "mit"}
    assert hub_licence(["MIT", "Apache-2.0", "MIT"]) == {"license": ["apache-2.0", "mit"]}
    assert hub_licence(["ODC-By-1.0"]) == {"license": "odc-by"}
    assert hub_licence(["house rules"]) == {"license": "other", "license_name": "house rules"}
    assert hub_licence(["house rules", "MIT"]) == {"license": "other", "license_name": "per-row"}
