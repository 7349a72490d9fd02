"""Tables of docs/results.md and the README, one run's, by .ci/tables.py; the list of docs/shelf.md, by .ci/shelf.py."""

import importlib.util
import re
from pathlib import Path

import pytest

from recsys.models import MODELS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
RESULTS = (ROOT / "docs/results.md").read_text(encoding="utf-8")


def load(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / ".ci" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


tables, shelf = load("tables"), load("shelf")


def report(*models: str) -> str:
    """What report.md of a made-up run holds of its tables."""
    rows = {
        "Rating accuracy (stars; lower is better)": ["MSE", "RMSE", "MAE", "NLL", "ECE", "paper MSE", "fit s"],
        "Top-N lists (higher is better)": ["P@5", "R@10", "nDCG@10", "MRR@10"],
    }
    parts = ["# Evaluation report", "", "- seed: 0", ""]
    for title, headings in rows.items():
        parts += [f"## {title}", "", f"| model | {' | '.join(headings)} |", f"| :-- |{' --: |' * len(headings)}"]
        parts += [f"| {model} | {' | '.join(f'{heading} of {model}' for heading in headings)} |" for model in models]
        parts += ["", "a note  ", "another  ", ""]
    return "\n".join([*parts, "![Accuracy](metrics.png)", "", "## Models", "", "- some"])


def test_the_readme_shows_cells_of_the_results_page():
    for shown, whole in zip(tables.tables(README), tables.tables(RESULTS), strict=True):
        known = tables.by_model(whole)
        for model, row in tables.by_model(shown).items():
            assert row == {heading: known[model][heading] for heading in row}


def test_a_table_of_the_readme_has_the_flagship_and_what_it_is_compared_with():
    for table in tables.tables(README):
        assert {"hybrid-vae", "mult-vae", "vae", "user-knn"} <= tables.by_model(table).keys()


def test_a_run_replaces_what_is_between_the_marks_and_nothing_else():
    changed = tables.in_results(RESULTS, report("a", "b"))
    before, inside, after = re.split(r"<!-- /?tables(?::[^\n]*)? -->\n", changed)
    assert before + after == "".join(re.split(r"<!-- /?tables(?::[^\n]*)? -->\n", RESULTS)[::2])
    assert inside.count("### ") == 2
    assert inside.count("RMSE of b") == 1
    assert inside.count("another  ") == 2
    assert "metrics.png" not in inside
    assert tables.in_results(changed, RESULTS) == RESULTS


ALONG = "\n\n## nDCG@10 by ratings told\n\n| model | 1 | 2 |\n| :-- | --: | --: |\n| a | .1 | .2 |\n\n± a note\n"


def of_protocol(name: str) -> str:
    """The place of a protocol in docs/results.md."""
    return RESULTS.partition(f"<!-- tables of {name}:")[2].partition(f"<!-- /tables of {name} -->")[0]


@pytest.mark.parametrize("name", ["cold-items", "short-histories", "time", "cross-domain"])
def test_the_page_has_figures_of_every_protocol_that_it_asks_about(name):
    found = of_protocol(name)
    assert f"    python -m eval.run --protocol {name} " in found
    assert len(tables.ROWS.findall(found)) >= 1
    assert "| hybrid-vae |" in found or name == "cross-domain"


def test_a_run_of_a_protocol_fills_its_place_alone():
    changed = tables.in_protocols_place(RESULTS, report("a", "b"), "time", "python -m eval.run --protocol time")
    assert changed.replace(
        tables_of_time := changed.partition("<!-- tables of time:")[2].partition("<!-- /")[0], ""
    ) == (RESULTS.replace(of_protocol("time"), ""))
    assert "| model | RMSE | nDCG@10 |" in tables_of_time
    assert "| b | RMSE of b | nDCG@10 of b |" in tables_of_time
    with pytest.raises(SystemExit, match="no place for tables of genres"):
        tables.in_protocols_place(RESULTS, report("a"), "genres", "")


def test_what_was_measured_along_a_number_is_shown_so():
    changed = tables.in_protocols_place(RESULTS, report("a") + ALONG, "short-histories", "a command")
    assert "    a command\n\nnDCG@10 by ratings told:\n\n| model | 1 | 2 |" in changed


def test_a_run_fills_the_rows_and_columns_that_the_readme_has():
    models = {model for table in tables.tables(README) for model in tables.by_model(table)}
    changed = tables.in_readme(README, report(*models, "another"))
    for before, after in zip(tables.tables(README), tables.tables(changed), strict=True):
        rows = tables.by_model(after)
        assert rows.keys() == tables.by_model(before).keys()
        assert all(row[heading] == f"{heading} of {model}" for model, row in rows.items() for heading in [*row][1:])
    assert tables.in_readme(changed, RESULTS) == README


def test_a_run_that_lacks_a_row_is_refused():
    with pytest.raises(SystemExit, match=r"the run has no .*hybrid-vae; run python -m eval.run --models all"):
        tables.in_readme(README, report("mult-vae"))
    with pytest.raises(SystemExit, match="found 0 tables; expected one of rating accuracy and one of lists"):
        tables.in_results(RESULTS, "# Evaluation report\n")


def test_the_list_of_all_models_is_as_recipes_and_published_figures_have_it():
    page = (ROOT / "docs/shelf.md").read_text(encoding="utf-8")
    assert shelf.with_list(page) == page, "run PYTHONPATH=. python .ci/shelf.py"
    assert all(f"| `{name}`" in page for name in MODELS)
