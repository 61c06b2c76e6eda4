from pathlib import Path

import pytest

from pipeline.errors import ContractError
from pipeline.store.made_with import require_same

FOUND = {"stage": {"name": "3", "steps": 7}, "parts": ["a", "b"], "older": 1}


def test_equal_settings_pass_whatever_else_is_noted() -> None:
    require_same(Path("x"), FOUND, {"stage": {"name": "3", "steps": 7}, "parts": ("a", "b")})


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"stage": {"name": "3", "steps": 9}}, r"^x: made with stage\.steps 7, now it is 9: give another --out"),
        ({"parts": ("a",)}, r'parts \["a", "b"\], now it is \["a"\]'),
        ({"stage": {"speed": None, "lora": 2}}, r"stage\.lora null, now it is 2"),
        ({"stage": None}, r"stage \{.*\}, now it is null"),
    ],
)
def test_the_first_setting_that_differs_is_named(wanted: dict[str, object], said: str) -> None:
    with pytest.raises(ContractError, match=said):
        require_same(Path("x"), FOUND, wanted)
