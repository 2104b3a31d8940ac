# Two commands do everything on a machine with Python (3.11 or later) and make: demo and test.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --constraint constraints.txt

# Tests start the program many times: what it is made of is compiled once.
export PYTHONDONTWRITEBYTECODE =

.PHONY: demo test thorough mutations mutants lint types shipped bench screenshot clean

demo: $(VENV)/.installed  ## the main job: Sweden 2025, the rule in force against a proven optimum
	$(BIN)/fordela compare sweden-2025 --out demo/comparison --force
	$(BIN)/fordela report demo/comparison --out demo/report.html --force --quiet
	@echo "The report is in demo/report.html: open it in a browser; it needs no network."

test: $(VENV)/.developed lint types  ## ruff, mypy strict and all tests
	$(BIN)/python -m pytest -n 2 --dist worksteal

thorough: $(VENV)/.developed  ## the long tests too: many random years, kills at random moments, mutations
	FORDELA_THOROUGH=1 $(BIN)/python -m pytest -n 2 --dist worksteal -m ''

mutations: $(VENV)/.developed  ## single changes of results' files: how many does check not notice?
	PYTHONPATH=. $(BIN)/python -m tests.mutations

mutants: $(VENV)/.developed  ## single changes of the code of models and check: how many does no test notice?
	PYTHONPATH=. $(BIN)/python -m tests.mutants

lint: $(VENV)/.developed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.developed
	$(BIN)/mypy $(addprefix .typing/fordela/,__init__.py __main__.py cli.py models instances solver report tests benchmarks)

shipped: $(VENV)/.installed  ## make the shipped instances again from figures and seeds
	$(BIN)/python -m fordela.solver.shipped

bench: $(VENV)/.developed  ## every figure of docs/benchmarks.md
	$(BIN)/python -m benchmarks

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Python's venv module is needed (on Debian: apt install python3-venv)"; exit 1; }

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable .
	@touch $@

$(VENV)/.developed: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) demo dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis

screenshot: demo $(VENV)/.developed  ## the picture in README.md, of the report that 'make demo' makes
	$(BIN)/python -m tests.screenshot demo/report.html docs/images/report.png
