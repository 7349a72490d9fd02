"""The command that starts the page, before anything is loaded."""

import pytest

from recsys.serve.versions import SECONDS
from recsys.ui.command import parse


@pytest.mark.parametrize(
    ("words", "least"), [([], None), (["--min-film-ratings", "0"], 0), (["--min-film-ratings", "20"], 20)]
)
def test_films_of_few_ratings_can_be_left_out_of_the_model(words, least):
    assert parse(words, "app.py")[1].min_film_ratings == least


@pytest.mark.parametrize("word", ["-1", "x", "", "1.5", "9" * 5000, "²"])
def test_what_is_no_number_of_ratings_is_refused_in_a_sentence(word, capsys):
    with pytest.raises(SystemExit) as ending:
        parse([f"--min-film-ratings={word}"], "app.py")
    assert ending.value.code == 2
    assert "is not a whole number of ratings, 0 for all films" in capsys.readouterr().err


def test_a_page_can_look_more_often_which_version_was_promoted():
    assert parse([], "app.py")[1].look_every == SECONDS
    assert parse(["--look-every", "0.5"], "app.py")[1].look_every == 0.5


@pytest.mark.parametrize("word", ["0", "-1", "nan", "3601", "soon"])
def test_what_is_no_time_between_looks_is_refused_in_a_sentence(word, capsys):
    with pytest.raises(SystemExit, match="2"):
        parse([f"--look-every={word}"], "app.py")
    assert "is no number of seconds from 0.1 to 3600" in capsys.readouterr().err
