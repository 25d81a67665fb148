import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nightshift.model import Change, FileChange, Line, Severity, Violation
from nightshift.workspace import change as change_room
from nightshift.workspace.change import measure
from nightshift.workspace.git import Git
from nightshift.workspace.hunks import count_patches, split_lines

Files = dict[str, tuple[str, bytes]]


def tree(night: Any, files: Files) -> str:
    """Return a tree of exactly these files, each with its mode."""
    index = night.vault.folder / "measure.index"
    index.unlink(missing_ok=True)
    git = Git(night.vault.folder, home=None, index=index)
    lines = b"".join(
        f"{mode} {data.decode() if mode == '160000' else night.vault.write_blob(data)}\t{path}\0".encode(
            "utf-8", "surrogateescape"
        )
        for path, (mode, data) in files.items()
    )
    git.run("update-index", "-z", "--index-info", stdin=lines)
    return git.line("write-tree")


def measured(night: Any, old: Files, new: Files) -> Change:
    return measure(night.vault.git, old_tree=tree(night, old), new_tree=tree(night, new))


def only(change: Change) -> FileChange:
    (file,) = change.files
    return file


def text(data: bytes, mode: str = "100644") -> tuple[str, bytes]:
    return mode, data


CASES: dict[str, tuple[bytes | None, bytes | None, int, list[tuple[int, str]]]] = {
    "an added file": (None, b"a\nb\n", 0, [(1, "a"), (2, "b")]),
    "a file without a last line end": (None, b"a\nb", 0, [(1, "a"), (2, "b")]),
    "a deleted file": (b"a\nb\nc\n", None, 3, []),
    "a line changed": (b"a\nb\nc\n", b"a\nB\nc\n", 1, [(2, "B")]),
    "a line inserted": (b"a\nc\n", b"a\nb\nc\n", 0, [(2, "b")]),
    "a line removed": (b"a\nb\nc\n", b"a\nc\n", 1, []),
    "an empty file": (None, b"", 0, []),
    "emptied": (b"a\n", b"", 1, []),
    "a last line end added": (b"a\nb", b"a\nb\n", 1, [(2, "b")]),
    "two places": (b"1\n2\n3\n4\n5\n6\n", b"0\n1\n2\n3\n4\n5\n7\n", 1, [(1, "0"), (7, "7")]),
    "line ends of another system": (b"a\nb\n", b"a\r\nb\r\n", 2, [(1, "a"), (2, "b")]),
    "lines that end in a lone return": (None, b"a\rb\rc", 0, [(1, "a"), (2, "b"), (3, "c")]),
    "lone returns slipped into a line": (b"x\ny\n", b"x\na\rb\rc\ny\n", 0, [(2, "a"), (2, "b"), (2, "c")]),
    "lone returns taken out": (b"x\na\rb\n", b"x\n", 2, []),
    "what looks like a patch": (
        b"x\n",
        b"x\ndiff --git a/x b/x\n@@ -1 +1 @@\n+++ b/x\n--- a/x\n",
        0,
        [(2, "diff --git a/x b/x"), (3, "@@ -1 +1 @@"), (4, "+++ b/x"), (5, "--- a/x")],
    ),
    "what looks like a patch taken out": (b"x\n-- a/x\n++ b\n", b"x\n", 2, []),
    "what is not UTF-8": (None, b"caf\xe9\n", 0, [(1, "caf�")]),
    "other line separators": (
        None,
        "a\u2028b\x0bc\x0cd\x85e\n".encode(),
        0,
        [(1, "a\u2028b\x0bc\x0cd\x85e")],
    ),
}


@pytest.mark.row("S3.20", "users 14")
@pytest.mark.parametrize(("old", "new", "deleted", "added"), CASES.values(), ids=CASES.keys())
def test_lines_are_counted_as_they_stand(
    night: Any, old: bytes | None, new: bytes | None, deleted: int, added: list[tuple[int, str]]
) -> None:
    file = only(
        measured(
            night,
            {"kept": text(b"")} | ({"f": text(old)} if old is not None else {}),
            {"kept": text(b"")} | ({"f": text(new)} if new is not None else {}),
        )
    )

    assert file.deleted == deleted
    assert file.added_lines == tuple(Line(number=number, text=line) for number, line in added)
    assert file.added == len(added)
    assert (file.old_size, file.new_size) == (len(old or b""), len(new or b""))
    assert (file.is_added, file.is_deleted, file.binary) == (old is None, new is None, False)


@pytest.mark.row("S3.30", "users 23")
def test_a_rename_is_both_its_sides_with_one_blob(night: Any) -> None:
    workflow = text(b"on: push\n")

    change = measured(night, {".github/workflows/ci.yml": workflow}, {"src/ci.yml": workflow})

    assert [(file.path, file.is_deleted, file.is_added) for file in change.files] == [
        (".github/workflows/ci.yml", True, False),
        ("src/ci.yml", False, True),
    ]
    assert change.files[0].old_blob == change.files[1].new_blob


@pytest.mark.row("S3.20", "users 14")
def test_attributes_hide_no_line(night: Any) -> None:
    attributes = text(b"*.py -diff\n*.py binary\n*.py diff=evil\n")
    old = {".gitattributes": attributes, "a.py": text(b"0\n")}

    change = measured(night, old, old | {"a.py": text(b"1\n" * 500), "b.py": text(b"2\n" * 7)})

    assert (change.added, change.deleted) == (507, 1)
    assert not any(file.binary for file in change.files)


@pytest.mark.row("S3.36")
@pytest.mark.parametrize(
    ("old", "new", "counts"),
    [
        (text(b"x\n"), text(b"x\n", "100755"), (0, 0)),
        (text(b"x\n"), text(b"/etc/passwd", "120000"), (1, 1)),
        (text(b"x\n"), text(b"x\n", "120000"), (0, 0)),
        (None, text(b"../../secret", "120000"), (1, 0)),
        (None, text(b"1" * 40, "160000"), (0, 0)),
        (text(b"1" * 40, "160000"), text(b"2" * 40, "160000"), (0, 0)),
        (text(b"x\n"), text(b"1" * 40, "160000"), (0, 1)),
    ],
    ids=[
        "mode",
        "link for file",
        "link of the same",
        "link",
        "submodule",
        "submodule moved",
        "submodule for file",
    ],
)
def test_modes_links_and_submodules_are_told(night: Any, old: Any, new: Any, counts: tuple[int, int]) -> None:
    file = only(measured(night, {"f": old} if old else {}, {"f": new}))

    assert (file.old_mode, file.new_mode) == (old[0] if old else None, new[0])
    assert (file.added, file.deleted) == counts


@pytest.mark.row("S3.36")
@pytest.mark.parametrize(
    ("old", "new"),
    [(None, b"\x89PNG\0\r\n"), (b"text\n", b"text\n" * 3000 + b"\0"), (b"\0", b"text\n")],
    ids=["new", "a late NUL", "no more"],
)
def test_what_holds_a_nul_is_binary_and_counted_by_size(night: Any, old: bytes | None, new: bytes) -> None:
    file = only(measured(night, {"f": text(old)} if old else {}, {"f": text(new)}))

    assert (file.binary, file.added, file.deleted, file.added_lines) == (True, 0, 0, ())
    assert file.new_size == len(new)


def test_what_is_too_large_to_be_read_is_not_read(night: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_room, "_LONGEST_FILE", 100)
    monkeypatch.setattr(change_room, "_MOST_TEXT", 250)
    new = {f"f{number}": text(b"%d" % number * 90) for number in range(4)} | {"big": text(b"b" * 101)}

    change = measured(night, {"big": text(b"b\n")}, new)

    assert {file.path: (file.binary, file.new_size) for file in change.files} == {
        "big": (True, 101),
        "f0": (False, 90),
        "f1": (False, 90),
        "f2": (True, 90),
        "f3": (True, 90),
    }


def test_a_large_file_is_measured_in_little_memory(night: Any) -> None:
    big = b"0123456789abcde\n" * (3 * 65536 + 1)

    change = measured(night, {"f": text(b"x\n"), "a": text(b"1\n")}, {"f": text(big), "a": text(b"2\n")})

    assert [(file.path, file.binary, file.added) for file in change.files] == [
        ("a", False, 1),
        ("f", True, 0),
    ]


@pytest.mark.row("users 23")
def test_any_name_is_told_as_it_is(night: Any) -> None:
    names = ["a b", 'q"uote', "new\nline", "caf\udce9", "späte", "-rf", "tab\tbed", "diff --git a b"]
    old = {name: text(b"1\n") for name in names}

    change = measured(night, old, {name: text(b"2\n") for name in names} | {"plain": text(b"p\n")})

    assert {file.path for file in change.files} == {*names, "plain"}
    assert {(file.added, file.deleted) for file in change.files if file.path != "plain"} == {(1, 1)}


def test_no_difference_is_an_empty_change(night: Any) -> None:
    change = measure(night.vault.git, old_tree=night.base.tree, new_tree=night.base.tree)

    assert change.is_empty


def test_what_could_not_be_read_travels_along(night: Any) -> None:
    found = Violation(rule="change.unreadable", severity=Severity.CRITICAL, message="no")

    change = measure(night.vault.git, old_tree=night.base.tree, new_tree=night.base.tree, unreadable=(found,))

    assert change.unreadable == (found,)
    assert not change.is_empty


def test_a_file_that_git_shows_no_patch_for_is_counted_as_written_anew(
    night: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_room, "_patches", lambda *_: {})

    file = only(measured(night, {"f": text(b"a\nb\n")}, {"f": text(b"a\nc\nd\n")}))

    assert (file.added, file.deleted) == (3, 2)


def test_a_sha256_tree_is_measured(project: Any, vault: Any, tmp_path: Path) -> None:
    project.git("init", "-q", "--object-format=sha256", str(tmp_path / "wide"))
    wide = type(project)(root=tmp_path / "wide", remote=project.remote, home=project.home)
    wide.commit({"a.txt": "a\n", "b.txt": "b\n"})
    base = vault.fetch_base(wide.owner, wide.find_base(), project.environ)
    new = vault.tree_with(base.tree, "a.txt", vault.write_blob(b"changed\n"))

    change = measure(vault.git, old_tree=base.tree, new_tree=new)

    assert [(file.path, file.added, file.deleted) for file in change.files] == [("a.txt", 1, 1)]


LINES = st.lists(
    st.sampled_from(["a", "b", "", "+x", "-y", "@@ -1 +1 @@", "diff --git a b", "\\ No newline"]), max_size=8
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=LINES, new=LINES, ends=st.tuples(st.booleans(), st.booleans()))
def test_the_count_agrees_with_gits_own(
    night: Any, old: list[str], new: list[str], ends: tuple[bool, bool]
) -> None:
    one, two = (
        ("\n".join(lines) + ("\n" if lines and end else "")).encode()
        for lines, end in zip((old, new), ends, strict=True)
    )
    first, second = (
        tree(night, {"f": text(one), "g": text(b"")}),
        tree(night, {"f": text(two), "g": text(b"")}),
    )
    said = night.vault.git.line("diff-tree", "--numstat", "--text", first, second).split("\t")

    change = measure(night.vault.git, old_tree=first, new_tree=second)

    expected = (int(said[0]), int(said[1])) if len(said) == 3 else (0, 0)
    assert (change.added, change.deleted) == expected
    if change.files:
        shown = two.decode().split("\n")
        assert all(shown[line.number - 1] == line.text for line in change.files[0].added_lines)


def test_a_patch_of_no_file_counts_nothing() -> None:
    assert list(count_patches(b"")) == []
    assert split_lines(b"") == []


def test_the_measure_is_gits_own_on_a_real_history(night: Any) -> None:
    """Between any two commits of the project the sums are those of `git diff --numstat`."""
    project = night.project
    said = subprocess.run(
        ["git", "diff", "--numstat", "--no-renames", "v1", "v2"],
        cwd=project.root,
        env=project.environ,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    change = measure(night.vault.git, old_tree="v1^{tree}", new_tree="v2^{tree}")

    assert [str(change.added), str(change.deleted), change.files[0].path] == said
