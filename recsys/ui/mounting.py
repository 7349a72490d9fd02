"""How the page is served: Gradio within FastAPI, beside it the REST API and the accounts; the guard before all."""

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Mapping
from functools import partial
from importlib.util import find_spec

import gradio as gr
import uvicorn
from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from recsys.errors import DataError
from recsys.free_memory import settle
from recsys.serve.accounts.hugging_face import hugging_face_router
from recsys.serve.accounts.members import Members, is_shared
from recsys.serve.accounts.openid import Provider, provider
from recsys.serve.accounts.operators import SECRET as OPERATORS
from recsys.serve.accounts.operators import operators_in
from recsys.serve.accounts.request import AccountRequest
from recsys.serve.accounts.routes import account_router
from recsys.serve.accounts.shelf import Shelves
from recsys.serve.address import BACKLOG, HOST_VARIABLE, PORT_VARIABLE, SPACE_VARIABLE, listening, root_path, shown
from recsys.serve.api.app import rest_api
from recsys.serve.comparing import Trials
from recsys.serve.engine import Engine
from recsys.serve.evenings.books import MemoryBook
from recsys.serve.evenings.evenings import Evenings
from recsys.serve.evenings.stored_book import StoredBook
from recsys.serve.film_search import film_search_router
from recsys.serve.kept_files import KeptFiles
from recsys.serve.posters.posters import Posters, posters_in
from recsys.serve.posters.routes import poster_router
from recsys.serve.security.bodies import REST
from recsys.serve.security.connections import Connections, Once, Protocol, most_connections, proxies_in
from recsys.serve.security.cookies import SessionCookie
from recsys.serve.security.guard import Guard
from recsys.serve.security.headers import SecurityHeaders
from recsys.serve.security.prefix import Prefix
from recsys.serve.security.unfetched import Unfetched
from recsys.ui import browser
from recsys.ui.acts.film_action_refusal import ActRefusal
from recsys.ui.head.gradio_files import styles_router
from recsys.ui.head.head import Head, head_router
from recsys.ui.head.newcomers import Newcomers
from recsys.ui.operator.daily import reports_of
from recsys.ui.operator.door import OperatorDoor
from recsys.ui.page import build_page
from recsys.ui.posters import foot

STYLES = (
    "account/account.css",
    "shared/cards.css",
    "acts/controls.css",
    "shared/tiles.css",
    "shared/filters.css",
    "rate/surprise.css",
    "fields/film_field.css",
    "film/panel.css",
    "explore/explore.css",
    "my_films/my_films.css",
    "my_films/taste.css",
    "account/import_ratings.css",
    "tonight/tonight.css",
    "addresses/addresses.css",
)
MCP_VARIABLE = "GRADIO_MCP_SERVER"
KEEP_ALIVE_SECONDS = 65  # longer than proxies and browsers keep a connection that they may use again
GRACE_SECONDS = 0.5  # for answers under way when the server is to end
ACCEPTED_AT_ONCE = 100  # connections
PROXIES_VARIABLE, LOOPBACK = "FORWARDED_ALLOW_IPS", "127.0.0.1"  # as uvicorn itself calls it
PROXIES = "127.0.0.1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"  # a Space's, which say for whom they ask


def build_app(engine: Engine, members: Members, dataset: str | None = None, posters: Posters | None = None) -> FastAPI:
    """The whole application; nothing is started yet.

    Args:
        engine: has the model.
        members: have accounts.
        dataset: as build_page has it.
        posters: of films; None: the page shows none, and has no route to them.
    """
    cookie = SessionCookie(lambda: members.store.secret("cookies"))
    evenings = Evenings(StoredBook(lambda: members.store) if is_shared() else MemoryBook())
    elsewhere = provider(os.environ)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(account_router(members, cookie, engine, evenings))
    app.include_router(film_search_router(engine))
    app.include_router(head_router())
    app.include_router(styles_router())
    if posters is not None:
        app.include_router(poster_router(engine, posters))
    if elsewhere is not None:
        app.include_router(router_to(elsewhere, partial(AccountRequest, members, cookie, engine, evenings), members))
    at = REST.rstrip("/")
    app.mount(at, rest_api(engine, root_path() + at))
    posters_from = None if posters is None else foot.attribution(posters.logo is not None)
    operators = operators_in(os.environ, lambda: members.store.secret(OPERATORS))
    shelves = Shelves(members, cookie, operators, lambda: engine.trial)
    page = build_page(engine, shelves, evenings, dataset, elsewhere is not None, posters_from)
    app.add_middleware(OperatorDoor, shelves=shelves, engine=engine, reports=reports_of(members, engine))
    app.add_middleware(Head, title=str(page.title), welcome=Newcomers(page).script)
    app.add_middleware(Unfetched, page=page)
    app.add_middleware(Guard, is_signed=lambda cookies: is_signed(cookie, cookies), instead=ActRefusal(page).answer)
    app.add_middleware(KeptFiles)
    app.add_middleware(Prefix, root=root_path())
    app.add_middleware(SecurityHeaders, environment=os.environ)
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        theme=theme(),
        css=browser.styles(*STYLES, *(foot.STYLES if posters is not None else ())),
        footer_links=[],
        ssr_mode=False,
        run_history=False,
        show_error=False,  # but for those that are meant to be seen
        enable_monitoring=False,
        mcp_server=serves_tools(),
    )
    return app


def is_signed(cookie: SessionCookie, cookies: Mapping[str, str]) -> bool:
    """Whether somebody may be signed in; while the accounts cannot be asked, everybody may."""
    try:
        return cookie.token(cookies) is not None
    except DataError:
        return True


def serves_tools() -> bool:
    """Whether the endpoints are tools of an MCP server too: where gradio[mcp] is installed, unless somebody says no."""
    return find_spec("mcp") is not None and os.environ.get(MCP_VARIABLE, "").lower() != "false"


def router_to(elsewhere: Provider, account_of: Callable[[Request], AccountRequest], members: Members) -> APIRouter:
    """The way to Hugging Face and back, where somebody signs in."""

    def sign_in(subject: str, name: str, request: Request) -> Response:
        account = account_of(request)
        return account.signed_in(account.store.accounts.sign_in_from("huggingface", subject, name))

    return hugging_face_router(elsewhere, lambda: members.store.secret("hugging face"), sign_in)


def theme() -> gr.Theme:
    """The looks: fonts of the visitor's own machine, and hints that are legible on white."""
    chosen = gr.themes.Default(font=["system-ui", "sans-serif"], font_mono=["monospace"])
    return chosen.set(
        block_info_text_color="*neutral_500",
        body_text_color_subdued="*neutral_500",
        # white on it, and it on white, have a contrast of 5.2; Gradio's own orange has 2.8
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_dark="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_hover_dark="*primary_800",
        button_primary_border_color="*primary_700",
        button_primary_border_color_dark="*primary_700",
    )


def serve(engine: Engine, dataset: str | None = None) -> None:
    """Serve until interrupted; the model and the accounts are made ready once the page answers.

    Raises:
        DataError: the address is in use, or not one of this machine.
    """
    listener = listening(os.environ.get(HOST_VARIABLE), os.environ.get(PORT_VARIABLE))
    members = Members()
    app = build_app(engine, members, dataset, posters_in(os.environ))
    proxies = PROXIES if os.environ.get(SPACE_VARIABLE) else os.environ.get(PROXIES_VARIABLE, "").strip() or LOOPBACK
    connections = Connections(most_connections(), proxies_in(proxies))
    config = uvicorn.Config(
        app,
        http=partial(Protocol, connections),  # type: ignore[arg-type]
        ws="none",
        log_level="warning",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=2,
        forwarded_allow_ips=proxies,
        server_header=False,
        backlog=ACCEPTED_AT_ONCE,
    )
    server = Server(config, engine, members)
    server.address = shown(listener)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    for who in (Engine, Trials):
        logging.getLogger(who.__module__).setLevel(logging.INFO)
    for name in ("asyncio", "uvicorn.error"):
        logging.getLogger(name).addFilter(Once())
    server.run(sockets=[listener])


class Server(uvicorn.Server):
    """Says where it answers, and then begins with what takes longer."""

    def __init__(self, config: uvicorn.Config, engine: Engine, members: Members):
        super().__init__(config)
        self.engine, self.members, self.address = engine, members, ""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer, then start."""
        await super().startup(sockets)
        settle()
        for listener in sockets or ():
            listener.listen(BACKLOG)  # many may come at once, though few are taken at once
        print(f"The page is at {self.address} (Ctrl+C ends it)", flush=True)
        self.members.start()
        self.engine.start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let what is being answered be finished, and then end the streams that every open page holds."""
        await asyncio.sleep(GRACE_SECONDS)
        for connection in list(self.server_state.connections):
            connection.transport.close()
        await super().shutdown(sockets)
