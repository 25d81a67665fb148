"""Words of others: calm, short, and inside fences that they cannot close."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from nightshift.agent.quote import calm, code, duration, fenced, one_line
from nightshift.text import shortened


def test_calm_words_obey_no_terminal_and_hide_nothing() -> None:
    assert (
        calm("\x1b[31mred\x1b[0m\x07 \u202eb\u00ad\u200b\U000e0041a\r\nprogress 1\rprogress 2")
        == "red ba\nprogress 2"
    )


def test_a_half_character_is_no_accident() -> None:
    assert one_line("a\ud800b") == "a?b"


def test_long_words_are_cut_and_say_so() -> None:
    assert one_line("word " * 100, limit=20) == "word word word word…"
    text = shortened("a" * 50 + "b" * 50, limit=40)
    assert text == "a" * 10 + "\n[… 60 characters left out …]\n" + "b" * 30


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.5, "0.5 seconds"), (119, "119 seconds"), (120, "2 minutes"), (1830, "30.5 minutes")],
)
def test_times_are_told_as_people_do(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("text", "span"),
    [("a", "`a`"), ("", "` `"), ("a`b", "``a`b``"), ("`a", "`` `a ``"), ("a\nb\x1b[2J", "`a b`")],
)
def test_a_code_span_holds_whatever_is_in_it(text: str, span: str) -> None:
    assert code(text) == span


@pytest.mark.row("users 33")
@given(st.text(st.sampled_from("`~ \t\n\r<!->a#"), max_size=60))
def test_nothing_closes_its_own_fence(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse(f"{fenced(text)}\n\nafter\n")
    assert [token.type for token in tokens] == ["fence", "paragraph_open", "inline", "paragraph_close"]
