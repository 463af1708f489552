"""The ribbon's buttons: one function each, named like the button; each calls one use case and says what happened."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from addin import texts
from addin.defects import stopped_by
from addin.logbook import keep_facts
from addin.texts import mark
from addin.texts.visible import visible
from connectors import private
from connectors.problems import CannotRun

if TYPE_CHECKING:
    import xlwings

    from addin.profile import Profile
    from addin.session import Session
    from addin.usecases.report import Report
    from workbook.layout import Language
    from workbook.live.live_book import LiveBook

UNDO = mark(
    "Undo the transfer of what is in the {count} selected rows?\n"
    "It is taken out of the ledger; the rows are Stand By afterwards. What lies in a closed or filed period stays "
    "there, and is reversed today."
)

ALIKE = mark(
    "{count} more records are asked about in the same way.\nGive all of them this answer? Cancel answers the selected "
    "rows alone."
)

SUMMARIES: dict[str, str] = {
    "authorize": mark("Connected to {books_of}."),
    "connect": mark("Connected to {books_of}."),
    "disconnect": mark("Disconnected."),
    "create_company": mark("The company “{company}” was made; its files lie in {folder}."),
    "apply_settings": mark("{count} settings changed."),
    "give_secret": mark("{count} secrets kept in the credential store of this computer."),
    "apply_settings_declined": mark("No setting was changed."),
    "pull": mark("{pulled} records pulled, {new} of them new. {waiting} need you: see the Dashboard."),
    "look_at_source": mark(
        "{columns} columns of {sheets} sheets are known, {sure} of them for sure. Correct what the Source sheet says "
        "wrongly, then press Confirm the source."
    ),
    "confirm_source": mark(
        "{columns} columns of {sheets} sheets are read from now on as the Source sheet shows. Press Pull."
    ),
    "check": mark("{ready} records are ready to leave. {waiting} need you: see the Dashboard."),
    "show_preview": mark("Sync would transfer {ready} records; the Preview sheet shows them. {waiting} need you."),
    "sync": mark("{posted} records transferred, {rejected} refused, {held} held back. {waiting} need you."),
    "sync_declined": mark("Nothing was transferred. {ready} records are ready to leave. {waiting} need you."),
    "auto_sync": mark(
        "{posted} records transferred in {rounds} rounds, {rejected} refused, {held} held back. {waiting} need you."
    ),
    "language": mark("The workbook is now in English."),
    "suggest_matches": mark(
        "{suggested} of {unlinked} accounts that are not linked have a suggestion. Press Link for those you agree with."
    ),
    "link": mark("{linked} accounts linked, {left} left as they are. {waiting} need you: see the Dashboard."),
    "link_sure": mark("{linked} accounts linked, {left} left as they are. {waiting} need you: see the Dashboard."),
    "unlink": mark(
        "{unlinked_again} accounts are no longer linked, {left} left as they are. {waiting} need you: see the "
        "Dashboard."
    ),
    "create_new": mark("{new} accounts are new for the next Sync. {waiting} need you: see the Dashboard."),
    "find": mark("Customers of the ledger, as last pulled, for “{text}”:"),
    "undo_transfer": mark(
        "{undone} transfers undone, {left} rows left as they are. {waiting} need you: see the Dashboard."
    ),
    "undo_run": mark(
        "Of run {undone_run}, {undone} transfers undone, {left} documents left as they are. "
        "{waiting} need you: see the Dashboard."
    ),
    "undo_run_declined": mark("Nothing was undone. {waiting} need you."),
    "same_one": mark("{answered} records are what the ledger has already. {waiting} need you: see the Dashboard."),
    "second_one": mark("{answered} records are others and will leave. {waiting} need you: see the Dashboard."),
    "confirm": mark("{answered} records confirmed. {waiting} need you: see the Dashboard."),
    "open_record": mark("Opened in the browser: {url}"),
    "guide": mark("The guide opens in the browser: {page}."),
    "approve": mark(
        "{approved} records approved, {left} left to another approver. {waiting} need you: see the Dashboard."
    ),
    "no_go": mark("{marked} records before {before} are Do Not Sync, {given_back} are as they were before."),
    "undo_no_go": mark("{given_back} records are as they were before. {waiting} need you: see the Dashboard."),
    "no_go_declined": mark("Nothing was marked."),
    "start_in_sync": mark(
        "{marked} records before {before} are Do Not Sync, {given_back} are as they were before. {agreement}"
    ),
    "start_in_sync_declined": mark("Nothing was marked. {agreement}"),
    "reconcile": mark("{agree} accounts of {accounts} agree; the Reconciliation sheet explains the others."),
    "tax_boxes": mark("{shown} boxes of {period} are on the Period sheet."),
    "tax_boxes_unknown": mark(
        "The tax of {unknown} documents of {period} is not known, so that no figure is shown; the Period sheet names "
        "them and says what to do."
    ),
    "period_file": mark("Written: {file}"),
}


def connect() -> None:
    """Reach the ledger and the source."""
    from addin.usecases.connect import connect as use_case

    _press("connect", use_case)


def authorize() -> None:
    """Sign in to the ledger in the browser."""
    import webbrowser

    from addin.usecases.connect import authorize as use_case

    _press("authorize", lambda session: use_case(session, webbrowser.open))


def disconnect() -> None:
    """Forget that we were connected."""
    from addin.usecases.connect import disconnect as use_case

    _press("disconnect", use_case)


def pull() -> None:
    """Bring what the source holds into the workbook."""
    from addin.usecases.pull import pull as use_case

    _press("pull", use_case)


def look_at_source() -> None:
    """Guess what the source's columns are, and show it on the Source sheet."""
    from addin.usecases.source import look_at_source as use_case

    def shown(book: LiveBook) -> str:
        said = press(book, "look_at_source", use_case)
        _activate(book, "source")
        return said

    _answer(shown)


def confirm_source() -> None:
    """Read the source from now on as the Source sheet shows it."""
    from addin.usecases.source import confirm_source as use_case

    _press("confirm_source", use_case)


def check() -> None:
    """Show what is wrong, row by row."""
    from addin.usecases.check import check as use_case

    _press("check", use_case)


def preview() -> None:
    """Show what Sync would do, on the Preview sheet."""
    from addin.usecases.preview import show_preview

    def shown(book: LiveBook) -> str:
        said = press(book, "show_preview", show_preview)
        _activate(book, "preview")
        return said

    _answer(shown)


def sync() -> None:
    """Transfer what is To Be Transferred, once the person said yes."""
    from addin.usecases.sync import sync as use_case

    _answer(lambda book: press(book, "sync", lambda session: use_case(session, lambda asked: agreed(book, asked))))


def auto_sync() -> None:
    """Transfer a few documents at a time, for a while."""
    _answer(press_auto_sync)


def no_go() -> None:
    """Mark everything before the day typed Do Not Sync, of every kind, once the person said yes."""
    from addin.usecases.no_go import no_go as use_case

    _answer_day("no_go", use_case)


def undo_no_go() -> None:
    """Give what was marked before a day its former status again."""
    from addin.usecases.no_go import undo_no_go as use_case

    _press("undo_no_go", use_case)


def start_in_sync() -> None:
    """Compare both sides on the eve of the day typed, and mark everything before it, once the person said yes."""
    from addin.usecases.start_in_sync import start_in_sync as use_case

    _answer_day("start_in_sync", use_case)


def reconcile() -> None:
    """Compare receivables and payables on both sides, as of the day that the sheet names."""
    from addin.usecases.reconcile import reconcile as use_case

    _press("reconcile", use_case)


def tax_boxes() -> None:
    """Show what goes into the boxes of the tax returns, for the days that the Period sheet names."""
    from addin.usecases.taxes import tax_boxes as use_case

    _press("tax_boxes", use_case)


def period_file() -> None:
    """Write the days that the Period sheet names as one workbook for the auditor."""
    from addin.usecases.period import period_file as use_case

    _press("period_file", use_case)


def undo_transfer() -> None:
    """Take the selected records out of the ledger again, once the person said yes."""
    from addin.usecases.undo import undo_transfer as use_case
    from workbook.layout import REVIEW_TABLES

    def asked(book: LiveBook) -> str:
        selected = sum(len(book.selected(table)) for table in REVIEW_TABLES)
        if selected and not agreed(book, texts.say(_language(book), UNDO, count=selected)):
            return ""
        return press(book, "undo_transfer", use_case)

    _answer(asked)


def undo_run() -> None:
    """Take all that the last Sync transferred out of the ledger again, once the person saw what that means."""
    from addin.usecases.undo_run import undo_run as use_case

    def pressed(book: LiveBook) -> str:
        return press(book, "undo_run", lambda session: use_case(session, agreed=lambda asked: agreed(book, asked)))

    _answer(pressed)


def same_one() -> None:
    """Take what the ledger has already as the transfer of the selected records."""
    from addin.usecases.answering import same_one as use_case

    _answer_alike("same_one", use_case)


def second_one() -> None:
    """Say that the selected records are others than what the ledger has."""
    from addin.usecases.answering import second_one as use_case

    _answer_alike("second_one", use_case)


def confirm() -> None:
    """Say that what is asked about the selected rows is right."""
    from addin.usecases.answering import confirm as use_case

    _press("confirm", use_case)


def language() -> None:
    """Switch to the other language."""
    from addin.usecases.language import language as use_case

    _press("language", lambda session: use_case(session, "en" if session.language == "fr" else "fr"))


def approve() -> None:
    """Approve the selected records that wait In Review."""
    from addin.usecases.approve import approve as use_case

    _press("approve", use_case)


def suggest_matches() -> None:
    """Suggest a customer of the ledger for each account that is not linked."""
    from addin.usecases.matching import suggest_matches as use_case

    _press("suggest_matches", use_case)


def link() -> None:
    """Link the selected accounts to the suggested customers."""
    from addin.usecases.links import link as use_case

    _press("link", use_case)


def link_sure() -> None:
    """Link every account that certainly is one customer of the ledger."""
    from addin.usecases.links import link_sure as use_case

    _press("link_sure", use_case)


def unlink() -> None:
    """Take the links of the selected accounts away again."""
    from addin.usecases.links import unlink as use_case

    _press("unlink", use_case)


def create_new() -> None:
    """Say that the selected accounts are new."""
    from addin.usecases.links import create_new as use_case

    _press("create_new", use_case)


def find_in_ledger() -> None:
    """Search the ledger's customers for what was typed when the button was pressed."""
    from addin.usecases.matching import find_typed as use_case

    _press("find", use_case)


def open_record() -> None:
    """Open the selected record's page."""
    from addin.usecases.open_record import open_record as use_case

    _press("open_record", use_case)


def log() -> None:
    """Go to the log."""
    _go_to("log")


def set_up() -> None:
    """Go to the sheet that says what the company is."""
    _go_to("setup")


def create_company() -> None:
    """Make the company that the Set-up sheet describes, and connect."""
    from addin.usecases.connect import connect as connected
    from addin.usecases.setup import create

    def made(book: LiveBook) -> str:
        report = create(book, lambda asked: agreed(book, asked))
        if report.facts.get("declined"):
            return ""
        said = texts.say(_language(book), SUMMARIES["create_company"], **report.facts)
        try:
            _ask_for_secrets(book, again=False)
            return f"{said}\n{press(book, 'connect', connected)}"
        except CannotRun as stopped:
            return f"{said}\n\n{_said(stopped, _language(book))}"

    _answer(made)


def apply_settings() -> None:
    """Take the settings that the Set-up sheet says, once the person agreed."""
    from addin.usecases.setup import apply_settings as use_case

    _answer(lambda book: press(book, "apply_settings", lambda session: use_case(session, lambda t: agreed(book, t))))


def give_secret() -> None:
    """Ask for the secrets that the source and the ledger want, on a page in the browser."""

    def given(book: LiveBook) -> str:
        report = _ask_for_secrets(book, again=True)
        return texts.say(_language(book), SUMMARIES["give_secret"], **report.facts)

    _answer(given)


def _ask_for_secrets(book: LiveBook, *, again: bool) -> Report:
    import webbrowser

    from addin.usecases.secret_page import give_secrets
    from addin.usecases.setup_sheet import show_company

    profile, language = _company_of(book), _language(book)
    report = give_secrets(profile, language, webbrowser.open, again=again)
    if report.facts["count"]:
        show_company(book, language, profile)
        book.save()
    return report


def settings() -> None:
    """Go to the settings."""
    _go_to("settings")


def doctor() -> None:
    """Say what this machine has."""
    from addin.usecases.about import of_machine
    from addin.usecases.doctor import doctor as use_case

    _answer(lambda book: "\n".join(of_machine(use_case().facts, _language(book))))


def guide() -> None:
    """Open the guide at the selected problem, or at what it says of the open sheet."""
    import webbrowser

    from addin.usecases.guide import open_guide, place_in

    def opened(book: LiveBook) -> str:
        language = _language(book)
        report = open_guide(place_in(book, book.book.sheets.active.name, language), language, webbrowser.open)
        return texts.say(language, SUMMARIES["guide"], **report.facts)

    _answer(opened)


def about() -> None:
    """Say which version this is, under which licence, and where the workbook's company stands."""
    from addin.databases import open_journal
    from addin.usecases.about import of_company, product, standing
    from addin.usecases.doctor import product_facts

    def said(book: LiveBook) -> str:
        language = _language(book)
        lines = list(product(product_facts(), language))
        with suppress(CannotRun):  # a workbook of no company, or of one that was not confirmed here
            profile = _company_of(book)
            with closing(open_journal(profile)) as journal:
                lines += of_company(standing(profile, journal), language)
        return "\n".join(lines)

    _answer(said)


def main() -> None:
    """Press the button named on the command line: what ``RunFrozenPython`` starts in an installed copy."""
    private.by_default()
    BUTTONS[sys.argv[1]]()


BUTTONS: dict[str, Callable[[], None]] = {
    "connect": connect,
    "disconnect": disconnect,
    "authorize": authorize,
    "pull": pull,
    "look_at_source": look_at_source,
    "confirm_source": confirm_source,
    "check": check,
    "preview": preview,
    "approve": approve,
    "suggest_matches": suggest_matches,
    "link": link,
    "link_sure": link_sure,
    "unlink": unlink,
    "create_new": create_new,
    "find_in_ledger": find_in_ledger,
    "no_go": no_go,
    "undo_no_go": undo_no_go,
    "start_in_sync": start_in_sync,
    "sync": sync,
    "auto_sync": auto_sync,
    "reconcile": reconcile,
    "tax_boxes": tax_boxes,
    "period_file": period_file,
    "undo_transfer": undo_transfer,
    "undo_run": undo_run,
    "same_one": same_one,
    "second_one": second_one,
    "confirm": confirm,
    "open_record": open_record,
    "log": log,
    "language": language,
    "set_up": set_up,
    "create_company": create_company,
    "apply_settings": apply_settings,
    "give_secret": give_secret,
    "settings": settings,
    "doctor": doctor,
    "guide": guide,
    "about": about,
}
"""Every button that calls Python, by its id on the ribbon."""


def tell(book: xlwings.Book, text: str) -> None:
    """Show a message that the person closes."""
    book.app.alert(visible(text), title="Passerelle")


def agreed(book: LiveBook, question: str) -> bool:
    """Whether the person presses OK, and not Cancel."""
    return book.book.app.alert(visible(question), title="Passerelle", buttons="ok_cancel") == "ok"


def _answer_alike(command: str, use_case: Callable[..., Report]) -> None:
    """Answer for the selected records and, where the person wants that, for all that are asked about alike."""
    from addin.usecases.answering import alike

    def asked(book: LiveBook) -> str:
        more = asked_of(book, "alike", alike).facts["alike"]
        everything = bool(more) and agreed(book, texts.say(_language(book), ALIKE, count=more))
        return press(book, command, lambda session: use_case(session, all_like_it=everything))

    _answer(asked)


def _answer_day(command: str, use_case: Callable[..., Report]) -> None:
    """Do what is asked for with the day that was typed when the button was pressed; the person is asked first."""
    from addin.usecases.no_go import typed_day

    _answer(
        lambda book: press(
            book, command, lambda session: use_case(session, typed_day(session), lambda asked: agreed(book, asked))
        )
    )


def _press(command: str, use_case: Callable[[Session], Report]) -> None:
    _answer(lambda book: press(book, command, use_case))


def _answer(pressed: Callable[[LiveBook], str]) -> None:
    """Do what was asked for with the workbook whose button was pressed, and say what came of it, if anything."""
    import xlwings  # with live.py the slowest imports of the ribbon, and the command line needs neither

    from workbook.live.live_book import LiveBook

    caller, language = xlwings.Book.caller(), texts.machine_language()
    keep_facts()
    try:
        book = LiveBook(caller)
        language = _language(book)
        said = pressed(book)
    except CannotRun as stopped:
        said = _said(stopped, language)
    except Exception as defect:  # noqa: BLE001 - the last resort: a person gets a sentence and a report, no traceback
        problem = stopped_by(defect)
        said = f"{texts.what(language, problem)}\n{texts.fix(language, problem)}"
    if said:
        tell(caller, said)


def _said(stopped: CannotRun, language: Language) -> str:
    return "\n\n".join(f"{texts.what(language, each)}\n{texts.fix(language, each)}" for each in stopped.problems)


def press(book: LiveBook, command: str, use_case: Callable[[Session], Report]) -> str:
    """Run a use case on an open workbook; the sentence that says what happened. Raises ``CannotRun``."""
    from addin.session import Session

    with Session.open(_company_of(book), book, command) as session:
        book.stop_asked()  # one that was pressed while nothing ran is over
        report = use_case(session)
        said = (*_proposed(session, report), *_found(report), *_warned(session, command, report))
        return "\n".join((_summary(session.language, command, report), *said))


def asked_of(book: LiveBook, command: str, use_case: Callable[[Session], Report]) -> Report:
    """What a use case that changes nothing answers of an open workbook. Raises ``CannotRun``."""
    from addin.session import Session

    with Session.open(_company_of(book), book, command) as session:
        return use_case(session)


def press_auto_sync(book: LiveBook) -> str:
    """Run Auto sync on an open workbook; it opens the company anew for each of its rounds. Raises ``CannotRun``."""
    from addin.session import Session
    from addin.usecases.auto_sync import AutoSync

    profile = _company_of(book)
    report = AutoSync(lambda: Session.open(profile, book, "sync")).run()
    return _summary(_language(book), "auto_sync", report)


def _company_of(book: LiveBook) -> Profile:
    """The company that an open workbook leads to, once the person agreed. Raises ``CannotRun``."""
    from addin.session import identity
    from addin.trust import company_of, question

    language = _language(book)
    return company_of(identity(book), lambda profile: agreed(book, question(profile, language)))


def _summary(language: Language, command: str, report: Report) -> str:
    command += next((f"_{name}" for name in ("unknown", "declined") if report.facts.get(name)), "")
    counts = {name: sum(kinds.values()) for name, kinds in report.counts.items()}
    waiting = report.needing
    return texts.say(language, SUMMARIES[command], **{**counts, **report.facts, "waiting": waiting})


def _proposed(session: Session, report: Report) -> Iterator[str]:
    """What a pull found that people did in the ledger."""
    if count := sum(report.counts.get("proposed", {}).values()):
        yield session.say("{count} changes made in the ledger wait for you: see Ledger changes.", count=count)


def _warned(session: Session, command: str, report: Report) -> Iterator[str]:
    """What Connect found that will hurt, and what to do about it; other commands say theirs on the Dashboard."""
    for problem in report.problems if command in ("connect", "authorize") else ():
        yield f"\n{texts.what(session.language, problem)}\n{texts.fix(session.language, problem)}"


def _found(report: Report) -> Iterator[str]:
    """The customers that a search found, one a line."""
    customers = report.facts.get("customers")
    for customer in customers if isinstance(customers, list) else ():
        shown = (customer[key] for key in ("reference", "name", "number", "email", "phone"))
        yield " · ".join(dict.fromkeys(text for text in shown if text))


def _language(book: LiveBook) -> Language:
    """The workbook's language, be it of a company or of none yet; this machine's where it is no workbook of ours."""
    from addin.session import claimed

    try:
        return "fr" if claimed(book).get("language") == "fr" else "en"
    except CannotRun:
        return texts.machine_language()


def _go_to(key: str) -> None:
    def shown(book: LiveBook) -> str:
        _activate(book, key)
        return ""

    _answer(shown)


def _activate(book: LiveBook, key: str) -> None:
    """Show a sheet of the layout, under its name in either language; one that a person renamed is not sought."""
    from workbook.layout import LANGUAGES, SHEETS

    captions = next(sheet.caption for sheet in SHEETS if sheet.key == key)
    wanted = {captions.of(language) for language in LANGUAGES}
    for sheet in book.book.sheets:
        if sheet.name in wanted:
            sheet.activate()
