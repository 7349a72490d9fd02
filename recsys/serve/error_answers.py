"""What is answered in place of what was asked for: one rule from what was raised to a status and a sentence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from recsys.errors import DataError
from recsys.serve.sentences import without_folders

Statuses = Mapping[type[DataError], int]


@dataclass(frozen=True)
class ErrorAnswers:
    """How some routes refuse: the rule is the same for all, what their callers read differs.

    Attributes:
        statuses: gives the status of each kind of DataError that has its own; asked when something is refused, since
            the store's kinds take a second to import.
        otherwise: the status of any other DataError.
        of_framework: gives status and sentence of what FastAPI and Starlette raise; None for anything else.
        body: gives the JSON object that holds a sentence.
        own_fault: the sentence where the fault is the server's, with status 500.
    """

    statuses: Callable[[], Statuses]
    otherwise: int
    of_framework: Callable[[Request, Exception], tuple[int, str] | None]
    body: Callable[[str], Mapping[str, Any]]
    own_fault: str

    async def __call__(self, request: Request, reason: Exception) -> JSONResponse:
        """Answer a request with the reason why it is refused; an exception handler as FastAPI takes it."""
        status, sentence = self.status_and_sentence(request, reason)
        writable = sentence.encode("utf-8", "backslashreplace").decode()  # JSON may hold half of a sign
        return JSONResponse(self.body(writable), status, headers=getattr(reason, "headers", None))

    def status_and_sentence(self, request: Request, reason: Exception) -> tuple[int, str]:
        """The status and the sentence of a reason."""
        if isinstance(reason, DataError):
            return self.status_of(reason), without_folders(str(reason))
        return self.of_framework(request, reason) or (500, self.own_fault)

    def status_of(self, reason: DataError) -> int:
        """The status of the first kind that a reason is one of."""
        return next((status for kind, status in self.statuses().items() if isinstance(reason, kind)), self.otherwise)
