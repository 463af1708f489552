"""The wheel of the product carries the conformance suite to whoever writes a ledger elsewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.connectors.ledgers.written_from_the_page import write

ROOT = Path(__file__).parents[1]
CONSTRAINTS = ROOT / ".ci" / "constraints.txt"
OURS = ("PYTHONPATH", "PYTEST_ADDOPTS", "PASSERELLE_HOME")
"""What would let a program of the new environment see this repository."""


def run(*words: object, folder: Path) -> str:
    """A program that is to end well; what it said."""
    alone = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_") and name not in OURS}
    ended = subprocess.run([str(word) for word in words], cwd=folder, env=alone, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.mark.long
def test_an_outsider_holds_a_ledger_to_the_suite_of_the_installed_product(tmp_path: Path) -> None:
    """The package of ``docs/add-a-ledger.md``, by what PyPI has and the wheel's extra ``conformance`` asks for."""
    python, outside = tmp_path / "venv" / "bin" / "python", tmp_path / "outside"
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", tmp_path, ROOT, folder=tmp_path)
    [wheel] = tmp_path.glob("*.whl")
    run(sys.executable, "-m", "venv", tmp_path / "venv", folder=tmp_path)
    run(python, "-m", "pip", "install", "-c", CONSTRAINTS, f"{wheel}[conformance]", folder=tmp_path)
    write(outside)
    run(python, "-m", "pip", "install", "-c", CONSTRAINTS, ".", folder=outside)
    said = run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", folder=outside)
    assert re.search(r"^conformance, TestAbacus: 1\d\d asserted, \d+ did not apply$", said, re.MULTILINE), said
    where = run(python, "-c", "import connectors.conformance as suite; print(suite.__file__)", folder=outside)
    assert Path(where.strip()).is_relative_to(tmp_path / "venv")
