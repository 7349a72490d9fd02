"""The foot of a page with posters: what TMDB asks to be said, and the script that puts posters beside films."""

import gradio as gr
from markupsafe import Markup

from recsys.ui import browser
from recsys.ui.markup import NOTHING

SCRIPTS, STYLES = ("posters/memory.js", "posters/posters.js"), ("posters/posters.css",)
LOGO = Markup('<img class="of-tmdb" src="posters/logo" alt="TMDB" height="12" decoding="async" />')
ATTRIBUTION = Markup(
    '<p class="posters-from">{}Posters come from <a href="https://www.themoviedb.org/" target="_blank" '
    'rel="noreferrer noopener">TMDB</a>. This product uses the TMDB API but is not endorsed or certified by TMDB.</p>'
)


def attribution(has_logo: bool) -> Markup:
    """What TMDB asks to be said, beside its logo where the operator has that."""
    return ATTRIBUTION.format(LOGO if has_logo else NOTHING)


def posters_foot(said: Markup) -> gr.HTML:
    """The component, which shows the words and runs the script."""
    script = browser.read(*SCRIPTS)
    return gr.HTML(said, js_on_load=script, apply_default_css=False, elem_id="posters")
