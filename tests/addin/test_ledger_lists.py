"""What a ledger's lists do not have, or do not take, is said in the record's row before anything leaves.

The ledger in memory has what a vendor's lists have: codes, an item without an account, books by fiscal year, accounts
kept by party, customers apart from suppliers. ``connectors.refusals`` and ``checks/accounts.py`` say what is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import pytest

from addin.texts import fix, what
from addin.usecases.check import check
from connectors.ledger import BookingPeriod, Capabilities, LedgerLists
from connectors.records import Item, LedgerAccount, ListEntry
from tests.addin.conftest import INVOICES, PAYMENTS, Association
from tests.addin.test_ready_is_posted import Memory, MemoryLedger, installed
from workbook.layout import ACCOUNT_MAP, CLASS_MAP, ENTRIES, ITEM_MAP, METHOD_MAP, TAX_MAP, TERM_MAP, Table

__all__ = ["installed"]

ACCOUNTS = tuple(LedgerAccount(code=code, name=code) for code in ("1010", "1100", "2100", "2310", "2320", "4100"))
LISTS = LedgerLists(accounts=ACCOUNTS, receivable="1100", payable="2100", deposit="1010")
NET, ALL = ListEntry(code="NET30", name="Net 30"), Capabilities(searches=True, idempotent=True)


def document(**cells: str) -> Callable[[Association], None]:
    return lambda company: company.files["documents"][0].update(cells)


def line(**cells: str) -> Callable[[Association], None]:
    return lambda company: company.files["lines"][0].update(cells)


def nothing(_: Association) -> None:
    """The small association as it is."""


@dataclass(frozen=True)
class Case:
    """A problem: what the source has, the ledger's lists and capabilities, and what is chosen of them on a mapping."""

    code: str
    source: Callable[[Association], None]
    lists: LedgerLists
    capabilities: Capabilities
    cell: str
    english: str
    french: str
    table: Table = INVOICES
    key: str = "I1"
    row: str = ""
    mapped: tuple[tuple[Table, str, str], ...] = ()


def bill(company: Association) -> None:
    """The invoice is a supplier's bill, and its payment pays it."""
    company.files["accounts"][0].update(is_supplier="yes")
    document(kind="supplier_invoice", balance="0.00")(company)


def entry(company: Association) -> None:
    """A journal entry that moves money out of the bank."""
    company.add("journal_entries", key="J1", number="E-1", date="2025-01-20", currency="CAD", memo="Frais")
    for number, (account, debit, credit) in enumerate((("1010", "0", "5.00"), ("4100", "5.00", "0")), 1):
        company.add("entry_lines", entry="J1", line=str(number), gl_account=account, debit=debit, credit=credit)


CASES = (
    Case(
        "no_spending_account", bill,
        replace(LISTS, accounts=(LedgerAccount(code="1010", name="À déposer", type="Other current asset"),
                                 *ACCOUNTS[1:])),
        replace(ALL, spending_types=frozenset({"Bank"})), "Payments!O5",
        "The ledger pays no supplier from the account 1010 (À déposer): its type is “Other current asset”.",
        "Le système comptable ne paie aucun fournisseur depuis le compte 1010 (À déposer)\u00a0: son type est"
        " «\u00a0Other current asset\u00a0».",
        table=PAYMENTS, key="P1",
    ),
    Case(
        "class_not_in_ledger", line(**{"class": "NORTH"}), replace(LISTS, classes=(NET,)), ALL, "Mapping!AO6",
        "Line 1: the ledger has no class “Nord” that can be used.",
        "Ligne 1\u00a0: le système comptable n'a pas de classe «\u00a0Nord\u00a0» utilisable.",
        mapped=((CLASS_MAP, "NORTH", "Nord"),),
    ),
    Case(
        "terms_not_in_ledger", document(terms="N60"), replace(LISTS, terms=(NET,)), ALL, "Mapping!AH6",
        "The ledger has no payment terms “NET60” that can be used.",
        "Le système comptable n'a pas de conditions de paiement «\u00a0NET60\u00a0» utilisables.",
        mapped=((TERM_MAP, "N60", "NET60"),),
    ),
    Case(
        "method_not_in_ledger", nothing, replace(LISTS, methods=(NET,)), ALL, "Mapping!X6",
        "The ledger has no payment method “Traite” that can be used.",
        "Le système comptable n'a pas de mode de paiement «\u00a0Traite\u00a0» utilisable.",
        table=PAYMENTS, key="P1", mapped=((METHOD_MAP, "cheque", "Traite"),),
    ),
    Case(
        "item_without_account", line(item="DUES"), replace(LISTS, items=(Item(code="Dues", name="Dues", account=""),)),
        replace(ALL, lines_by="item"), "Mapping!J6",
        "Line 1: the ledger's item “Dues” has no account of income, and cannot be sold.",
        "Ligne 1\u00a0: l'article «\u00a0Dues\u00a0» du système comptable n'a pas de compte de revenus et ne peut pas"
        " être vendu.",
        mapped=((ITEM_MAP, "DUES", "Dues"),),
    ),
    Case(
        "account_without_entries", entry,
        replace(LISTS, accounts=(*ACCOUNTS, LedgerAccount(code="1000", name="Banque", entries=False))), ALL,
        "Mapping!C8",
        "Line 1 is on the account 1000 (Banque), which takes no journal entry in the ledger.",
        "La ligne 1 est au compte 1000 (Banque), où le système comptable n'accepte aucune écriture de journal.",
        table=ENTRIES, key="J1", row="J1#1", mapped=((ACCOUNT_MAP, "1010", "1000"),),
    ),
    Case(
        "account_by_party", nothing,
        replace(LISTS, accounts=(*ACCOUNTS, LedgerAccount(code="1190", name="Avances", by_party=True))), ALL,
        "Mapping!C7",
        "Line 1 is on the account 1190 (Avances), which the ledger keeps by customer or supplier, and names none.",
        "La ligne 1 est au compte 1190 (Avances), que le système comptable tient par client ou fournisseur, et n'en"
        " nomme aucun.",
        mapped=((ACCOUNT_MAP, "4100", "1190"),),
    ),
    Case(
        "period_missing", nothing,
        replace(LISTS, periods=(BookingPeriod(first=date(2024, 1, 1), last=date(2024, 12, 31)),)), ALL, "Invoices!C5",
        "The ledger has no fiscal year that 2025-01-15 lies in.",
        "Le système comptable n'a pas d'exercice qui comprend le 2025-01-15.",
    ),
    Case(
        "customer_bought_from", document(kind="supplier_invoice"), LISTS, replace(ALL, parties_apart=True),
        "Invoices!D5",
        "It is a purchase, and Club d'échecs de l'Île is a customer in the ledger, which buys from suppliers alone.",
        "C'est un achat, et Club d'échecs de l'Île est un client dans le système comptable, qui n'achète qu'à des"
        " fournisseurs.",
    ),
    Case(
        "supplier_sold_to", lambda company: company.files["accounts"][0].update(is_supplier="yes"), LISTS,
        replace(ALL, parties_apart=True), "Invoices!D5",
        "It is a sale, and Club d'échecs de l'Île is a supplier in the ledger, which sells to customers alone.",
        "C'est une vente, et Club d'échecs de l'Île est un fournisseur dans le système comptable, qui ne vend qu'à des"
        " clients.",
    ),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code)
@pytest.mark.usefixtures("installed")
def test_it_is_said_in_the_row_before_anything_leaves(
    case: Case, association: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MemoryLedger, "capabilities", case.capabilities)
    monkeypatch.setattr(MemoryLedger, "memory", Memory(lists=case.lists))
    association.ledger = "memory"
    if case.table is not PAYMENTS:
        association.files["payments"].clear()
        association.files["allocations"].clear()
    case.source(association)
    association.init()
    association.pull()
    for table, code, chosen in ((TAX_MAP, "GST", "2310"), (TAX_MAP, "QST", "2320"), *case.mapped):
        association.type(table, code, ledger_code=chosen)
    [problem] = [each for each in association.run(check).problems if each.code == case.code]
    assert problem.place
    assert (problem.key, f"{problem.place.sheet}!{problem.place.cell}") == (case.key, case.cell)
    told = association.row(case.table, case.row or case.key)["reason"]
    assert told.removesuffix(f" {fix('en', problem)}") == case.english
    assert what("fr", problem) == case.french
    synced = association.sync()
    assert case.code in {each.code for each in synced.problems}
    assert case.key not in {each.split()[1] for each in MemoryLedger.memory.refused}
    assert association.row(case.table, case.row or case.key)["status"] == "Transfer Error"
