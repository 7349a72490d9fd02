"""The script of the film map, on a page that has nothing else."""

import json

import pytest

from recsys.ui import browser
from recsys.ui.explore import film_map
from tests.support.pages.page_faults import faults_of

SCRIPT = browser.read(*film_map.SCRIPTS)
SENT = {"genres": ["Drama", "Comedy"], "films": [["Far (1990)", 900, -900, [0]], ["Near (1991)", 490, 510, [0, 1]]]}
PAGE = f"<!doctype html><style>{browser.read('explore/explore.css')}</style><div id=all>{film_map.TEMPLATE}</div>"
START = f"""
window.drawn = []; window.frames = [];
window.requestAnimationFrame = (frame) => frames.push(frame);
window.next = (now) => {{ const due = frames; window.frames = []; for (const frame of due) frame(now); }};
const pen = CanvasRenderingContext2D.prototype, arc = pen.arc;
pen.arc = function (...given) {{ drawn.push(given[2]); arc.apply(this, given); }};
new Function("element", "props", "watch", {json.dumps(SCRIPT)})(
  document.querySelector("#all"), {{ value: {json.dumps(json.dumps(SENT))}, you: [500, 500] }}, () => {{}});
"""


@pytest.fixture
def page(chromium):
    context = chromium.new_context(viewport={"width": 800, "height": 600})
    page = context.new_page()
    page.faults = faults_of(page)
    page.set_content(PAGE)
    page.evaluate(START)
    yield page
    context.close()


def radii_of_a_flight(page, after_press, button="[data-do=you]", n_frames=60):
    """The dots' radii over a flight whose first frame began some milliseconds after the press, or before it."""
    page.evaluate("next(performance.now())")
    page.evaluate(f"document.querySelector('{button}').click()")
    page.evaluate(
        "([first, n]) => { drawn = []; const now = performance.now() + first;"
        " for (let at = 0; at < n; at++) { next(now + at * 16); next(now + at * 16); } }",
        [after_press, n_frames],
    )
    return page.evaluate("drawn")


@pytest.mark.browser
@pytest.mark.parametrize("after_press", [-5000, -400, -10, 0, 10])
def test_a_flight_grows_evenly_whenever_its_first_frame_began(page, after_press):
    radii = radii_of_a_flight(page, after_press)
    assert page.faults == []
    assert radii == sorted(radii)
    assert len(set(radii)) > 5
    assert [radii[0], radii[-1]] == pytest.approx([1.35 * (2.2 + 0.45), 1.35 * (2.2 + 0.45 * 5)])
