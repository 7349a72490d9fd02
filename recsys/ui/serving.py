"""How the page is served: Gradio within FastAPI, the routes of accounts beside it, and the guard before both."""

import asyncio
import logging
import os
import socket
from importlib.util import find_spec

import gradio as gr
import uvicorn
from fastapi import FastAPI
from starlette.responses import Response
from starlette.routing import Route

from recsys.data.errors import DataError
from recsys.ui import cards, controls, explore_cards, yours_cards
from recsys.ui.accounts import bar
from recsys.ui.accounts.cookies import SessionCookie
from recsys.ui.accounts.guard import Guard
from recsys.ui.accounts.hugging_face import Provider, hugging_face_routes, provider
from recsys.ui.accounts.members import SPACE_VARIABLE, Members
from recsys.ui.accounts.routes import account_routes
from recsys.ui.engine import Engine
from recsys.ui.page import build_page
from recsys.ui.shelf import Shelves

CSS = bar.CSS + cards.CSS + controls.CSS + explore_cards.CSS + yours_cards.CSS
HOST_VARIABLE, PORT_VARIABLE = "GRADIO_SERVER_NAME", "GRADIO_SERVER_PORT"  # as Gradio itself calls them
MCP_VARIABLE = "GRADIO_MCP_SERVER"
FIRST_PORT, N_PORTS = 7860, 100
KEEP_ALIVE_SECONDS = 65  # longer than proxies and browsers keep a connection that they may use again
GRACE_SECONDS = 0.5  # for answers under way when the server is to end
PROXIES = "127.0.0.1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"  # a Space's, which say for whom they ask


def build_app(engine: Engine, members: Members, dataset: str | None = None) -> FastAPI:
    """The whole application; nothing is started yet."""
    cookie = SessionCookie(lambda: members.store.secret("cookies"))
    elsewhere = provider(os.environ)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.router.routes.extend(account_routes(members, cookie, engine))
    if elsewhere is not None:
        app.router.routes.extend(routes_to(elsewhere, members, cookie))
    app.add_middleware(Guard)
    gr.mount_gradio_app(
        app,
        build_page(engine, Shelves(members, cookie), dataset, hugging_face=elsewhere is not None),
        path="/",
        theme=theme(),
        css=CSS,
        footer_links=[],
        ssr_mode=False,
        run_history=False,
        show_error=False,  # but for those that are meant to be seen
        enable_monitoring=False,
        mcp_server=serves_tools(),
    )
    return app


def serves_tools() -> bool:
    """Whether the endpoints are tools of an MCP server too: where gradio[mcp] is installed, unless somebody says no."""
    return find_spec("mcp") is not None and os.environ.get(MCP_VARIABLE, "").lower() != "false"


def routes_to(elsewhere: Provider, members: Members, cookie: SessionCookie) -> list[Route]:
    """The way to Hugging Face and back, where somebody signs in."""

    def sign_in(subject: str, name: str, is_https: bool) -> Response:
        store = members.store
        token = store.sign_in_from("huggingface", subject, name)
        seconds = int(store.session_lasts.total_seconds())
        return Response(headers={"set-cookie": cookie.header(token, seconds, is_https)})

    return hugging_face_routes(elsewhere, lambda: members.store.secret("hugging face"), sign_in)


def theme() -> gr.Theme:
    """The looks: fonts of the visitor's own machine, and hints that are legible on white."""
    chosen = gr.themes.Default(font=["system-ui", "sans-serif"], font_mono=["monospace"])
    return chosen.set(block_info_text_color="*neutral_500", body_text_color_subdued="*neutral_500")


def serve(engine: Engine, dataset: str | None = None) -> None:
    """Serve until interrupted; the model and the accounts are made ready once the page answers.

    Raises:
        DataError: the address is in use, or not one of this machine.
    """
    listener = listening(os.environ.get(HOST_VARIABLE, "127.0.0.1"), os.environ.get(PORT_VARIABLE))
    host, port = listener.getsockname()[:2]
    members = Members()
    app = build_app(engine, members, dataset)
    proxies = PROXIES if os.environ.get(SPACE_VARIABLE) else None  # None: as uvicorn's environment has it
    config = uvicorn.Config(
        app,
        log_level="warning",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=2,
        forwarded_allow_ips=proxies,
    )
    server = Server(config, engine, members)
    server.address = f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0') else host}:{port}"
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    server.run(sockets=[listener])


class Server(uvicorn.Server):
    """Says where it answers, and then begins with what takes longer."""

    def __init__(self, config: uvicorn.Config, engine: Engine, members: Members):
        super().__init__(config)
        self.engine, self.members, self.address = engine, members, ""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer, then start."""
        await super().startup(sockets)
        print(f"The page is at {self.address} (Ctrl+C ends it)", flush=True)
        self.members.start()
        self.engine.start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let what is being answered be finished, and then end the streams that every open page holds."""
        await asyncio.sleep(GRACE_SECONDS)
        for connection in list(self.server_state.connections):
            connection.transport.close()
        await super().shutdown(sockets)


def listening(host: str, port: str | None) -> socket.socket:
    """A socket that listens: on the port that is asked for, else on the first that is free.

    Raises:
        DataError: there is none.
    """
    if port is not None and not (port.isdecimal() and int(port) < 2**16):
        raise DataError(f"{PORT_VARIABLE}: got {port!r}; expected a port, such as {FIRST_PORT}.")
    reason: OSError | None = None
    for number in [int(port)] if port else range(FIRST_PORT, FIRST_PORT + N_PORTS):
        try:
            return socket.create_server((host, number), backlog=1024)
        except OSError as error:
            reason = error
    ports = port or f"{FIRST_PORT} to {FIRST_PORT + N_PORTS - 1}"
    raise DataError(f"cannot listen on {host}, port {ports} ({reason}); set {HOST_VARIABLE} and {PORT_VARIABLE}.")
