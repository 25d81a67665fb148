"""The table of keys, the model it stands for and the example that ships."""

import re
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from nightshift.model import Policy
from nightshift.policy import load, parse
from nightshift.policy.example import written
from nightshift.policy.table import BY_NAME, KEYS, LATER, SECTIONS

EXAMPLE = Path(__file__).parents[2] / "constraints.example.yaml"
OURS = {"path", "digest", "key_places"}


def keys_of_model() -> set[str]:
    """Return the dotted name of every rule in the model."""
    names = set()
    for field in fields(Policy):
        section = getattr(Policy(), field.name)
        inner = (
            {f"{field.name}.{one.name}" for one in fields(section)} if is_dataclass(section) else {field.name}
        )
        names |= inner
    return names - OURS


@pytest.mark.row("S3.17")
def test_the_table_holds_every_rule_of_the_model_once() -> None:
    assert {key.name for key in KEYS} == keys_of_model()
    assert len(BY_NAME) == len(KEYS)
    assert not LATER & set(BY_NAME)


@pytest.mark.row("S3.17")
def test_the_example_loads_names_every_key_and_holds_the_defaults() -> None:
    policy = load(EXAMPLE)
    for key in KEYS:
        assert policy.place_of(key.name) is not None, key.name
    assert {getattr(policy, name) == getattr(Policy(), name) for name in ("version", "base", *SECTIONS)} == {
        True
    }


@pytest.mark.row("S3.17", "S3.90")
def test_each_key_of_the_example_stands_below_what_it_does() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    for key in KEYS:
        at = lines.index(f"{'  ' * bool(key.section)}# {key.line}")
        assert lines[at + 1].strip().startswith(f"{key.leaf}:")
    assert max(map(len, lines)) <= 110


def test_the_example_is_what_the_table_writes() -> None:
    assert EXAMPLE.read_text(encoding="utf-8") == written()


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_the_example_of_each_key_is_valid(key: object) -> None:
    name, example = key.name, key.example  # type: ignore[attr-defined]  # parametrize knows no types
    section, _, leaf = name.rpartition(".")
    source = f"{section}:\n  {leaf}: {example}" if section else f"{leaf}: {example}"
    assert parse(source.encode(), path="c").place_of(name)


def test_other_values_can_be_written_and_read_back() -> None:
    values = {
        "base": "true",
        "change.allowed_paths": ("/app.py", "ä/**", "!x", 'a"b'),
        "gate.setup": "pip install -e '.[test]' # all",
        "gate.carry": (".venv",),
        "agent.sandbox": "none",
        "session.max_hours": 0.5,
        "delivery.labels": ("x: y", "- z", "null"),
        "delivery.draft": False,
    }
    policy = parse(written({**values, "delivery.labels": ("x: y", "null")}).encode(), path="c")
    assert policy.base == "true"
    assert policy.change.allowed_paths == values["change.allowed_paths"]
    assert (policy.gate.setup, policy.gate.carry) == (values["gate.setup"], (".venv",))
    assert (policy.agent.sandbox, policy.session.max_hours, policy.delivery.draft) == ("none", 0.5, False)
    assert policy.delivery.labels == ("x: y", "null")


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_each_key_says_what_it_does_in_a_sentence(key: object) -> None:
    assert re.fullmatch(r"[A-Z][^\n]+\.", key.line)  # type: ignore[attr-defined]  # parametrize knows no types
