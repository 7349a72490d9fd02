"""A taste in words and bars: what is said, and that nothing is said where nothing is known."""

import re

import pytest

from recsys.data.scale import WHOLE_STARS
from recsys.recommend.taste_profile import Bar, Compared, Foreseen, Group, TasteProfile, Unlike
from recsys.ui.markup import NOTHING
from recsys.ui.my_films import taste_cards, taste_plots

FULL = TasteProfile(
    n_rated=12,
    mean=3.5,
    strictness=Compared(3.5, 3.9, 11),
    genres=(Group("Drama", 6, 0.5, 0.25, Compared(4.2, 3.6, 6)), Group("War", 1, 0.1, 0.1, None)),
    decades=(Group("1990s", 12, 1.0, 0.8, Compared(3.5, 3.9, 11)),),
    bars=(Bar(1.0, 1.0, 3, 0.25, 0.1), Bar(2.0, 2.0, 9, 0.75, 0.9)),
    more=(Unlike("Heat (1995)", 5.0, 3.1, 1234),),
    less=(Unlike("Fargo (1996)", 1.0, 4.1, 20),),
    foreseen=Foreseen(0.7, False, 0.9),
)


def headings(shown):
    return re.findall(r"<h2>([^<]+)</h2>", shown)


def test_all_that_is_known_is_shown():
    shown = taste_cards.taste(FULL, ["Alien (1979)"], taste_cards.REGISTER, WHOLE_STARS)
    assert headings(shown) == [
        "Your stars",
        "Genres",
        "Decades",
        "You like more than others",
        "You like less than others",
        "Over time",
        "How well your stars can be guessed",
    ]
    assert "12 ratings, ★ 3.5 on average." in shown
    assert "50% <small>(25%)</small>" in shown
    assert "4.2 <small>(3.6)</small>" in shown
    assert "★ 5 from you, 3.1 on average of 1,234 ratings" in shown
    assert "This film would tell most about you:" in shown
    assert 'data-film="Alien (1979)"' in shown


def test_of_nobody_there_is_a_way_to_rate():
    shown = taste_cards.taste(TasteProfile(n_rated=0), [], taste_cards.REGISTER, WHOLE_STARS)
    assert headings(shown) == ["Your stars"]
    assert "Rate 5 films, and you see here what you rate more than others" in shown
    assert 'data-look="suggested"' in shown


@pytest.mark.parametrize(("n_rated", "words"), [(1, "Rate 4 more films,"), (4, "Rate one more film,"), (5, "")])
def test_what_is_missing_is_said(n_rated, words):
    shown = taste_cards.opening(TasteProfile(n_rated=n_rated, mean=4.0))
    assert words in shown
    assert ("data-look" in shown) == bool(words)


@pytest.mark.parametrize(
    ("own", "others", "words"),
    [(3.42, 3.8, "0.4 stars less than"), (4.2, 3.1, "1.1 stars more than"), (3.42, 3.4, "about as many stars as")],
)
def test_strictness_is_a_sentence(own, others, words):
    assert f"You give {words} others to the same films: " in taste_cards.strictness(Compared(own, others, 9))


def test_the_widest_bar_fills_its_room_and_all_others_are_in_proportion():
    shown = taste_plots.group_table("Genre", FULL.genres)
    assert [float(width) for width in re.findall(r"width:([\d.]+)%", shown)] == [100, 50, 20, 20]


def test_the_histogram_is_in_words_too_and_without_everybody_where_that_is_not_known():
    shown = taste_plots.histogram(FULL.bars)
    assert 'aria-label="1 star: 3 films, 25%, everybody 10%, 2 stars: 9 films, 75%, everybody 90%"' in shown
    heights = [float(height) for height in re.findall(r"height:([\d.]+)%", shown)]
    assert heights == pytest.approx([100 * 0.25 / 0.9, 100 * 0.1 / 0.9, 100 * 0.75 / 0.9, 100], abs=0.1)
    alone = taste_plots.histogram((Bar(1.0, 1.0, 1, 1.0, None), Bar(2.0, 3.0, 0, 0.0, None)))
    assert "everybody" not in alone
    assert "2–3 stars: 0 films, 0%" in alone
    assert taste_plots.histogram(()) == taste_plots.group_table("Genre", ()) == NOTHING


def test_a_model_without_chances_says_how_far_its_guesses_were_off():
    said = taste_cards.foreseen(Foreseen(0.84, False, None), 20)
    assert said == "Guessed from your other ratings, your stars are missed by 0.8 on average."
    assert taste_cards.foreseen(None, 20) == ""
