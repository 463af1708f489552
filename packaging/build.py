"""Builds the installed product for the system that this runs on: one folder of programs, with licences and templates.

``python packaging/build.py FOLDER`` makes an environment of its own; ``--here`` takes the one that runs it, which has
the product and its extra ``packaging``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
LARGEST = {"win32": 90, "linux": 110}
"""MB (of a million bytes) that the built folder may take; Linux' credential store needs cryptography, 15 MB of it."""

LEDGER = "quickbooks-online"
"""What a copy that was not installed for another ledger books in; its stand-in needs nothing that is not shipped."""

HIDDEN = ("PYTHONPATH", "PYTHONHOME", "PASSERELLE_HOME", "PASSERELLE_LANGUAGE")


def main() -> None:
    """Build into the folder that the command line names."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path, help="where the folder “passerelle” is made")
    asked.add_argument("--here", action="store_true", help="with the environment that runs this")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="passerelle-build-") as scratch:
        python = Path(sys.executable) if given.here else environment(Path(scratch) / "environment")
        built = build(python, given.folder.resolve(), Path(scratch))
    print(f"{built}: {size(built) / 1e6:.1f} MB")


def environment(folder: Path) -> Path:
    """The Python of a new environment that has the product and what builds it, and nothing under the GPL."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    constraints = ROOT / ".ci" / "constraints.txt"
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", constraints]
    subprocess.run([*pip, f"{ROOT}[packaging,postgres]"], check=True)
    return python


def build(python: Path, into: Path, scratch: Path) -> Path:
    """The built product, in a folder ``passerelle`` that is made anew."""
    clean = {name: value for name, value in os.environ.items() if name not in HIDDEN}
    work = scratch / "work"
    built = into / "passerelle"
    shutil.rmtree(built, ignore_errors=True)
    command = [python, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN", "--workpath", work]
    subprocess.run([*command, "--distpath", into, HERE / "passerelle.spec"], check=True, env=clean, cwd=scratch)
    subprocess.run([python, HERE / "finish.py", built], check=True, env=clean, cwd=scratch)
    allowed = LARGEST.get(sys.platform, LARGEST["win32"])
    if size(built) > allowed * 1e6:
        sys.exit(f"{built} takes {size(built) / 1e6:.1f} MB; {allowed} are allowed")
    return built


def size(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


if __name__ == "__main__":
    main()
