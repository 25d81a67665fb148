"""The owner's setup command: run once a night, on the base, before anything else runs there."""

from nightshift.errors import GateError
from nightshift.gate.bench import Bench
from nightshift.gate.ending import how_it_ended
from nightshift.model import Base
from nightshift.workspace import process
from nightshift.workspace.process import Completed, Ended

_LIMIT_SECONDS = 30 * 60
_PASSED_ON = ("PIP_", "UV_", "POETRY_", "NPM_CONFIG_", "npm_config_", "YARN_", "GOPROXY", "CARGO_")
_PROXIES = (
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
)


def set_up(bench: Bench, base: Base) -> tuple[Completed | None, tuple[str, ...]]:
    """Run `gate.setup` on the base; return how it ended and the carried names that it did not make.

    It sees the package clients' own settings and proxies, which agent and gate do not: it runs
    the owner's code alone. GateError when it fails.
    """
    bench.slot.show_gate(base.tree, head=base.commit)
    if bench.rules.setup is None:
        return None, bench.slot.keep_carried()
    completed = process.run(
        ["/bin/sh", "-c", bench.rules.setup],
        cwd=bench.slot.path,
        env=bench.environment("setup", _package_settings(bench)),
        timeout_seconds=_LIMIT_SECONDS,
        log=bench.logs / "setup.log",
        interruption=bench.interruption,
        marker=bench.run,
        merge_output=True,
    )
    if completed.ended is not Ended.INTERRUPTED and not completed.ok:
        raise _failed(bench, completed)
    return completed, bench.slot.keep_carried()


def _package_settings(bench: Bench) -> dict[str, str]:
    """Pick what pip, uv, npm and their like need to reach their registries, and a cache that lasts."""
    wanted = {
        name: value
        for name, value in bench.environ.items()
        if name.startswith(_PASSED_ON) or name.upper() in _PROXIES
    }
    return {**wanted, "XDG_CACHE_HOME": str(bench.cache)}


def _failed(bench: Bench, completed: Completed) -> GateError:
    """Say how setup failed, with the end of what it printed."""
    how = how_it_ended(completed, limit_seconds=_LIMIT_SECONDS)
    return GateError(
        f"gate.setup {how}: {bench.rules.setup}\n{completed.tail()}",
        tip=f"its whole output is in {bench.logs / 'setup.log'}",
    )
