import errno
import math
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from huggingface_hub import HfApi, ModelCard, ModelCardData, close_session, constants
from huggingface_hub.repocard_data import EvalResult
from huggingface_hub.utils import _http

from recsys.artifacts.manifest import MANIFEST, ArtifactError, write_json, write_manifest
from recsys.hub import Hub, HubError, copy_to, plan, pull, push
from recsys.hub import __main__ as command_line
from recsys.hub import client as client_module
from recsys.hub.references import Reference, parse
from tests.support.loopback_hub import OWNER, READER, STRANGER, LoopbackHub, Refusal, Repository

ROOT = Path(__file__).parents[2]
REPO = "someone/movie-vae"
CARD = "---\nlicense: apache-2.0\n---\n# A model\n"
FILES = {"model.json": b'{"model": "ease"}\n', "arrays.safetensors": bytes(range(256)) * 40}
NOBODY = "http://127.0.0.1:9"  # where no server listens
FOREVER = math.inf

# huggingface_hub 2.4 uploads large files in a way that httpx2 wants to be rid of
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>' to upload raw bytes:DeprecationWarning")


@pytest.fixture(scope="module")
def running():
    server = LoopbackHub()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module", autouse=True)
def own_session():
    """A session of the client that knows of no proxy and does not outlive these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "127.0.0.1")
        close_session()
        yield
        close_session()


@pytest.fixture
def server(running):
    running.reset()
    return running


@pytest.fixture(autouse=True)
def naps(monkeypatch, tmp_path):
    """Seconds that would have been waited; and a client that is not set up by whoever runs the tests."""
    waited = []
    for module in (client_module, _http):
        monkeypatch.setattr(module, "time", SimpleNamespace(sleep=waited.append))
    monkeypatch.setattr("huggingface_hub.file_download.time", SimpleNamespace(sleep=waited.append))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no-token"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    return waited


@pytest.fixture
def hub(server, tmp_path):
    return Hub(server.url, OWNER, tmp_path / "cache")


@pytest.fixture
def folder(tmp_path):
    return write_model(tmp_path / "model", FILES)


def write_model(folder, files):
    """A folder in place of the one that was there, with a manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    write_manifest(folder)
    return folder


def publish(server, folder):
    """Put on the Hub what a push would; returns the commit."""
    repository = server.repositories.setdefault(REPO, Repository("someone"))
    return repository.commit({path.name: path.read_bytes() for path in folder.iterdir()})


def content_of(folder, names=(*FILES, MANIFEST)):
    return {name: (folder / name).read_bytes() for name in names}


FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def raising(error):
    def fail(*_, **__):
        raise error

    return fail


def all_files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


# ---- names


def test_a_reference_names_a_repository_and_maybe_a_branch_a_tag_or_a_commit():
    assert parse("someone/movie-vae") == Reference("someone/movie-vae", "main")
    assert parse("someone/movie-vae@refs/pr/1") == Reference("someone/movie-vae", "refs/pr/1")
    assert parse("someone/movie-vae@v1.0").revision == "v1.0"
    assert [parse(f"a/b@{revision}").is_commit for revision in ("0" * 40, "0" * 39, "main")] == [True, False, False]
    assert [str(parse(text)) for text in ("a/b", "a/b@v1", "a/b@" + "0" * 40)] == ["a/b", "a/b@v1", "a/b at 0000000"]


@pytest.mark.parametrize(
    "text", ["", "movie-vae", "a/b/c", "some one/movie", "a/b--c", "/b", "a/", "https://x.y/a/b", "../b"]
)
def test_what_is_no_repository_is_refused(text, hub, server):
    with pytest.raises(HubError, match="as the name of a repository; expected USER/REPO or USER/REPO@REVISION"):
        pull(text, hub)
    assert server.asked == []


@pytest.mark.parametrize("revision", ["", "..", "a..b", "a/../b", "/etc", "a//b", "-x", "a b", "a\n", "x/"])
def test_what_is_no_revision_is_refused(revision, hub, server):
    with pytest.raises(HubError, match="as a revision; expected the name of a branch or a tag, or a commit's number"):
        pull(f"a/b@{revision}", hub)
    assert server.asked == []


def test_a_push_goes_to_a_branch(folder, hub, server):
    with pytest.raises(HubError, match="got 'a/b@v1' as a repository; expected USER/REPO, and a branch by --revision"):
        push(folder, "a/b@v1", CARD, hub)
    with pytest.raises(HubError, match="a/b at 0000000: got a commit to push to; expected the name of a branch"):
        push(folder, "a/b", CARD, hub, revision="0" * 40)
    assert server.asked == []


# ---- there and back


def test_what_was_pushed_is_pulled(folder, hub, server):
    steps = []
    pushed = push(folder, REPO, CARD, hub)
    pulled = pull(REPO, hub, on_progress=lambda *step: steps.append(step))
    assert content_of(pulled.folder) == content_of(folder)
    assert (pushed.repo, pushed.changed, pushed.url) == (REPO, True, f"{server.url}/{REPO}")
    assert pushed.sentence == f"{REPO} has a new commit, {pushed.revision[:7]}: {server.url}/{REPO}"
    assert (pulled.repo, pulled.revision, pulled.from_cache) == (REPO, pushed.revision, False)
    assert pulled.sentence == (
        f"{REPO} at {pushed.revision[:7]} came from the Hub and is now in the cache, {pulled.folder}."
    )
    assert pulled.folder.is_relative_to(hub.cache)
    total = sum(map(len, FILES.values()))
    assert steps == [("download", len(FILES["arrays.safetensors"]), total), ("download", total, total)]


def test_a_push_is_one_commit_with_its_message(folder, hub, server):
    push(folder, REPO, CARD, hub, message="Better weights")
    repository = server.repositories[REPO]
    assert repository.messages == ["initial commit", "Better weights"]
    assert repository.files() == {
        **content_of(folder),
        "README.md": CARD.encode(),
        ".gitattributes": repository.files()[".gitattributes"],
    }


def test_only_listed_files_are_pulled(folder, hub, server):
    push(folder, REPO, CARD, hub)
    assert sorted(path.name for path in pull(REPO, hub).folder.iterdir()) == sorted([*FILES, MANIFEST])


def test_names_are_taken_literally(folder, hub, server):
    names = {"*": b"a star", "[m]odel.json": b"brackets", "m?": b"a question"}
    push(write_model(folder, names), REPO, CARD, hub)
    repository = server.repositories[REPO]
    repository.commit({**repository.files(), "model.json": b"not listed", "m1": b"not listed"})
    pulled = pull(REPO, hub).folder
    assert content_of(pulled, names) == names
    assert sorted(path.name for path in pulled.iterdir()) == sorted([*names, MANIFEST])


def test_the_card_arrives_with_its_model_index(folder, hub, server):
    result = EvalResult(
        task_type="recommendation",
        dataset_type="ml-100k",
        dataset_name="ml-100k, u1",
        metric_type="ndcg@10",
        metric_value=0.25,
    )
    data = ModelCardData(license="apache-2.0", model_name="ease", eval_results=[result])
    push(folder, REPO, f"---\n{data.to_yaml()}\n---\n\n# Größe: 5 ★\n", hub)
    path = hub.client().hf_hub_download(REPO, "README.md", cache_dir=hub.cache)
    card = ModelCard.load(path)
    assert card.text.strip() == "# Größe: 5 ★"
    assert [(result.metric_type, result.metric_value) for result in card.data.eval_results] == [("ndcg@10", 0.25)]


def test_a_commit_stays_what_it_was(folder, hub):
    first = push(folder, REPO, CARD, hub).revision
    newer = write_model(folder, {**FILES, "model.json": b'{"model": "vae"}\n'})
    second = push(newer, REPO, CARD, hub).revision
    assert (pull(REPO, hub).folder / "model.json").read_bytes() == b'{"model": "vae"}\n'
    old = pull(f"{REPO}@{first}", hub)
    assert content_of(old.folder, FILES) == FILES
    assert (old.revision, pull(REPO, hub).revision) == (first, second)


def test_a_tag_is_pulled_at_its_commit(folder, hub, server):
    first = push(folder, REPO, CARD, hub).revision
    server.repositories[REPO].refs["v1"] = first
    push(write_model(folder, {"model.json": b"{}"}), REPO, CARD, hub)
    assert pull(f"{REPO}@v1", hub).revision == first


def test_the_same_push_again_makes_no_commit(folder, hub, server):
    first = push(folder, REPO, CARD, hub)
    again = push(folder, REPO, CARD, hub)
    assert (again.changed, again.revision) == (False, first.revision)
    assert again.sentence == f"{REPO} has the same files already, at {first.revision[:7]}: {first.url}"
    assert server.n_asked("POST", "/commit/") == 1
    assert server.n_asked("PUT", "/large/") == 1


def test_another_card_alone_is_a_commit_of_its_own(folder, hub, server):
    push(folder, REPO, CARD, hub)
    assert push(folder, REPO, CARD + "More.\n", hub).changed
    assert server.repositories[REPO].files()["README.md"] == (CARD + "More.\n").encode()
    assert server.n_asked("PUT", "/large/") == 1


def test_files_that_a_model_no_longer_has_are_deleted_and_others_stay(folder, hub, server):
    push(write_model(folder, {**FILES, "model.weights.h5": b"weights"}), REPO, CARD, hub)
    repository = server.repositories[REPO]
    repository.commit({**repository.files(), "config.json": b"by hand", "notes/a.txt": b"by hand"})
    push(write_model(folder, FILES), REPO, CARD, hub)
    by_hand = {"config.json", "notes/a.txt", ".gitattributes"}
    assert set(repository.files()) == {*FILES, MANIFEST, "README.md", *by_hand}
    assert len(repository.messages) == 4


def test_a_manifest_on_the_hub_deletes_neither_card_nor_settings(folder, hub, server):
    push(folder, REPO, CARD, hub)
    repository = server.repositories[REPO]
    manifest = b'{"README.md": "0", ".gitattributes": "0", "missing.json": "0"}'
    repository.commit({**repository.files(), MANIFEST: manifest})
    push(folder, REPO, CARD, hub)
    assert set(repository.files()) == {*FILES, MANIFEST, "README.md", ".gitattributes"}


def test_a_manifest_of_another_kind_does_not_stop_a_push(folder, hub, server):
    server.repositories[REPO] = Repository("someone")
    server.repositories[REPO].commit({MANIFEST: b"[1, 2]", "other.txt": b"other"})
    push(folder, REPO, CARD, hub)
    assert set(server.repositories[REPO].files()) == {*FILES, MANIFEST, "README.md", "other.txt"}


def test_a_branch_is_made_from_main_and_leaves_main_alone(folder, hub, server):
    main = push(folder, REPO, CARD, hub).revision
    pushed = push(write_model(folder, {"model.json": b"{}"}), REPO, CARD, hub, revision="try/1")
    assert pushed.url == f"{server.url}/{REPO}/tree/try/1"
    assert set(server.repositories[REPO].files("try/1")) == {"model.json", MANIFEST, "README.md", ".gitattributes"}
    assert pull(f"{REPO}@try/1", hub).revision == pushed.revision
    assert pull(REPO, hub).revision == main


def test_a_branch_of_a_new_repository(folder, hub, server):
    push(folder, REPO, CARD, hub, revision="try")
    assert set(server.repositories[REPO].refs) == {"main", "try"}
    assert set(server.repositories[REPO].files()) == {".gitattributes"}
    assert push(folder, REPO, CARD, hub, revision="try").changed is False


# ---- who may do what


def test_a_private_repository_is_for_its_owner(folder, hub, server, tmp_path):
    push(folder, REPO, CARD, hub, private=True)
    assert server.repositories[REPO].private
    assert content_of(pull(REPO, replace(hub, token=READER)).folder) == content_of(folder)
    for token in (STRANGER, False):
        with pytest.raises(
            HubError, match=f"{REPO}: not found, or not yours to read; check the spelling, or run `hf auth"
        ):
            pull(REPO, replace(hub, token=token, cache=tmp_path / "empty"))


def test_a_repository_is_public_unless_asked_otherwise(folder, hub, server, tmp_path):
    push(folder, REPO, CARD, hub)
    assert not server.repositories[REPO].private
    assert pull(REPO, replace(hub, token=False, cache=tmp_path / "empty")).folder.is_dir()


@pytest.mark.parametrize(("first", "now", "wanted"), [(False, "public", "private"), (True, "private", "public")])
def test_a_push_does_not_change_who_may_read(folder, hub, server, first, now, wanted):
    push(folder, REPO, CARD, hub, private=first)
    pushed = push(folder, REPO, CARD + "More.\n", hub, private=not first)
    assert pushed.sentence.endswith(f"(it was {now} before and stays so; its settings on the Hub make it {wanted})")
    assert server.repositories[REPO].private is first


def test_a_push_without_a_token_asks_nobody(folder, hub, server):
    for token in (None, False):
        with pytest.raises(
            HubError, match="a push needs a token, and there is none; run `hf auth login`, or set HF_TOKEN"
        ):
            push(folder, REPO, CARD, replace(hub, token=token))
    assert server.asked == []


def test_the_token_of_the_environment_is_used(folder, hub, server, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", OWNER)
    assert push(folder, REPO, CARD, replace(hub, token=None)).changed


def test_an_unknown_token_is_told(folder, hub):
    unknown = replace(hub, token="hf_unknown")
    for work in (lambda: pull(REPO, unknown), lambda: push(folder, REPO, CARD, unknown)):
        with pytest.raises(HubError, match=f"{REPO}: the Hub does not know the token; run `hf auth login`"):
            work()


@pytest.mark.parametrize("token", [READER, STRANGER])
def test_a_token_that_may_not_write_is_told(folder, hub, server, token):
    lacks = (
        f"{REPO}: the token lacks the right to write there; run `hf auth login`, .* or name a repository of your own"
    )
    with pytest.raises(HubError, match=rf"{lacks} \(You don't have the right to write to someone\)"):
        push(folder, REPO, CARD, replace(hub, token=token))
    push(folder, REPO, CARD, hub)
    with pytest.raises(HubError, match=lacks):
        push(write_model(folder, {"model.json": b"{}"}), REPO, CARD, replace(hub, token=token))
    assert server.repositories[REPO].files()["model.json"] == FILES["model.json"]


def test_a_token_that_may_not_read_is_told(hub, server):
    server.trouble = (Refusal(403, message="not in the token's list"), REPO, FOREVER)
    with pytest.raises(
        HubError, match=rf"{REPO}: the token lacks the right to read there; .* \(not in the token's list\)"
    ):
        pull(REPO, hub)


def test_a_gated_repository_says_whom_to_ask(hub, server):
    server.trouble = (Refusal(403, "GatedRepo", "ask for access"), REPO, FOREVER)
    with pytest.raises(HubError, match=f"{REPO}: access must be asked for, on the repository's page"):
        pull(REPO, hub)


# ---- what is not there


def test_an_unknown_repository_is_told(hub):
    for token in (OWNER, False):
        with pytest.raises(HubError, match="someone/nothing: not found, or not yours to read; check the spelling"):
            pull("someone/nothing", replace(hub, token=token))


@pytest.mark.parametrize("revision", ["v9", "0" * 40])
def test_an_unknown_revision_is_told(folder, hub, server, revision):
    publish(server, folder)
    with pytest.raises(
        HubError, match=f"{REPO}.*: the repository has no such branch, tag or commit; check the part behi"
    ):
        pull(f"{REPO}@{revision}", hub)


def test_a_repository_without_a_manifest_is_no_model_of_ours(hub, server):
    server.repositories[REPO] = Repository("someone")
    server.repositories[REPO].commit({"config.json": b"{}"})
    with pytest.raises(HubError, match=f"{REPO} at .*: there is no manifest.json; it is not a model of this project"):
        pull(REPO, hub)


def test_a_listed_file_that_is_not_there_is_named(folder, hub, server):
    publish(server, folder)
    repository = server.repositories[REPO]
    repository.commit({name: content for name, content in repository.files().items() if name != "model.json"})
    with pytest.raises(
        HubError, match=f"{REPO} at .*: model.json is not there, though manifest.json lists it; push the"
    ):
        pull(REPO, hub)


def test_an_address_that_is_no_hub_is_told(hub, server):
    server.repositories[REPO] = Repository("someone", commits={"../../x": {}}, refs={"main": "../../x"})
    with pytest.raises(
        HubError, match=f"{REPO}: got '../../x' for a commit; {server.url} is not a Hub, check HF_ENDPOINT"
    ):
        pull(REPO, hub)


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/b", "..", "C:x", "a\\b", ""])
def test_a_manifest_that_names_other_places_is_refused_before_anything_is_fetched(hub, server, name):
    server.repositories[REPO] = Repository("someone")
    server.repositories[REPO].commit({MANIFEST: f"{{{name!r}: '0'}}".replace("'", '"').encode(), "x": b"x"})
    with pytest.raises(
        HubError, match="the files on the Hub are not those of its manifest.json .*expected plain names"
    ):
        pull(REPO, hub)
    assert {path for _, path in server.asked if "/resolve/" in path and MANIFEST not in path} == set()
    assert all_files(hub.cache / "models--someone--movie-vae") == []


# ---- the cache


def test_a_second_pull_asks_only_which_commit_it_is(folder, hub, server):
    publish(server, folder)
    first = pull(REPO, hub)
    server.asked.clear()
    again = pull(REPO, hub)
    assert server.asked == [("GET", f"/api/models/{REPO}/revision/main")]
    assert (again.folder, again.from_cache) == (first.folder, False)
    assert f"{REPO} at {first.revision[:7]} is what the Hub has, and was in the cache already" in again.sentence


def test_a_commit_in_the_cache_needs_no_network(folder, hub, server):
    commit = publish(server, folder)
    pull(REPO, hub)
    pulled = pull(f"{REPO}@{commit}", replace(hub, endpoint=NOBODY))
    assert pulled.from_cache
    assert pulled.sentence == f"{REPO} at {commit[:7]} was read from the cache, {pulled.folder}."
    assert content_of(pulled.folder) == content_of(folder)


@pytest.mark.parametrize("revision", ["", "@try/1"])
def test_a_branch_is_taken_from_the_cache_when_the_hub_is_down(folder, tmp_path, revision):
    own = LoopbackHub()
    own.start()
    hub = Hub(own.url, OWNER, tmp_path / "cache")
    commit = push(folder, REPO, CARD, hub, revision=revision[1:] or None).revision
    pull(REPO + revision, hub)
    own.stop()
    pulled = pull(REPO + revision, hub)
    assert (pulled.revision, pulled.from_cache) == (commit, True)
    assert content_of(pulled.folder) == content_of(folder)
    assert pulled.sentence == (
        f"The Hub could not be reached ([Errno {errno.ECONNREFUSED}] Connection refused), so the copy of {REPO} at "
        f"{commit[:7]} in the cache, {pulled.folder}, is used."
    )


def test_a_branch_is_taken_from_the_cache_when_the_hub_is_in_trouble(folder, hub, server):
    commit = publish(server, folder)
    pull(REPO, hub)
    server.trouble = (Refusal(503), "", FOREVER)
    pulled = pull(REPO, hub)
    assert (pulled.revision, pulled.from_cache) == (commit, True)
    assert "could not be reached (it answered 503 Service Unavailable), so the copy" in pulled.sentence


@pytest.mark.parametrize("reference", [REPO, f"{REPO}@v1", f"{REPO}@{'0' * 40}"])
def test_a_hub_that_is_down_is_told_if_the_cache_has_nothing(hub, reference, naps):
    with pytest.raises(
        HubError, match=r"the Hub could not be reached \(.*Connection refused\); .* no whole copy of it"
    ):
        pull(reference, replace(hub, endpoint=NOBODY))
    assert naps == []


def test_a_failed_pull_does_not_hide_the_good_copy_before_it(folder, hub, server):
    first = publish(server, folder)
    pull(REPO, hub)
    publish(server, write_model(folder, {**FILES, "model.json": b"{}"}))
    server.altered["model.json"] = b"[]"
    with pytest.raises(HubError, match="the files on the Hub are not those"):
        pull(REPO, hub)
    assert pull(REPO, replace(hub, endpoint=NOBODY)).revision == first


DAMAGES = {
    "altered": lambda path: path.write_bytes(path.read_bytes()[::-1]),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:5]),
    "gone": lambda path: path.unlink(),
    "a dangling link": lambda path: path.resolve().unlink(),
}


@pytest.mark.parametrize("name", ["arrays.safetensors", MANIFEST])
@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_in_the_cache_is_mended(folder, hub, server, name, damage):
    commit = publish(server, folder)
    reference = f"{REPO}@{commit}" if name == MANIFEST else REPO
    DAMAGES[damage](pull(reference, hub).folder / name)
    mended = pull(reference, hub)
    assert content_of(mended.folder) == content_of(folder)
    assert mended.from_cache is False
    assert "came from the Hub" in mended.sentence


def test_a_manifest_that_was_altered_in_the_cache_is_not_believed(folder, hub, server):
    publish(server, folder)
    write_json(pull(REPO, hub).folder / MANIFEST, dict.fromkeys(FILES, "0" * 64))
    assert content_of(pull(REPO, hub).folder) == content_of(folder)


def test_files_larger_than_a_model_may_be_are_not_fetched(folder, hub, server, monkeypatch):
    publish(server, folder)
    monkeypatch.setattr("recsys.hub.download.MOST_BYTES", 100)
    with pytest.raises(HubError, match=r"its files have [\d,]+ bytes; expected at most 100 for a model"):
        pull(REPO, hub)
    assert not list(hub.cache.rglob("model.json"))


def test_a_damaged_copy_is_not_used_when_the_hub_is_down(folder, hub):
    push(folder, REPO, CARD, hub)
    DAMAGES["altered"](pull(REPO, hub).folder / "model.json")
    with pytest.raises(HubError, match="could not be reached .* the cache has no whole copy of it"):
        pull(REPO, replace(hub, endpoint=NOBODY))


# ---- a hub in trouble


@pytest.mark.parametrize("times", [1, 2])
def test_a_passing_trouble_is_waited_for(folder, hub, server, naps, times):
    server.trouble = (Refusal(500), "/revision/main", times)
    assert push(folder, REPO, CARD, hub).changed
    server.trouble = (Refusal(502), "/revision/main", times)
    assert content_of(pull(REPO, hub).folder) == content_of(folder)
    assert naps == [0.5, 1.0][:times] * 2


def test_a_passing_trouble_with_a_commit_does_not_make_two(folder, hub, server):
    server.trouble = (Refusal(500), "/commit/", 1)
    assert push(folder, REPO, CARD, hub).changed
    assert len(server.repositories[REPO].messages) == 2


@pytest.mark.parametrize("times", [1, 3])
def test_a_passing_trouble_with_a_file_is_waited_for(folder, hub, server, times):
    publish(server, folder)
    server.trouble = (Refusal(500), "/resolve/", times)
    assert content_of(pull(REPO, hub).folder) == content_of(folder)


@pytest.mark.parametrize("status", [500, 429])
def test_a_lasting_trouble_is_told(folder, hub, server, naps, status):
    server.trouble = (Refusal(status), "", FOREVER)
    with pytest.raises(HubError, match=rf"{REPO}: the Hub could not be reached \(it answered {status} \w+"):
        pull(REPO, hub)
    assert len(server.asked) == 3
    with pytest.raises(
        HubError, match=rf"{REPO}: the Hub could not be reached \(it answered {status} .*try again later$"
    ):
        push(folder, REPO, CARD, hub)
    assert naps == [0.5, 1.0, 0.5, 1.0]


def test_a_lasting_trouble_with_files_is_told(folder, hub, server):
    publish(server, folder)
    server.trouble = (Refusal(500), "/resolve/", FOREVER)
    with pytest.raises(
        HubError, match=r"could not be reached \(it answered 500 Internal Server Error\); .* no whole copy"
    ):
        pull(REPO, hub)


def test_a_lasting_trouble_with_uploads_is_told(folder, hub, server):
    server.trouble = (Refusal(503), "/large/", FOREVER)
    with pytest.raises(
        HubError, match=rf"{REPO}: the Hub could not be reached \(it answered 503 Service Unavailable\)"
    ):
        push(folder, REPO, CARD, hub)
    assert server.repositories[REPO].messages == ["initial commit"]


def test_a_commit_of_somebody_else_in_between_is_told(folder, hub, server, monkeypatch):
    push(folder, REPO, CARD, hub)
    seen = HfApi.model_info

    def overtaken(self, *arguments, **options):
        info = seen(self, *arguments, **options)
        server.repositories[REPO].commit({}, "faster")
        return info

    monkeypatch.setattr(HfApi, "model_info", overtaken)
    with pytest.raises(HubError, match=f"{REPO}: somebody else changed the repository meanwhile; run again"):
        push(folder, REPO, CARD + "More.\n", hub)
    assert server.repositories[REPO].messages[-1] == "faster"


def test_a_card_that_the_hub_does_not_understand_is_told(folder, hub, server):
    with pytest.raises(
        HubError, match=f"{REPO}: the Hub's client gave up .*Invalid metadata in README.md. - no front matter"
    ):
        push(folder, REPO, "no front matter", hub)
    assert server.repositories[REPO].messages == ["initial commit"]


def test_a_body_that_breaks_off_is_taken_up_where_it_broke(folder, hub, server):
    publish(server, folder)
    server.cut["arrays.safetensors"] = 2
    assert content_of(pull(REPO, hub).folder) == content_of(folder)
    assert server.n_asked("GET", "arrays.safetensors") == 3


def test_a_body_that_stays_too_short_is_told(folder, hub, server):
    publish(server, folder)
    server.altered["arrays.safetensors"] = FILES["arrays.safetensors"][:-1]
    with pytest.raises(
        HubError, match=f"{REPO} at .*: a download broke off before its end; check the network and run again"
    ):
        pull(REPO, hub)
    assert server.n_asked("GET", "arrays.safetensors") == 3
    server.altered.clear()
    assert content_of(pull(REPO, hub).folder) == content_of(folder)


def test_a_file_that_is_altered_on_the_hub_is_told_and_not_kept(folder, hub, server):
    publish(server, folder)
    server.altered["arrays.safetensors"] = FILES["arrays.safetensors"][::-1]
    with pytest.raises(
        HubError,
        match=f"{REPO} at .*: the files on the Hub are not those of its manifest.json .*arrays.safetensors: got sha256",
    ):
        pull(REPO, hub)
    assert server.n_asked("GET", "arrays.safetensors") == 2
    assert server.altered["arrays.safetensors"] not in [path.read_bytes() for path in all_files(hub.cache)]
    server.altered.clear()
    assert content_of(pull(REPO, hub).folder) == content_of(folder)


def test_a_full_disk_is_told(folder, hub, server, monkeypatch):
    publish(server, folder)
    monkeypatch.setattr("huggingface_hub.file_download.http_get", raising(FULL))
    with pytest.raises(
        HubError, match=f"{REPO} at .*: No space left on device; make room, or use a folder that can be"
    ):
        pull(REPO, hub)


# ---- the folder


def test_a_damaged_folder_is_not_pushed(folder, hub, server):
    (folder / "model.json").write_bytes(b"{}")
    with pytest.raises(ArtifactError, match="model.json: got sha256"):
        push(folder, REPO, CARD, hub)
    with pytest.raises(ArtifactError, match="manifest.json: the file is missing"):
        push(folder / "nowhere", REPO, CARD, hub)
    assert server.asked == []


def test_a_manifest_that_lists_the_card_is_not_pushed(folder, hub, server):
    write_model(folder, {**FILES, "README.md": b"mine"})
    with pytest.raises(HubError, match="lists README.md, which is the card's name on the Hub"):
        push(folder, REPO, CARD, hub)
    assert server.asked == []


def test_a_plan_lists_what_a_push_would_send_and_asks_nobody(folder, tmp_path, server):
    planned = plan(folder, REPO, CARD)
    assert planned.card == folder / "README.md"
    assert planned.card.read_text(encoding="utf-8") == CARD
    assert planned.sizes == {"README.md": len(CARD), **{name: len(file) for name, file in content_of(folder).items()}}
    assert plan(folder, REPO, CARD, card_to=tmp_path / "card.md").card.read_text(encoding="utf-8") == CARD
    with pytest.raises(HubError, match=r"the card cannot be written: .*nowhere/card.md: No such file or directory"):
        plan(folder, REPO, CARD, card_to=tmp_path / "nowhere" / "card.md")
    with pytest.raises(HubError, match="as a revision; expected the name of a branch"):
        plan(folder, REPO, CARD, revision="a b")
    assert server.asked == []


@pytest.fixture
def pulled(folder, hub):
    push(folder, REPO, CARD, hub)
    return pull(REPO, hub)


def test_a_copy_has_the_files_themselves_and_nothing_else(pulled, folder, tmp_path):
    copy_to(pulled, tmp_path / "deep" / "copy")
    copy = tmp_path / "deep" / "copy"
    assert content_of(copy) == content_of(folder)
    assert sorted(path.name for path in copy.iterdir()) == sorted([*FILES, MANIFEST])
    assert not any(path.is_symlink() for path in copy.iterdir())
    assert [path.name for path in copy.parent.iterdir()] == ["copy"]


def test_a_copy_takes_the_place_of_an_older_model_or_of_an_empty_folder(pulled, folder, tmp_path):
    older = write_model(tmp_path / "older", {"model.json": b"{}", "config.json": b"{}"})
    (older / "README.md").write_text(CARD)
    (tmp_path / "empty").mkdir()
    for place in (older, tmp_path / "empty"):
        copy_to(pulled, place)
        assert sorted(path.name for path in place.iterdir()) == sorted([*FILES, MANIFEST])


def test_a_copy_replaces_nothing_but_a_model(pulled, tmp_path):
    (tmp_path / "file").write_text("mine")
    mine = write_model(tmp_path / "mine", FILES)
    (mine / "notes.txt").write_text("mine")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "README.md").write_text("mine")
    for name, reason in {
        "file": "got a file; expected the name of a new folder",
        "mine": "holds 'notes.txt', which is no part of a model",
        "docs": "holds 'README.md', which is no part of a model",
    }.items():
        before = all_files(tmp_path / name)
        with pytest.raises(HubError, match=f"{name}: {reason}"):
            copy_to(pulled, tmp_path / name)
        assert all_files(tmp_path / name) == before


@pytest.mark.parametrize("failure", ["altered", "disk"])
def test_a_copy_that_fails_leaves_what_was_there(pulled, tmp_path, monkeypatch, failure):
    older = write_model(tmp_path / "copies" / "older", {"model.json": b"{}"})
    if failure == "altered":
        DAMAGES["altered"](pulled.folder / "model.json")
    else:
        monkeypatch.setattr("shutil.copyfile", raising(FULL))
    reasons = {"altered": "model.json: got sha256", "disk": "the copy failed: No space left on device; make room"}
    for place in (older, tmp_path / "copies" / "new"):
        with pytest.raises((ArtifactError, HubError), match=reasons[failure]):
            copy_to(pulled, place)
    assert content_of(older, ["model.json"]) == {"model.json": b"{}"}
    assert [path.name for path in (tmp_path / "copies").iterdir()] == ["older"]


# ---- the command line


@pytest.fixture
def cards(monkeypatch):
    """The arguments that cards are made of."""
    asked = []

    def make_card(folder, repo, results):
        asked.append((folder, repo, results))
        return CARD

    monkeypatch.setitem(sys.modules, "recsys.model_card", SimpleNamespace(make_card=make_card))
    return asked


@pytest.fixture
def command(hub, cards, monkeypatch):
    monkeypatch.setattr(command_line, "AS_SET_UP", hub)
    return lambda *arguments: command_line.main([str(argument) for argument in arguments])


def test_the_commands_push_and_pull(command, cards, folder, tmp_path, server, capsys):
    assert command("push", folder, REPO, "--private", "--revision", "try", "--message", "First") == 0
    pushed = capsys.readouterr().out
    assert (
        pushed
        == f"{REPO}@try has a new commit, {server.repositories[REPO].find('try')[:7]}: {server.url}/{REPO}/tree/try\n"
    )
    assert (server.repositories[REPO].private, server.repositories[REPO].messages[-1]) == (True, "First")
    assert cards == [(folder, REPO, None)]
    assert command("pull", f"{REPO}@try", "--to", tmp_path / "copy") == 0
    sentence, place = capsys.readouterr().out.splitlines()
    assert "came from the Hub" in sentence
    assert place == str(tmp_path / "copy")
    assert content_of(tmp_path / "copy") == content_of(folder)
    assert command("pull", f"{REPO}@try") == 0
    assert content_of(Path(capsys.readouterr().out.splitlines()[-1])) == content_of(folder)


def test_the_card_tells_the_results_of_the_run_that_made_the_model(command, cards, tmp_path):
    model = write_model(tmp_path / "runs" / "1" / "artifacts" / "u1" / "ease", FILES)
    results = tmp_path / "runs" / "1" / "results.json"
    assert command("push", model, REPO, "--dry-run") == 0
    results.write_text("{}")
    assert command("push", model, REPO, "--dry-run") == 0
    assert command("push", model, REPO, "--dry-run", "--results", "other.json") == 0
    assert [made[2] for made in cards] == [None, results, Path("other.json")]


def test_a_dry_run_asks_nobody(command, folder, server, tmp_path, capsys):
    assert command("push", folder, REPO, "--dry-run", "--card-to", tmp_path / "card.md") == 0
    said = capsys.readouterr().out
    assert "        10,240 bytes  arrays.safetensors\n" in said
    assert (
        f"Nothing was sent; a push would commit these 4 files to {REPO}.\nThe card is {tmp_path / 'card.md'}\n" in said
    )
    assert (tmp_path / "card.md").read_text(encoding="utf-8") == CARD
    assert server.asked == []


def damaged_on_the_hub(server):
    server.altered["model.json"] = b"0" * len(FILES["model.json"])


def too_short_on_the_hub(server):
    server.altered["model.json"] = b"0"


def in_trouble(server):
    server.trouble = (Refusal(500), "", FOREVER)


def without_manifest(server):
    server.repositories[REPO].commit({"model.json": b"{}"})


def gone(server):
    server.repositories.clear()


@pytest.mark.parametrize("wrong", [damaged_on_the_hub, too_short_on_the_hub, in_trouble, without_manifest, gone])
def test_a_pull_that_fails_is_told_in_a_line_and_leaves_no_folder(
    command, folder, hub, server, tmp_path, capsys, wrong
):
    publish(server, folder)
    wrong(server)
    capsys.readouterr()
    assert command("pull", REPO, "--to", tmp_path / "there" / "copy") == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"recsys.hub: {REPO}")
    assert said.err.count("\n") == 1
    assert not (tmp_path / "there").exists()


def test_a_folder_that_must_not_be_replaced_is_told_before_anything_is_fetched(command, server, tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("mine")
    assert command("pull", REPO, "--to", tmp_path) == 2
    assert "which is no part of a model" in capsys.readouterr().err
    assert server.asked == []


@pytest.mark.parametrize("error", [HubError("a sentence"), ArtifactError("a sentence"), OSError("a sentence")])
def test_a_mistake_is_told_in_a_line(command, monkeypatch, capsys, error):
    monkeypatch.setattr(command_line, "pull", raising(error))
    assert command("pull", REPO) == 2
    assert capsys.readouterr().err == "recsys.hub: a sentence\n"


def test_ctrl_c_ends_with_130(command, monkeypatch, capsys):
    monkeypatch.setattr(command_line, "pull", raising(KeyboardInterrupt()))
    assert command("pull", REPO) == 130
    assert capsys.readouterr().err == "recsys.hub: stopped\n"


def test_a_command_line_that_is_not_understood_ends_with_2(command, capsys):
    for arguments in ([], ["fetch"], ["pull"], ["push", "folder"]):
        with pytest.raises(SystemExit, match="2"):
            command(*arguments)
        assert "usage: python -m recsys.hub" in capsys.readouterr().err


def run(*arguments, **environment):
    """The command in a process of its own, which is set up by its environment alone."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    return subprocess.run(
        [sys.executable, *arguments], env={**kept, **environment}, cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_help_loads_nothing_heavy():
    code = "import sys, recsys.hub.__main__; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = set(run("-W", "error", "-c", code).stdout.split())
    assert "recsys" in loaded
    assert not loaded & {"huggingface_hub", "httpx2", "numpy", "scipy", "keras", "jax", "gradio", "pandas"}


def test_a_process_is_set_up_by_its_environment_and_reads_the_cache_offline(folder, hub, server, tmp_path):
    pushed = push(folder, REPO, CARD, hub, private=True)
    home = {"HF_HOME": str(tmp_path / "home"), "NO_PROXY": "127.0.0.1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    online = run("-m", "recsys.hub", "pull", REPO, HF_ENDPOINT=server.url, HF_TOKEN=READER, **home)
    assert (online.returncode, online.stderr) == (0, "")
    place = Path(online.stdout.splitlines()[-1])
    assert place == tmp_path / "home" / "hub" / "models--someone--movie-vae" / "snapshots" / pushed.revision
    offline = run("-m", "recsys.hub", "pull", REPO, HF_ENDPOINT=server.url, HF_HUB_OFFLINE="1", **home)
    sentence = (
        f"The Hub could not be reached (HF_HUB_OFFLINE is set), so the copy of {REPO} at {pushed.revision[:7]} in the"
    )
    assert offline.stdout.startswith(sentence)
    assert (offline.returncode, Path(offline.stdout.splitlines()[-1])) == (0, place)
