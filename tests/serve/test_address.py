"""Where the page listens and under which path it is seen: what the environment may say of it."""

import asyncio
import os
import socket
import subprocess
import sys
from contextlib import closing

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from recsys.errors import DataError
from recsys.serve.address import check_environment, listening, root_path, shown
from recsys.serve.security.cookies import forgotten, new_visitor
from recsys.serve.security.guard import Guard
from recsys.serve.security.prefix import Prefix
from recsys.serve.security.refusals import FOREIGN
from tests.support.pages.page_server import ROOT

HOST, PORT, PATH = "GRADIO_SERVER_NAME", "GRADIO_SERVER_PORT", "GRADIO_ROOT_PATH"


@pytest.mark.parametrize("empty", ["", " ", "\t"])
@pytest.mark.parametrize("name", [HOST, PORT, PATH, "GRADIO_NUM_PORTS"])
def test_what_is_empty_is_as_if_it_were_not_there(name, empty):
    environment = {name: empty, "OTHER": ""}
    check_environment(environment)
    assert environment == {"OTHER": ""}


@pytest.mark.parametrize("empty", [None, "", " "])
def test_without_a_name_nobody_but_this_machine_is_listened_to(empty):
    with closing(listening(empty, None)) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"
        assert shown(listener).startswith("http://localhost:")


@pytest.mark.parametrize("odd", ["x", "-1", "70000", "1.5", "0x50", "٣", "²", "1e3", "7860 7861", "9" * 5000])
def test_an_odd_port_is_refused_in_a_sentence(odd):
    with pytest.raises(DataError, match="GRADIO_SERVER_PORT: got .*; expected a port, such as 7860"):
        check_environment({PORT: odd})
    with pytest.raises(DataError, match="GRADIO_SERVER_PORT: got .*; expected a port, such as 7860"):
        listening("127.0.0.1", odd)
    with pytest.raises(DataError, match="GRADIO_NUM_PORTS: got .*; expected a whole number"):
        check_environment({"GRADIO_NUM_PORTS": f"{odd}x"})


@pytest.mark.parametrize("odd", ["localhost:80", "http://localhost", "no such host", "192.0.2.1", "a..b", "x" * 300])
def test_an_odd_name_is_refused_in_a_sentence(odd):
    with pytest.raises(
        DataError, match=f"cannot listen on {odd}, port .*set GRADIO_SERVER_NAME and GRADIO_SERVER_PORT"
    ):
        listening(odd, "0")


@pytest.mark.parametrize(
    "odd", ["a b", "/a/../b c", "/a?b", "/a#b", "ftp://x/a", "https://", "/a;b", "/ä", "http://[x/a"]
)
def test_an_odd_path_is_refused_in_a_sentence(odd):
    with pytest.raises(DataError, match="GRADIO_ROOT_PATH: got .*; expected a path, such as /films"):
        check_environment({PATH: odd})


@pytest.mark.parametrize(
    ("said", "meant", "path"),
    [
        ("/", None, ""),
        ("films", "/films", "/films"),
        ("/films/", "/films", "/films"),
        ("//films", "/films", "/films"),
        ("/a/b-c.d~e_f", "/a/b-c.d~e_f", "/a/b-c.d~e_f"),
        ("https://example.com/films/", "https://example.com/films", "/films"),
        ("https://example.com", "https://example.com", ""),
    ],
)
def test_a_path_is_written_as_gradio_expects_it(said, meant, path):
    environment = {PATH: said}
    check_environment(environment)
    assert environment.get(PATH) == meant
    assert root_path(environment) == path


@pytest.mark.parametrize(("name", "odd"), [(PORT, "odd"), (PATH, "a b"), ("GRADIO_NUM_PORTS", "odd")])
def test_the_start_says_it_in_a_sentence_and_not_in_a_traceback(name, odd):
    start = [sys.executable, str(ROOT / "app.py")]
    ended = subprocess.run(start, capture_output=True, text=True, env={**os.environ, name: odd}, check=False)
    assert ended.returncode == 2
    assert f"error: {name}: got '{odd}'; expected" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_it_listens_by_ipv6_too():
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        listener = listening("::1", "0")
    except DataError as reason:
        pytest.skip(str(reason))
    with listener:
        assert shown(listener).startswith("http://localhost:")


# ---- under a path


def test_a_cookie_under_a_path_is_for_nothing_else_at_the_same_host(monkeypatch):
    monkeypatch.setenv(PATH, "https://example.com/films")
    for header in (forgotten(True), new_visitor(False)):
        assert "; Path=/films; HttpOnly" in header


async def told(request):
    return JSONResponse({"path": request.url.path, "foreign": request.scope.get(FOREIGN, False)})


@pytest.mark.parametrize(
    ("asked", "seen"), [("/films/a/b", "/a/b"), ("/a/b", "/a/b"), ("/films/", "/"), ("/filmsa", "/filmsa"), ("/", "/")]
)
def test_whether_a_proxy_keeps_the_path_or_not_the_page_sees_the_same(asked, seen):
    app = Starlette(routes=[Route("/{path:path}", told)])
    app.add_middleware(Prefix, root="/films")
    assert TestClient(app).get(asked).json()["path"] == seen


def test_the_path_alone_leads_to_its_folder_where_links_are_seen_from():
    app = Starlette(routes=[Route("/{path:path}", told)])
    app.add_middleware(Prefix, root="/films")
    answer = TestClient(app, follow_redirects=False).get("/films")
    assert (answer.status_code, answer.headers["location"]) == (308, "/films/")
    asyncio.run(Prefix(lambda *_: asyncio.sleep(0), "")({"type": "lifespan"}, None, None))


def test_the_whole_address_says_which_site_is_the_pages_own(monkeypatch):
    app = Starlette(routes=[Route("/{path:path}", told, methods=["POST"])])
    app.add_middleware(Guard)
    client = TestClient(app, base_url="http://127.0.0.1:7860", headers={"origin": "https://example.com"})
    assert client.post("/a").json()["foreign"]
    monkeypatch.setenv(PATH, "https://example.com/films")
    assert not client.post("/a").json()["foreign"]
