"""Answers that say why not."""

from starlette.responses import JSONResponse

FOREIGN = "recsys.foreign"  # in the scope of a request that another site makes


def refused(status: int, sentence: str) -> JSONResponse:
    """An answer that says why not, as Gradio's client and the forms of the page understand it."""
    return JSONResponse({"detail": sentence, "problem": sentence, "error": sentence}, status)
