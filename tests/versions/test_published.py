"""Versions on a Hub on 127.0.0.1: pushed as tags, promoted as main, and loaded from there."""

import json

import pytest
from huggingface_hub import close_session, constants

from recsys.artifacts.artifact import load_artifact
from recsys.hub import Hub, HubError, pull
from recsys.versions import __main__ as command
from recsys.versions.lineage import Gate
from recsys.versions.published import Repository, tag_of
from tests.support.loopback_hub import OWNER, READER, LoopbackHub
from tests.versions.conftest import LINEAGE, made

REPO = "someone/movies"

# huggingface_hub 2.4 uploads large files in a way that httpx2 wants to be rid of
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>' to upload raw bytes:DeprecationWarning")


@pytest.fixture
def server(monkeypatch, tmp_path):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no-token"))
    close_session()
    server = LoopbackHub()
    server.start()
    yield server
    server.stop()
    close_session()


@pytest.fixture
def repository(server, tmp_path):
    return Repository(REPO, Hub(server.url, OWNER, tmp_path / "cache"))


def test_a_version_is_pushed_as_a_tag_and_fetched_by_it(three, repository, server):
    second = three.version(2)
    tag = tag_of(second)
    assert repository.publish(second) == f"{second} was pushed as {REPO}@{tag}."
    assert repository.publish(second) == f"{REPO}@{tag} is there already."
    pulled = pull(f"{REPO}@{tag}", repository.hub)
    assert load_artifact(pulled.folder).fingerprint() == second.record.fingerprint
    assert json.loads((pulled.folder / "version.json").read_text())["lineage"]["n_people"] == 40
    assert server.repositories[REPO].private
    assert "manifest.json" not in server.repositories[REPO].files("main")  # nobody has promoted it


def test_main_has_the_version_that_was_promoted_last(three, repository):
    for number in (2, 3, 2):
        version = three.version(number)
        assert repository.promote(version) == f"{REPO} now has {version}."
        pulled = pull(REPO, repository.hub)
        assert load_artifact(pulled.folder).fingerprint() == version.record.fingerprint
    tagged = pull(f"{REPO}@{tag_of(three.version(3))}", repository.hub)
    assert load_artifact(tagged.folder).fingerprint() == three.version(3).record.fingerprint


def test_promotions_of_the_command_line_reach_the_hub_first(three, repository, server, monkeypatch, capsys):
    monkeypatch.setattr("recsys.versions.published.Repository", lambda name: Repository(name, repository.hub))
    words = ["--versions", str(three.folder), "--hub", REPO]
    assert command.main(["promote", "2", *words]) == 0
    assert capsys.readouterr().out.startswith(f"{REPO} now has version 2 (")
    assert command.main(["rollback", *words]) == 0
    assert capsys.readouterr().out.startswith(f"{REPO} now has version 3 (")
    three.judge(2, Gate(passed=True, reason="Fine."))
    server.stop()
    assert command.main(["promote", "2", *words]) == 2
    assert "the Hub could not be reached" in capsys.readouterr().err
    assert three.current().number == 3
    server.__init__()
    server.start()


def test_who_may_not_write_is_told_so(three, repository):
    with pytest.raises(HubError, match="the token lacks the right to write there"):
        Repository(REPO, Hub(repository.hub.endpoint, READER, repository.hub.cache)).publish(three.version(2))


def test_whoever_publishes_people_s_ratings_to_everybody_is_warned(three, repository, server):
    assert "WARNING" not in repository.promote(three.version(2))
    server.repositories[REPO].private = False
    for said in (repository.promote(three.version(3)), repository.publish(three.version(2))):
        assert said.endswith(
            f"WARNING: {REPO} is public, so everybody can read a model that has learned from the ratings of 40 people; "
            "unless they were told so, make it private in its settings on the Hub."
        )
    nobody = three.add(made(4), LINEAGE.model_copy(update={"n_people": 0}))
    assert "WARNING" not in repository.promote(nobody)
