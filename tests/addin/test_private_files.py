"""Files with people's data are their owner's alone, whatever the umask; a shared company's also its group's."""

from __future__ import annotations

import grp
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addin.defects import report_defect
from addin.logbook import WRITER, keep_facts
from addin.profile import LONGEST, Profile, load, place_of, plain_slug, slug
from addin.session import Session
from addin.usecases.bundle import bundle
from addin.usecases.check import check
from addin.usecases.init import init
from addin.usecases.run_report import run_report
from connectors import private
from connectors.problems import CannotRun
from tests.addin.conftest import Association
from workbook.file.file_book import FileBook


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o027])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    keep_facts()
    yield
    WRITER.close_file()
    os.umask(before)


def modes(*folders: Path) -> dict[str, str]:
    """What lies in folders and is not exactly private: folders 0700, files 0600."""
    found = [path for folder in folders for path in (folder, *folder.rglob("*")) if not path.is_symlink()]
    wanted = {path: 0o700 if path.is_dir() else 0o600 for path in found}
    return {str(path): oct(path.stat().st_mode & 0o7777) for path, mode in wanted.items()
            if path.stat().st_mode & 0o7777 != mode}  # fmt: skip


def whole_job(association: Association) -> None:
    """A company made, pulled, checked, synced, looked at, with a log, a report, a bundle and a defect."""
    association.pull()
    association.run(check)
    association.sync()
    with Session.open(association.profile, association.book, "report") as session:
        run_report(session, association.folder / "run.html")
    bundle(association.folder / "bundle.zip")
    report_defect(ValueError("x"))


def test_everything_is_private(umask: None, association: Association, tmp_path: Path, person: Path) -> None:
    (tmp_path / "home").mkdir(mode=0o700)
    association.folder.mkdir(mode=0o700)
    init(association.folder, association.name, "files", "beancount", {"new_account_default": "yes"}, FileBook)
    whole_job(association)
    source = association.folder / "source"  # what the person's own program writes is that program's
    loose = modes(tmp_path / "home", association.folder, person / "Passerelle")
    assert {path: mode for path, mode in loose.items() if not Path(path).is_relative_to(source)} == {}
    assert modes(*source.glob("results.csv")) == {}
    made = {path.name for path in association.folder.rglob("*")} | {
        path.name for path in (tmp_path / "home").rglob("*")
    }
    assert made >= {"profile.toml", "journal.sqlite", "passerelle.beancount", "run.html", "bundle.zip", "running.lock"}


def test_a_shared_company_is_its_groups_too(umask: None, association: Association, tmp_path: Path) -> None:
    group = grp.getgrgid(os.getegid()).gr_name
    init(association.folder, association.name, "files", "beancount", {"new_account_default": "yes"}, FileBook,
         shared=group)  # fmt: skip
    whole_job(association)
    place = association.profile.place
    for folder in (place, association.folder):
        assert folder.stat().st_mode & 0o7777 == 0o2770
        for path in folder.iterdir():
            if path.is_file():
                assert path.stat().st_mode & 0o7777 == 0o660, path
                assert path.stat().st_gid == os.getegid()


def test_a_group_that_is_not_there(association: Association) -> None:
    with pytest.raises(CannotRun, match="group_unknown"):
        init(association.folder, "x", "files", "beancount", {}, FileBook, shared="no-such-group")


def test_moved_in_place_keeps_what_an_administrator_set(association: Association) -> None:
    association.init()
    association.profile.workbook.chmod(0o640)
    (association.folder / "passerelle.beancount").chmod(0o640)
    association.pull()
    association.sync()
    assert association.profile.workbook.stat().st_mode & 0o777 == 0o640
    assert (association.folder / "passerelle.beancount").stat().st_mode & 0o777 == 0o640


def test_a_file_is_private_from_its_first_moment(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with open(tmp_path / "x", "w", opener=private.opened):
            assert (tmp_path / "x").stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)


# --- different names are different companies


@pytest.mark.parametrize(("one", "other"), [
    ("北京協會", "東京協會"), ("A.B.C.", "ABC"), ("Club A-B", "Club A B"), ("Club A&B", "Club A+B"), ("!", "?"),
    ("Les Érables", "Les Erables"), ("x" * 300, "x" * 301), ("Clubs'", "Clubs"), ("Société", "Societe"),
    ("con", "con."),
])  # fmt: skip
def test_different_names_are_different_folders(one: str, other: str) -> None:
    assert slug(one) != slug(other)


@given(one=st.text(max_size=80), other=st.text(max_size=80))
def test_no_two_names_share_a_folder_and_each_is_a_plain_name(one: str, other: str) -> None:
    canonical = [" ".join(name.casefold().split()) for name in (one, other)]
    for name in (one, other):
        assert len(slug(name)) <= LONGEST + 11
        assert set(slug(name)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
        assert slug(name) not in {"con", "prn", "aux", "nul", "com1", "lpt1", ""}
    if slug(one) == slug(other):
        assert canonical[0] == canonical[1] or plain_slug(one) != one


@pytest.mark.parametrize(
    ("one", "other"), [("Petite  Association", "petite association"), ("Érables", "E\u0301rables")]
)
def test_case_blanks_and_how_accents_are_encoded_make_no_other_company(one: str, other: str) -> None:
    assert slug(one) == slug(other)


def test_a_company_of_an_earlier_release_is_still_found(association: Association, tmp_path: Path) -> None:
    """Its folder is the plain name; another company whose plain name is the same gets its own."""
    association.name = "Club d'échecs"
    association.init()
    profile = association.profile
    old = profile.place.with_name(plain_slug(association.name))
    profile.place.rename(old)
    assert load("Club d'échecs") == profile
    assert load("Club d'échecs").place == old
    assert load(old.name).id == profile.id
    assert place_of("Club d-échecs") != old
    with pytest.raises(CannotRun, match="company_unknown"):
        load("Club d-échecs")
    with pytest.raises(CannotRun, match="company_exists"):
        init(association.folder, "CLUB D'ÉCHECS", "files", "beancount", {}, FileBook)
    init(tmp_path / "second", "Club d'echecs", "files", "beancount", {}, FileBook)
    assert isinstance(load("Club d'echecs"), Profile)
    assert load("Club d'echecs").id != profile.id
