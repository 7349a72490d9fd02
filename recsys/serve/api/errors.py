"""What the REST API says instead of an answer: always a status and a sentence."""

import reprlib
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request

from recsys.errors import UnknownError
from recsys.serve.api.bodies import FIELDS, Refusal
from recsys.serve.concurrency import TooManyError
from recsys.serve.engine import NotReadyError
from recsys.serve.error_answers import ErrorAnswers, Statuses
from recsys.serve.security.bodies import BUSY, MOST_EVENT_BYTES, SECONDS, YOURS, too_large, too_slow

STATUS: Statuses = {UnknownError: 404, NotReadyError: 503, TooManyError: 503}
CANNOT_BE_USED = 422  # any other DataError
OWN_FAULT = "Something went wrong on the server, and nothing was kept: see its log."
NO_JSON = 'expected a JSON object, such as {"ratings": {"Fargo (1996)": 5}}, with "Content-Type: application/json".'
DOCUMENTED = {
    400: ("The body is no JSON.", f"The body cannot be read; {NO_JSON}"),
    404: (
        "A film, genre or period is named that is not there.",
        "no film is called 'Fagro'; the nearest are 'Fargo (1996)'.",
    ),
    408: ("The body takes too long to come.", too_slow(SECONDS)),
    413: ("The body has too many bytes.", too_large(MOST_EVENT_BYTES)),
    422: (
        "Something in it cannot be used: a field, stars that are not on the scale, too many films.",
        "'Fargo (1996)': got 6.0 stars; expected 1 to 5 in steps of 1.",
    ),
    429: ("Too many requests come from the same address at once.", YOURS),
    503: ("There is no model yet, or too many people ask at once.", BUSY),
}
REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {
        "model": Refusal,
        "description": when,
        "content": {"application/json": {"example": {"detail": sentence}}},
    }
    for status, (when, sentence) in DOCUMENTED.items()
}


def of_framework(request: Request, reason: Exception) -> tuple[int, str] | None:
    """Status and sentence of what FastAPI and Starlette raise; None for anything else."""
    if isinstance(reason, RequestValidationError):
        return of_fields(reason)
    if isinstance(reason, HTTPException):
        return reason.status_code, of_route(request, reason)
    return None


def of_route(request: Request, reason: HTTPException) -> str:
    """What is said where nothing answers an address or a method, or where a body cannot be read."""
    asked = f"{request.method} {request.url.path}"[:200]
    if reason.status_code == 404:
        return f"Got {asked}, which is not there; api/docs lists what is."
    if reason.status_code == 405:
        return f"Got {asked}; expected {(reason.headers or {}).get('Allow', 'another method')}."
    return f"The body cannot be read; {NO_JSON}"


def of_fields(reason: RequestValidationError) -> tuple[int, str]:
    """What is said of the first field that cannot be used."""
    first, *others = reason.errors()
    if first["type"] == "json_invalid":
        return 400, f"The body is no JSON ({first['ctx']['error']} at character {first['loc'][-1]}); {NO_JSON}"
    more = f" {len(others)} more cannot be used." if others else ""
    return CANNOT_BE_USED, of_field(first) + more


def of_field(error: Mapping[str, Any]) -> str:
    """What is said of a field: where it stands, what came, what was expected."""
    where = [*error["loc"][1:]]
    if not where:
        came = "nothing" if error["input"] is None else reprlib.repr(error["input"])
        return f"Got {came} for a body; {NO_JSON}"
    name = ".".join(str(part)[:80] for part in where)
    if error["type"] == "missing":
        return f"{name}: got nothing; {expected(where)}"
    if error["type"] == "extra_forbidden":
        return f"{name}: there is no such field; api/docs lists those that there are."
    return f"{name}: got {reprlib.repr(error['input'])} ({error['msg']}); {expected(where)}"


def expected(where: Sequence[Any]) -> str:
    """What is expected of a field, as the document describes it."""
    meaning = FIELDS[where[0]]
    return f"expected {meaning[:1].lower()}{meaning[1:]}"


refuse = ErrorAnswers(
    statuses=lambda: STATUS,
    otherwise=CANNOT_BE_USED,
    of_framework=of_framework,
    body=lambda sentence: {"detail": sentence},
    own_fault=OWN_FAULT,
)
