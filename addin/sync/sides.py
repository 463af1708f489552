"""What is sold and what is bought stay apart: the account of an item, and on which side an account's type stands."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.records import Document, InvoiceLine, LedgerAccount, Side
from connectors.source import SourceLists

TYPES: dict[Side, str] = {
    Side.SALES: """
        income, other income, revenue, revenues, other revenue, sales, turnover, revenu, revenus, autres revenus,
        produit, produits, autres produits, ventes, chiffre d'affaires
    """,
    Side.PURCHASES: """
        expense, expenses, other expense, other expenses, cost of goods sold, cost of sales, direct costs, overheads,
        purchases, dépense, dépenses, autres dépenses, charge, charges, autres charges, frais, achats,
        coût des marchandises vendues, coût des ventes
    """,
}
"""What sources and ledgers call the types of accounts of one side; of any other type both sides may use an account."""

SIDES = {name.strip(): side for side, names in TYPES.items() for name in names.split(",")}


def side_of(account: LedgerAccount) -> Side | None:
    """The side that an account is of by its type; ``None`` where it may be of both, or its type is not known."""
    return SIDES.get(account.type.strip().casefold())


def sold_to(lists: SourceLists) -> dict[str, LedgerAccount]:
    """The source's account of each of its items that has one."""
    accounts = {account.code: account for account in lists.accounts}
    named = {item.code: item.account for item in lists.items if item.account}
    return {item: accounts.get(code, LedgerAccount(code=code, name=code)) for item, code in named.items()}


def account_of(document: Document, line: InvoiceLine, items: Mapping[str, LedgerAccount]) -> str:
    """The source's account of a line: its own, else its item's.

    An item is sold to its account; a purchase takes it only if it is known to be of purchases.
    """
    account = items.get(line.item)
    if line.gl_account or account is None:
        return line.gl_account
    side = side_of(account)
    return account.code if document.side is (side or Side.SALES) else ""
