import hashlib
import io
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from recsys.data.sources import cache as cache_module
from recsys.data.sources.cache import SUMS, being_filled, cache_folder
from recsys.data.sources.names import NAMES
from recsys.data.sources.published import PUBLISHED, Published, Sources, fetch
from recsys.errors import DataError
from tests.support.data_folders import write_csv, write_tabbed

ROOT = Path(__file__).parents[2]


class Server(ThreadingHTTPServer):
    """A loopback server that gives the prepared answers one after the other, the last one again and again."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = []  # callables that write to a handler
        self.asked = []  # paths
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        with self.server.lock:
            self.server.asked.append(self.path)
            answer = self.server.answers[min(len(self.server.asked), len(self.server.answers)) - 1]
        answer(self)

    def log_message(self, *_):
        pass


def whole(body, length=None):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(length or len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def truncated(body):
    """Promises the whole body and breaks off in the middle."""
    return whole(body[: len(body) // 2], length=len(body))


def status(code):
    return lambda handler: handler.send_error(code)


def stalled(body, seconds=60.0):
    """Sends half of the body and then nothing for a long time."""

    def answer(handler):
        truncated(body)(handler)
        handler.wfile.flush()
        time.sleep(seconds)

    return answer


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    running = Server()
    yield running
    running.shutdown()
    running.server_close()


def archive_of(folder, *, inside="tiny", extra=()):
    """Zip of a folder, as bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, f"{inside}/{path.name}")
        for name in extra:
            archive.writestr(name, "not needed")
    return packed.getvalue()


def md5(content):
    return hashlib.md5(content).hexdigest()


@pytest.fixture
def body(tmp_path):
    return archive_of(write_csv(tmp_path / "original"))


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


FILES = ("ratings.csv", "movies.csv")


def sources(server, **facts):
    published = Published(folder="tiny", files=FILES, **facts)
    return Sources(base_url=server.url, published={"tiny": published}, timeout=5.0)


def fetch_tiny(server, cache, body, **options):
    return fetch("tiny", cache=cache, sources=sources(server, md5=md5(body)), **options)


def left_in(cache):
    return sorted(path.name for path in cache.iterdir()) if cache.exists() else []


# ---- the good way


def test_an_archive_is_fetched_once_and_then_read_from_the_cache(server, cache, body, tmp_path):
    server.answers = [whole(body)]
    folder, source = fetch_tiny(server, cache, body)
    assert folder == cache / "tiny"
    assert source == f"tiny came from GroupLens ({server.url}/tiny.zip) and is now in the cache, {folder}."
    assert sorted(path.name for path in folder.iterdir()) == sorted([*FILES, SUMS])
    assert all((folder / name).read_bytes() == (tmp_path / "original" / name).read_bytes() for name in FILES)
    assert fetch_tiny(server, cache, body).source == f"tiny was read from the cache, {folder}."
    assert server.asked == ["/tiny.zip"]
    assert left_in(cache) == ["tiny"]


def test_the_digests_are_in_the_form_of_sha256sum(server, cache, body):
    server.answers = [whole(body)]
    folder, _ = fetch_tiny(server, cache, body)
    sums = [line.split("  ") for line in (folder / SUMS).read_text().splitlines()]
    assert {name: digest for digest, name in sums} == {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES
    }


def test_progress_counts_bytes_up_to_the_total(server, cache, tmp_path):
    original = write_csv(tmp_path / "original")
    (original / "noise").write_bytes(os.urandom(300_000))
    body, steps = archive_of(original), []
    server.answers = [whole(body)]
    fetch_tiny(server, cache, body, on_progress=lambda *step, **_: steps.append(step))
    assert {(stage, total) for stage, _, total in steps} == {("download", len(body))}
    done = [done for _, done, _ in steps]
    assert done == sorted(done)
    assert done[-1] == len(body)
    assert len(done) > 3


def test_only_needed_files_come_out_of_an_archive(server, cache, tmp_path):
    body = archive_of(write_csv(tmp_path / "original"), extra=["../../evil.txt", "/evil.txt", "tiny/tags.csv"])
    server.answers = [whole(body)]
    folder, _ = fetch_tiny(server, cache, body)
    assert sorted(path.name for path in folder.iterdir()) == sorted([*FILES, SUMS])
    assert not list(tmp_path.rglob("evil.txt"))


# ---- a server in trouble


@pytest.mark.parametrize("trouble", ["truncated", "500", "503", "wrong digest"])
def test_a_passing_trouble_is_tried_again(server, cache, body, trouble):
    bad = {"truncated": truncated(body), "500": status(500), "503": status(503), "wrong digest": whole(b"login page")}
    server.answers = [bad[trouble], whole(body)]
    folder, _ = fetch_tiny(server, cache, body)
    assert (folder / "ratings.csv").is_file()
    assert len(server.asked) == 2
    assert left_in(cache) == ["tiny"]


@pytest.mark.parametrize(
    ("answer", "n_asked", "reason"),
    [
        (truncated, 3, r"the download broke off after [0-9,]+ bytes \(3 tries\)"),
        (lambda _: status(500), 3, r"the server answered 500 Internal Server Error \(3 tries\)"),
        (lambda _: status(404), 1, "the server answered 404 Not Found"),
        (lambda _: whole(b"x"), 3, r"got md5 9dd4e461268c8034f5c8564e155c67a6, expected [0-9a-f]{32} \(3 tries\)"),
    ],
)
def test_a_lasting_trouble_is_the_reason_given_and_nothing_is_left(server, cache, body, answer, n_asked, reason):
    server.answers = [answer(body)]
    with pytest.raises(
        DataError, match=rf"tiny could not be had. Cache .*: nothing there; GroupLens \(http.*\): .*{reason}. Connect"
    ):
        fetch_tiny(server, cache, body)
    assert len(server.asked) == n_asked
    assert left_in(cache) == []


@pytest.mark.parametrize("answer", [lambda _: lambda _: time.sleep(2), lambda body: stalled(body, seconds=2)])
def test_a_server_that_says_nothing_more_is_not_waited_for_again(server, cache, body, answer):
    """From the start, or in the middle of the file."""
    server.answers = [answer(body)]
    impatient = Sources(base_url=server.url, published=sources(server).published, timeout=0.2)
    with pytest.raises(DataError, match="no answer within 0.2 seconds"):
        fetch("tiny", cache=cache, sources=impatient)
    assert len(server.asked) == 1


def test_a_host_that_cannot_be_reached_is_given_up_at_once(server, cache, body):
    nobody = Sources(base_url="http://127.0.0.1:9", published=sources(server).published)
    with pytest.raises(
        DataError, match="no network, or the host cannot be reached. Connect to a network and run again, or unpack"
    ):
        fetch("tiny", cache=cache, sources=nobody)


@pytest.mark.parametrize("cut", [10, -30])
def test_a_truncated_archive_without_a_known_digest_is_noticed(server, cache, body, cut):
    server.answers = [whole(body[:cut])]
    with pytest.raises(DataError, match="the archive is truncated or not the published one: File is not a zip file"):
        fetch("tiny", cache=cache, sources=sources(server))
    assert left_in(cache) == []


def test_an_archive_damaged_in_the_middle_is_noticed(server, cache, body):
    damaged = bytearray(body)
    damaged[60:80] = bytes(20)
    server.answers = [whole(bytes(damaged))]
    with pytest.raises(DataError, match="the archive is truncated or not the published one"):
        fetch("tiny", cache=cache, sources=sources(server))
    assert left_in(cache) == []


def test_an_archive_without_a_needed_file_is_refused(server, cache, body, tmp_path):
    (tmp_path / "original" / "movies.csv").unlink()
    server.answers = [whole(archive_of(tmp_path / "original"))]
    with pytest.raises(DataError, match="not the published one: .*no item named 'tiny/movies.csv'"):
        fetch("tiny", cache=cache, sources=sources(server))


def test_a_pinned_ratings_file_is_refused_if_it_differs_whatever_the_source(server, cache, body):
    server.answers = [whole(body)]
    with pytest.raises(
        DataError, match="ratings.csv is not the published file: got sha256 [0-9a-f]{64}, expected 00ff"
    ):
        fetch("tiny", cache=cache, sources=sources(server, ratings_sha256="00ff"))
    assert left_in(cache) == []


# ---- the wheel


def wheel_sources(server, wheel, tmp_path, *, ratings_sha256, wheel_sha256=None):
    content = wheel.read_bytes()
    published = Published(
        folder="ml-100k",
        files=("u.data", "u.item", "u.user"),
        md5="0" * 32,
        ratings_sha256=ratings_sha256,
        wheel_sha256=wheel_sha256 or hashlib.sha256(content).hexdigest(),
    )

    def pip_download(folder):
        (folder / wheel.name).write_bytes(content)
        return folder / wheel.name

    return Sources(base_url=server.url, published={"ml-100k": published}, pip_download=pip_download)


@pytest.fixture
def wheel(tmp_path):
    from tests.data.test_wheel import make_wheel

    return make_wheel(tmp_path / "tiny.whl")


U_DATA_SHA256 = hashlib.sha256(b"7\t1\t3\t100\n5\t267\t5\t101\n").hexdigest()


def test_the_wheel_is_the_source_where_grouplens_is_not_reached(server, cache, wheel, tmp_path):
    server.answers = [status(404)]
    folder, source = fetch(
        "ml-100k", cache=cache, sources=wheel_sources(server, wheel, tmp_path, ratings_sha256=U_DATA_SHA256)
    )
    assert (
        source == f"ml-100k came from the wheel recbole==1.2.1 of the package index and is now in the cache, {folder}."
    )
    assert (folder / "u.data").read_bytes() == b"7\t1\t3\t100\n5\t267\t5\t101\n"
    assert left_in(cache) == ["ml-100k"]


def test_a_wheel_with_another_digest_is_refused(server, cache, wheel, tmp_path):
    server.answers = [status(404)]
    other = wheel_sources(server, wheel, tmp_path, ratings_sha256=U_DATA_SHA256, wheel_sha256="00ff")
    with pytest.raises(
        DataError, match="the wheel recbole==1.2.1 .*: tiny.whl is not the published file: got .*expected 00ff"
    ):
        fetch("ml-100k", cache=cache, sources=other)
    assert left_in(cache) == []


def test_every_source_is_listed_with_its_reason(server, cache, wheel, tmp_path):
    server.answers = [status(404)]
    other = wheel_sources(server, wheel, tmp_path, ratings_sha256="00ff")
    with pytest.raises(DataError) as refused:
        fetch("ml-100k", cache=cache, sources=other)
    assert str(refused.value) == (
        f"ml-100k could not be had. Cache {cache / 'ml-100k'}: nothing there; GroupLens ({server.url}/ml-100k.zip): "
        "the server answered 404 Not Found; the wheel recbole==1.2.1 of the package index: u.data is not the published "
        f"file: got sha256 {U_DATA_SHA256}, expected 00ff. Connect to a network and run again, or unpack the data set "
        "yourself and pass --dataset PATH with its folder."
    )


# ---- the cache


def test_a_damaged_folder_is_set_aside_and_fetched_again(server, cache, body):
    server.answers = [whole(body)]
    folder, _ = fetch_tiny(server, cache, body)
    good = (folder / "movies.csv").read_bytes()
    (folder / "movies.csv").write_bytes(b"half")
    assert "came from GroupLens" in fetch_tiny(server, cache, body).source
    assert (folder / "movies.csv").read_bytes() == good
    assert (cache / "tiny.damaged" / "movies.csv").read_bytes() == b"half"
    (folder / "ratings.csv").unlink()
    fetch_tiny(server, cache, body)
    assert left_in(cache) == ["tiny", "tiny.damaged"]


def test_the_damage_is_told_if_nothing_replaces_it(server, cache, body):
    server.answers = [whole(body), status(404)]
    folder, _ = fetch_tiny(server, cache, body)
    (folder / "ratings.csv").write_bytes(b"half")
    with pytest.raises(
        DataError, match="Cache .*ratings.csv is not the published file: got .*so it was set aside as tiny.damaged;"
    ):
        fetch_tiny(server, cache, body)


def test_a_folder_put_into_the_cache_by_hand_is_used_if_its_ratings_are_the_pinned_ones(server, cache):
    write_csv(cache / "tiny")
    digest = hashlib.sha256((cache / "tiny" / "ratings.csv").read_bytes()).hexdigest()
    assert fetch("tiny", cache=cache, sources=sources(server, ratings_sha256=digest)).folder == cache / "tiny"
    server.answers = [status(404)]
    with pytest.raises(DataError, match=f"got sha256 {digest}, expected 00ff, so it was set aside"):
        fetch("tiny", cache=cache, sources=sources(server, ratings_sha256="00ff"))


def test_a_digest_for_a_file_that_is_gone_is_damage(server, cache, body):
    server.answers = [whole(body), status(404)]
    folder, _ = fetch_tiny(server, cache, body)
    (folder / SUMS).write_text((folder / SUMS).read_text() + "0" * 64 + "  tags.csv\n")
    with pytest.raises(DataError, match="Cache .*: tags.csv is gone from .*, so it was set aside"):
        fetch_tiny(server, cache, body)


def test_a_cache_that_cannot_be_written_is_told(server, tmp_path, body):
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(
        DataError,
        match="the cache .* cannot be used .*Name another one with --cache, or by .* variable MOVIE_VAE_CACHE",
    ):
        fetch_tiny(server, tmp_path / "cache", body)


@pytest.mark.parametrize("failure", [KeyboardInterrupt, OSError, SystemExit])
def test_nothing_is_left_after_an_exception_in_the_middle(cache, failure):
    def fail_in_the_middle():
        with being_filled(cache / "tiny") as (scratch, folder):
            (scratch / "archive.zip").touch()
            (folder / "ratings.csv").touch()
            raise failure

    with pytest.raises(failure):
        fail_in_the_middle()
    assert left_in(cache) == []


def test_the_folder_of_a_faster_process_stays(cache):
    with being_filled(cache / "tiny") as (_, folder):
        (folder / "ratings.csv").write_text("ours")
        write_tabbed(cache / "tiny")
    assert not (cache / "tiny" / "ratings.csv").exists()
    assert left_in(cache) == ["tiny"]


def test_drafts_of_killed_processes_are_swept_up_after_a_day(cache):
    for name in (".tiny.old", ".tiny.young", ".other.old"):
        (cache / name / "tiny").mkdir(parents=True)
    long_ago = time.time() - cache_module.STALE_AFTER - 1
    for name in (".tiny.old", ".other.old"):
        os.utime(cache / name, (long_ago, long_ago))
    with being_filled(cache / "tiny") as (_, folder):
        (folder / "ratings.csv").touch()
    assert left_in(cache) == [".other.old", ".tiny.young", "tiny"]


def start_fetching(server, cache, body):
    """Fetch in a process of its own; it prints where the data came from."""
    code = f"""
        from pathlib import Path
        from recsys.data.sources.published import Published, Sources, fetch
        published = {{"tiny": Published(folder="tiny", files={FILES!r}, md5={md5(body)!r})}}
        sources = Sources(base_url={server.url!r}, published=published)
        print(fetch("tiny", cache=Path({str(cache)!r}), sources=sources).source)
    """
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(code)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_two_processes_fill_one_cache_at_the_same_time(server, cache, body):
    both_asked = threading.Barrier(2)

    def together(handler):
        both_asked.wait(timeout=30)  # neither gets the archive before both have found the cache empty
        whole(body)(handler)

    server.answers = [together]
    processes = [start_fetching(server, cache, body) for _ in range(2)]
    said = [process.communicate(timeout=60) for process in processes]
    assert [error for _, error in said] == ["", ""]
    assert all("tiny came from GroupLens" in source for source, _ in said)
    assert left_in(cache) == ["tiny"]
    assert fetch_tiny(server, cache, body).source.startswith("tiny was read from the cache")


def wait_for_draft(server, cache, process):
    """Until the server was asked, too: a draft is there before."""
    for _ in range(600):
        if server.asked and list(cache.glob(".tiny.*/tiny.zip")):
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    raise AssertionError("the download never began")


def test_an_interrupted_process_leaves_nothing(server, cache, body):
    server.answers = [stalled(body)]
    process = start_fetching(server, cache, body)
    wait_for_draft(server, cache, process)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert left_in(cache) == []


def test_a_killed_process_leaves_no_half_written_folder(server, cache, body):
    server.answers = [stalled(body), whole(body)]
    process = start_fetching(server, cache, body)
    wait_for_draft(server, cache, process)
    process.kill()
    process.communicate(timeout=30)
    assert not (cache / "tiny").exists()
    assert fetch_tiny(server, cache, body).source.startswith("tiny came from GroupLens")


# ---- names and places


def test_every_name_has_a_source_and_all_but_one_a_digest():
    assert tuple(PUBLISHED) == NAMES
    assert [name for name, published in PUBLISHED.items() if published.md5 is None] == ["ml-latest-small"]
    assert [name for name, published in PUBLISHED.items() if published.ratings_sha256] == ["ml-100k"]


def test_the_cache_is_the_argument_or_else_the_variable_or_else_the_users_own(monkeypatch, tmp_path):
    monkeypatch.setenv("MOVIE_VAE_CACHE", str(tmp_path / "variable"))
    assert cache_folder(tmp_path) == tmp_path
    assert cache_folder() == tmp_path / "variable"
    monkeypatch.delenv("MOVIE_VAE_CACHE")
    assert cache_folder().name == "movie-vae"
