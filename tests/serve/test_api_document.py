"""What the REST API's document allows and forbids, tried by schemathesis: an answer as described, or a sentence."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.support.pages.page_server import untrained
from tests.support.pages.rest_pages import TITLES, engine_with, whole_page, write_films

OPERATIONS = ["/v1/recommend", "/v1/genres", "/v1/group", "/v1/predict", "/v1/similar", "/v1/films"]
BOUNDED = settings(
    max_examples=25,
    derandomize=True,
    database=None,
    deadline=None,  # others may be at work here
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.fixture(scope="module")
def operations(tmp_path_factory):
    """Path -> what may be asked there, of the whole page with a small model."""
    model = untrained(write_films(tmp_path_factory.mktemp("document") / "films"))
    document = schemathesis.openapi.from_asgi("/api/openapi.json", whole_page(engine_with(model)))
    return {operation.path: operation for operation in (found.ok() for found in document.get_all_operations())}


def tried(operation: Any, mode: GenerationMode, check: Callable[[Any, Any], None]) -> None:
    """Ask what the document allows, or forbids, and check each answer."""

    @BOUNDED
    @given(operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        check(case, case.call())

    ask()


def assert_sentence(answer: Any) -> None:
    """A refusal has one, and nothing of the server's inside; and nobody gets a cookie."""
    assert answer.status_code < 500
    assert "set-cookie" not in answer.headers
    if answer.status_code != 200:
        sentence = json.loads(answer.content)["detail"]
        assert len(sentence.split()) > 4
        assert "\n" not in sentence
        assert "Traceback" not in sentence


@pytest.mark.parametrize("path", OPERATIONS)
def test_whatever_the_document_allows_is_answered_as_described_or_refused_in_a_sentence(operations, path):
    def check(case, answer):
        case.validate_response(answer, excluded_checks=[positive_data_acceptance])  # titles may be unknown
        assert_sentence(answer)

    tried(operations[path], GenerationMode.POSITIVE, check)


@pytest.mark.parametrize("path", OPERATIONS)
def test_whatever_the_document_forbids_is_refused_in_a_sentence(operations, path):
    def check(case, answer):
        case.validate_response(answer)
        assert answer.status_code in (400, 404, 422)
        assert_sentence(answer)

    tried(operations[path], GenerationMode.NEGATIVE, check)


def known(said: dict[str, Any]) -> dict[str, Any]:
    """The same with films, stars, genres and periods that there are in place of whatever was made up."""

    def ratings(made_up: dict[str, float] | None) -> dict[str, float] | None:
        return made_up and {film(title): 1 + int(abs(stars)) % 5 for title, stars in made_up.items()}

    def film(made_up: str) -> str:
        return TITLES[sum(map(ord, made_up)) % len(TITLES)]

    meant: dict[str, Callable[[Any], Any]] = {
        "ratings": ratings,
        "people": lambda people: [*map(ratings, people)],
        "exclude": lambda titles: titles and [*map(film, titles)],
        "titles": lambda titles: [*map(film, titles)],
        "title": film,
        "genres": lambda genres: genres and [("war", "Comedy")[len(genre) % 2] for genre in genres],
        "decades": lambda decades: [f"19{60 + len(decade) % 3 * 10}s" for decade in decades],
        "filters": lambda filters: filters and known(filters),
        "period": lambda period: period and f"19{60 + len(period) % 3 * 10}s",
    }
    return {name: meant.get(name, lambda same: same)(value) for name, value in said.items()}


@pytest.mark.parametrize("path", OPERATIONS)
def test_whatever_is_asked_about_films_that_there_are_is_answered(operations, path):
    seen = []

    @BOUNDED
    @given(operations[path].as_strategy(generation_mode=GenerationMode.POSITIVE))
    def ask(case):
        case.body, case.query = (
            (known(case.body), case.query) if case.method == "POST" else (case.body, known(case.query))
        )
        answer = case.call()
        case.validate_response(answer)
        assert answer.status_code == 200, answer.text
        seen.append(len(json.loads(answer.content)))

    ask()
    assert max(seen) >= 1


@pytest.mark.parametrize("path", OPERATIONS)
def test_what_the_document_has_as_an_example_is_answered(operations, path):
    examples = [*operations[path].get_strategies_from_examples()]
    assert examples
    for strategy in examples:

        @settings(BOUNDED, max_examples=1)
        @given(strategy)
        def ask(case):
            answer = case.call()
            case.validate_response(answer)
            assert answer.status_code == 200, answer.text

        ask()
