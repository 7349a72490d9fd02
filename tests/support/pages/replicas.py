"""Several pages behind a real nginx, set up as docs/operate/several.md says, that share one PostgreSQL."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.pages.page_server import ROOT, PageProcess, fetched, free_port, page_process, wait_for
from tests.support.unavailable import unavailable

PLACES = "/usr/sbin:/usr/local/sbin"  # which are not on everybody's PATH
START_SECONDS = 30
AROUND = """
daemon off;
master_process off;
pid {folder}/pid;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/answers;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    set_real_ip_from 127.0.0.1;  # people of the tests say where they come from
    real_ip_header X-Forwarded-For;
    {documented}
}}
"""


@dataclass
class Replicas:
    """Pages behind one address.

    Attributes:
        url: of the proxy.
        pages: that it leads to.
        start: starts a page again: takes its place and its port.
    """

    url: str
    pages: list[PageProcess]
    start: Callable[[int, int | None], PageProcess]

    def kill(self, at: int) -> None:
        """End a page as by kill -9."""
        self.pages[at].process.kill()
        self.pages[at].process.wait(30)

    def start_again(self, at: int) -> None:
        """Start a page that was killed, where it was."""
        self.pages[at] = self.start(at, int(self.pages[at].url.rpartition(":")[2]))
        self.pages[at].wait_for_answer()

    @property
    def logs(self) -> str:
        """What all of them have said."""
        return "".join(page.log.read_text() for page in self.pages)


def nginx() -> str:
    """The program; skips, or fails, where there is none."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:{PLACES}")
    return found or unavailable("no nginx is installed (apt-get install nginx)")


@contextmanager
def replicas(folder: Path, database: str, *options: str, number: int = 2):
    """So many pages, started at once, and the proxy before them."""
    program = nginx()
    with ExitStack() as ends:

        def start(at: int, port: int | None = None) -> PageProcess:
            page = page_process(folder / f"log {at}", *options, database=database, forked=True, port=port)
            ends.callback(page.end)
            return page

        pages = [start(at) for at in range(number)]
        for page in pages:
            page.wait_for_answer()
        url = ends.enter_context(proxied(program, folder / "nginx", pages))
        yield Replicas(url, pages, start)


@contextmanager
def proxied(program: str, folder: Path, pages: list[PageProcess]):
    """nginx, which leads to some pages; yields its address."""
    folder.mkdir()
    port = free_port()
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, documented=documented(port, pages)))
    words = [program, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "errors"]
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(words, stdout=said, stderr=said)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(lambda: process.poll() is not None or fetched(f"{url}/config"), START_SECONDS, "nginx")
        assert process.poll() is None, (folder / "said").read_text() + (folder / "errors").read_text()
        yield url
    finally:
        process.terminate()
        process.wait(30)


def documented(port: int, pages: list[PageProcess]) -> str:
    """The settings of the documents, for these pages and this port."""
    page = (ROOT / "docs" / "operate" / "several.md").read_text("utf-8")
    found = re.search(r"```nginx\n(.*?)```", page, re.DOTALL)[1]
    server = re.search(r" *server 127\.0\.0\.1:\d+( .*;)\n", found)
    servers = "".join(f"server {each.url.removeprefix('http://')}{server[1]}\n" for each in pages)
    found = re.sub(r"( *server 127\.0\.0\.1:\d+ .*;\n)+", servers, found)
    return found.replace("listen 8080;", f"listen 127.0.0.1:{port};")
