"""The REST API as an application of its own, which knows no accounts: routes, OpenAPI document, Swagger page."""

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from recsys.errors import DataError
from recsys.serve.api.errors import refuse
from recsys.serve.api.router import answering_router
from recsys.serve.endpoints import Endpoints
from recsys.serve.engine import Engine

TITLE = "Movie VAE"
ABOUT = (
    "Films that fit somebody's ratings. Nothing is kept, and no account, key or cookie is needed. A refusal has a "
    "sentence, `detail`, that says what came, what was expected, and what to do."
)
FILES = ("swagger-ui-bundle.js", "swagger-ui.css")  # of the package fastapi_offline


def rest_api(engine: Engine, place: str) -> FastAPI:
    """The application.

    Args:
        engine: has the model that answers.
        place: the path under which programs see it, such as /films/api.
    """
    app = FastAPI(
        title=TITLE,
        version="1",
        description=ABOUT,
        servers=[{"url": place}],
        root_path_in_servers=False,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=name_of,
    )
    for kind in (DataError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, refuse)
    app.include_router(answering_router(Endpoints(engine), engine))
    app.add_api_route("/docs", page_of_document, include_in_schema=False)
    app.mount("/docs", StaticFiles(packages=[("fastapi_offline", "static")]))
    return app


def name_of(route: APIRoute) -> str:
    """What programs that are made from the document call a route."""
    return route.name


async def page_of_document() -> HTMLResponse:
    """Show the OpenAPI document with Swagger, whose files come from here; addresses are seen from the page's own."""
    script, style = (f"docs/{name}" for name in FILES)
    return get_swagger_ui_html(
        openapi_url="openapi.json",
        title=f"{TITLE}: the API",
        swagger_js_url=script,
        swagger_css_url=style,
        swagger_favicon_url="data:,",
        swagger_ui_parameters={"validatorUrl": None},
    )
