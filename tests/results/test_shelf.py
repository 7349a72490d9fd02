"""The list of all models: each once, with its figures where it was measured."""

from recsys.models import MODELS
from recsys.results.found import PUBLISHED
from recsys.results.measurements import Measurements
from recsys.results.reading import read_results
from recsys.results.shelf import shelf

MEASURED = Measurements(read_results(PUBLISHED))


def test_every_described_model_is_listed_once_in_the_order_of_tables():
    assert [each.name for each in shelf(MEASURED)] == [name for name, recipe in MODELS.items() if recipe.about]


def test_figures_are_those_of_the_measurement_or_dashes():
    found = {each.name: each for each in shelf(MEASURED)}
    assert found["ease"].rmse == "–"
    assert found["ease"].ndcg == f"{MEASURED.figures['ease', 'ndcg@10'].mean:.4f}"
    assert found["hybrid-vae"].rmse == f"{MEASURED.figures['hybrid-vae', 'rmse'].mean:.4f}"
    assert {each.name for each in found.values() if (each.rmse, each.ndcg) != ("–", "–")} == MEASURED.runs.keys()
