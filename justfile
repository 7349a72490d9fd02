# One word for each command; `just` lists them. It comes with requirements-dev.txt, or with `pip install rust-just`.
set windows-shell := ["powershell.exe", "-NoLogo", "-Command"]

core := "tests/data tests/films --ignore=tests/data/test_sources.py --ignore=tests/data/test_cells.py tests/models/contract/test_contract.py tests/models/contract/test_golden.py tests/models/contract/test_add_a_model.py tests/models/test_models.py tests/models/test_learned.py tests/models/test_array_shapes.py tests/models/test_config.py tests/models/test_means.py tests/models/neighbours/test_item_knn.py tests/models/linear/test_slim.py tests/eval/test_metrics.py tests/eval/test_per_user.py tests/eval/test_protocols.py tests/eval/test_split.py tests/project/test_layout.py tests/project/test_changelog.py tests/project/test_results_page.py"

# list these commands
default:
    @just --list

# style, types, arrows between rooms, scripts and styles
check:
    ruff check . && ruff format --check . && mypy && lint-imports && npx --no-install biome check --error-on-warnings

# write code as `check` wants it
format:
    ruff check --fix . && ruff format . && npx --no-install biome check --write

# all tests; `just test tests/data -k titles` some
test *arguments:
    python -m pytest {{ arguments }}

# the core: data, the contract of models, metrics, artifacts, layout
quick *arguments:
    python -m pytest -m "not slow and not data and not browser" {{ core }} {{ arguments }}

# the same, and which branches of the core they leave out
coverage *arguments:
    python -m pytest -m "not slow and not data and not browser" --cov --cov-report=term {{ core }} {{ arguments }}

# build docs/ into site/, as CI does
docs:
    python -m mkdocs build --strict

# serve the page
page *arguments:
    python app.py {{ arguments }}

# train, measure and print the tables
eval *arguments:
    python -m eval.run {{ arguments }}

# put the tables of a run into docs/results.md and the README
tables run:
    python .ci/tables.py {{ run }}

# write requirements with hashes anew, after a change of them
lock:
    .ci/lock
