import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from nightshift.delivery.markdown import cell, code, fence, one_line, prose, stripped
from nightshift.text import shortened

HOSTILE = st.text(
    alphabet=st.one_of(
        st.sampled_from("@#:/.-_*`~[]()<>!|\\&$=+ \t\n\r\x1b\u202e\u200d\ud800aGH-12w"), st.characters()
    ),
    max_size=60,
)


def tokens(text: str) -> list[Token]:
    """Parse as a forge does and return all tokens, the inline ones too."""
    blocks = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    return [inner for block in blocks for inner in (block, *(block.children or ()))]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("\x1b[31mred\x1b[0m", "red", id="colour"),
        pytest.param("\x1b]0;title\x07rest", "rest", id="window title"),
        pytest.param("\x1b]0;no end\nnext", "0;no end\nnext", id="a sequence without an end hides nothing"),
        pytest.param("a\rb\r\nc\u2028d", "a\nb\nc\nd", id="line ends"),
        pytest.param("a\u202egnp\u2069\u200b", "agnp", id="bidirectional and invisible"),
        pytest.param("a\x00b\x9bc\x7f", "ab", id="controls"),
        pytest.param("caf\udce9", "caf\ufffd", id="a byte that is no UTF-8"),
        pytest.param("tab\tkept 🙂", "tab\tkept 🙂", id="tabs and emoji stay"),
    ],
)
def test_what_a_terminal_would_act_on_is_stripped(text: str, shown: str) -> None:
    assert stripped(text) == shown


def test_one_line_is_one_line_and_says_that_it_was_cut() -> None:
    assert one_line("a\n b\t c") == "a b c"
    assert one_line("abcdef", limit=4) == "abc…"


@pytest.mark.row("users 36")
@pytest.mark.parametrize(
    ("text", "forbidden"),
    [
        pytest.param("thanks @olive", r"@\w", id="mention"),
        pytest.param("Fixes #12", r"#\d", id="issue"),
        pytest.param("closes acme/widget#12", r"#\d", id="issue elsewhere"),
        pytest.param("resolve GH-12", r"GH-\d", id="GH-issue"),
        pytest.param("https://github.com/o/r/issues/1", r"://", id="address"),
        pytest.param("www.example.org", r"www\.", id="bare address"),
        pytest.param("a@example.org", r"@\w", id="mail address"),
    ],
)
def test_prose_holds_nothing_that_a_forge_would_link(text: str, forbidden: str) -> None:
    rendered = "".join(token.content for token in tokens(prose(text)) if token.type == "text")

    assert not re.search(forbidden, rendered)
    assert rendered.replace("\u200b", "") == text


@pytest.mark.parametrize(
    "text",
    [
        "# heading",
        "> quote",
        "- item",
        "+ item",
        "1. item",
        "12) item",
        "=== x",
        "*bold* __init__ _em_",
        "`code`",
        "~~gone~~",
        "[link](x) ![image](y)",
        "<b>html</b> <!-- c -->",
        "&amp; &#64;x",
        "a\\",
        "| a | b |",
        "$x$",
        "ends with #",
    ],
)
def test_prose_marks_nothing_up(text: str) -> None:
    found = tokens(prose(text))

    assert {token.type for token in found} <= {
        "paragraph_open",
        "inline",
        "text",
        "text_special",
        "paragraph_close",
    }
    assert (
        "".join(token.content for token in found if token.type.startswith("text")).replace("\u200b", "")
        == text
    )


def test_ordinary_words_stay_readable() -> None:
    assert (
        prose("max_lines is 30 (not 40), see src/a-b.py: 1.5 %")
        == "max_lines is 30 (not 40), see src/a-b.py: 1.5 %"
    )


@given(HOSTILE)
def test_prose_is_text_and_nothing_else(text: str) -> None:
    found = tokens("- x: " + prose(text))

    assert {token.type for token in found} <= {
        "bullet_list_open",
        "list_item_open",
        "paragraph_open",
        "inline",
        "text",
        "paragraph_close",
        "list_item_close",
        "bullet_list_close",
    }
    rendered = "".join(token.content for token in found if token.type == "text")
    assert not re.search(r"@\w|#\w|GH-\d|://|www\.", rendered, re.IGNORECASE)


@given(HOSTILE)
def test_a_code_span_cannot_be_left(text: str) -> None:
    inline = [token.type for token in tokens("- x " + code(text) + " y") if token.type != "inline"]

    assert inline.count("code_inline") == (1 if one_line(text) else 0)
    assert not {"html_inline", "link_open", "image", "em_open", "strong_open"} & set(inline)


@given(HOSTILE)
def test_a_cell_stays_in_its_column(text: str) -> None:
    table = f"| a | b |\n|---|---|\n| {cell(text)} | end |\n"

    assert [token.type for token in tokens(table)].count("td_open") == 2
    assert any(token.content == "end" for token in tokens(table))


@given(HOSTILE.map(lambda text: text + "\n```\n# out\n"))
def test_a_fence_cannot_be_left(text: str) -> None:
    found = tokens(fence(text, limit=1000))

    assert [token.type for token in found] == ["fence"]


def test_an_empty_quotation_says_so() -> None:
    assert fence("\n\n", limit=10) == "```text\n(nothing)\n```"


@given(st.text(max_size=400), st.integers(min_value=1, max_value=300))
def test_what_is_left_out_is_counted(text: str, limit: int) -> None:
    cut = shortened(text, limit=limit)

    if len(text) <= limit:
        assert cut == text
    else:
        assert f"[… {len(text) - limit} characters left out …]" in cut
        assert cut.endswith(text[-1:].strip("\n"))


@given(HOSTILE)
def test_nothing_that_leaves_here_holds_a_control_character(text: str) -> None:
    for made in (prose(text), code(text), cell(text), fence(text, limit=50), one_line(text)):
        bad = {unicodedata.category(character) for character in made if character not in "\n\u200b"}
        assert not bad & {"Cc", "Cf", "Cs"}
        made.encode()
