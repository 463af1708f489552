"""The checks as data: each a function from a case to the problems it finds, none asking the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from addin.sync.case import Case
from addin.sync.checks.accounts import (
    accounts_are_linked,
    care_is_known,
    changes_are_decided,
    families_are_shallow,
    linked_are_in_use,
    links_are_known,
    names_are_apart,
    parents_end,
    sides_agree,
    suppliers_are_paid,
)
from addin.sync.checks.amounts import (
    entries_balance,
    invoices_are_the_payers,
    lines_add_up,
    lines_have_text,
    numbers_are_unique,
)
from addin.sync.checks.balances import balances_follow_payments
from addin.sync.checks.booked import not_in_the_books
from addin.sync.checks.booking import (
    accounts_are_of_the_side,
    codes_are_mapped,
    entries_are_due,
    items_book_as_mapped,
    ledger_can,
    revenue_waits,
    settings_allow,
)
from addin.sync.checks.currencies import accounts_keep_their_currency, currencies_agree
from addin.sync.checks.deferred import (
    changed_schedules_are_told,
    dues_that_wait_are_listed,
    schedules_equal_lines,
)
from addin.sync.checks.resembling import new_accounts_are_new
from addin.sync.checks.settling import settlements_fit
from addin.sync.checks.sheet import (
    cells_are_the_sources,
    decisions_are_read,
    lines_are_the_sources,
    rows_are_there,
    typed_codes_count,
)
from addin.sync.checks.source_order import days_are_near, nothing_was_taken_away, numbers_run_on
from addin.sync.checks.standing import (
    answers_arrived,
    kinds_stay,
    refusals_are_remembered,
    source_has_it,
    transferred_stays,
    what_was_booked_is_there,
)
from addin.sync.checks.tax_doubts import categories_stay_apart, taxes_in_doubt
from addin.sync.checks.taxes import taxes_follow_rates
from connectors.problems import Problem

Check = Callable[[Case], Iterator[Problem]]

CHECKS: tuple[Check, ...] = (
    answers_arrived,
    what_was_booked_is_there,
    rows_are_there,
    cells_are_the_sources,
    lines_are_the_sources,
    decisions_are_read,
    typed_codes_count,
    lines_add_up,
    taxes_follow_rates,
    taxes_in_doubt,
    categories_stay_apart,
    lines_have_text,
    entries_balance,
    numbers_are_unique,
    numbers_run_on,
    days_are_near,
    settlements_fit,
    invoices_are_the_payers,
    balances_follow_payments,
    currencies_agree,
    accounts_keep_their_currency,
    parents_end,
    care_is_known,
    families_are_shallow,
    names_are_apart,
    sides_agree,
    suppliers_are_paid,
    accounts_are_linked,
    new_accounts_are_new,
    links_are_known,
    linked_are_in_use,
    changes_are_decided,
    codes_are_mapped,
    items_book_as_mapped,
    accounts_are_of_the_side,
    revenue_waits,
    schedules_equal_lines,
    changed_schedules_are_told,
    dues_that_wait_are_listed,
    settings_allow,
    entries_are_due,
    ledger_can,
    transferred_stays,
    kinds_stay,
    source_has_it,
    nothing_was_taken_away,
    refusals_are_remembered,
    not_in_the_books,
)


def check(case: Case) -> list[Problem]:
    """Every problem that can be seen without asking the ledger."""
    return [problem for one in CHECKS for problem in one(case)]
