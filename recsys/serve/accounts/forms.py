"""What the forms of the page do: register, sign in and out, consent, change the password, delete the account.

Each takes a request and the JSON object that a form sends. Fields are of any type, and fields that nobody knows are no
matter: the store checks what it is given, and says in the same words what is wrong with a value of any type.
"""

from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from recsys.serve.accounts.request import AccountRequest


class EmptyForm(BaseModel):
    """A form without fields: a button."""


class CredentialsForm(BaseModel):
    """Name and password."""

    name: object = None
    password: object = None


class ConsentForm(BaseModel):
    """Whether somebody's ratings may improve everybody's recommendations: "yes" or "no"."""

    consent: object = None


class RegistrationForm(CredentialsForm, ConsentForm):
    """Name and password, and that answer, or none yet."""


class PasswordForm(BaseModel):
    """The present password, or the name of an account that has none."""

    password: object = None


class NewPasswordForm(PasswordForm):
    """The present password, and another one."""

    new_password: object = None


class ImportQuery(BaseModel):
    """What the address of an import says besides the file.

    Attributes:
        title: the column of titles; "" for none, as for the next three.
        rating: the column of ratings.
        year: the column of years of release.
        date: the column of the days of rating.
        highest: the best rating of the table's scale, a number.
        zeros: a key of ZEROS.
        file_name: what the file is called.
        preview: whether only a preview is asked for; "" for no.
    """

    title: str = ""
    rating: str = ""
    year: str = ""
    date: str = ""
    highest: str = ""
    zeros: str = ""
    file_name: str = ""
    preview: str = ""


def register(account: AccountRequest, form: RegistrationForm) -> Response:
    """Make an account, and sign in."""
    said = form.name, form.password, account.address, form.consent
    return account.signed_in(account.store.accounts.register(*said))


def sign_in(account: AccountRequest, form: CredentialsForm) -> Response:
    """Sign in by name and password."""
    return account.signed_in(account.store.accounts.sign_in(form.name, form.password, account.address))


def sign_out(account: AccountRequest, form: EmptyForm) -> Response:
    """End this session."""
    account.store.accounts.sign_out(account.token)
    return account.signed_out()


def sign_out_everywhere(account: AccountRequest, form: EmptyForm) -> Response:
    """End all sessions of this person."""
    account.store.accounts.sign_out_everywhere(account.person())
    return account.signed_out()


def answer_consent(account: AccountRequest, form: ConsentForm) -> Response:
    """Keep what the person answers, and say what is kept."""
    kept = account.store.consents.answer(account.person(), form.consent)
    return JSONResponse({"consent": form.consent, "at": kept.at.isoformat() if kept.at else None})


def change_password(account: AccountRequest, form: NewPasswordForm) -> Response:
    """Change the password, which is asked for again."""
    account.store.accounts.change_password(account.person(), form.password, form.new_password)
    return JSONResponse({})


def delete_account(account: AccountRequest, form: PasswordForm) -> Response:
    """Delete the account and all that belongs to it; the password is asked for again."""
    account.store.accounts.delete_account(account.person(), form.password)
    return account.signed_out()
