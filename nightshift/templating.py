"""Where our templates lie, and how they are filled in."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from nightshift.errors import StateError

if TYPE_CHECKING:
    from jinja2 import Template

_PACKAGE = Path(__file__).parent
_PLACES = (_PACKAGE / "templates", _PACKAGE.parent / "templates", _PACKAGE.parent)


def template_path(name: str) -> Path:
    """Find a template: in the wheel beside us, in a checkout one folder up."""
    for place in _PLACES:
        if (place / name).is_file():
            return place / name
    raise StateError(f"the template {name} is missing", tip="reinstall nightshift-runner")


def render(name: str, **values: object) -> str:
    """Fill in a template; an undefined name is an error, and templates reach no attributes of ours."""
    return _compiled(name).render(**values)


@cache
def _compiled(name: str) -> "Template":
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    # Markdown and shell are written, not HTML; what is hostile is neutralised before it gets here.
    environment = ImmutableSandboxedEnvironment(
        autoescape=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.from_string(template_path(name).read_text(encoding="utf-8"))
