"""A field for films: the server finds them while somebody types, so that no list of titles is sent with the page."""

import gradio as gr
from markupsafe import Markup

from recsys.ui.markup import NOTHING

SCRIPTS = ("fields/film_search.js", "fields/film_field.js")  # once for the page
HINT = "Type a part of the title."
# of each field: hands over what Gradio gives, before or after the script is there; "input" is what it triggers
START = "(window.filmFieldsWaiting ||= []).push({ element, props, trigger, watch }); window.filmFields?.(); // 'input'"
TEMPLATE = Markup("""
<div class="field" data-most="{most}">
<label for="{name}-input">{label}</label>
<p class="info" id="{name}-info">{info}</p>
{chips}
<div class="typed">
<input id="{name}-input" type="text" role="combobox" aria-expanded="false" aria-controls="{name}-list"
 aria-autocomplete="list" aria-describedby="{name}-info" autocomplete="off" autocapitalize="none" autocorrect="off"
 spellcheck="false" enterkeyhint="done" maxlength="300" placeholder="{placeholder}">
<button type="button" class="clear" aria-label="Clear {label}">×</button>
<div class="popup" hidden>
<p class="nothing" hidden></p>
<ul role="listbox" id="{name}-list" aria-label="Films"></ul>
</div>
</div>
<p class="seen" role="status"></p>
</div>
""")
CHIPS = Markup('<ul class="chips" aria-label="{}: chosen"></ul>')


def film_field(
    label: str, info: str, elem_id: str, most: int = 0, min_width: int = 200, placeholder: str = ""
) -> gr.HTML:
    """A field whose value is a display title, None as long as no film is chosen, or a list of several.

    Args:
        label: of the field.
        info: a sentence beneath it, which an update can change.
        elem_id: of the component.
        most: films that can be chosen; 0: one.
        min_width: in px.
        placeholder: what stands in it while it is empty.
    """
    chips = CHIPS.format(label) if most else NOTHING
    return gr.HTML(
        [] if most else None,
        html_template=TEMPLATE.format(
            most=most, name=elem_id, label=label, info=info, chips=chips, placeholder=placeholder
        ),
        js_on_load=START,
        apply_default_css=False,
        container=True,
        padding=True,
        min_width=min_width,
        elem_id=elem_id,
        elem_classes=["film-field"],
        info=info,
    )
