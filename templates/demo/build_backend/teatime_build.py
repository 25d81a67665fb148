"""Builds teatime with the standard library alone, so that it can be installed without a network."""

import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAME, VERSION = "teatime", "0.1.0"
METADATA = f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {VERSION}\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: teatime_build\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    """Build a wheel that only points to src."""
    return _write(wheel_directory, {f"__editable__.{NAME}.pth": f"{ROOT / 'src'}\n"})


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Build a wheel that holds the package."""
    sources = sorted((ROOT / "src").rglob("*.py"))
    return _write(wheel_directory, {str(path.relative_to(ROOT / "src")): path.read_text() for path in sources})


def _write(folder, files):
    info = f"{NAME}-{VERSION}.dist-info"
    files = {**files, f"{info}/METADATA": METADATA, f"{info}/WHEEL": WHEEL}
    record = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    name = f"{NAME}-{VERSION}-py3-none-any.whl"
    with zipfile.ZipFile(Path(folder) / name, "w") as wheel:
        for path, text in {**files, f"{info}/RECORD": record}.items():
            wheel.writestr(path, text)
    return name
