"""Trust: confirm a company's home on this machine, list what was confirmed, and withdraw it."""

from __future__ import annotations

from addin.session import identity
from addin.trust import Ask, company_of, confirm, confirmations, withdraw
from addin.usecases.report import Report
from connectors.problems import CannotRun, Problem
from connectors.secrets.bindings import bindings, release
from workbook.book import Book


def trust(book: Book, ask: Ask | None) -> Report:
    """Confirm the home that a workbook names, once the person agreed. Raises ``CannotRun``."""
    profile = company_of(identity(book), ask, named_network=True)
    confirm(profile)
    return Report(run=0, facts={"company": profile.company, "home": str(profile.home)})


def show() -> Report:
    """Every home and every secret that this person uses on this machine, and for what. Raises ``CannotRun``."""
    homes = [
        {
            "company": each.company,
            "home": each.home,
            "ledger": each.ledger,
            "addresses": [*each.addresses, *each.programs],
        }
        for each in confirmations()
    ]
    secrets = [{"secret": name, "addresses": list(each.hosts)} for name, known in bindings().items() for each in known]
    return Report(run=0, facts={"confirmed": homes, "bound": secrets})


def forget(named: str) -> Report:
    """Withdraw what was confirmed of a company or home, or what a secret is for. Raises ``CannotRun`` (usage)."""
    if not (withdraw(named) or release(named)):
        raise CannotRun(Problem(code="usage", detail="passerelle trust [BOOK | --withdraw COMPANY | HOME | SECRET]"))
    return Report(run=0, facts={"withdrawn": named})
