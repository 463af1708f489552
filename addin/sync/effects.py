"""What a problem does to its record."""

from __future__ import annotations

from enum import StrEnum

from connectors.connector_problems import connector_problems
from connectors.problems import Problem


class Effect(StrEnum):
    """What a problem does to its record: refuse it (Transfer Error), hold it back as it is, or only say so."""

    REFUSE = "refuse"
    HOLD = "hold"
    NOTICE = "notice"


EFFECTS: dict[str, Effect] = {
    "account_not_linked": Effect.HOLD,
    "account_not_transferred": Effect.HOLD,
    "invoice_not_transferred": Effect.HOLD,
    "invoice_no_go": Effect.HOLD,
    "waits_for_next_sync": Effect.HOLD,
    "payment_not_transferred": Effect.HOLD,
    "return_not_transferred": Effect.HOLD,
    "waits_for_payment": Effect.HOLD,
    "waits_for_date": Effect.HOLD,
    "deferral_not_known": Effect.HOLD,
    "schedule_differs": Effect.HOLD,
    "schedules_on_one_line": Effect.HOLD,
    "schedule_changed": Effect.NOTICE,
    "dues_unpaid_after_term": Effect.NOTICE,
    "not_sent": Effect.HOLD,
    "outcome_unknown": Effect.HOLD,
    "undo_unfinished": Effect.NOTICE,
    "undo_unknown": Effect.HOLD,
    "undo_applied": Effect.HOLD,
    "undo_by_hand": Effect.HOLD,
    "undo_reconciled": Effect.HOLD,
    "undo_nothing": Effect.HOLD,
    "undo_unsupported": Effect.HOLD,
    "undo_in_past": Effect.HOLD,
    "undo_reverses": Effect.NOTICE,
    "changed_in_ledger": Effect.HOLD,
    "gone_from_ledger": Effect.HOLD,
    "void_in_ledger": Effect.HOLD,
    "merged_in_ledger": Effect.HOLD,
    "undone": Effect.NOTICE,
    "sign_in_ends_soon": Effect.NOTICE,
    "sign_in_ends_for_good": Effect.NOTICE,
    "change_undecided": Effect.NOTICE,
    "tables_not_read": Effect.NOTICE,
    "columns_not_read": Effect.NOTICE,
    "sheet_hidden": Effect.NOTICE,
    "rows_hidden": Effect.NOTICE,
    "rows_left_out": Effect.NOTICE,
    "row_duplicated": Effect.HOLD,
    "row_missing": Effect.HOLD,
    "line_row_missing": Effect.HOLD,
    "line_code_unread": Effect.HOLD,
    "column_renamed": Effect.HOLD,
    "cell_error": Effect.HOLD,
    "cell_changed": Effect.HOLD,
    "status_missing": Effect.HOLD,
    "status_unknown": Effect.HOLD,
    "statuses_differ": Effect.HOLD,
    "status_refused": Effect.NOTICE,
    "completed_without_reference": Effect.NOTICE,
    "approval_missing": Effect.HOLD,
    "approval_outdated": Effect.HOLD,
    "approval_own": Effect.HOLD,
    "cancelled_in_source": Effect.HOLD,
    "replaced_in_source": Effect.HOLD,
    "cancelled_after_transfer": Effect.NOTICE,
    "changed_after_transfer": Effect.NOTICE,
    "changed_in_closed_period": Effect.NOTICE,
    "changed_beyond_undo": Effect.NOTICE,
    "changed_with_applied": Effect.NOTICE,
    "to_be_amended": Effect.NOTICE,
    "amend_by_hand": Effect.NOTICE,
    "application_taken_back": Effect.NOTICE,
    "apply_by_hand": Effect.NOTICE,
    "left_after_transfer": Effect.NOTICE,
    "day_far_ahead": Effect.HOLD,
    "numbers_missing": Effect.NOTICE,
    "numbers_repeated": Effect.NOTICE,
    "result_not_written": Effect.HOLD,
    "source_record_gone": Effect.NOTICE,
    "source_reference_differs": Effect.NOTICE,
    "source_record_busy": Effect.NOTICE,
    "left_source": Effect.HOLD,
    "discount_not_given_back": Effect.HOLD,
    "booked_as_another": Effect.HOLD,
    "not_read_again": Effect.HOLD,
    "account_resembles": Effect.HOLD,
    "account_linked_twice": Effect.HOLD,
    "account_link_moves": Effect.HOLD,
    "account_not_suggested": Effect.HOLD,
    "account_name_differs": Effect.HOLD,
    "reference_waits": Effect.HOLD,
    "reference_waits_for_account": Effect.HOLD,
    "reference_unproven": Effect.HOLD,
    "reference_replaces_ours": Effect.HOLD,
    "reference_taken": Effect.HOLD,
    "link_taken_away": Effect.NOTICE,
    "already_booked": Effect.HOLD,
    "twice_in_source": Effect.HOLD,
    "total_differs": Effect.NOTICE,
    "home_total_differs": Effect.NOTICE,
    "balance_impossible": Effect.NOTICE,
    "balance_differs": Effect.NOTICE,
    "paid_without_payment": Effect.NOTICE,
    "payment_not_shown": Effect.HOLD,
    "tax_rounded": Effect.NOTICE,
    "account_crosses_sides": Effect.NOTICE,
    "default_for_sales": Effect.NOTICE,
    "line_tax_rounded": Effect.NOTICE,
    "taxes_not_compared": Effect.NOTICE,
    "exempt_taxed": Effect.NOTICE,
    "tax_category_differs": Effect.NOTICE,
    "province_taxes_differ": Effect.NOTICE,
    "tax_in_doubt": Effect.HOLD,
    "refused_before": Effect.NOTICE,
}


def effect(problem: Problem) -> Effect:
    """What a problem does to its record; what nothing is said of refuses it."""
    if problem.code in EFFECTS:
        return EFFECTS[problem.code]
    own = connector_problems().get(problem.code)
    return Effect(own.effect) if own else Effect.REFUSE
