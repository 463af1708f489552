"""What is built and shipped, by rule: no licence that forbids it, no connector that could not work, names as told."""

from __future__ import annotations

import subprocess
import sys
from configparser import ConfigParser
from importlib.metadata import Distribution
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
METADATA = "Metadata-Version: 2.4\nName: thing\nVersion: 1\n{}\n"


@pytest.fixture
def contents(packaging: None) -> ModuleType:
    import contents

    return contents


def distribution(folder: Path, licence: str) -> Distribution:
    place = folder / "thing-1.dist-info"
    place.mkdir()
    (place / "METADATA").write_text(METADATA.format(licence), encoding="utf-8")
    (place / "LICENSE").write_text("You may.", encoding="utf-8")
    (place / "RECORD").write_text("thing-1.dist-info/LICENSE,,\nthing-1.dist-info/METADATA,,\n", encoding="utf-8")
    return Distribution.at(place)


@pytest.mark.parametrize(
    "licence",
    [
        "License-Expression: GPL-2.0-only",
        "License: AGPLv3",
        "Classifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)",
        "License-Expression: LicenseRef-PolyForm-Noncommercial-1.0.0",
        "Summary: it names none",
    ],
)
def test_what_may_not_be_shipped_stops_the_build(packaging: None, tmp_path: Path, licence: str) -> None:
    import licences

    with pytest.raises(licences.NotShippable, match="thing 1"):
        licences.write(tmp_path / "licences", [distribution(tmp_path, licence)])


@pytest.mark.parametrize("licence", ["License-Expression: MIT", "License: LGPL with exceptions"])
def test_each_licence_lies_beside_what_it_is_of(packaging: None, tmp_path: Path, licence: str) -> None:
    import licences

    licences.write(tmp_path / "licences", [distribution(tmp_path, licence)])
    assert (tmp_path / "licences" / "thing" / "LICENSE").read_text(encoding="utf-8") == "You may."
    assert "thing 1: " + licence.partition(": ")[2] in (tmp_path / "licences" / "LICENCES.txt").read_text("utf-8")
    assert "PYTHON SOFTWARE FOUNDATION" in (tmp_path / "licences" / "Python" / "LICENSE.txt").read_text("utf-8")


WITHOUT = """
import sys
sys.path.insert(0, {place!r})
sys.modules["beancount"] = None
import contents
print(*contents.left_out())
print(contents.entry_points())
"""


def test_a_connector_whose_package_is_missing_is_not_shipped(contents: ModuleType) -> None:
    assert "beancount" in contents.entry_points()
    code = WITHOUT.format(place=str(ROOT / "packaging"))
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    left_out, _, text = said.partition("\n")
    assert left_out == "connectors.ledgers.beancount"
    points = ConfigParser(delimiters=("=",))
    points.read_string(text)
    assert dict(points["passerelle.sources"]) == {
        "files": "connectors.sources.files.connector:FilesSource",
        "membri": "connectors.sources.membri.connector:MembriSource",
    }
    shipped = dict(points["passerelle.ledgers"])
    assert "beancount" not in shipped
    assert shipped["quickbooks-online"] == "connectors.ledgers.quickbooks_online.connector:QuickBooksOnlineLedger"


def test_what_a_distribution_needs_is_followed_through_extras(contents: ModuleType) -> None:
    shipped = contents.needed(extras=frozenset({"", "postgres"}))
    assert next(iter(shipped)) == "passerelle"
    assert {"xlwings", "psycopg", "psycopg-binary", "pydantic-core"} <= shipped.keys()
    assert not {"beancount", "pytest", "procrastinate"} & shipped.keys()


@pytest.mark.parametrize(
    ("place", "needless"),
    [
        ("babel/locale-data/de.dat", True),
        ("babel/locale-data/fr.dat", False),
        ("babel/global.dat", False),
        ("xlwings/xlwings.bas", False),
        ("xlwings/main.pyc", False),
        ("xlwings/addin/xlwings.xlam", True),
        ("addin/texts/fr/LC_MESSAGES/passerelle.mo", False),
    ],
)
def test_data_that_nothing_opens_stays_out(contents: ModuleType, place: str, needless: bool) -> None:
    assert contents.is_needless(place) is needless


def test_installers_are_named_as_the_guides_name_them(packaging: None) -> None:
    import installers

    assert installers.file_name("1.2.0", "") == "Passerelle.Installer_v1.2.0.exe"
    assert installers.file_name("1.2.0", "QuickBooks Online") == "Passerelle.QuickBooksOnline.Installer_v1.2.0.exe"


def test_a_program_says_version_and_publisher_to_windows(packaging: None, tmp_path: Path) -> None:
    import version

    version.write(tmp_path)
    text = (tmp_path / "passerelle-ribbon.version").read_text(encoding="utf-8")
    assert "filevers=(0, 1, 0, 0)" in text
    assert "\"OriginalFilename\", 'passerelle-ribbon.exe'" in text
