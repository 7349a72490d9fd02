"""Tiles of films: how titles are written, and that what stands on a tint is legible, whatever its hue."""

import math
import re

import pytest

from recsys.data.scale import HALF_STARS, WHOLE_STARS, RatingScale
from recsys.ui import browser
from recsys.ui.acts.controls import slider
from recsys.ui.shared import tiles

STYLES = browser.read("shared/tiles.css")
BLOCK = re.compile(r"([^{}]+)\{([^{}]*--tint:[^{}]*)\}")
COLOUR = re.compile(r"--(\w+): oklch\(([\d.]+) ([\d.]+) var\(--hue, \d+\)\);")
LEGIBLE = 4.5  # contrast of WCAG 2.2

# ---- colours


def themes():
    """Light and dark: name -> (lightness, chroma)."""
    return {
        "dark" if ".dark" in selector else "light": {
            name: (float(light), float(chroma)) for name, light, chroma in COLOUR.findall(block)
        }
        for selector, block in BLOCK.findall(STYLES)
    }


def linear_light(lightness, chroma, hue):
    """Of a colour, in red, green and blue of sRGB (Ottosson 2020)."""
    across, along = (chroma * turned(math.radians(hue)) for turned in (math.cos, math.sin))
    long = (lightness + 0.3963377774 * across + 0.2158037573 * along) ** 3
    medium = (lightness - 0.1055613458 * across - 0.0638541728 * along) ** 3
    short = (lightness - 0.0894841775 * across - 1.2914855480 * along) ** 3
    light = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    return [min(1.0, max(0.0, each)) for each in light]


def luminance(colour):
    return sum(share * light for share, light in zip((0.2126, 0.7152, 0.0722), colour, strict=True))


def contrast(colour, other):
    darker, lighter = sorted(luminance(each) for each in (colour, other))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrasts_are_those_that_are_known():
    black, white, red = linear_light(0, 0, 0), linear_light(1, 0, 0), linear_light(0.62796, 0.25768, 29.234)
    assert contrast(black, white) == pytest.approx(21, abs=0.01)
    assert red == pytest.approx([1, 0, 0], abs=0.001)
    assert contrast(red, white) == pytest.approx(4.0, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("colour", ["ink", "soft", "mark"])
def test_what_stands_on_a_tint_is_legible_at_every_hue(theme, colour):
    tint, written = themes()[theme]["tint"], themes()[theme][colour]
    assert min(contrast(linear_light(*tint, hue), linear_light(*written, hue)) for hue in range(360)) >= LEGIBLE


# ---- markup


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Heat (1995)", 'Heat <small class="year">1995</small>'),
        (
            "Seven (a.k.a. Se7en) (1995)",
            'Seven <small class="also">a.k.a. Se7en</small> <small class="year">1995</small>',
        ),
        ("(500) Days of Summer (2009)", '(500) Days of Summer <small class="year">2009</small>'),
        ("1900 (1976)", '1900 <small class="year">1976</small>'),
        ("(1999)", "(1999)"),
        ("unknown", "unknown"),
        ("<b> (1980)", '&lt;b&gt; <small class="year">1980</small>'),
        ("A\nB (1980)", 'A\nB <small class="year">1980</small>'),
    ],
)
def test_a_title_is_read_as_name_and_year(title, shown):
    assert tiles.titled(title) == shown


def test_a_tile_has_its_colour_a_slider_and_a_way_to_another_film():
    shown = tiles.tiles(["Heat (1995)", "Alien (1979)"], WHOLE_STARS, {"Heat (1995)": 210})
    assert shown.count("<li ") == shown.count('data-do="rate"') == shown.count('data-do="unseen"') == 2
    assert '<li data-film="Heat (1995)" class="suggested" style="--hue:210">' in shown
    assert '<li data-film="Alien (1979)" class="suggested">' in shown


def test_the_same_films_are_the_same_list():
    drawn = [
        re.search(r'data-drawn="(\d+)"', tiles.tiles(films, WHOLE_STARS, {}))[1] for films in (["A"], ["A"], ["B"])
    ]
    assert drawn[0] == drawn[1] != drawn[2]


def test_who_is_new_is_told_how_far_they_are_and_who_is_no_member_that_no_account_is_needed():
    assert "3 of 5 rated" in tiles.begun(3, 5, True)
    assert "No account needed" in tiles.begun(3, 5, True)
    assert "No account needed" not in tiles.begun(3, 5, False)
    assert " rated" not in tiles.begun(5, 5, True)
    assert "No account" not in tiles.begun(5, 5, True)


@pytest.mark.parametrize(
    ("scale", "drawn"),
    [
        (WHOLE_STARS, ' style="--cells:5"'),
        (HALF_STARS, ' style="--cells:5"'),
        (RatingScale(lowest=1, highest=10, step=1), ' style="--cells:10"'),
        (RatingScale(lowest=1, highest=100, step=1), ""),
        (RatingScale(lowest=2, highest=6, step=1), ""),
        (RatingScale(lowest=0.5, highest=4.5, step=0.5), ""),
        (RatingScale(lowest=1, highest=5, step=0), ""),
    ],
)
def test_a_slider_is_drawn_as_stars_where_its_steps_are_stars_or_parts_of_them(scale, drawn):
    assert slider("Heat (1995)", scale).startswith(f'<label class="give"{drawn}>')
