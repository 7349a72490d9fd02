"""A whole rehearsal, but that people's ratings come into the store by no page."""

import io
import json
from contextlib import nullcontext, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from eval import rehearse
from eval.rehearsing import course as courses
from eval.rehearsing.course import CourseConfig
from eval.retraining.people import film_keys
from recsys.errors import DataError
from recsys.store import open_store
from recsys.versions.registry import Registry
from tests.support.store_places import CHEAP, PASSWORD

N_PEOPLE, N_ROUNDS = 60, 2


class NoPage:
    """A page that takes every version over at once."""

    url = "http://127.0.0.1:1"

    def __init__(self):
        self.waited_for = []

    def wait_for_version(self, fingerprint):
        self.waited_for.append(fingerprint)


@dataclass
class Rehearsed:
    """What came of a rehearsal: who came, round by round, and what was printed and kept."""

    page: NoPage
    came: list
    status: int
    printed: str
    out: Path


def straight_into(place, came):
    """Visits that need no page."""

    def visit(street, newcomers, again):
        keys, ids = film_keys(street.town.dataset), street.town.dataset.catalog.item_ids
        came.append((newcomers, again))
        with open_store(place, config=CHEAP) as store:
            for person in newcomers:
                told = person.truth.to_tell[: street.config.told if person.kind == "honest" else None]
                said = person.visitor.name, PASSWORD, person.visitor.address, person.consent
                member = store.accounts.person_of(store.accounts.register(*said))
                rated = {keys.key_of(int(ids[film])): float(person.truth.stars[film]) for film in told}
                store.ratings.set_ratings(member, keys.label, rated)

    return visit


def words(dataset, folder):
    said = ["--dataset", str(dataset.folder), "--min-ratings", "1", "--model", "ease", "--people", str(N_PEOPLE)]
    place = f"sqlite:///{folder / 'people.sqlite3'}"
    return [*said, "--rounds", str(N_ROUNDS), "--database", place, "--out", str(folder / "out")]


@pytest.fixture(scope="module")
def rehearsed(dataset, tmp_path_factory):
    folder, page, came, asked = tmp_path_factory.mktemp("rehearsal"), NoPage(), [], rehearse.retrain_arguments
    with pytest.MonkeyPatch.context() as patched, redirect_stdout(io.StringIO()) as printed:
        patched.setattr("eval.rehearsing.pages.pages", lambda *_: nullcontext([page]))
        patched.setattr(rehearse, "retrain_arguments", lambda *given: [*asked(*given), "--ndcg-margin", "1"])
        patched.setattr(courses, "visit", straight_into(folder / "people.sqlite3", came))
        status = rehearse.main(words(dataset, folder))
    return Rehearsed(page, came, status, printed.getvalue(), folder / "out")


def test_rounds_of_people_make_versions_and_all_that_is_measured_is_kept(rehearsed):
    assert rehearsed.status == 0
    found = json.loads((rehearsed.out / "rehearse.json").read_text())
    assert [one["number"] for one in found["rounds"]] == [0, 1, 2]
    learned = [one["n_people"] for one in found["rounds"]]
    assert learned[0] == 0 < learned[1] < learned[2]
    panel = [one["judged"]["panel"] for one in found["rounds"]]
    assert {one["rival"] for one in panel} == {panel[0]["challenger"]}  # the first version is the frozen one
    assert panel[2]["challenger"] != panel[0]["challenger"]
    assert 0 < found["newcomers"]["n_people"] <= N_PEOPLE
    assert {row["metric"] for row in found["base"]} == {"nDCG@10"}  # this model has no stars
    assert found["pushes"].keys() == {"with limits", "without"}
    assert found["pushes"]["with limits"]["moved"] < found["pushes"]["without"]["moved"]
    for title in ("Rounds", "What versions knew, and two films", "What it came to", "A film that is pushed"):
        assert title in rehearsed.printed
        assert title in (rehearsed.out / "rehearse.md").read_text()
    assert len(rehearsed.page.waited_for) == N_ROUNDS


def test_who_comes_is_as_asked(rehearsed):
    config = CourseConfig(people=N_PEOPLE, rounds=N_ROUNDS)
    everybody = [person for newcomers, _ in rehearsed.came for person in newcomers]
    assert [len(newcomers) for newcomers, _ in rehearsed.came] == [config.n_new + config.n_attackers] * (N_ROUNDS + 1)
    attackers = [person for person in everybody if person.kind == "attacker"]
    assert 0.03 < len(attackers) / len(everybody) < 0.08
    assert {person.consent for person in attackers} == {"yes"}
    assert len({int(person.truth.to_tell[0]) for person in attackers}) == 1
    honest = [person for person in everybody if person.kind == "honest"]
    assert 0.6 < sum(person.consent == "yes" for person in honest) / len(honest) < 0.95
    assert len({person.visitor.address for person in everybody}) == len(everybody)
    again = [person for _, others in rehearsed.came for person in others]
    assert rehearsed.came[0][1] == []
    assert again
    assert {person.kind for person in again} == {"honest"}


def test_a_database_with_people_in_it_is_left_alone(dataset, tmp_path, capsys):
    keys = film_keys(dataset)
    with open_store(tmp_path / "people.sqlite3", config=CHEAP) as store:
        ann = store.accounts.person_of(store.accounts.register("Ann", PASSWORD, "here", "yes"))
        store.ratings.set_ratings(ann, keys.label, {keys.key_of(int(dataset.catalog.item_ids[0])): 4.0})
    assert rehearse.main(words(dataset, tmp_path)) == 2
    assert "the database holds people's ratings, which are no part of a rehearsal" in capsys.readouterr().err


def test_the_share_of_attackers_is_of_all_accounts():
    config = CourseConfig(people=950, rounds=5)
    assert (config.n_new, config.n_attackers) == (190, 10)


def test_where_no_version_answers_it_is_said(tmp_path):
    with pytest.raises(DataError, match="the gate let none pass"):
        courses.answering(Registry(tmp_path / "versions"))
