"""HTML of what an account can do: take everything away, bring ratings, end it; and what a guest is offered."""

from typing import TYPE_CHECKING

from markupsafe import Markup

from recsys.ui.account import consent as consents
from recsys.ui.acts.controls import note
from recsys.ui.markup import NOTHING

if TYPE_CHECKING:
    from recsys.store import Consent

BRING_RATINGS = Markup(
    '<section><h2>Bring ratings</h2><p class="note">From the export of Letterboxd (ZIP or ratings.csv), IMDb '
    "(ratings.csv), TMDB, Trakt, Simkl or movielens.org, from a file of this page, or from any table (CSV) with "
    "titles and ratings: what it does not say itself, you are asked.</p>"
    '<div class="choices"><label class="plain">Choose a file<input type="file" class="seen" '
    'accept=".csv,.zip,.json,.txt,.tsv" aria-label="File with ratings"></label></div>'
    '<div class="brought" role="status"></div><div class="question"></div></section>'
)
OPERATOR = Markup(
    '<section><h2>For the operator</h2><p class="note">What people did with the films that they were shown, in figures '
    'of ten people or more.</p><div class="choices"><a class="plain" href="operator">Operator’s page</a></div>'
    "</section>"
)


def own(name: str, has_password: bool, consent: "Consent", warning: str, *, is_operator: bool = False) -> Markup:
    """What somebody can do with an account: take everything away, bring ratings, let them count, and end it.

    Args:
        name: of the account.
        has_password: whether it has one here.
        consent: what they answered; who has not answered is asked first of all.
        warning: what to say of how long accounts are kept.
        is_operator: whether it may see the operator's page.
    """
    about = note(warning) if warning else NOTHING
    asked, files = consents.section(consent), take_away(about) + BRING_RATINGS
    first = asked + files if consent.agrees is None else files + asked
    end = end_account(name, has_password)
    return Markup('<div class="own">{}{}{}</div>').format(first, OPERATOR if is_operator else NOTHING, end)


def take_away(about: Markup) -> Markup:
    """The files of what is kept."""
    return Markup(
        "<section><h2>Take it with you</h2>{}"
        '<p class="note">Your ratings and marks as a table, your ratings as Letterboxd imports them, or everything '
        "that is kept about you, as JSON.</p>"
        '<div class="choices"><a class="plain" href="account/ratings.csv" download>Ratings (CSV)</a>'
        '<a class="plain" href="account/letterboxd.csv" download>For Letterboxd (CSV)</a>'
        '<a class="plain" href="account/export.json" download>Everything (JSON)</a></div></section>'
    ).format(about)


def end_account(name: str, has_password: bool) -> Markup:
    """What changes or ends it."""
    change = Markup('<button class="plain" data-dialog="change-password">Change password</button>')
    html = Markup(
        '<section><h2>{}</h2><div class="choices">{}'
        '<button class="plain" data-account="sign-out-everywhere">Sign out on all devices</button>'
        '<button class="plain" data-dialog="delete">Delete the account</button></div></section>'
    )
    return html.format(name, change if has_password else NOTHING)


def invitation() -> Markup:
    """What a guest can do, and what a guest would have with an account."""
    return Markup(
        '<div class="own" data-guest>{bring}<section><h2>With an account</h2>'
        '<p class="note">Your ratings are kept here instead of in this browser, and so is every list that you see. You '
        "can take all of it away, and delete the account for good.</p>"
        '<div class="choices"><button class="strong" data-dialog="register">Register</button>'
        '<button class="plain" data-dialog="sign-in">Sign in</button></div></section></div>'
    ).format(bring=BRING_RATINGS)


def register() -> Markup:
    """The way to an account."""
    return Markup('<p><button type="button" class="plain" data-dialog="register">Register</button></p>')
