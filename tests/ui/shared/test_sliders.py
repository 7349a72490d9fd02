"""Fingers, pens, mice and keys on sliders, on a page that has nothing else."""

from itertools import pairwise

import numpy as np
import pytest

from recsys.ui import browser
from tests.support.pages.fingers import Fingers

SCRIPT = browser.read("acts/touch_ways.js", "acts/sliders.js")
ROW = '<li data-film="Film {0}"><label><input id="s{0}" type="range" min="0" max="10" step="1" value="3"></label></li>'
PAGE = f"""<!doctype html><meta name="viewport" content="width=device-width">
<style>{browser.read("acts/controls.css")}
body {{ margin: 0; height: 3000px; padding-top: 400px; }} ol {{ margin: 0; padding: 0; }}
li {{ display: block; height: 100px; }}
input {{ width: 300px; margin: 0 45px; }} .wide {{ overflow-x: auto; }} .wide > div {{ width: 900px; }}</style>
<ol>{"".join(ROW.format(n) for n in range(4))}</ol>
<div class="wide"><div><input id="across" type="range" max="10" value="3"></div></div>
<input id="foot" type="range" max="10" value="3" style="position: absolute; top: 2900px">
<script>
window.heard = [];
for (const kind of ["input", "change"]) {{
  document.addEventListener(kind, (event) => heard.push([kind, event.target.value]));
}}
</script>"""


@pytest.fixture(scope="module")
def phone(chromium):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    yield page, Fingers(page)
    context.close()


def written(page, fingers):
    """The page as it is at first: not zoomed, at its top, and nothing moves."""
    page.goto("about:blank")  # nothing of what went before moves on
    fingers.zoom(1)
    page.set_content(PAGE)
    page.evaluate("scrollTo(0, 0)")
    fingers.wait_until_still()
    page.evaluate(SCRIPT)
    return page


@pytest.fixture
def page(phone):
    return written(*phone)


@pytest.fixture
def fingers(phone):
    return phone[1]


def place(page, slider="#s1", share=0.8):
    """Where a slider is on the screen: 30 % is where its thumb stands."""
    box = page.locator(slider).bounding_box()
    return box["x"] + 10 + share * (box["width"] - 20), box["y"] + box["height"] / 2


def heard(page, fingers):
    """What listeners heard of a gesture, once it is over; and all that may come late of it."""
    fingers.wait_until_still()
    return [tuple(each) for each in page.evaluate("heard")]


def standing(page):
    return page.evaluate("[...document.querySelectorAll('input')].map((input) => input.value)")


UNTOUCHED = ["3"] * 6

SCROLLS = {  # (right, down), how
    "up": ((0, -250), {}),
    "down": ((0, 250), {}),
    "a little": ((0, -30), {}),
    "up and to the right": ((120, -150), {}),
    "down and to the left": ((-120, 150), {}),
    "just upright": ((98, -102), {}),
    "slowly": ((5, -120), {"steps": 20, "pause": 20}),
    "flung": ((0, -300), {"steps": 3}),
    "after a long press": ((60, -200), {"hold": 700}),
}


@pytest.mark.browser
@pytest.mark.parametrize(("way", "share"), [*((way, 0.8) for way in SCROLLS), ("up", 0.3)])
def test_a_swipe_that_scrolls_changes_nothing(page, fingers, way, share):
    page.evaluate("scrollTo(0, 200)")
    by, how = SCROLLS[way]
    fingers.swipe(place(page, share=share), by, **how)
    assert heard(page, fingers) == []
    assert standing(page) == UNTOUCHED
    assert page.evaluate("scrollY") != 200


@pytest.mark.browser
@pytest.mark.parametrize(("slider", "top", "down"), [("#foot", 3000, -300), ("#s0", 0, 300)], ids=["end", "start"])
def test_a_swipe_where_nothing_is_left_to_scroll_changes_nothing(page, fingers, slider, top, down):
    page.evaluate("(top) => scrollTo(0, top)", top)
    before = page.evaluate("scrollY")
    fingers.swipe(place(page, slider), (20, down))
    assert heard(page, fingers) == []
    assert standing(page) == UNTOUCHED
    assert page.evaluate("scrollY") == before


@pytest.mark.browser
def test_a_way_that_turns_upright_takes_back_what_it_showed(page, fingers):
    x, y = place(page)
    fingers.along([(x, y), (x + 20, y), (x + 40, y), (x + 45, y + 90), (x + 45, y + 200)])
    assert heard(page, fingers)[-1] == ("input", "3")
    assert "change" not in dict(heard(page, fingers))
    assert standing(page) == UNTOUCHED


@pytest.mark.browser
def test_two_fingers_change_nothing(page, fingers):
    x, y = place(page)
    fingers.touch("touchStart", (x, y), (x - 60, y + 5))
    for apart in (10, 30, 60, 90):
        fingers.touch("touchMove", (x + apart, y), (x - 60 - apart, y + 5))
    fingers.touch("touchEnd")
    fingers.touch("touchStart", (x, y))
    fingers.touch("touchStart", (x, y), place(page, "#s2"))
    fingers.touch("touchEnd")
    assert heard(page, fingers) == []
    assert standing(page) == UNTOUCHED


@pytest.mark.browser
def test_a_second_finger_takes_back_what_the_first_showed(page, fingers):
    x, y = place(page)
    fingers.touch("touchStart", (x, y))
    fingers.touch("touchMove", (x + 25, y))
    fingers.touch("touchMove", (x + 40, y))
    fingers.touch("touchStart", (x + 40, y), (x - 40, y + 100))
    fingers.touch("touchMove", (x + 40, y), (x - 40, y + 120))
    fingers.touch("touchEnd")
    assert "change" not in dict(heard(page, fingers))
    assert standing(page) == UNTOUCHED


@pytest.mark.browser
def test_a_tap_that_stops_a_fling_changes_nothing(page, fingers):
    x, _ = place(page, "#foot")
    page.evaluate("document.querySelectorAll('li').forEach((row) => { row.style.height = '20px'; })")
    page.evaluate("document.querySelector('ol').innerHTML = document.querySelector('ol').innerHTML.repeat(30)")
    page.evaluate("window.going = setInterval(() => scrollBy(0, 2), 10)")  # as after a fling, for as long as it takes
    page.wait_for_function("scrollY > 450")
    fingers.tap((x, 400))
    page.evaluate("clearInterval(window.going)")
    assert heard(page, fingers) == []


ANOTHER = "row.dataset.film = 'Another'; input.setAttribute('value', 7); input.value = 7"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("redrawn", "by"),
    [
        (ANOTHER, (0, 0)),
        (ANOTHER, (0, -100)),
        (ANOTHER, (80, 0)),
        ("row.remove()", (80, 0)),
        ("row.replaceWith(row.cloneNode(true))", (80, 0)),
        ("input.disabled = true", (80, 0)),
    ],
)
def test_a_list_that_is_drawn_anew_under_a_finger_is_left_as_it_is_drawn(page, fingers, redrawn, by):
    x, y = place(page)
    fingers.touch("touchStart", (x, y))
    page.evaluate(f"() => {{ const input = document.querySelector('#s1'), row = input.closest('li'); {redrawn}; }}")
    drawn = standing(page)
    for share in (0.3, 0.6, 1):
        fingers.touch("touchMove", (x + share * by[0], y + share * by[1]))
    fingers.touch("touchEnd")
    assert heard(page, fingers) == []
    assert standing(page) == drawn


@pytest.mark.browser
def test_what_is_drawn_while_a_finger_scrolls_stays(page, fingers):
    x, y = place(page)
    fingers.touch("touchStart", (x, y))
    for down in (20, 60, 100):
        fingers.touch("touchMove", (x, y - down))
    page.evaluate("document.querySelector('#s1').value = 9")  # as when an act was refused or undone
    fingers.touch("touchMove", (x + 9, y - 200))
    fingers.touch("touchEnd")
    assert heard(page, fingers) == []
    assert page.locator("#s1").input_value() == "9"


COUNTS = {  # (right, down), how, value
    "tap": ((0, 0), {}, "8"),
    "tap that shakes": ((4, 5), {}, "8"),
    "long press": ((0, 0), {"hold": 700}, "8"),
    "to the right": ((70, 0), {}, "10"),
    "to the left": ((-84, 0), {}, "5"),
    "over the edge": ((-300, 20), {}, "0"),
    "aside and up": ((-112, -60), {}, "4"),
    "slowly": ((-56, 9), {"steps": 15, "pause": 15}, "6"),
}


@pytest.mark.browser
@pytest.mark.parametrize(
    ("way", "slider"), [*((way, "#s1") for way in COUNTS), ("tap", "#across"), ("to the left", "#across")]
)
def test_a_tap_and_a_way_sideways_count_once(page, fingers, way, slider):
    by, how, value = COUNTS[way]
    fingers.swipe(place(page, slider), by, **how)
    found = heard(page, fingers)
    assert found[-2:] == [("input", value), ("change", value)]
    assert [kind for kind, _ in found].count("change") == 1
    assert all(before != after for (_, before), (_, after) in pairwise(found[:-1]))
    assert page.locator(slider).input_value() == value
    assert page.evaluate("scrollY + document.querySelector('.wide').scrollLeft") == 0


@pytest.mark.browser
def test_a_tap_where_the_thumb_stands_changes_nothing(page, fingers):
    fingers.tap(place(page, share=0.3))
    assert heard(page, fingers) == []


@pytest.mark.browser
def test_sliders_side_by_side_in_time_count_each(page, fingers):
    for slider in ("#s0", "#s1", "#s0"):
        fingers.tap(place(page, slider, 0.6 if slider == "#s1" else 0.9))
    fingers.tap(place(page, "#s0", 0.1))
    assert [value for kind, value in heard(page, fingers) if kind == "change"] == ["9", "6", "1"]


@pytest.mark.browser
def test_a_pen_is_a_finger(phone):
    page = phone[0].context.new_page()  # chromium's emulated mouse does not drag in a page that had a pen
    fingers = Fingers(page)
    x, y = place(written(page, fingers))
    fingers.pen([(x, y), (x + 10, y - 60), (x, y - 160)])
    assert heard(page, fingers) == []
    assert standing(page) == UNTOUCHED
    fingers.pen([(x, y), (x - 30, y), (x - 56, y), (x - 56, y)])
    assert heard(page, fingers)[-1] == ("change", "6")
    page.close()


@pytest.mark.browser
def test_mouse_and_keys_are_the_browsers(page, fingers):
    fingers.tap(place(page, "#s0"))
    page.evaluate("heard.length = 0")
    x, y = place(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 20, y - 150)  # a mouse may leave the slider's line
    page.mouse.move(x - 84, y - 150)
    page.mouse.up()
    assert heard(page, fingers)[-1] == ("change", "5")
    page.evaluate("heard.length = 0")
    for key in ("ArrowRight", "End", "Home"):
        page.keyboard.press(key)
    keyed = [("input", "6"), ("change", "6"), ("input", "10"), ("change", "10"), ("input", "0"), ("change", "0")]
    assert heard(page, fingers) == keyed
    fingers.tap(place(page))
    page.keyboard.press("ArrowLeft")
    assert heard(page, fingers)[len(keyed) :] == [("input", "8"), ("change", "8"), ("input", "7"), ("change", "7")]


@pytest.mark.browser
@pytest.mark.parametrize("seed", range(4))
def test_any_way_that_is_more_upright_than_sideways_changes_nothing(page, fingers, seed):
    rng = np.random.default_rng(seed)
    page.evaluate("scrollTo(0, 200)")
    x, y = place(page, share=rng.uniform(0, 1))
    way = np.cumsum(rng.normal(0, [[15, 15]], (10, 2)), axis=0)
    way[-1] = way[-1, 0], np.sign(way[-1, 1]) * (np.abs(way).max() + 12)
    fingers.along([(x, y), *((x + right, y + down) for right, down in way.tolist())])
    assert "change" not in dict(heard(page, fingers))
    assert standing(page) == UNTOUCHED
