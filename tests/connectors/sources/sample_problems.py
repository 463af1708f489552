"""What is wrong in the sample association on purpose: the problems a check and a sync must find, and no others.

Each is (kind, key, number, code), in the order of connectors/sources/files/sample/README.md. They presume that the
ledger's closing date is 2023-12-31 and that every account but ``TWINS`` is linked or flagged as new.
"""

TWINS = ("A0235", "A0236")
CIRCLE = ("A0237", "A0238")

EXPECTED: tuple[tuple[str, str, str, str], ...] = (
    ("invoice", "D0595", "F25-0335", "gl_account_not_mapped"),
    ("invoice", "D0596", "F25-0336", "lines_do_not_add_up"),
    ("customer", "A0235", "10235", "account_not_linked"),
    ("customer", "A0236", "10236", "account_not_linked"),
    ("invoice", "D0597", "F25-0337", "account_not_transferred"),
    ("invoice", "D0598", "F25-0338", "account_not_transferred"),
    ("payment", "P0469", "PA25-0469", "payment_over_balance"),
    ("invoice", "D0600", "F25-0340", "line_without_text"),
    ("invoice", "D0601", "F24-0950", "cancelled_after_transfer"),
    ("invoice", "D0602", "SO-2023-99", "period_closed"),
    ("invoice", "D0603", "M-2024-007", "already_booked"),
    ("invoice", "D0604", "M-2025-031", "duplicate_number"),
    ("invoice", "D0605", "M-2025-031", "duplicate_number"),
    ("customer", "A0237", "10237", "parent_circular"),
    ("customer", "A0238", "10238", "parent_circular"),
    ("invoice", "D0606", "F25-0341", "account_not_transferred"),
    ("payment", "P0470", "PA25-0470", "invoice_not_transferred"),
    ("invoice", "D0565", "F25-0322", "not_sent"),
    ("invoice", "D0573", "F25-0326", "not_sent"),
    ("invoice", "D0581", "F25-0330", "not_sent"),
    ("payment", "P0013", "PA25-0013", "invoice_not_transferred"),
    ("payment", "P0014", "PA25-0014", "invoice_not_transferred"),
)
