"""The licences of all that the installed product holds, laid beside it; what may not be shipped stops the build."""

from __future__ import annotations

import re
import shutil
import sys
import sysconfig
from collections.abc import Iterable
from importlib.metadata import Distribution
from pathlib import Path

LICENCE = re.compile(r"(licen[cs]e|copying|notice|authors)[^/]*$", re.IGNORECASE)
STRICTER = re.compile(r"\bA?GPL|GNU (Affero )?General Public|PolyForm|Proprietary", re.IGNORECASE)
"""The lesser GPL is none of these: under it a library may be replaced, which a folder of files allows."""


class NotShippable(Exception):
    """A distribution whose licence does not let it be shipped with ours."""


def named(distribution: Distribution) -> str:
    """A distribution's licence by its name, as its metadata says it."""
    metadata = distribution.metadata
    classifiers = [text.rpartition(" :: ")[2] for text in metadata.get_all("Classifier") or () if "License ::" in text]
    first = (metadata.get("License") or "").strip().partition("\n")[0]
    return metadata.get("License-Expression") or ", ".join(classifiers) or first


def write(folder: Path, distributions: Iterable[Distribution]) -> None:
    """A folder for each distribution with its licence's texts, Python's own, and a list of all. Raises."""
    shutil.rmtree(folder, ignore_errors=True)
    lines = []
    for each in sorted(distributions, key=lambda each: each.name.lower()):
        licence = named(each)
        if not licence or STRICTER.search(licence):
            raise NotShippable(f"{each.name} {each.version}: {licence or 'no licence named'}")
        _copy(each, folder / each.name)
        lines.append(f"{each.name} {each.version}: {licence}")
    (folder / "Python").mkdir(parents=True)
    shutil.copyfile(_of_python(), folder / "Python" / "LICENSE.txt")
    version = ".".join(map(str, sys.version_info[:3]))
    lines.append(f"Python {version}, with the libraries that it brings: Python Software Foundation License 2.0")
    (folder / "LICENCES.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _copy(distribution: Distribution, folder: Path) -> None:
    folder.mkdir(parents=True)
    for file in distribution.files or ():
        path = Path(str(distribution.locate_file(file)))
        if LICENCE.search(file.as_posix()) and path.is_file() and path.suffix not in (".py", ".pyc"):
            shutil.copyfile(path, folder / file.name)
    if not any(folder.iterdir()):  # some wheels bring no text of it; their metadata names the licence and the authors
        (folder / "METADATA").write_text(distribution.read_text("METADATA") or "", encoding="utf-8")


def _of_python() -> Path:
    """Python's licence: where python.org, Debian and pyenv put it."""
    places = (
        Path(sys.base_prefix) / "LICENSE.txt",
        Path(sysconfig.get_path("stdlib")) / "LICENSE.txt",
        Path(sysconfig.get_path("stdlib")) / "LICENSE",
        Path(f"/usr/share/doc/python{sys.version_info[0]}.{sys.version_info[1]}/copyright"),
    )
    return next(place for place in places if place.is_file())
