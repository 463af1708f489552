"""A workbook out of an e-mail commands nothing: whatever its hidden sheet claims, no stranger's company is followed.

Each case is a workbook whose identity a stranger wrote, in an archive that was unpacked with it: a home of his own with
a company whose book runs a program, whose addresses are his, and which names the victim's own secrets. Nothing of it is
run, asked, sent or read into the sheet, over the ribbon's path and over every command; one sentence says why.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from addin import ribbon, texts
from addin.cli import app as commands
from addin.home import own_homes
from addin.profile import Profile, load
from addin.session import identity
from addin.trust import Claim, company_of, confirm, confirmations, question
from addin.usecases.init import init
from connectors.problems import CannotRun
from tests.addin.conftest import small_association
from tests.addin.person import Person
from tests.sampled import examples
from workbook import libreoffice
from workbook.file.file_book import FileBook
from workbook.layout import IDENTITY
from workbook.live.live_book import LiveBook
from workbook.review import text_of

VICTIM, STRANGER = "Association de la victime", "Association de l'étranger"

PROGRAM = """
from pathlib import Path
Path({marker!r}).write_text("run")
__plugins__ = []
"""


@dataclass
class Listener:
    """An address of the stranger's on this machine; it has to stay unasked."""

    port: int
    asked: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@dataclass
class Scene:
    """A victim with a company of their own, and the folder that a stranger's archive was unpacked to."""

    victim: Profile
    stranger: Profile
    archive: Path
    listener: Listener

    @property
    def book(self) -> Path:
        return self.archive / "facture.xlsm"

    @property
    def marker(self) -> Path:
        return self.archive / "program-was-run"

    @property
    def theirs(self) -> str:
        """The home in the archive."""
        return str(self.archive / "home")

    def claims(self, **values: str) -> None:
        """Write rows of the workbook's identity; a value is text, whatever it looks like."""
        book = FileBook(self.book)
        spare = iter((("connected_to",), ("connected_until",)))  # for keys that only others know
        known = {text_of(row.values["key"]) for row in book.read(IDENTITY).rows}
        cells = {(key,) if key in known else next(spare): {"key": key, "value": value} for key, value in values.items()}
        assert not book.write(IDENTITY, cells)
        book.save()

    def settings(self, text: str) -> None:
        """Add to the stranger's profile."""
        path = self.stranger.place / "profile.toml"
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")

    def rewrite(self, **values: object) -> None:
        """Change fields of the stranger's profile."""
        self.stranger.model_copy(update=values).save()


@pytest.fixture
def listener() -> Iterator[Listener]:
    """Takes whatever comes and remembers it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        heard = Listener(server.getsockname()[1])

        def listen() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    heard.asked.append(b"connected")

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield heard
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both companies, made once, each by its own person: the stranger's archive and the victim's home."""
    base = tmp_path_factory.mktemp("hostile")
    for name, folder in ((VICTIM, base / "victim"), (STRANGER, base / "archive")):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PASSERELLE_HOME", str(folder / "home"))
            patch.setenv("XDG_CONFIG_HOME", str(folder / "person"))
            small = small_association(folder)
            small.name = name
            init(small.folder, name, "files", "beancount", {}, FileBook)
            shutil.copy(load(name).workbook, folder / "facture.xlsm")
    return base


@pytest.fixture
def scene(unpacked: Path, tmp_path: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """The victim's machine: their own home, their secrets, and the unpacked archive."""
    for name in ("victim", "archive"):
        shutil.copytree(unpacked / name, tmp_path / name)
        for path in (tmp_path / name).rglob("profile.toml"):
            path.write_text(path.read_text(encoding="utf-8").replace(str(unpacked), str(tmp_path)), encoding="utf-8")
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path / "victim" / "home"))
    monkeypatch.setenv("PASSERELLE_LANGUAGE", "en")
    monkeypatch.setenv("PASSERELLE_QUICKBOOKS_ONLINE_AB1_CLIENT_SECRET", "the-victims-client-secret")
    monkeypatch.setenv("PASSERELLE_QUICKBOOKS_ONLINE_12345", "the-victims-tokens")
    monkeypatch.setenv("PGPASSWORD", "the-victims-password")
    archive = tmp_path / "archive"
    seen = Scene(load(VICTIM), load(STRANGER, archive / "home"), archive, listener)
    folder = seen.stranger.folder
    (folder / "payload.py").write_text(PROGRAM.format(marker=str(seen.marker)), encoding="utf-8")
    book = folder / "book.beancount"
    run = 'option "insert_pythonpath" "TRUE"\nplugin "payload"\ninclude "/etc/passwd"\n'
    book.write_text(run + book.read_text(encoding="utf-8"), encoding="utf-8")
    seen.claims(home=seen.theirs)
    return seen


# What a stranger may write: each changes the scene, and names the problem that is to be told.


def link(scene: Scene) -> None:
    (scene.archive / "link").symlink_to(scene.archive / "home")
    scene.claims(home=str(scene.archive / "link"))


def link_in_own_home(scene: Scene) -> None:
    """A link that only looks as if it led below the victim's home."""
    inside = scene.archive / "victim-home"
    inside.symlink_to(scene.archive / "home")
    scene.claims(home=str(inside / ".." / "victim-home"))


def their_quickbooks(scene: Scene) -> None:
    """A profile that names the victim's realm, application and tokens, with its own addresses."""
    addresses = {f"{name}_url": scene.listener.url for name in ("api", "token", "revoke", "authorize", "web")}
    scene.rewrite(ledger="quickbooks-online", ledger_settings={"company": "12345", "client_id": "AB1", **addresses})


def their_tryton(scene: Scene) -> None:
    scene.rewrite(ledger="tryton", ledger_settings={"url": scene.listener.url})


def their_database(scene: Scene) -> None:
    scene.rewrite(journal_url=f"postgresql://victim@127.0.0.1:{scene.listener.port}/journal")


def their_database_bare(scene: Scene) -> None:
    scene.rewrite(journal_url=f"postgresql://victim@127.0.0.1:{scene.listener.port}/journal?sslmode=disable")


def their_database_service(scene: Scene) -> None:
    scene.rewrite(journal_url=f"postgresql://victim@/journal?hostaddr=127.0.0.1&port={scene.listener.port}")


def twice(key: str, value: Callable[[Scene], str]) -> Callable[[Scene], None]:
    """A key of the identity on two rows: with our value first, with theirs last."""

    def change(scene: Scene) -> None:
        book = FileBook(scene.book)
        assert not book.write(IDENTITY, {("search",): {"key": key, "value": value(scene)}})
        book.save()

    return change


def renamed(key: str, to: str) -> Callable[[Scene], None]:
    """A row whose key is written otherwise is not that row."""

    def change(scene: Scene) -> None:
        book = FileBook(scene.book)
        assert not book.write(IDENTITY, {(key,): {"key": to}})
        book.save()

    return change


def says(**values: str) -> Callable[[Scene], None]:
    """Rows of the identity; braces name the scene's own values."""

    def change(scene: Scene) -> None:
        known = {"theirs": scene.theirs, "name": scene.stranger.company, "id": scene.stranger.id,
                 "my_name": scene.victim.company, "my_id": scene.victim.id, "mine": str(scene.victim.home),
                 "url": scene.listener.url, "archive": str(scene.archive)}  # fmt: skip
        scene.claims(**{key: value.format(**known) for key, value in values.items()})

    return change


NETWORK = [r"\\evil.example\share", "//evil.example/share", r"\\?\C:\home", r"\\.\pipe\home", r"\\?\UNC\evil\share",
           r"\\127.0.0.1\share", "//127.0.0.1/share", r"\/evil/share", r"/\evil\share",
           r"\\evil@SSL@443\DavWWWRoot\share"]  # fmt: skip
RELATIVE = ["home", "./home", "../archive/home", r"home\..\home", "~", "~/home", r"C:home", r"\home", "C:\\home",
            "%USERPROFILE%", "$HOME", ".", ""]  # fmt: skip
ADDRESSES = ["file://{theirs}", "FILE:///{theirs}", "http://evil.example/home", "smb://evil/share", "{url}/home"]

CASES: dict[str, tuple[Callable[[Scene], None], str]] = {
    "a home beside it, by its full path": (says(home="{theirs}"), "home_unconfirmed"),
    "through dots": (says(home="{archive}/x/../home"), "home_unconfirmed"),
    "through a link": (link, "home_unconfirmed"),
    "through a link with dots": (link_in_own_home, "home_unconfirmed"),
    "with a slash at its end": (says(home="{theirs}/"), "home_unconfirmed"),
    "in a folder that is not there": (says(home="{archive}/nowhere"), "home_unconfirmed"),
    "the folder of devices": (says(home="/dev"), "home_unconfirmed"),
    "the processes' folder": (says(home="/proc/self/root"), "home_unconfirmed|company_unknown"),
    "a QuickBooks with our realm and its own address": (their_quickbooks, "home_unconfirmed"),
    "a Tryton of its own": (their_tryton, "home_unconfirmed"),
    "a database of its own": (their_database, "home_unconfirmed"),
    "a database without TLS": (their_database_bare, "home_unconfirmed"),
    "a database by its number": (their_database_service, "home_unconfirmed"),
    "our company's name with its id": (says(company="{my_name}", home="{mine}"), "workbook_of_another"),
    "our company's name with its id and no home": (says(company="{my_name}", home=""), "workbook_of_another"),
    "our name, no id": (says(company="{my_name}", company_id="", home="{mine}"), "workbook_of_another"),
    "our name, no id, no home": (says(company="{my_name}", company_id="", home=""), "workbook_of_another"),
    "our id with its name, no home": (says(company_id="{my_id}", home=""), "company_unknown"),
    "our id with its name": (says(company_id="{my_id}", home="{mine}"), "company_unknown"),
    "our id and its home": (says(company_id="{my_id}"), "home_unconfirmed"),
    "our name and its home": (says(company="{my_name}"), "home_unconfirmed"),
    "our id, in capitals": (
        lambda s: s.claims(company=VICTIM, company_id=s.victim.id.upper() + "X", home=""), "workbook_of_another"),
    "a foreign executable": (says(executable="{archive}/evil.exe", runtime="installed"), "home_unconfirmed"),
    "an executable that is a command": (says(executable='cmd.exe" /c calc & "', home=""), "company_unknown"),
    "a company that is a path": (says(company="../../archive/home/companies/x", home=""), "company_unknown"),
    "a company that is a folder": (says(company="{archive}", home=""), "company_unknown"),
    "a company that is a formula": (says(company="=HYPERLINK(\"{url}\")", home=""), "company_unknown"),
    "a company that commands a terminal": (says(company="\u202ex\u2066", home=""), "company_unknown"),
    "a company of another script": (says(company="北京協會", home=""), "company_unknown"),
    "a very long company": (says(company="x" * 30_000, home=""), "company_unknown"),
    "a very long home": (says(home="/" + "x" * 30_000), "home_refused"),
    "a home of a thousand folders": (says(home="/x" * 500), "home_unconfirmed|home_refused"),
    "a home with a line feed": (says(home="{theirs}\n/home"), "home_refused"),
    "a home with a tab": (says(home="{theirs}\t"), "home_unconfirmed|home_refused"),
    "a home with a mark of direction": (says(home="{theirs}\u202e"), "home_refused"),
    "a home that is a formula": (says(home="=CELL(\"filename\")"), "home_refused"),
    "two homes": (twice("home", lambda s: str(s.victim.home)), "workbook_ambiguous"),
    "two companies": (twice("company", lambda s: s.victim.company), "workbook_ambiguous"),
    "two ids": (twice("company_id", lambda s: s.victim.id), "workbook_ambiguous"),
    "two languages": (twice("language", lambda s: "fr"), "workbook_ambiguous"),
    "an id under a French key": (renamed("company_id", "id_entreprise"), "home_unconfirmed|workbook_of_another"),
    "a home under a key in capitals": (renamed("home", "HOME"), "company_unknown"),
    "no company at all": (says(company=""), "workbook_unbound"),
    "no workbook id": (renamed("workbook_id", "x"), "workbook_foreign"),
    "a language that is a path": (says(language="../../fr"), "home_unconfirmed"),
    "a search that is a command": (says(search="'; DROP TABLE", stop="yes", connected="yes"), "home_unconfirmed"),
    **{f"the network folder {home}": (says(home=home), "home_refused") for home in NETWORK},
    **{f"the relative folder {home}": (says(home=home.replace("{", "{{")), "home_refused|company_unknown")
       for home in RELATIVE},
    **{f"the address {home}": (says(home=home), "home_refused") for home in ADDRESSES},
}  # fmt: skip

LINES: dict[str, Sequence[str]] = {
    "connect": (), "authorize": (), "disconnect": (), "pull": (), "check": (), "preview": (), "sync": (),
    "auto-sync": (), "reconcile": (), "suggest": (), "proposals": (), "log": (), "watch": (),
    "find": ("x",), "language": ("fr",), "link": ("--above", "0"), "create": ("--number", "1"), "unlink": ("--all",),
    "no-go": ("--before", "2025-01-01"), "start": ("--on", "2025-01-01"),
    "mark": ("--kind", "invoice", "--status", "to_transfer"), "undo": ("--kind", "invoice", "--number", "F-1"),
    "accept": ("--all",), "open": ("--kind", "invoice", "--number", "F-1"), "report": ("--to", "x.html"),
    "taxes": ("--from", "2025-01-01", "--to", "2025-03-31"), "period": ("--month", "2025-01", "--to", "x.xlsx"),
    "same": ("--kind", "invoice", "--number", "F-1"), "second": ("--kind", "invoice", "--number", "F-1"),
    "confirm": ("--kind", "invoice", "--number", "F-1"), "approve": ("--kind", "invoice", "--number", "F-1"),
    "rights": ("--approver", "stranger"), "apply-settings": ("--yes",),
    "undo-run": ("--yes",), "look-at-source": (), "confirm-source": (),
    "schedule": ("--every", "15m"), "password": (), "trust": (),
}  # fmt: skip
"""Every command that takes a workbook, with what else it needs."""

NOT_OF_A_BOOK = {
    *("demo", "sample", "build", "init", "worker", "ledgers", "sources", "sandbox", "doctor", "metrics", "guide"),
    *("create-company", "upgrade"),
}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def left_alone(scene: Scene, before: str) -> None:
    """No program run, no address asked, nothing read into the sheet, nothing of the victim's touched."""
    assert not scene.marker.exists()
    assert scene.listener.asked == []
    assert digest(scene.book) == before
    assert not list(Path(scene.theirs).rglob("journal.sqlite"))
    assert not list(Path(scene.theirs).rglob("*.jsonl"))


def test_there_are_forty_of_them_and_no_command_is_left_out() -> None:
    assert len(CASES) >= 40
    named = {command.name or command.callback.__name__.replace("_", "-") for command in commands.registered_commands
             if command.callback}  # fmt: skip
    assert named - NOT_OF_A_BOOK == LINES.keys()


@pytest.mark.parametrize("case", CASES)
def test_over_the_ribbon_and_the_command_line(case: str, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody agrees: Cancel on the ribbon, and a program that has no terminal."""
    monkeypatch.chdir(scene.archive)  # a relative folder would be found here
    change, expected = CASES[case]
    change(scene)
    before = digest(scene.book)
    with pytest.raises(CannotRun) as stopped:
        company_of(identity(FileBook(scene.book)), lambda _: False)
    (problem,) = stopped.value.problems
    assert re.fullmatch(f"{expected}|workbook_of_another|company_unknown", problem.code), problem
    assert texts.what("en", problem)
    assert texts.fix("fr", problem)
    left_alone(scene, before)
    turn = list(CASES).index(case)
    names = sorted(LINES)
    for name in ("connect", "find", names[turn % len(names)]):
        refused(scene, name, expected)
    left_alone(scene, before)


@pytest.mark.long
@pytest.mark.parametrize("case", CASES)
def test_over_every_command(case: str, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(scene.archive)
    change, expected = CASES[case]
    change(scene)
    before = digest(scene.book)
    for name in LINES:
        refused(scene, name, expected)
    left_alone(scene, before)


def refused(scene: Scene, name: str, expected: str) -> None:
    """One clear sentence, and a status that says that nothing could run."""
    done = CliRunner().invoke(commands, [name, str(scene.book), *LINES[name], "--json"], input="")
    assert done.exit_code not in (0, 3), (name, done.output, done.exception)
    if name == "trust":  # it alone may be asked about a folder of the network, by somebody at a terminal
        expected += "|home_unconfirmed"
    assert re.search(rf'"code": "({expected})"', done.stdout), (name, done.stdout)
    assert "Traceback" not in done.output
    assert "the-victims" not in done.output


@pytest.mark.parametrize("command", ["sync", "connect", "find"])
def test_the_victims_own_company_goes_on(scene: Scene, tmp_path: Path, command: str) -> None:
    """Copied, renamed, moved: a workbook of one's own still works."""
    copy = tmp_path / "elsewhere" / "Copie de l'an dernier.xlsm"
    copy.parent.mkdir()
    shutil.copy(scene.victim.workbook, copy)
    assert company_of(identity(FileBook(copy))) == scene.victim


def test_what_was_made_here_is_confirmed_by_that(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A company in a home that only the shell names is found without the shell: by Excel, by a clock."""
    said = {**identity(FileBook(scene.victim.workbook)), "home": str(scene.victim.home)}
    assert company_of(said) == scene.victim
    monkeypatch.delenv("PASSERELLE_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(scene.archive / "nothing"))
    assert company_of(said).id == scene.victim.id


def test_confirmed_once_it_is_followed_until_it_is_another(scene: Scene) -> None:
    """What was confirmed is what was shown: another address, database or folder is asked about anew."""
    asked: list[Profile] = []
    claim = identity(FileBook(scene.book))
    assert company_of(claim, lambda profile: not asked.append(profile)).id == scene.stranger.id  # type: ignore[func-returns-value]
    assert company_of(claim).id == scene.stranger.id
    assert len(asked) == 1
    shown = question(asked[0], "en")
    for part in (scene.theirs, STRANGER, "Beancount", "book.beancount", str(scene.stranger.folder)):
        assert part in shown
    their_database(scene)
    with pytest.raises(CannotRun, match="home_unconfirmed"):
        company_of(claim)
    assert scene.listener.asked == []


ALLOWED: dict[str, tuple[dict[str, object], str]] = {
    "a plugin": ({"plugins": ["payload"]}, "payload"),
    "its own folder": ({"python_path": True}, "programs"),
    "another folder to read": ({"includes": ["/etc"]}, "/etc"),
}


@pytest.mark.parametrize("allowed", ALLOWED)
def test_what_a_company_lets_its_book_run_is_said_in_the_question_and_asked_about_anew(
    scene: Scene, allowed: str
) -> None:
    """A stranger's own settings allow the stranger's program: nobody presses OK without having read that."""
    change, said = ALLOWED[allowed]
    claim = identity(FileBook(scene.book))
    confirm(scene.stranger)
    assert said not in question(scene.stranger, "en")
    scene.rewrite(ledger_settings=change)
    with pytest.raises(CannotRun, match="home_unconfirmed"):
        company_of(claim)
    asked: list[Profile] = []
    with pytest.raises(CannotRun, match="home_unconfirmed"):
        company_of(claim, lambda profile: bool(asked.append(profile)))  # type: ignore[func-returns-value]
    assert said in question(asked[0], "en")
    assert ("programmes" in question(asked[0], "fr")) is ("includes" not in change)
    refused(scene, "connect", "home_unconfirmed")
    assert not scene.marker.exists()


CONFIRMED: dict[str, tuple[Callable[[Scene], None], str]] = {
    "a book that runs a program and includes /etc/passwd": (lambda _: None, "book_p(lugin|ath)_refused"),
    "a QuickBooks with our realm and its own address": (their_quickbooks, "secret_unbound"),
    "a Tryton of its own": (their_tryton, "secret_unbound"),
    "a database of its own": (their_database, "secret_unbound"),
    "a database without TLS": (their_database_bare, "secret_unbound"),
    "a database by its number": (their_database_service, "database_unsafe"),
}


@pytest.mark.parametrize("case", CONFIRMED)
def test_even_one_that_was_confirmed_gets_no_secret_and_runs_nothing(
    case: str, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody pressed OK: the company is followed, and the victim's secrets still go to nobody."""
    change, expected = CONFIRMED[case]
    change(scene)
    monkeypatch.setenv(f"PASSERELLE_TRYTON_127_0_0_1_{scene.listener.port}_TRYTON_ADMIN", "the-victims-password")
    if case.startswith("a QuickBooks"):
        monkeypatch.delenv("PGPASSWORD")
    done = CliRunner().invoke(commands, ["trust", str(scene.book), "--yes", "--json"])
    assert done.exit_code == 0, done.stdout
    refused(scene, "connect", expected)
    assert not scene.marker.exists()
    assert scene.listener.asked == []


def test_it_is_listed_and_withdrawn(scene: Scene) -> None:
    run = CliRunner()
    assert run.invoke(commands, ["trust", str(scene.book), "--yes", "--json"]).exit_code == 0
    assert scene.theirs in run.invoke(commands, ["trust", "--json"]).stdout
    assert company_of(identity(FileBook(scene.book))).id == scene.stranger.id
    assert run.invoke(commands, ["trust", "--withdraw", scene.theirs, "--json"]).exit_code == 0
    with pytest.raises(CannotRun, match="home_unconfirmed"):
        company_of(identity(FileBook(scene.book)))
    refused(scene, "connect", "home_unconfirmed")
    assert run.invoke(commands, ["trust", "--withdraw", scene.theirs, "--json"]).exit_code == 2


def test_confirmations_are_the_persons_alone(scene: Scene, person: Path) -> None:
    confirm(scene.stranger)
    (kept,) = person.rglob("homes.json")
    assert kept.stat().st_mode & 0o777 == 0o600
    assert [each.company_id for each in confirmations()] == [scene.stranger.id]


@pytest.mark.parametrize("home", NETWORK[:2])
def test_a_network_folder_is_followed_only_when_confirmed_as_exactly_that(scene: Scene, home: str) -> None:
    confirm(scene.stranger.model_copy(update={"home": Path(home)}))
    for other in (home + "/x", home.replace("share", "./share"), home.upper()):
        scene.claims(home=other)
        with pytest.raises(CannotRun, match="home_refused"):
            company_of(identity(FileBook(scene.book)), lambda _: True)


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    company=st.one_of(st.text(max_size=60), st.just(VICTIM), st.just(STRANGER)),
    company_id=st.one_of(st.text(max_size=40), st.just("stranger's"), st.just("")),
    home=st.one_of(st.text(max_size=60), st.sampled_from([*NETWORK, *RELATIVE, "theirs", "/", "/tmp", "/etc"])),
)
def test_no_identity_whatever_leads_outside_confirmed_homes(
    scene: Scene, company: str, company_id: str, home: str
) -> None:
    """The property: without a yes, what is opened is in a home of one's own or a confirmed one, with name and id."""
    said = {
        "workbook_id": "w", "company": company, "home": scene.theirs if home == "theirs" else home,
        "company_id": scene.stranger.id if company_id == "stranger's" else company_id,
    }  # fmt: skip
    try:
        profile = company_of(said, lambda _: False)
    except CannotRun:
        return
    assert profile.home in own_homes()
    assert Claim.of(said).is_of(profile)


@pytest.mark.long
def test_the_ribbon_asks_once_and_cancel_does_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The very button, in LibreOffice: the question shows folder, company, ledger and address; Cancel ends it."""
    shown: list[str] = []
    monkeypatch.setenv("SAL_USE_VCLPLUGIN", "svp")
    app = libreoffice.start(visible=True)
    try:
        live = LiveBook(app.books.open(str(scene.book)))

        def pressed() -> str:
            with pytest.raises(CannotRun, match="home_unconfirmed"):
                ribbon.press(live, "connect", lambda _: pytest.fail("ran"))
            return "refused"

        answered, box = Person(app).answers(pressed, "Cancel")
        shown += box.texts
        assert (answered, box.buttons) == ("refused", {"OK", "Cancel"})
    finally:
        app.quit()
    for part in (scene.theirs, STRANGER, "Beancount", "book.beancount"):
        assert part in "\n".join(shown)
    assert not scene.marker.exists()
    assert scene.listener.asked == []
    assert confirmations() == ()
