"""How soon a newcomer can use the page, beside an empty Gradio: `python tests/load/first_page.py --rounds 7`.

A browser opens the two by turns, each time as new (nothing cached, no cookies), and then once more with what it has.
Prints medians, and how often those of the empty one fit into the page's.
"""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT))  # where this is run as a program
EMPTY = """
import sys
import gradio, uvicorn
from fastapi import FastAPI

with gradio.Blocks() as page:
    gradio.Markdown("Nothing here", elem_id="nothing")
app = gradio.mount_gradio_app(FastAPI(), page, path="/", ssr_mode=False)
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
"""
SENTENCE_IS_SEEN = ("#nothing p",)
FILMS_ARE_SEEN = ("#for-you [data-film]", "#suggested [data-film]", "#film input")
SIZES = {"desk": (1280, 900), "phone": (390, 844)}
PATIENCE = 120_000  # ms
SETTLING = 1000  # ms in which a page does what it puts off
WATCH = """(wanted => {
    const isLoading = () => document.querySelector('.main > .wrap > .loading'); // Gradio's, above all
    const isSeen = (each) => document.querySelector(each)?.checkVisibility({ visibilityProperty: true });
    const seen = () => wanted.every(isSeen) && !isLoading();
    const look = () => { if (seen()) window.seen_at = performance.now(); else requestAnimationFrame(look); };
    look();
})(%s)"""
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN"
SHIFTED = """new Promise(done => {
    let shift = 0;
    new PerformanceObserver(list => { for (const each of list.getEntries()) shift += each.value; })
        .observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => done(shift), 100);
})"""


@dataclass(frozen=True)
class Visit:
    """What a visit took.

    Attributes:
        painted: seconds until something was painted.
        usable: seconds until it could be used.
        browser: seconds of a processor until then, of all of the browser's processes.
        page: seconds of the page's own thread until then.
        server: seconds of a processor until all was still.
        requests: until then.
        kilobytes: that came over the network.
        shifted: how much of what was seen moved, as browsers measure it.
    """

    painted: float
    usable: float
    browser: float
    page: float
    server: float
    requests: float
    kilobytes: float
    shifted: float


# ---- the two servers


@dataclass(frozen=True)
class Site:
    """A server that runs.

    Attributes:
        url: its address.
        process: its number.
        wanted: what is seen of it once it can be used.
    """

    url: str
    process: int
    wanted: tuple[str, ...]

    def busy(self) -> float:
        """Seconds of a processor that it has taken so far."""
        after = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return (int(after[11]) + int(after[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def empty(folder: Path) -> Iterator[Site]:
    """A Gradio with one sentence, mounted and served as the page is."""
    from tests.support.pages.page_server import START_SECONDS, fetched, free_port, wait_for

    url = f"http://127.0.0.1:{(port := free_port())}"
    with (folder / "log-of-empty").open("w") as log:
        process = subprocess.Popen([sys.executable, "-c", EMPTY, str(port)], stdout=log, stderr=log)
    try:
        wait_for(lambda: fetched(f"{url}/config"), START_SECONDS, "an answer")
        yield Site(url, process.pid, SENTENCE_IS_SEEN)
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def served(folder: Path, *asked: str) -> Iterator[Site]:
    """The page, once it has a model and accounts."""
    from eval.rehearsing.visitor import ready
    from tests.support.pages.page_server import page_process, wait_until_ready

    page = page_process(folder / "log", *asked, database=f"sqlite:///{folder}/people.sqlite3")
    try:
        page.wait_for_answer()
        wait_until_ready(page.url)
        asyncio.run(ready(page.url))
        yield Site(page.url, page.process.pid, FILMS_ARE_SEEN)
    finally:
        page.end()


# ---- visits


class Watched:
    """A browser whose processes are counted."""

    def __init__(self, browser: Any, size: tuple[int, int]):
        self._browser, self._size = browser, size
        self._all = browser.new_browser_cdp_session()

    def visits(self, site: Site) -> list[Visit]:
        """Somebody's first visit, and the next."""
        width, height = self._size
        context = self._browser.new_context(viewport={"width": width, "height": height})
        try:
            return [self._visit(context, site) for _ in range(2)]
        finally:
            context.close()

    def _visit(self, context: Any, site: Site) -> Visit:
        page = context.new_page()
        page.add_init_script(WATCH % json.dumps(site.wanted))
        session = context.new_cdp_session(page)
        sizes = loaded(session)
        session.send("Performance.enable")
        before, served = self._busy(), site.busy()
        page.goto(site.url)
        page.wait_for_function("window.seen_at", timeout=PATIENCE)
        browser, own = self._busy() - before, thread(session)
        page.wait_for_timeout(SETTLING)
        took = Visit(
            painted=page.evaluate(PAINTED) / 1000,
            usable=page.evaluate("window.seen_at") / 1000,
            browser=browser,
            page=own,
            server=site.busy() - served,
            requests=len(sizes),
            kilobytes=sum(sizes) / 1000,
            shifted=page.evaluate(SHIFTED),
        )
        page.close()
        return took

    def _busy(self) -> float:
        return sum(process["cpuTime"] for process in self._all.send("SystemInfo.getProcessInfo")["processInfo"])


def loaded(session: Any) -> list[int]:
    """Grows by the bytes of whatever a page loads."""
    sizes: list[int] = []
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda said: sizes.append(said["encodedDataLength"]))
    return sizes


def thread(session: Any) -> float:
    """Seconds that a page's own thread was at work."""
    found = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    return float(found["TaskDuration"])


# ---- the program


def medians(visits: Sequence[Visit]) -> Visit:
    """The middle of each figure."""
    return Visit(**{each.name: median(getattr(visit, each.name) for visit in visits) for each in fields(Visit)})


def table(found: Mapping[str, Sequence[Visit]]) -> str:
    """A row for each site, and one for how often the first's figures fit into the last's."""
    rows = {name: asdict(medians(visits)) for name, visits in found.items()}
    first, *_, last = rows.values()
    times = {name: last[name] / value if value else float("nan") for name, value in first.items()}
    head = "".join(f"{each.name:>11}" for each in fields(Visit))
    lines = [f"{name:>8}" + "".join(f"{value:11.3f}" for value in row.values()) for name, row in rows.items()]
    ratio = f"{'times':>8}" + "".join(f"{value:11.2f}" for value in times.values())
    return "\n".join([f"{'':8}{head}", *lines, ratio])


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="visits of each by somebody new")
    parser.add_argument("--size", choices=[*SIZES], default="desk", help="of the window")
    parser.add_argument("--model", help="folder of the model; default: what app.py finds")
    parser.add_argument("--dataset", default="ml-100k", help="the films, a name or a folder")
    return parser.parse_args()


def measured(sites: Mapping[str, Site], rounds: int, size: tuple[int, int]) -> dict[str, dict[str, list[Visit]]]:
    """Which visit -> name of a site -> what it took, round by round."""
    from playwright.sync_api import sync_playwright

    found: dict[str, dict[str, list[Visit]]] = {which: {name: [] for name in sites} for which in ("first", "next")}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        watched = Watched(browser, size)
        for site in sites.values():
            watched.visits(site)  # so that both have answered before
        for _ in range(rounds):
            for name, site in sites.items():
                for which, visit in zip(found, watched.visits(site), strict=True):
                    found[which][name].append(visit)
        browser.close()
    return found


def main() -> None:
    """Measure, and say so."""
    options = arguments()
    model = ["--model", str(Path(options.model).absolute())] if options.model else []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="first-page-")))
        sites = {
            "empty": stack.enter_context(empty(folder)),
            "page": stack.enter_context(served(folder, *model, "--dataset", options.dataset)),
        }
        for which, found in measured(sites, options.rounds, SIZES[options.size]).items():
            print(f"{which} visit, medians of {options.rounds}\n{table(found)}\n")


if __name__ == "__main__":
    main()
