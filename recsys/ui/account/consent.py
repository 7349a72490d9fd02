"""HTML of the question whether somebody's ratings may improve everybody's recommendations: who registers is asked, and
every member may answer, or answer anew.
"""

from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from recsys.store import Consent

QUESTION = "May your ratings improve everybody’s recommendations?"
IF_YES = (
    "Yes: the next model learns from your ratings too, and what you do with lists is counted, never with your name."
)
LATER = "No answer counts as no. You can change it at any time: My films, Account."
ABOUT = (
    "Yes: the next model learns from all your ratings, and what you do with your lists is counted among other "
    "people’s, both without your name. No: your ratings make your own lists, and nothing else. A model that has "
    "learned from them stays as it is until the next one takes its place."
)
NOT_ANSWERED = "You have not answered yet, which counts as no."


def field() -> Markup:
    """The question within the form to register, with no answer chosen."""
    return Markup(
        '<fieldset class="consent"><legend>{}</legend><div class="answers">'
        '<label><input type="radio" name="consent" value="yes">Yes</label>'
        '<label><input type="radio" name="consent" value="no">No</label></div>'
        '<p class="hint">{} {}</p></fieldset>'
    ).format(QUESTION, IF_YES, LATER)


def section(consent: "Consent") -> Markup:
    """The question with what a member answered; consent.js sends another answer."""
    return Markup(
        '<section class="consent"><h2>{question}</h2><p class="note">{about}</p>'
        '<div class="choices" role="group" aria-label="{question}">'
        '<button type="button" class="plain" data-consent="yes" aria-pressed="{yes}">Yes</button>'
        '<button type="button" class="plain" data-consent="no" aria-pressed="{no}">No</button>'
        '<span class="note told" role="status">{told}</span></div></section>'
    ).format(
        question=QUESTION,
        about=ABOUT,
        yes="true" if consent.agrees else "false",
        no="true" if consent.agrees is False else "false",
        told=in_words(consent),
    )


def in_words(consent: "Consent") -> str:
    """What a member answered, and when."""
    if consent.agrees is None or consent.at is None:
        return NOT_ANSWERED
    return f"You said {'yes' if consent.agrees else 'no'} on {consent.at.day} {consent.at:%b %Y}."
