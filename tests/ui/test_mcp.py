"""The page's endpoints as tools for language models, asked by the protocol's own client."""

import ast
import asyncio
from importlib.util import find_spec

import pytest

from recsys.ui.mounting import serves_tools
from tests.support.pages.page_server import BOLD, served, small_page, wait_until_ready
from tests.support.unavailable import unavailable


@pytest.fixture
def address(tmp_path, monkeypatch):
    if find_spec("mcp") is None:
        unavailable("the package mcp is not installed, so the page's tools cannot be asked")
    monkeypatch.setenv("GRADIO_MCP_SERVER", "True")
    with served(tmp_path / "log", *small_page()) as url:
        wait_until_ready(url)
        yield url


async def asked(url):
    """The tools by name, and what three calls answer."""
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    address = f"{url}/gradio_api/mcp/"
    async with streamable_http_client(address) as (read, write, _), ClientSession(read, write) as session:
        await session.initialize()
        tools = {tool.name: tool for tool in (await session.list_tools()).tools}
        answers = [
            await session.call_tool("recommend", {"ratings": {BOLD: 5}, "exclude": ["Film 8 (1968)"]}),
            await session.call_tool("similar", {"title": BOLD}),
            await session.call_tool("recommend", {"ratings": {"Nothing": 5}}),
        ]
        return tools, answers


def test_the_five_endpoints_are_tools_with_documented_arguments_and_nothing_else_is(address):
    tools, (recommended, near, refused) = asyncio.run(asked(address))
    assert sorted(tools) == ["genres", "group", "predict", "recommend", "similar"]
    for tool in tools.values():
        assert tool.description
        assert all(about["description"] for about in tool.inputSchema["properties"].values()), tool.name
    films = ast.literal_eval(recommended.content[0].text)  # Gradio answers so
    assert len(films) == 10
    assert "Film 8 (1968)" not in {film["title"] for film in films}
    assert len(ast.literal_eval(near.content[0].text)) == 10
    assert refused.isError
    assert refused.content[0].text.startswith("no film is called 'Nothing'")


def test_somebody_may_say_no_to_tools(monkeypatch):
    monkeypatch.setenv("GRADIO_MCP_SERVER", "false")
    assert not serves_tools()
    monkeypatch.delenv("GRADIO_MCP_SERVER")
    assert serves_tools() == (find_spec("mcp") is not None)
