"""What a release holds: the same bytes however often it is made, sums that hold, and a bill that others read."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile

import pytest
from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from addin.releases import Release

ROOT = Path(__file__).parents[2]
RELEASE = version("passerelle")
PAGE = "https://example.org/passerelle"
LOGS = {
    "CHANGELOG.md": "# New\n\n## 1.1 – 2026-02-03\n\n- One,\n  and more.\n- Two.\n\n## 1.0 – 2026-01-01\n\n- First.\n",
    "NOUVEAUTES.md": "# Neuf\n\n## 1.1 – 2026-02-03\n\n- Un.\n- Deux.\n",
}


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A release that was made two times."""
    folders = (tmp_path_factory.mktemp("once") / "release", tmp_path_factory.mktemp("again") / "release")
    for folder in folders:
        command = [sys.executable, ROOT / "packaging" / "release.py", folder, "--page", PAGE]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folders


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.long
def test_made_again_it_is_the_same_to_the_byte(twice: tuple[Path, Path]) -> None:
    once, again = map(contents, twice)
    assert once.keys() == {
        f"passerelle-{RELEASE}-py3-none-any.whl", f"passerelle-{RELEASE}.tar.gz", f"passerelle-{RELEASE}.cdx.json",
        "CHANGELOG.md", "NOUVEAUTES.md", "releases.json", "SHA256SUMS",
    }  # fmt: skip
    assert [name for name, content in once.items() if content != again[name]] == []


@pytest.mark.long
def test_the_sums_hold_and_name_every_other_file(twice: tuple[Path, Path]) -> None:
    folder, _ = twice
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    assert {line.partition(":")[0] for line in done.stdout.splitlines()} == contents(folder).keys() - {"SHA256SUMS"}


@pytest.mark.long
def test_an_older_copy_reads_what_is_said_of_it(twice: tuple[Path, Path]) -> None:
    folder, _ = twice
    release = Release.model_validate_json((folder / "releases.json").read_bytes())
    assert (release.version, release.page) == (RELEASE, PAGE)
    assert release.news.keys() == {"en", "fr"}
    for log, language in (("CHANGELOG.md", "en"), ("NOUVEAUTES.md", "fr")):
        assert f"- {release.news[language][0][:20]}" in (ROOT / log).read_text(encoding="utf-8")
    sums = dict(reversed(line.split()) for line in (folder / "SHA256SUMS").read_text("utf-8").splitlines())
    assert {file.name: file.sha256 for file in release.files} == {n: s for n, s in sums.items() if n != "releases.json"}


@pytest.mark.long
def test_the_bill_of_materials_is_valid_and_names_what_the_product_needs(twice: tuple[Path, Path]) -> None:
    text = (twice[0] / f"passerelle-{RELEASE}.cdx.json").read_text(encoding="utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bom = Bom.from_json(json.loads(text))
    names = {part.name for part in bom.components}
    assert {"xlwings", "pydantic", "pydantic-core", "sqlalchemy", "psycopg", "requests", "urllib3"} <= names
    assert not {"beancount", "pytest", "hatchling", "passerelle"} & names
    assert all(part.licenses and part.version and part.purl for part in bom.components)
    product = bom.metadata.component
    assert product is not None
    assert (product.name, product.version) == ("passerelle", RELEASE)
    needs = {str(each.ref): {str(other.ref) for other in each.dependencies} for each in bom.dependencies}
    of_requests = next(others for ref, others in needs.items() if ref.startswith("pkg:pypi/requests@"))
    assert {ref.partition("@")[0] for ref in of_requests} >= {"pkg:pypi/urllib3", "pkg:pypi/certifi", "pkg:pypi/idna"}
    assert len(needs) == len(names) + 1


@pytest.mark.long
def test_the_wheel_holds_the_product_and_no_more(twice: tuple[Path, Path]) -> None:
    names = ZipFile(twice[0] / f"passerelle-{RELEASE}-py3-none-any.whl").namelist()
    assert {name.partition("/")[0] for name in names} == {
        "addin", "connectors", "workbook", "vba", f"passerelle-{RELEASE}.dist-info",
    }  # fmt: skip
    assert {"vba/PasserelleRibbon.bas", "addin/texts/fr/LC_MESSAGES/passerelle.mo"} <= set(names)
    assert [name for name in names if name.endswith((".pyc", ".po~"))] == []


def told(folder: Path, release: str, **changed: str) -> object:
    """What change logs tell of a release."""
    import changes

    for name, text in LOGS.items():
        (folder / name).write_text(changed.get(name.partition(".")[0], text), encoding="utf-8")
    return changes.told_of(release, folder)


def test_the_change_logs_tell_of_each_release_in_both_languages(packaging: None, tmp_path: Path) -> None:
    import changes

    found = told(tmp_path, "1.1")
    assert isinstance(found, changes.Told)
    assert (found.day.isoformat(), found.points) == (
        "2026-02-03",
        {"en": ["One, and more.", "Two."], "fr": ["Un.", "Deux."]},
    )
    assert found.text["en"] == "- One,\n  and more.\n- Two.\n"


@pytest.mark.parametrize(
    ("release", "changed"),
    [
        ("1.2", {}),
        ("1.0", {}),
        ("1.1", {"NOUVEAUTES": "## 1.1 – 2026-02-03\n\n- Un.\n"}),
        ("1.1", {"NOUVEAUTES": "## 1.1 – 2026-02-04\n\n- Un.\n- Deux.\n"}),
        ("1.1", dict.fromkeys(("CHANGELOG", "NOUVEAUTES"), "## 1.1 – 2026-02-03\n\nNothing.\n")),
    ],
    ids=["a release nobody tells of", "told in English alone", "a point less", "another day", "no point"],
)
def test_a_release_that_is_not_told_alike_is_not_made(
    packaging: None, tmp_path: Path, release: str, changed: dict[str, str]
) -> None:
    import changes

    with pytest.raises(changes.NotTold):
        told(tmp_path, release, **changed)
