"""What a program prints is kept within bounds and shown without harm."""

import pytest

from nightshift.workspace.capture import Kept, Lines, Tail, readable
from nightshift.workspace.completed import Completed, Ended


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        pytest.param(b"a\nb\n", "a\nb", id="plain"),
        pytest.param(b"", "", id="nothing"),
        pytest.param(b"\x1b[31mred\x1b[0m", "red", id="colour"),
        pytest.param(b"\x1b]0;title\x07text", "text", id="window title"),
        pytest.param(b"\x1b]52;c;cm0gLXJm\x1b\\text", "text", id="clipboard"),
        pytest.param(b"\x1b(Btext\x1bc", "text", id="character set"),
        pytest.param(b"\x9b31mx", "\ufffd31mx", id="C1 byte is no UTF-8"),
        pytest.param("\x9b31mx".encode(), "31mx", id="C1 character"),
        pytest.param(b"10%\r50%\r100%\n", "100%", id="progress"),
        pytest.param(b"a\r\nb\r\n", "a\nb", id="CRLF"),
        pytest.param(b"a\x00\x07\x08b\tc", "ab\tc", id="controls"),
        pytest.param("a\u202eb\u200bc\u2066d\ufeff".encode(), "abcd", id="direction of writing"),
        pytest.param(b"\xff\xfe", "\ufffd\ufffd", id="not UTF-8"),
        pytest.param("grün ✅".encode(), "grün ✅", id="other letters"),
    ],
)
def test_nothing_printed_moves_the_terminal(printed: bytes, shown: str) -> None:
    assert readable(printed, lines=20) == shown


def test_only_the_last_lines_are_shown() -> None:
    completed = Completed(args=(), ended=Ended.EXITED, stdout=b"1\n2\n3\n", stderr=b"4\n5\n\n")

    assert (completed.tail(3), completed.tail(1)) == ("3\n4\n5", "5")


@pytest.mark.parametrize("size", [1, 7, 100, 5000])
def test_the_tail_is_right_whatever_the_size_of_the_pieces(size: int) -> None:
    data = bytes(range(256)) * 100
    tail = Tail(1000)

    for start in range(0, len(data), size):
        tail.take(data[start : start + size])

    assert tail.kept() == data[-1000:]
    assert len(tail._bytes) <= 2 * 1000 + 4096 + size


@pytest.mark.parametrize("size", [1, 13, 999])
def test_head_and_tail_are_right_whatever_the_size_of_the_pieces(size: int) -> None:
    data = bytes(range(256)) * 40
    kept = Kept(101)

    for start in range(0, len(data), size):
        kept.take(data[start : start + size])

    missing = len(data) - 101
    assert kept.value() == data[:50] + b"\n[... %d bytes left out by nightshift ...]\n" % missing + data[-51:]
    assert kept.seen == len(data)


def test_nothing_need_be_kept() -> None:
    kept = Kept(0)

    kept.take(b"abc")

    assert kept.value() == b"\n[... 3 bytes left out by nightshift ...]\n"


def test_an_endless_line_is_cut_and_the_next_one_is_whole() -> None:
    heard: list[bytes] = []
    lines = Lines(heard.append, longest=4)

    for piece in (b"abc", b"defgh", b"ij\nnext\n", b"en", b"d"):
        lines.take(piece)
    lines.close()
    lines.close()

    assert heard == [b"abcd", b"next", b"end"]
