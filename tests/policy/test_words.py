"""Whole words, and text made fit to be shown."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightshift.policy.words import folded_words, has_word, shown


@pytest.mark.row("S3.22")
@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Handle a payment", "payment"),
        ("PAYMENT first", "payment"),
        ("Integrate Stripe.", "stripe"),
        ("the payment's date", "payment"),
        ("pre-payment", "payment"),
        ("now drop  table users", "drop table"),
        ("drop\n  table", "drop table"),
        ("**drop** `table`", "drop table"),
        ("\uff44\uff52\uff4f\uff50\u00a0table", "drop table"),
        ("str\u200bipe", "stripe"),
        ("delete file", "Delete  File"),
        ("Straße sperren", "STRASSE"),
        ("cost in $$", "$$"),
    ],
)
def test_a_word_is_found(text: str, word: str) -> None:
    assert has_word(text, word)


@pytest.mark.row("S3.23")
@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Compute the repayment", "payment"),
        ("List undeleted files", "delete file"),
        ("Show payments", "payment"),
        ("stripes on the flag", "stripe"),
        ("drop the table", "drop table"),
        ("delete_file helper", "delete file"),
        ("backdrop table", "drop table"),
        ("anything", " "),
    ],
)
def test_a_part_of_a_word_is_not_the_word(text: str, word: str) -> None:
    assert not has_word(text, word)


@pytest.mark.row("S3.23")
@settings(deadline=None)
@given(before=st.sampled_from("abzé_7"), after=st.sampled_from("sxyz_0"))
def test_letters_on_either_side_make_another_word(before: str, after: str) -> None:
    assert not has_word(f"{before}payment", "payment")
    assert not has_word(f"payment{after}", "payment")


@settings(deadline=None)
@given(text=st.text())
def test_what_is_shown_is_one_printable_line(text: str) -> None:
    assert shown(text).isprintable()
    assert len(shown(text, limit=5)) <= 5 * len("\\U00000000") + 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\nb", "a\\nb"), ("\x1b[0m", "\\x1b[0m"), ("\udcff", "\\xff"), ("\ud800", "\\ud800"), ("é", "é")],
)
def test_what_no_terminal_may_obey_is_escaped(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_folded_words_are_words_alone() -> None:
    assert folded_words("⏳ Pending, (review)") == "pending review"
