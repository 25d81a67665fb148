import os
from collections.abc import Callable
from typing import Any

import pytest

from nightshift.errors import GateError
from nightshift.gate import run_gate, set_up
from nightshift.gate import setup as setup_room
from nightshift.workspace.interruption import Interruption
from nightshift.workspace.process import Ended

Open = Callable[..., Any]

OWNERS = {
    "ANTHROPIC_API_KEY": "sk-ant-secret",
    "CLAUDE_CODE_OAUTH_TOKEN": "oauth-secret",
    "GH_TOKEN": "gh-secret",
    "GITHUB_TOKEN": "github-secret",
    "SSH_AUTH_SOCK": "/run/agent",
    "AWS_SECRET_ACCESS_KEY": "aws-secret",
    "DATABASE_URL": "postgres://secret",
    "NIGHTSHIFT_STATE_DIR": "/state",
    "PYTHONPATH": "/owner/lib",
    "VIRTUAL_ENV": "/owner/venv",
}
REGISTRY = {
    "PIP_INDEX_URL": "https://packages.example.invalid/simple",
    "PIP_EXTRA_INDEX_URL": "https://more.example.invalid/simple",
    "UV_INDEX_URL": "https://uv.example.invalid",
    "POETRY_HTTP_BASIC_X_USERNAME": "olive",
    "NPM_CONFIG_REGISTRY": "https://npm.example.invalid",
    "npm_config_registry": "https://npm.example.invalid",
    "YARN_NPM_REGISTRY_SERVER": "https://yarn.example.invalid",
    "GOPROXY": "https://go.example.invalid",
    "CARGO_HTTP_CAINFO": "/ca.pem",
    "HTTPS_PROXY": "http://proxy.example.invalid:3128",
    "http_proxy": "http://proxy.example.invalid:3128",
    "no_proxy": "localhost",
    "SSL_CERT_FILE": "/ca.pem",
    "NODE_EXTRA_CA_CERTS": "/ca.pem",
}


def said(text: str) -> dict[str, str]:
    """Read what `env` printed."""
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def environ(**more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "USER": "olive", **more}


@pytest.mark.row("S3.39", "promise 4", "users 13")
def test_setup_sees_the_way_to_the_registries_and_no_credential_of_the_owners(open_shop: Open) -> None:
    shop = open_shop(environ=environ(**OWNERS, **REGISTRY), setup="env")

    set_up(shop.bench, shop.base)

    seen = said(shop.log("setup.log"))
    assert REGISTRY.items() <= seen.items()
    assert not OWNERS.keys() & seen.keys()
    assert seen["HOME"] == str(shop.bench.homes / "setup")
    assert seen["USER"] == "olive"
    assert seen["XDG_CACHE_HOME"] == str(shop.bench.cache)


@pytest.mark.row("S3.39", "promise 4")
def test_the_gate_sees_neither(gated: Open) -> None:
    shop = gated("#!/bin/sh\nenv\n", environ=environ(**OWNERS, **REGISTRY))

    run = run_gate(shop.bench, shop.base.tree, head=shop.base.commit, log="gate.log")

    seen = said(shop.log("gate.log"))
    assert run.passed
    assert not (OWNERS | REGISTRY).keys() & seen.keys()
    assert seen["XDG_CACHE_HOME"] == str(shop.bench.homes / "gate" / ".cache")


@pytest.mark.row("users 21")
def test_programs_that_setup_made_lead_path_in_setup_and_in_the_gate(gated: Open) -> None:
    make = "mkdir -p .venv/bin node_modules/.bin && env"
    shop = gated("#!/bin/sh\nenv\n", setup=make, carry=(".venv", "node_modules"))
    here = shop.bench.slot.path

    set_up(shop.bench, shop.base)
    run_gate(shop.bench, shop.base.tree, head=shop.base.commit, log="gate.log")

    first = [
        str(here / name) for name in (".venv/bin", ".venv/.bin", "node_modules/bin", "node_modules/.bin")
    ]
    for log in ("setup.log", "gate.log"):
        assert said(shop.log(log))["PATH"].split(":")[:4] == first


def test_a_program_of_the_owners_checkout_is_not_on_path(open_shop: Open, project: Any) -> None:
    inside = str(project.root / ".venv/bin")
    shop = open_shop(environ=environ(PATH=f"{inside}:{os.environ['PATH']}"), setup="env")

    set_up(shop.bench, shop.base)

    assert inside not in said(shop.log("setup.log"))["PATH"].split(":")


def test_without_a_setup_nothing_is_started_and_what_carry_names_is_missing(open_shop: Open) -> None:
    shop = open_shop(carry=(".venv",))

    assert set_up(shop.bench, shop.base) == (None, (".venv",))
    assert not (shop.bench.logs / "setup.log").exists()


def test_carried_names_that_setup_did_not_make_are_told(open_shop: Open) -> None:
    shop = open_shop(setup="mkdir .venv && touch .venv/x", carry=(".venv", "node_modules"))

    completed, missing = set_up(shop.bench, shop.base)

    assert completed is not None
    assert (completed.ended, missing) == (Ended.EXITED, ("node_modules",))


@pytest.mark.row("promise 6")
def test_a_failing_setup_says_how_with_the_end_of_what_it_printed(open_shop: Open) -> None:
    shop = open_shop(setup="echo no such package: tinycheck >&2; exit 3")

    with pytest.raises(GateError) as caught:
        set_up(shop.bench, shop.base)

    assert caught.value.exit_code == 4
    assert caught.value.message.startswith("gate.setup failed with exit 3: echo no such package")
    assert "\nno such package: tinycheck" in caught.value.message
    assert caught.value.tip == f"its whole output is in {shop.bench.logs / 'setup.log'}"


def test_a_setup_ended_by_a_signal_says_which(open_shop: Open) -> None:
    shop = open_shop(setup="kill -9 $$")

    with pytest.raises(GateError) as caught:
        set_up(shop.bench, shop.base)

    assert caught.value.message.startswith("gate.setup was ended by SIGKILL: kill -9 $$")


@pytest.mark.row("promise 8")
def test_a_setup_that_hangs_is_stopped_at_its_limit(open_shop: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup_room, "_LIMIT_SECONDS", 0.3)
    shop = open_shop(setup="echo waiting; sleep 300 & sleep 300")

    with pytest.raises(GateError) as caught:
        set_up(shop.bench, shop.base)

    assert "was still running after 0.005 minutes and was stopped" in caught.value.message
    assert "waiting" in caught.value.message


def test_a_setup_that_cannot_be_started_says_why(open_shop: Open) -> None:
    shop = open_shop(setup="\0")

    with pytest.raises(GateError, match=r"gate\.setup could not be started"):
        set_up(shop.bench, shop.base)


def test_an_interrupted_setup_is_no_failure_of_the_gate(open_shop: Open, interrupted: Interruption) -> None:
    shop = open_shop(setup="exit 1", interruption=interrupted, carry=(".venv",))

    completed, missing = set_up(shop.bench, shop.base)

    assert completed is not None
    assert (completed.ended, missing) == (Ended.INTERRUPTED, (".venv",))
