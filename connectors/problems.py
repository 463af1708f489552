"""One taxonomy of what can go wrong, by what must happen next; sentences live in the catalogues.

What one connector alone has stands in its own folder (``connectors.connector_problems``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from connectors.connector_problems import connector_problems
from connectors.records import Kind, Provenance, Record
from connectors.secrets.redaction import scrubbed


class Owner(StrEnum):
    """Who acts next: the accountant here, an administrator, time alone, a look-up in the ledger, or we ourselves."""

    ACCOUNTANT = "accountant"
    ADMINISTRATOR = "administrator"
    LATER = "later"
    UNKNOWN_OUTCOME = "unknown_outcome"
    DEFECT = "defect"


OWNERS: dict[str, Owner] = {
    # a source's text
    "file_missing": Owner.ADMINISTRATOR,
    "file_empty": Owner.ACCOUNTANT,
    "file_unreadable": Owner.ACCOUNTANT,
    "file_of_another_format": Owner.ACCOUNTANT,
    "file_encrypted": Owner.ACCOUNTANT,
    "file_damaged": Owner.ACCOUNTANT,
    "file_too_large": Owner.ACCOUNTANT,
    "file_changing": Owner.ACCOUNTANT,
    "file_not_opened": Owner.ADMINISTRATOR,
    "not_a_file": Owner.ADMINISTRATOR,
    "not_a_folder": Owner.ADMINISTRATOR,
    "tables_not_read": Owner.ACCOUNTANT,
    "columns_not_read": Owner.ACCOUNTANT,
    "sheet_hidden": Owner.ACCOUNTANT,
    "rows_hidden": Owner.ACCOUNTANT,
    "not_confirmed": Owner.ACCOUNTANT,
    "dates_asked": Owner.ACCOUNTANT,
    "answer_unknown": Owner.ACCOUNTANT,
    "not_looked_at": Owner.ACCOUNTANT,
    "decimals_asked": Owner.ACCOUNTANT,
    "rates_asked": Owner.ACCOUNTANT,
    "field_needed": Owner.ACCOUNTANT,
    "field_twice": Owner.ACCOUNTANT,
    "heading_gone": Owner.ACCOUNTANT,
    "sheet_gone": Owner.ACCOUNTANT,
    "rows_left_out": Owner.ACCOUNTANT,
    "export_total_differs": Owner.ACCOUNTANT,
    "line_too_long": Owner.ACCOUNTANT,
    "column_missing": Owner.ACCOUNTANT,
    "duplicate_column": Owner.ACCOUNTANT,
    "quote_misplaced": Owner.ACCOUNTANT,
    "too_many_values": Owner.ACCOUNTANT,
    "rows_unreadable": Owner.ACCOUNTANT,
    "debit_or_credit": Owner.ACCOUNTANT,
    "value_missing": Owner.ACCOUNTANT,
    "value_unknown": Owner.ACCOUNTANT,
    "not_an_amount": Owner.ACCOUNTANT,
    "too_many_decimals": Owner.ACCOUNTANT,
    "not_a_date": Owner.ACCOUNTANT,
    "date_in_zone": Owner.ACCOUNTANT,
    "text_forbidden": Owner.ACCOUNTANT,
    "text_reordered": Owner.ACCOUNTANT,
    "line_break": Owner.ACCOUNTANT,
    "error_in_cell": Owner.ACCOUNTANT,
    "formula_not_computed": Owner.ACCOUNTANT,
    "cell_damaged": Owner.ACCOUNTANT,
    "digits_lost": Owner.ACCOUNTANT,
    "shown_otherwise": Owner.ACCOUNTANT,
    "cell_merged": Owner.ACCOUNTANT,
    "payment_negative": Owner.ACCOUNTANT,
    "amount_too_small": Owner.ACCOUNTANT,
    "allocations_differ": Owner.ACCOUNTANT,
    "payment_of_two_ways": Owner.ACCOUNTANT,
    "payment_way_differs": Owner.ACCOUNTANT,
    "payment_way_missing": Owner.ACCOUNTANT,
    "duplicate_key": Owner.ACCOUNTANT,
    "reference_unknown": Owner.ACCOUNTANT,
    "encoding_differs": Owner.ACCOUNTANT,
    "amounts_differ": Owner.ACCOUNTANT,
    "dates_differ": Owner.ACCOUNTANT,
    "references_left_out": Owner.ACCOUNTANT,
    "source_empty": Owner.ACCOUNTANT,
    # a record by itself and beside the others
    "duplicate_number": Owner.ACCOUNTANT,
    "lines_do_not_add_up": Owner.ACCOUNTANT,
    "entry_not_balanced": Owner.ACCOUNTANT,
    "balance_impossible": Owner.ACCOUNTANT,
    "balance_differs": Owner.ACCOUNTANT,
    "paid_without_payment": Owner.ACCOUNTANT,
    "payment_not_shown": Owner.ACCOUNTANT,
    "tax_differs": Owner.ACCOUNTANT,
    "tax_rounded": Owner.ACCOUNTANT,
    "tax_missing": Owner.ACCOUNTANT,
    "tax_not_of_group": Owner.ACCOUNTANT,
    "tax_base_differs": Owner.ACCOUNTANT,
    "line_tax_differs": Owner.ACCOUNTANT,
    "line_tax_rounded": Owner.ACCOUNTANT,
    "line_taxes_differ": Owner.ACCOUNTANT,
    "taxes_not_compared": Owner.ACCOUNTANT,
    "exempt_taxed": Owner.ACCOUNTANT,
    "tax_category_differs": Owner.ACCOUNTANT,
    "province_taxes_differ": Owner.ACCOUNTANT,
    "tax_in_doubt": Owner.ACCOUNTANT,
    "tax_categories_share_code": Owner.ACCOUNTANT,
    "boxes_unknown": Owner.ACCOUNTANT,
    "no_lines": Owner.ACCOUNTANT,
    "line_without_text": Owner.ACCOUNTANT,
    "negative_total": Owner.ACCOUNTANT,
    "payment_over_balance": Owner.ACCOUNTANT,
    "payment_over_open": Owner.ACCOUNTANT,
    "credit_over_total": Owner.ACCOUNTANT,
    "payment_returned": Owner.ACCOUNTANT,
    "discount_not_given_back": Owner.ACCOUNTANT,
    "return_of_no_receipt": Owner.ACCOUNTANT,
    "return_differs": Owner.ACCOUNTANT,
    "returned_twice": Owner.ACCOUNTANT,
    "payment_over_allocated": Owner.ACCOUNTANT,
    "invoice_of_another": Owner.ACCOUNTANT,
    "parent_circular": Owner.ACCOUNTANT,
    "care_of_unknown": Owner.ACCOUNTANT,
    "parents_too_many": Owner.ACCOUNTANT,
    "names_equal": Owner.ACCOUNTANT,
    "supplier_sold_to": Owner.ACCOUNTANT,
    "customer_bought_from": Owner.ACCOUNTANT,
    "paid_no_supplier": Owner.ACCOUNTANT,
    "currency_differs": Owner.ACCOUNTANT,
    "cancelled_in_source": Owner.ACCOUNTANT,
    "replaced_in_source": Owner.ACCOUNTANT,
    "booked_as_another": Owner.ACCOUNTANT,
    "cancelled_after_transfer": Owner.ACCOUNTANT,
    "application_taken_back": Owner.ACCOUNTANT,
    "apply_by_hand": Owner.ACCOUNTANT,
    "applied_otherwise": Owner.ACCOUNTANT,
    "applied_beyond_open": Owner.ACCOUNTANT,
    "changed_after_transfer": Owner.ACCOUNTANT,
    "changed_in_closed_period": Owner.ACCOUNTANT,
    "changed_beyond_undo": Owner.ACCOUNTANT,
    "changed_with_applied": Owner.ACCOUNTANT,
    "to_be_amended": Owner.ACCOUNTANT,
    "amend_by_hand": Owner.ACCOUNTANT,
    "left_after_transfer": Owner.ACCOUNTANT,
    "day_far_ahead": Owner.ACCOUNTANT,
    "numbers_missing": Owner.ACCOUNTANT,
    "numbers_repeated": Owner.ACCOUNTANT,
    "left_source": Owner.ACCOUNTANT,
    "not_read_again": Owner.ACCOUNTANT,
    "twice_in_source": Owner.ACCOUNTANT,
    # what the accountant typed, or has still to type
    "column_renamed": Owner.ACCOUNTANT,
    "table_missing": Owner.ACCOUNTANT,
    "table_blocked": Owner.ACCOUNTANT,
    "row_unknown": Owner.ACCOUNTANT,
    "row_missing": Owner.ACCOUNTANT,
    "line_row_missing": Owner.ACCOUNTANT,
    "line_code_unread": Owner.ACCOUNTANT,
    "row_duplicated": Owner.ACCOUNTANT,
    "statuses_differ": Owner.ACCOUNTANT,
    "cell_error": Owner.ACCOUNTANT,
    "cell_changed": Owner.ACCOUNTANT,
    "status_unknown": Owner.ACCOUNTANT,
    "status_missing": Owner.ACCOUNTANT,
    "status_refused": Owner.ACCOUNTANT,
    "completed_without_reference": Owner.ACCOUNTANT,
    # approval, and who may do what
    "approval_missing": Owner.ACCOUNTANT,
    "approval_outdated": Owner.ACCOUNTANT,
    "approval_own": Owner.ACCOUNTANT,
    "right_typed": Owner.ADMINISTRATOR,
    "review_to_move": Owner.ADMINISTRATOR,
    "role_lacking": Owner.ADMINISTRATOR,
    "rights_differ": Owner.ADMINISTRATOR,
    "administrator_missing": Owner.ADMINISTRATOR,
    "log_changed": Owner.ADMINISTRATOR,
    "log_cut": Owner.ADMINISTRATOR,
    "log_replaced": Owner.ADMINISTRATOR,
    "setting_invalid": Owner.ACCOUNTANT,
    "nothing_selected": Owner.ACCOUNTANT,
    "link_missing": Owner.ACCOUNTANT,
    "account_not_linked": Owner.ACCOUNTANT,
    "account_unknown_in_ledger": Owner.ACCOUNTANT,
    "account_inactive_in_ledger": Owner.ACCOUNTANT,
    "account_linked_twice": Owner.ACCOUNTANT,
    "account_link_moves": Owner.ACCOUNTANT,
    "account_resembles": Owner.ACCOUNTANT,
    "account_not_suggested": Owner.ACCOUNTANT,
    "account_name_differs": Owner.ACCOUNTANT,
    "reference_waits": Owner.LATER,
    "reference_waits_for_account": Owner.ACCOUNTANT,
    "reference_unproven": Owner.ACCOUNTANT,
    "reference_ambiguous": Owner.ACCOUNTANT,
    "reference_incorrect": Owner.ACCOUNTANT,
    "reference_not_in_ledger": Owner.ACCOUNTANT,
    "reference_replaces_ours": Owner.ACCOUNTANT,
    "reference_taken": Owner.ACCOUNTANT,
    "reference_void": Owner.ACCOUNTANT,
    "reference_of_other_kind": Owner.ACCOUNTANT,
    "reference_of_other_customer": Owner.ACCOUNTANT,
    "reference_of_other_amount": Owner.ACCOUNTANT,
    "link_taken_away": Owner.ACCOUNTANT,
    # what the ledger has already
    "already_booked": Owner.ACCOUNTANT,
    "unexplained_balance": Owner.ACCOUNTANT,
    "day_unread": Owner.ACCOUNTANT,
    "period_unread": Owner.ACCOUNTANT,
    "pull_incomplete": Owner.ACCOUNTANT,
    "gl_account_not_mapped": Owner.ACCOUNTANT,
    "item_not_mapped": Owner.ACCOUNTANT,
    "tax_not_mapped": Owner.ACCOUNTANT,
    "method_not_mapped": Owner.ACCOUNTANT,
    "fee_account_missing": Owner.ACCOUNTANT,
    "class_not_mapped": Owner.ACCOUNTANT,
    "item_account_differs": Owner.ACCOUNTANT,
    "account_crosses_sides": Owner.ACCOUNTANT,
    "default_for_sales": Owner.ACCOUNTANT,
    "deferred_item_differs": Owner.ACCOUNTANT,
    "deferred_account_differs": Owner.ACCOUNTANT,
    "deferral_not_known": Owner.ACCOUNTANT,
    "schedule_differs": Owner.ACCOUNTANT,
    "schedules_on_one_line": Owner.ACCOUNTANT,
    "schedule_changed": Owner.ACCOUNTANT,
    "dues_unpaid_after_term": Owner.ACCOUNTANT,
    "code_mapped_twice": Owner.ACCOUNTANT,
    "not_in_ledger": Owner.ACCOUNTANT,
    "item_not_in_ledger": Owner.ACCOUNTANT,
    "item_without_account": Owner.ACCOUNTANT,
    "tax_not_in_ledger": Owner.ACCOUNTANT,
    "terms_not_in_ledger": Owner.ACCOUNTANT,
    "method_not_in_ledger": Owner.ACCOUNTANT,
    "class_not_in_ledger": Owner.ACCOUNTANT,
    "classes_of_one_document": Owner.ACCOUNTANT,
    "no_deposit_account": Owner.ACCOUNTANT,
    "no_spending_account": Owner.ACCOUNTANT,
    "paid_for_no_bill": Owner.ACCOUNTANT,
    "account_by_party": Owner.ACCOUNTANT,
    "account_without_entries": Owner.ACCOUNTANT,
    "not_sent": Owner.ACCOUNTANT,
    # holding back
    "account_not_transferred": Owner.ACCOUNTANT,
    "invoice_not_transferred": Owner.ACCOUNTANT,
    "invoice_no_go": Owner.ACCOUNTANT,
    "payment_not_transferred": Owner.ACCOUNTANT,
    "return_not_transferred": Owner.ACCOUNTANT,
    "waits_for_next_sync": Owner.LATER,
    "waits_for_payment": Owner.LATER,
    "waits_for_date": Owner.LATER,
    # what a ledger refuses
    "period_closed": Owner.ACCOUNTANT,
    "period_missing": Owner.ACCOUNTANT,
    "number_taken": Owner.ACCOUNTANT,
    "name_taken": Owner.ACCOUNTANT,
    "number_too_long": Owner.ACCOUNTANT,
    "name_too_long": Owner.ACCOUNTANT,
    "text_too_long": Owner.ACCOUNTANT,
    "character_forbidden": Owner.ACCOUNTANT,
    "kind_unsupported": Owner.ACCOUNTANT,
    "currency_unsupported": Owner.ACCOUNTANT,
    "currencies_off": Owner.ACCOUNTANT,
    "account_in_another_currency": Owner.ACCOUNTANT,
    "money_in_another_currency": Owner.ACCOUNTANT,
    "rate_missing": Owner.ACCOUNTANT,
    "currency_not_in_ledger": Owner.ACCOUNTANT,
    "exchange_account_missing": Owner.ACCOUNTANT,
    "applied_at_another_rate": Owner.ACCOUNTANT,
    "total_differs": Owner.ACCOUNTANT,
    "home_total_differs": Owner.ACCOUNTANT,
    "tax_not_borne": Owner.ACCOUNTANT,
    "tax_not_of_code": Owner.ACCOUNTANT,
    "tax_of_code_missing": Owner.ACCOUNTANT,
    "email_refused": Owner.ACCOUNTANT,
    "no_amount": Owner.ACCOUNTANT,
    "inactive_in_ledger": Owner.ACCOUNTANT,
    "ledger_refused": Owner.ACCOUNTANT,
    "refused_before": Owner.ACCOUNTANT,
    "deleted_in_ledger": Owner.ACCOUNTANT,
    "changed_in_ledger": Owner.ACCOUNTANT,
    "change_undecided": Owner.ACCOUNTANT,
    # undoing, and what a person undid in the ledger
    "undone": Owner.ACCOUNTANT,
    "undo_applied": Owner.ACCOUNTANT,
    "undo_by_hand": Owner.ACCOUNTANT,
    "undo_reconciled": Owner.ACCOUNTANT,
    "undo_nothing": Owner.ACCOUNTANT,
    "undo_in_past": Owner.ACCOUNTANT,
    "undo_reverses": Owner.ACCOUNTANT,
    "undo_unsupported": Owner.ACCOUNTANT,
    "gone_from_ledger": Owner.ACCOUNTANT,
    "void_in_ledger": Owner.ACCOUNTANT,
    "merged_in_ledger": Owner.ACCOUNTANT,
    "undo_unfinished": Owner.LATER,
    "undo_unknown": Owner.UNKNOWN_OUTCOME,
    "balance_asserted": Owner.ACCOUNTANT,
    # the outcome of a call is not known
    "outcome_unknown": Owner.UNKNOWN_OUTCOME,
    # what cannot run at all
    "settings_invalid": Owner.ADMINISTRATOR,
    "settings_unreadable": Owner.ADMINISTRATOR,
    "profile_newer": Owner.ADMINISTRATOR,
    "releases_unknown": Owner.LATER,
    "connector_unknown": Owner.ADMINISTRATOR,
    "connector_not_installed": Owner.ADMINISTRATOR,
    "sandbox_missing": Owner.ADMINISTRATOR,
    "sign_in_needless": Owner.ADMINISTRATOR,
    "company_unknown": Owner.ADMINISTRATOR,
    "company_exists": Owner.ADMINISTRATOR,
    "company_name_wrong": Owner.ADMINISTRATOR,
    "answer_not_offered": Owner.ADMINISTRATOR,
    "workbook_bound": Owner.ADMINISTRATOR,
    "workbook_without_macros": Owner.ADMINISTRATOR,
    "setup_missing": Owner.ADMINISTRATOR,
    "setup_fixed": Owner.ADMINISTRATOR,
    "secret_in_cell": Owner.ADMINISTRATOR,
    "secret_not_given": Owner.ADMINISTRATOR,
    "folder_not_whole": Owner.ADMINISTRATOR,
    "input_ended": Owner.ADMINISTRATOR,
    "workbook_exists": Owner.ACCOUNTANT,
    "workbook_missing": Owner.ACCOUNTANT,
    "workbook_open": Owner.ACCOUNTANT,
    "workbook_online": Owner.ACCOUNTANT,
    "sheet_locked": Owner.ACCOUNTANT,
    "excel_busy": Owner.ACCOUNTANT,
    "office_missing": Owner.ADMINISTRATOR,
    "workbook_read_only": Owner.ACCOUNTANT,
    "workbook_damaged": Owner.ACCOUNTANT,
    "workbook_encrypted": Owner.ACCOUNTANT,
    "workbook_of_another_format": Owner.ACCOUNTANT,
    "workbook_foreign": Owner.ACCOUNTANT,
    "workbook_unbound": Owner.ADMINISTRATOR,
    "workbook_ambiguous": Owner.ADMINISTRATOR,
    "workbook_newer": Owner.ADMINISTRATOR,
    "workbook_of_another": Owner.ADMINISTRATOR,
    "home_unconfirmed": Owner.ADMINISTRATOR,
    "home_refused": Owner.ADMINISTRATOR,
    "trust_damaged": Owner.ADMINISTRATOR,
    "group_unknown": Owner.ADMINISTRATOR,
    "workbook_changed_meanwhile": Owner.LATER,
    "not_pulled": Owner.ACCOUNTANT,
    "ledger_busy": Owner.LATER,
    "ledger_unreachable": Owner.LATER,
    "source_unreachable": Owner.LATER,
    "disk_full": Owner.ADMINISTRATOR,
    "disk_read_only": Owner.ADMINISTRATOR,
    "sync_running": Owner.LATER,
    "lease_lost": Owner.LATER,
    "journal_unreachable": Owner.LATER,
    "journal_unwritable": Owner.ADMINISTRATOR,
    "journal_damaged": Owner.ADMINISTRATOR,
    "journal_newer": Owner.ADMINISTRATOR,
    "journal_foreign": Owner.ADMINISTRATOR,
    "books_differ": Owner.ADMINISTRATOR,
    "journal_driver_missing": Owner.ADMINISTRATOR,
    "database_wrong": Owner.ADMINISTRATOR,
    "database_password": Owner.ADMINISTRATOR,
    "database_refused": Owner.ADMINISTRATOR,
    "database_unsafe": Owner.ADMINISTRATOR,
    "queue_unreachable": Owner.LATER,
    "interval_wrong": Owner.ADMINISTRATOR,
    "interval_impossible": Owner.ADMINISTRATOR,
    "scheduler_missing": Owner.ADMINISTRATOR,
    "scheduler_refused": Owner.ADMINISTRATOR,
    "password_needless": Owner.ADMINISTRATOR,
    "results_wait": Owner.LATER,
    "result_not_written": Owner.ACCOUNTANT,
    "source_record_gone": Owner.ACCOUNTANT,
    "source_reference_differs": Owner.ACCOUNTANT,
    "source_record_busy": Owner.LATER,
    "results_foreign": Owner.ACCOUNTANT,
    "results_unwritable": Owner.ADMINISTRATOR,
    "folder_not_empty": Owner.ACCOUNTANT,
    "file_unwritable": Owner.ACCOUNTANT,
    "port_unusable": Owner.ADMINISTRATOR,
    "run_unknown": Owner.ACCOUNTANT,
    "run_left_nothing": Owner.ACCOUNTANT,
    "guide_page_unknown": Owner.ACCOUNTANT,
    "never_synced": Owner.ACCOUNTANT,
    # the network, signing in and secrets
    "certificate_refused": Owner.ADMINISTRATOR,
    "too_many_requests": Owner.LATER,
    "day_limit_reached": Owner.LATER,
    "too_late": Owner.LATER,
    "stopped": Owner.ACCOUNTANT,
    "answer_unreadable": Owner.LATER,
    "access_denied": Owner.ADMINISTRATOR,
    "not_signed_in": Owner.ADMINISTRATOR,
    "sign_in_again": Owner.ADMINISTRATOR,
    "sign_in_ends_soon": Owner.ADMINISTRATOR,
    "sign_in_ends_for_good": Owner.ADMINISTRATOR,
    "sign_in_busy": Owner.LATER,
    "sign_in_timed_out": Owner.ADMINISTRATOR,
    "sign_in_state_wrong": Owner.ADMINISTRATOR,
    "sign_in_code_missing": Owner.ADMINISTRATOR,
    "sign_in_code_refused": Owner.ADMINISTRATOR,
    "sign_in_refused": Owner.ADMINISTRATOR,
    "consent_denied": Owner.ADMINISTRATOR,
    "client_refused": Owner.ADMINISTRATOR,
    "scope_refused": Owner.ADMINISTRATOR,
    "company_not_opened": Owner.ADMINISTRATOR,
    "company_not_chosen": Owner.ADMINISTRATOR,
    "company_differs": Owner.ADMINISTRATOR,
    "redirect_missing": Owner.ADMINISTRATOR,
    "browser_missing": Owner.ADMINISTRATOR,
    "port_taken": Owner.ADMINISTRATOR,
    "not_revoked": Owner.ADMINISTRATOR,
    "secret_missing": Owner.ADMINISTRATOR,
    "secret_given": Owner.ADMINISTRATOR,
    "secret_elsewhere": Owner.ADMINISTRATOR,
    "secret_unbound": Owner.ADMINISTRATOR,
    "secret_unreadable": Owner.ADMINISTRATOR,
    "secret_unwritable": Owner.ADMINISTRATOR,
    "secret_damaged": Owner.ADMINISTRATOR,
    "secrets_key_invalid": Owner.ADMINISTRATOR,
    "encryption_missing": Owner.ADMINISTRATOR,
    "extra_missing": Owner.ADMINISTRATOR,
    "vault_missing": Owner.ADMINISTRATOR,
    "vault_locked": Owner.ADMINISTRATOR,
    "usage": Owner.ACCOUNTANT,
    "defect": Owner.DEFECT,
}
"""Every code and who owns it; the catalogues hold a sentence of what happened and one of what to do for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A cell of the workbook: sheet and address (``Invoices``, ``G12``)."""

    sheet: str
    cell: str


def is_known(code: str) -> bool:
    """Whether there is a problem of this code, here or in an installed connector."""
    return code in OWNERS or code in connector_problems()


def owner_of(code: str) -> Owner:
    """Who acts next where a problem of this code stands."""
    return OWNERS[code] if code in OWNERS else Owner(connector_problems()[code].owner)


def every_code() -> list[str]:
    """The codes of every problem: those that all connectors share, then those of one alone."""
    return [*OWNERS, *(code for code in connector_problems() if code not in OWNERS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that went wrong: the record and column it concerns, parameters for its sentence, technical detail.

    ``column`` is a column key of the layout or a column of the source's file; ``detail`` is the other system's own
    words with its request id. What in these or in the parameters looks like a credential is masked at once.
    """

    code: str
    kind: Kind | None = None
    key: str = ""
    number: str = ""
    column: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    detail: str = ""
    provenance: Provenance = field(default_factory=Provenance)
    place: Place | None = None

    def __post_init__(self) -> None:
        if not is_known(self.code):
            raise ValueError(f"no such problem code: {self.code}")
        object.__setattr__(self, "detail", scrubbed(self.detail))
        object.__setattr__(self, "params", {name: scrubbed(text) for name, text in self.params.items()})

    @property
    def owner(self) -> Owner:
        """Who acts next."""
        return owner_of(self.code)


def problem_of(record: Record, code: str, /, *, column: str = "", detail: str = "", **params: str) -> Problem:
    """A problem with a record, carrying its kind, key, number and provenance."""
    return Problem(
        code=code,
        kind=record.kind,
        key=record.key,
        number=record.number,
        column=column,
        params=params,
        detail=detail,
        provenance=record.provenance,
    )


class CannotRun(Exception):
    """Nothing can be done until these problems are dealt with; raised at the edges, shown as sentences."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(", ".join(f"{p.code} {dict(p.params)}" for p in problems))
        self.problems = problems
