import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from nightshift.errors import GateError
from nightshift.gate import Script, find_script
from nightshift.model import GateRules, Policy

Open = Callable[..., Any]
GATE = ".ai-validation/check_quality.sh"


def refused(shop: Any, *, script: str = GATE, in_checkout: bool = False) -> GateError:
    with pytest.raises(GateError) as caught:
        find_script(shop.objects, shop.base, Policy(gate=GateRules(script=script)), in_checkout=in_checkout)
    return caught.value


@pytest.mark.row("S3.58", "promise 3")
def test_the_gate_is_the_one_of_the_base_whatever_stands_in_the_checkout(gated: Open, project: Any) -> None:
    text = "#!/bin/sh\n# the base's\n"
    shop = gated(text)
    project.write(GATE, "#!/bin/sh\n# the checkout's\n", executable=True)

    found = find_script(shop.objects, shop.base, Policy(), in_checkout=True)

    assert found == Script(path=GATE, digest=hashlib.sha256(text.encode()).hexdigest())


@pytest.mark.row("S3.56")
def test_a_gate_that_is_nowhere_points_to_init(open_shop: Open) -> None:
    shop = open_shop()

    error = refused(shop, script="check.sh")

    assert error.exit_code == 4
    assert error.message == (f"the gate check.sh is not in the base commit {shop.base.commit[:10]} of main")
    assert error.tip.startswith("nightshift init writes one")


@pytest.mark.row("S3.56", "S3.58")
def test_a_gate_that_is_only_in_the_checkout_gets_the_commands_that_mend_it(open_shop: Open) -> None:
    error = refused(open_shop(), script="check me.sh", in_checkout=True)

    assert error.tip.splitlines() == [
        "git add 'check me.sh' && git commit -m 'Add the quality gate'",
        "git push    (what was committed and not pushed is not in the base; --base-local includes it)",
    ]


@pytest.mark.row("S3.56")
def test_a_gate_that_is_not_executable_gets_the_commands_that_mend_it(open_shop: Open, project: Any) -> None:
    project.write("my check.sh", "#!/bin/sh\n")
    project.commit("Add a gate")
    shop = open_shop()

    error = refused(shop, script="my check.sh")

    assert error.message == (
        f"the gate my check.sh is not an executable file in the base commit {shop.base.commit[:10]}"
    )
    assert error.tip == (
        "git update-index --chmod=+x 'my check.sh' && git commit -m 'Make the gate executable', then push it"
    )


@pytest.mark.row("S3.56")
@pytest.mark.parametrize("kind", ["link", "folder"])
def test_a_gate_that_is_no_file_is_told_so(open_shop: Open, project: Any, kind: str) -> None:
    if kind == "link":
        (project.root / "gate.sh").symlink_to(GATE)
    else:
        project.write("gate.sh/inner", "x", executable=True)
    project.commit("Add a gate")

    error = refused(open_shop(), script="gate.sh")

    assert "is not an executable file" in error.message
    assert error.tip == "gate.script must name the script itself, not a link or a folder"
