"""What people may be called, and which passwords they may choose."""

import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.store import StoreError
from recsys.store.signing_in.names import (
    LONGEST_NAME,
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    WORST_PASSWORDS,
    checked_password,
    key_if_any,
    name_key,
    password_bytes,
    shown_name,
)

ANYTHING = st.one_of(
    st.text(max_size=60),
    st.text(alphabet=st.characters(codec=None), max_size=20),
    st.none(),
    st.integers(),
    st.binary(),
)


@pytest.mark.parametrize(
    "name", ["Al", "Ann Lee", "jürgen", "Жанна", "王小明", "عائشة", "นภา", "x" * 40, "O'Neil-2 🙂", "<b>Bo</b>"]
)
def test_names_of_many_languages_stay_as_they_are(name):
    assert shown_name(name) == unicodedata.normalize("NFKC", name)


def test_spaces_around_and_between_are_not_what_tells_names_apart():
    assert shown_name("  Ann \u00a0  Lee ") == "Ann Lee"


@pytest.mark.parametrize("name", ["", " ", "A", "x" * 41, "a" * 10_000_000, "A ", "e\u0301"])
def test_a_name_has_2_to_40_characters(name):
    with pytest.raises(StoreError, match="choose one of 2 to 40 visible characters"):
        shown_name(name)


@pytest.mark.parametrize(
    "character",
    [
        "\x00",
        "\n",
        "\t",
        "\x7f",
        "\u200b",
        "\u200d",
        "\u202e",
        "\u2066",
        "\ufeff",
        "\u2028",
        "\ud800",
        "\ue000",
        "\u3164",
        "\ufe0f",
        "\u00ad",
    ],
)
def test_a_character_that_cannot_be_seen_or_turns_the_text_around_is_refused_by_its_number(character):
    with pytest.raises(StoreError, match=r"name: got the character U\+[0-9A-F]{4}; .* leave it out"):
        shown_name(f"An{character}na")


@pytest.mark.parametrize("name", ["Z" + "\u0335" * 4 + "algo", "\u0335Zalgo"])
def test_accents_are_not_heaped(name):
    with pytest.raises(StoreError, match="accents without a letter; expected at most 3 behind a letter"):
        shown_name(name)


@pytest.mark.parametrize("name", [None, 7, b"Ann", ["Ann"], {"name": "Ann"}])
def test_a_name_of_another_type_is_refused(name):
    with pytest.raises(StoreError, match="name: got a value of type"):
        shown_name(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann", "aNN"),
        ("STRASSE", "straße"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("Ann", "Ａｎｎ"),
        ("Zoë", "zoe\u0308"),
        ("fi", "ﬁ"),
    ],
)
def test_names_that_look_alike_share_a_key(one, other):
    assert name_key(shown_name(one)) == name_key(shown_name(other))


def refusal_of(check, *arguments) -> str | None:
    """What a check says against something; None if nothing."""
    try:
        check(*arguments)
    except StoreError as refusal:
        return str(refusal)
    return None


@given(ANYTHING)
def test_a_name_is_either_refused_in_a_short_sentence_or_harmless_and_stable(name):
    refusal = refusal_of(shown_name, name)
    if refusal is not None:
        assert len(refusal) < 300
        assert key_if_any(name) == ""
        return
    shown = shown_name(name)
    assert shown_name(shown) == shown
    assert 2 <= len(shown) <= LONGEST_NAME
    assert shown.isprintable()
    assert shown.encode()
    assert name_key(name_key(shown)) == name_key(shown) == key_if_any(name) == key_if_any(shown)


@pytest.mark.parametrize("length", [SHORTEST_PASSWORD, LONGEST_PASSWORD])
def test_a_password_may_be_as_short_and_as_long_as_the_rule_says(length):
    typed = (string.ascii_letters * 3)[:length]
    assert checked_password(typed, "ann") == typed.encode()


@pytest.mark.parametrize("password", ["", "seven77", "x1" * 65, "ab" * 10_000_000, "e\u0301" * 7])
def test_a_password_has_8_to_128_characters(password):
    with pytest.raises(StoreError, match="the password has .* characters; choose one of 8 to 128 characters"):
        checked_password(password, "ann")


@pytest.mark.parametrize("password", ["Margarete", "margarete", "MARGARETE", "Ｍargarete"])
def test_a_password_is_not_the_name(password):
    with pytest.raises(StoreError, match="the password is the name; choose another"):
        checked_password(password, name_key("Margarete"))


@pytest.mark.parametrize("password", [*sorted(WORST_PASSWORDS), "PassWord", "zzzzzzzz", "        "])
def test_the_passwords_that_anyone_would_try_first_are_refused(password):
    with pytest.raises(StoreError, match="one of the first that others would try"):
        checked_password(password, "ann")


@pytest.mark.parametrize("password", ["with a \x00 in it", "two\nlines", "half a pair \ud83d"])
def test_a_password_holds_nothing_that_no_keyboard_types(password):
    with pytest.raises(StoreError, match="password: got a control character"):
        checked_password(password, "ann")


@pytest.mark.parametrize("password", [None, 12345678, b"four random words"])
def test_a_password_of_another_type_is_refused(password):
    with pytest.raises(StoreError, match="password: got a value of type"):
        checked_password(password, "ann")


@given(ANYTHING)
def test_any_password_is_either_refused_or_compared_as_it_was_typed(password):
    refusal = refusal_of(checked_password, password, "ann")
    if refusal is None:
        assert checked_password(password, "ann") == password_bytes(password)
        assert 8 <= len(password_bytes(password).decode()) <= 128
    else:
        assert len(refusal) < 300
        assert isinstance(password_bytes(password), bytes)


@pytest.mark.parametrize("password", ["hunter2", "hunter2\x00hunter2", "hunter2" * 30])
def test_a_refusal_does_not_repeat_the_password(password):
    assert "hunter" not in (refusal_of(checked_password, password, "ann") or "hunter")


def test_a_password_is_the_same_however_its_accents_were_typed():
    assert password_bytes("cr\u00e8me br\u00fbl\u00e9e") == password_bytes("cre\u0300me bru\u0302le\u0301e")
