# make play: install into .venv and start the playground. make test: install what the tests need and run them.
# make lint: style, imports, types, dependencies.
# TORCH_INDEX=URL takes torch from that package index, such as PyTorch's own for the CPU build (a fifth of the size).
PYTHON ?= python3
TORCH_INDEX ?=
PORT ?= 8501
BIN := .venv/bin

# Where it is C, Python cannot read the way to this folder if that is not ASCII.
unexport LC_ALL

.PHONY: play test lint bench cards
play: .venv/play
	$(BIN)/python -m streamlit run playground/Home.py --server.port $(PORT)

test: .venv/test
	sh tests/need_programs.sh
	$(BIN)/python -m ruff check .
	$(BIN)/python -c 'from importlinter.cli import lint_imports_command as lint; lint()'
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: .venv/test
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -c 'from importlinter.cli import lint_imports_command as lint; lint()'
	$(BIN)/python -m mypy
	$(BIN)/python -m deptry .

bench: .venv/test
	for file in tests/benchmarks/bench_*.py; do $(BIN)/python $$file || exit 1; done

cards: .venv/play
	$(BIN)/python -m zoo card --write
	$(BIN)/python -m playground.thumbnails
	$(BIN)/python -m playground.demos.butterfly_studio.drawings

.venv/bin/python:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip

.venv/torch: .venv/bin/python
	$(BIN)/python -m pip install $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) $$(grep -E '^torch(vision)?==' requirements.txt)
	touch $@

.venv/play: requirements.txt pyproject.toml .venv/torch
	$(BIN)/python -m pip install -r requirements.txt
	touch $@

.venv/test: .venv/play
	$(BIN)/python -m pip install -e '.[play,train,test]'
	touch $@
