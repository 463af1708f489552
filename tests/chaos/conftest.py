"""A company of some sixty documents, pulled, and copies of it to break."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from addin.profile import Profile, load
from tests.addin.conftest import Association, add_invoice, documents_in

NAME = "Grande association"
INVOICES, PAYMENTS, MEMBERS = 40, 20, 6


def make(folder: Path) -> Association:
    """A company of so many of each."""
    company = Association(folder, name=NAME)
    fill(company, MEMBERS, INVOICES, PAYMENTS)
    return company


def fill(company: Association, members: int, invoices: int, payments: int) -> None:
    """Members, the last below the first, their invoices, and payments of the first of these."""
    for n in range(members):
        parent = "A0" if n == members - 1 else ""
        company.add("accounts", key=f"A{n}", number=f"10{n}", name=f"Membre {n}", parent=parent)
    for n in range(invoices):
        paid = n < payments
        add_invoice(company, f"I{n}", f"F-{n}", f"A{n % members}", balance="0.00" if paid else "114.98")
        if paid:
            company.add("payments", key=f"P{n}", number=f"R-{n}", date="2025-02-01", account=f"A{n % members}",
                        currency="CAD", amount="114.98", method="cheque")  # fmt: skip
            company.add("allocations", payment=f"P{n}", invoice=f"I{n}", amount="114.98")
    company.add("gl_accounts", code="4100", name="Cotisations")
    company.add("taxes", code="GST", name="TPS", rate="5", sync_reference="2310")
    company.add("taxes", code="QST", name="TVQ", rate="9.975", sync_reference="2320")
    company.add("tax_groups", code="QC", name="TPS + TVQ", taxes="GST+QST", rounding="sum_of_rounded")
    company.add("methods", code="cheque", name="Chèque")


@pytest.fixture(scope="session")
def pulled_company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company just before its first sync; the folder holds its home."""
    folder = tmp_path_factory.mktemp("pulled") / "company"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PASSERELLE_HOME", str(folder / "home"))
        patch.setenv("PASSERELLE_LANGUAGE", "en")
        company = make(folder)
        company.init()
        company.pull()
    return folder


@pytest.fixture(scope="session")
def wanted(pulled_company: Path, tmp_path_factory: pytest.TempPathFactory) -> Counter[tuple[str, str]]:
    """What the book holds once nothing went wrong: each document once."""
    with pytest.MonkeyPatch.context() as patch:
        company = copy_of(pulled_company, tmp_path_factory.mktemp("wanted") / "company", patch)
        company.sync()
        found = documents_in(company.folder / "book.beancount")
    assert set(found.values()) == {1}
    assert len(found) == INVOICES + PAYMENTS
    return found


def copy_of(folder: Path, to: Path, patch: pytest.MonkeyPatch, journal_url: str = "") -> Association:
    """A copy of the company; with a URL its journal is made anew there."""
    shutil.copytree(folder, to)
    for path in to.glob("home/companies/*/profile.toml"):
        path.write_text(path.read_text(encoding="utf-8").replace(str(folder), str(to)), encoding="utf-8")
    patch.setenv("PASSERELLE_HOME", str(to / "home"))
    company = Association(to, name=NAME)
    if journal_url:
        profile: Profile = load(NAME).model_copy(update={"journal_url": journal_url})
        profile.save()
        for file in profile.place.glob("journal.sqlite*"):
            file.unlink()
        make(to).pull()
    return company


@pytest.fixture
def patch() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as context:
        yield context
