"""The top of the page: its name, who is here, where whoever is new may begin, and the forms of accounts."""

import json

import gradio as gr
from markupsafe import Markup

from recsys.serve.accounts.hugging_face import PROBLEMS
from recsys.ui import browser
from recsys.ui.account import consent
from recsys.ui.markup import NOTHING

SCRIPTS = ("account/visit.js", "account/doors.js", "account/consent.js", "account/account.js")
TITLE = Markup('<div><h1>Movie VAE</h1><p class="lead">Say what you like, and find films worth watching.</p></div>')
NAME = Markup(
    '<label>Name<input name="name" required maxlength="100" autocomplete="username" autocapitalize="off"></label>'
)
SIGN_IN = Markup('<button type="button" class="plain" data-dialog="sign-in">Sign in</button>')
REGISTER = Markup('<button type="button" class="plain" data-dialog="register">Register</button>')
ELSEWHERE = Markup(
    '<p class="or"><a class="plain elsewhere" href="account/huggingface">Sign in with Hugging Face</a></p>'
)
DOORS = Markup(
    '<p class="doors" hidden><span>Begin with</span>'
    '<button type="button" class="plain" data-door="genre-tab">Pick genres</button>'
    '<button type="button" class="plain" data-door="rate-tab">Rate a few films</button></p>'
)  # that open once there is a model; then the tabs are there, and these go
CHOSEN = Markup('<p class="door-note note" role="status"></p>')  # doors.js says here which tab opens with the model
ENDED = {
    "ended": "Your session has ended: sign in again, or go on as a guest.",
    "deleted": "The account is deleted, and all that belonged to it.",
}
RULES = "At least 8 characters; four random words are good."
LOSS = "It cannot be sent to you again: there is no e-mail address here."


def account_bar() -> gr.HTML:
    """The component; `bar_for` is its value, and until somebody's is known, a guest's within data-unknown."""
    script = browser.read(*SCRIPTS)
    unknown = Markup("<div data-unknown>{}</div>").format(bar_for(None))
    return gr.HTML(unknown, js_on_load=script, apply_default_css=False, elem_id="account")


def bar_for(
    name: str | None,
    problem: str = "",
    warning: str = "",
    *,
    hugging_face: bool = False,
    own: bool = True,
    ended: bool = False,
) -> Markup:
    """The top of the page as somebody sees it.

    Args:
        name: of who is signed in; None for a guest.
        problem: why nobody can sign in, or what went wrong; "" if nothing did.
        warning: what to say of how long accounts are kept.
        hugging_face: whether one can sign in with an account there.
        own: whether who is signed in has a password here.
        ended: whether the browser has the cookie of a session that has ended; account.js then forgets it.
    """
    trouble = Markup('<p class="account-note note" role="status">{}</p>').format(problem)
    return guest_bar(trouble, warning, hugging_face, ended) if name is None else member_bar(name, trouble, warning, own)


def guest_bar(trouble: Markup, warning: str, hugging_face: bool, ended: bool) -> Markup:
    """For somebody who is not signed in; the arguments are those of `bar_for`."""
    return Markup(
        '<div class="bar" data-problems="{problems}"{ended}>{title}<div class="who">{sign_in}{register}</div></div>'
        "{trouble}{doors}{chosen}{forms}"
    ).format(
        problems=json.dumps(PROBLEMS | ENDED),
        ended=Markup(" data-ended") if ended else NOTHING,
        title=TITLE,
        sign_in=SIGN_IN,
        register=REGISTER,
        trouble=trouble,
        doors=DOORS,
        chosen=CHOSEN,
        forms=sign_in_form(hugging_face) + register_form(warning),
    )


def member_bar(name: str, trouble: Markup, warning: str, own: bool) -> Markup:
    """For somebody who is signed in; the arguments are those of `bar_for`."""
    return Markup(
        '<div class="bar">{title}<div class="who"><span>Hello, <b>{name}</b></span>'
        '<button class="plain" data-account="sign-out">Sign out</button></div></div>{trouble}{chosen}{about}{forms}'
    ).format(
        title=TITLE,
        name=name,
        trouble=trouble,
        chosen=CHOSEN,
        about=Markup('<p class="note">{}</p>').format(warning) if warning else NOTHING,
        forms=(password_form() if own else NOTHING) + delete_form(name, own),
    )


def dialog(name: str, heading: str, form: Markup, after: Markup = NOTHING) -> Markup:
    """A form that opens above the page."""
    html = Markup(
        '<dialog class="form" data-name="{name}" aria-label="{heading}"><h2>{heading}</h2>{form}{after}</dialog>'
    )
    return html.format(name=name, heading=heading, form=form, after=after)


def sign_in_form(hugging_face: bool) -> Markup:
    """Name and password of an account; or the account at Hugging Face."""
    fields = NAME + password("password", "Password", "current-password")
    form = Markup('<form data-route="sign-in">{}{}</form>').format(fields, ending("Sign in"))
    register = Markup('<p class="or">No account yet? {}</p>').format(REGISTER)
    return dialog("sign-in", "Sign in", form, (ELSEWHERE if hugging_face else NOTHING) + register)


def register_form(warning: str) -> Markup:
    """Name and password of an account to be made, and whether its ratings may improve everybody's recommendations."""
    form = Markup('<form data-route="register">{fields}{loss}{consent}{about}{ending}</form>').format(
        fields=NAME + password("password", "Password", "new-password", RULES),
        loss=hint(LOSS),
        consent=consent.field(),
        about=hint(warning) if warning else NOTHING,
        ending=ending("Register"),
    )
    return dialog("register", "Register", form, Markup('<p class="or">Have one already? {}</p>').format(SIGN_IN))


def password_form() -> Markup:
    """The password, and another one twice."""
    fields = (
        password("password", "Present password", "current-password")
        + password("new_password", "New password", "new-password", RULES)
        + password("again", "New password again", "new-password")
    )
    html = Markup('<form data-route="change-password" data-again="new_password">{}{}</form>')
    return dialog("change-password", "Change password", html.format(fields, ending("Change password")))


def delete_form(name: str, own: bool) -> Markup:
    """The password, or the name of an account without one, once more before everything is deleted."""
    about = hint("Your account, your ratings, your lists and everything else that belongs to it are deleted, for good.")
    named = Markup("<label>Type {} to confirm<input name=password required maxlength=100></label>").format(name)
    asked = password("password", "Password", "current-password") if own else named
    end = ending("Delete everything", "strong danger")
    form = Markup('<form data-route="delete">{}{}{}</form>').format(about, asked, end)
    return dialog("delete", "Delete the account", form)


def hint(sentence: str) -> Markup:
    """A sentence within a form."""
    return Markup('<p class="hint">{}</p>').format(sentence)


def password(name: str, label: str, kind: str, about: str = "") -> Markup:
    """A field for a password.

    Args:
        name: of the field.
        label: what is written above it.
        kind: what a browser may fill in, as `autocomplete` calls it.
        about: what is written below it; "" for nothing.
    """
    return Markup(
        '<label>{label}<input type="password" name="{name}" required maxlength="128" autocomplete="{kind}">'
        "{about}</label>"
    ).format(
        label=label,
        name=name,
        kind=kind,
        about=Markup('<span class="hint">{}</span>').format(about) if about else NOTHING,
    )


def ending(label: str, looks: str = "strong") -> Markup:
    """What went wrong, and the buttons of a form."""
    html = Markup(
        '<p class="failed" role="alert"></p><div class="choices">'
        '<button type="button" class="plain" data-close-dialog>Cancel</button>'
        '<button type="submit" class="{}">{}</button></div>'
    )
    return html.format(looks, label)
