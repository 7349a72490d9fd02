"""The top of the page: who is here, the three doors for whoever is new, and the forms of accounts."""

import json
from html import escape

import gradio as gr

from recsys.serve.accounts.hugging_face import PROBLEMS
from recsys.ui import browser

SCRIPTS = ("account/visit.js", "account/doors.js", "account/account.js")
TITLE = (
    '<div><h1>Films for you</h1><p class="lead">Rate a few films, or name genres you like: get ten worth watching.</p>'
    "</div>"
)
NAME = '<label>Name<input name="name" required maxlength="100" autocomplete="username" autocapitalize="off"></label>'
SIGN_IN = '<button type="button" class="plain" data-dialog="sign-in">Sign in</button>'
REGISTER = '<button type="button" class="plain" data-dialog="register">Register</button>'
CHOSEN = '<p class="door-note note" role="status"></p>'  # doors.js says here which tab opens once there is a model
ENDED = {
    "ended": "Your session has ended: sign in again, or go on as a guest.",
    "deleted": "The account is deleted, and all that belonged to it.",
}
RULES = "At least 8 characters; four random words are good."
LOSS = "It cannot be sent to you again: there is no e-mail address here."


def account_bar() -> gr.HTML:
    """The component; `bar_for` is its value, and until somebody's is known, a guest's within data-unknown."""
    script = browser.read(*SCRIPTS)
    return gr.HTML(
        f"<div data-unknown>{bar_for(None)}</div>", js_on_load=script, apply_default_css=False, elem_id="account"
    )


def bar_for(
    name: str | None,
    problem: str = "",
    warning: str = "",
    *,
    hugging_face: bool = False,
    own: bool = True,
    ended: bool = False,
) -> str:
    """The top of the page as somebody sees it.

    Args:
        name: of who is signed in; None for a guest.
        problem: why nobody can sign in, or what went wrong; "" if nothing did.
        warning: what to say of how long accounts are kept.
        hugging_face: whether one can sign in with an account there.
        own: whether who is signed in has a password here.
        ended: whether the browser has the cookie of a session that has ended; account.js then forgets it.
    """
    note = f'<p class="account-note note" role="status">{escape(problem)}</p>'
    if name is None:
        forms = sign_in_form(hugging_face) + register_form(warning)
        data = f'data-problems="{escape(json.dumps(PROBLEMS | ENDED))}"' + " data-ended" * ended
        bar = f'<div class="bar" {data}>{TITLE}<div class="who">{SIGN_IN}{REGISTER}</div></div>'
        return f"{bar}{note}{doors()}{CHOSEN}{forms}"
    who = f'<span>Hello, <b>{escape(name)}</b></span><button class="plain" data-account="sign-out">Sign out</button>'
    forms = (password_form() if own else "") + delete_form(name, own)
    about = f'<p class="note">{escape(warning)}</p>' if warning else ""
    return f'<div class="bar">{TITLE}<div class="who">{who}</div></div>{note}{CHOSEN}{about}{forms}'


def doors() -> str:
    """What somebody who is new may do."""
    around = (
        '<button type="button" class="strong" data-door="genre-tab">Pick genres</button>'
        '<button type="button" class="plain" data-door="rate-tab">Rate a few films</button>'
    )
    entries = (
        door(
            "Just look around",
            "No account. What you rate stays in this browser, and comes along if you register later.",
            around,
        ),
        door(
            "New here to stay?",
            "Keep your ratings, a list to watch later and every list you were shown, on all your devices.",
            REGISTER,
        ),
        door("Welcome back", "Go on where you were.", SIGN_IN),
    )
    return f'<div class="doors" hidden>{"".join(entries)}</div>'


def door(heading: str, about: str, buttons: str) -> str:
    """One of the three."""
    return f'<div><div><h2>{heading}</h2><p>{about}</p></div><div class="choices">{buttons}</div></div>'


def dialog(name: str, heading: str, form: str, after: str = "") -> str:
    """A form that opens above the page."""
    return f'<dialog class="form" data-name="{name}" aria-label="{heading}"><h2>{heading}</h2>{form}{after}</dialog>'


def sign_in_form(hugging_face: bool) -> str:
    """Name and password of an account; or the account at Hugging Face."""
    form = (
        f'<form data-route="sign-in">{NAME}{password("password", "Password", "current-password")}'
        f"{ending('Sign in')}</form>"
    )
    link = '<a class="plain elsewhere" href="account/huggingface">Sign in with Hugging Face</a>'
    after = f'<p class="or">No account yet? {REGISTER}</p>'
    return dialog("sign-in", "Sign in", form, (f'<p class="or">{link}</p>' if hugging_face else "") + after)


def register_form(warning: str) -> str:
    """Name and password of an account to be made."""
    about = f'<p class="hint">{escape(warning)}</p>' if warning else ""
    form = (
        f'<form data-route="register">{NAME}{password("password", "Password", "new-password", RULES)}'
        f'<p class="hint">{LOSS}</p>{about}{ending("Register")}</form>'
    )
    after = f'<p class="or">Have one already? {SIGN_IN}</p>'
    return dialog("register", "Register", form, after)


def password_form() -> str:
    """The password, and another one twice."""
    fields = (
        password("password", "Present password", "current-password")
        + password("new_password", "New password", "new-password", RULES)
        + password("again", "New password again", "new-password")
    )
    form = f'<form data-route="change-password" data-again="new_password">{fields}{ending("Change password")}</form>'
    return dialog("change-password", "Change password", form)


def delete_form(name: str, own: bool) -> str:
    """The password, or the name of an account without one, once more before everything is deleted."""
    about = "Your account, your ratings, your lists and everything else that belongs to it are deleted, for good."
    asked = (
        password("password", "Password", "current-password")
        if own
        else f"<label>Type {escape(name)} to confirm<input name=password required maxlength=100></label>"
    )
    end = ending("Delete everything", "strong danger")
    form = f'<form data-route="delete"><p class="hint">{about}</p>{asked}{end}</form>'
    return dialog("delete", "Delete the account", form)


def password(name: str, label: str, kind: str, hint: str = "") -> str:
    """A field for a password."""
    about = f'<span class="hint">{hint}</span>' if hint else ""
    field = f'<input type="password" name="{name}" required maxlength="128" autocomplete="{kind}">'
    return f"<label>{label}{field}{about}</label>"


def ending(label: str, looks: str = "strong") -> str:
    """What went wrong, and the buttons of a form."""
    return (
        '<p class="failed" role="alert"></p><div class="choices">'
        '<button type="button" class="plain" data-close-dialog>Cancel</button>'
        f'<button type="submit" class="{looks}">{label}</button></div>'
    )
