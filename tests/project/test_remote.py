"""A repository without a remote is asked for no pull request."""

from pathlib import Path

import pytest

from nightshift import policy as policies
from nightshift.project import detect, starter_files


@pytest.mark.parametrize(
    ("has_remote", "wanted"), [(True, "session"), (False, "none")], ids=["remote", "none"]
)
def test_a_pull_request_is_asked_for_only_where_there_is_a_remote(
    tmp_path: Path, has_remote: bool, wanted: str
) -> None:
    files = {file.path: file.text for file in starter_files(detect(tmp_path, ()), has_remote=has_remote)}

    policy = policies.parse(files["constraints.yaml"].encode(), path="constraints.yaml")

    assert policy.delivery.pull_request == wanted
