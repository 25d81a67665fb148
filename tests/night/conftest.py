"""A committed project for each test of the night."""

from pathlib import Path

import pytest

from nightshift.testing.project import Project, build_project


@pytest.fixture
def project(tmp_path: Path, home: Path) -> Project:
    return build_project(tmp_path, home=home)
