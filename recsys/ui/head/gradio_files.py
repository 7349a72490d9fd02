"""Gradio's files that the page begins with: asked for at once, not one after the other, and its styles as one file.

Gradio finds out step by step which scripts and styles its components want, each step by what the one before has loaded.
Their names, which stand in gradio_files.json, are those of one version; what another one calls otherwise is left to it.
"""

import gzip
import json
from functools import cache
from hashlib import blake2b
from pathlib import Path

import gradio as gr
from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from recsys.serve.kept_files import YEAR
from recsys.ui.markup import joined

NAMES = Path(__file__).with_name("gradio_files.json")
ASSETS = Path(gr.__file__).parent / "templates/frontend/assets"
SCRIPT = Markup('<link rel="modulepreload" href="./assets/{}">\n')
# Gradio looks for such a link before it asks for the file; one that is off asks for none
STYLES_IN_OTHER = Markup('<link rel="stylesheet" href="./assets/{}" disabled>\n')
STYLES = Markup('<link rel="stylesheet" href="./assets/{}">\n')


@cache
def names() -> tuple[str, ...]:
    """Of those files that this version of Gradio has."""
    return tuple(name for name in json.loads(NAMES.read_text("utf-8")) if (ASSETS / name).is_file())


@cache
def styles() -> bytes:
    """All styles, in the order in which Gradio would ask for them."""
    return b"\n".join((ASSETS / name).read_bytes() for name in names() if name.endswith(".css"))


@cache
def name_of_styles() -> str:
    """Of the file with all of them: another one for other styles."""
    return f"begin-{blake2b(styles(), digest_size=6).hexdigest()}.css"


@cache
def links() -> Markup:
    """What asks for all of them, in the page's head."""
    scripts = [SCRIPT.format(name) for name in names() if name.endswith(".js")]
    of_styles = [STYLES_IN_OTHER.format(name) for name in names() if name.endswith(".css")]
    return joined([*([STYLES.format(name_of_styles())] if of_styles else []), *of_styles, *scripts])


def styles_router() -> APIRouter:
    """The route of the file with all styles, among Gradio's own files."""
    router = APIRouter(include_in_schema=False)
    zipped = gzip.compress(styles(), mtime=0)

    @router.get(f"/assets/{name_of_styles()}")
    def answer(request: Request) -> Response:
        is_zipped = "gzip" in request.headers.get("accept-encoding", "")
        headers = {"cache-control": f"public, max-age={YEAR}, immutable"}
        headers |= {"content-encoding": "gzip"} if is_zipped else {}
        return Response(zipped if is_zipped else styles(), media_type="text/css", headers=headers)

    return router
