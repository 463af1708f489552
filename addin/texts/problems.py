"""What happened and what to do, for every problem code; in English here, in French in the catalogue."""

from __future__ import annotations

from typing import NamedTuple

from connectors.problems import Owner


class Sentences(NamedTuple):
    """Two sentences with ``{parameters}``."""

    what: str
    fix: str


OWNERS: dict[Owner, str] = {
    Owner.ACCOUNTANT: "You",
    Owner.ADMINISTRATOR: "The administrator",
    Owner.LATER: "No one: it passes by itself",
    Owner.UNKNOWN_OUTCOME: "The next Sync",
    Owner.DEFECT: "Us: please report it",
}

SENTENCES: dict[str, Sentences] = {
    "file_missing": Sentences(
        "The file {file} is not there.", "Put it in place, or correct the source's path in the company's settings."
    ),
    "file_empty": Sentences(
        "The file {file} is empty.", "Export it again from the source, with its header line, and pull again."
    ),
    "file_unreadable": Sentences(
        "{file}, line {line}: “{value}” is not in the expected encoding.",
        'Save the file as UTF-8 (in Excel: “CSV UTF-8”), or set encoding = "cp1252" in the source\'s settings '
        "(profile.toml); then pull again.",
    ),
    "file_of_another_format": Sentences(
        "{file} is not the kind of file that its name says: what it holds is {value}.",
        "Open it in Excel and save it under the name that is expected, as “Excel Workbook (.xlsx)” if that name ends "
        "in .xlsx, as “CSV UTF-8” if it ends in .csv; or put such a name into path in the source's settings "
        "(profile.toml). Then pull again.",
    ),
    "file_encrypted": Sentences(
        "{file} is protected with a password, and cannot be read.",
        "Open it in Excel, take the password away (File > Info > Protect Workbook > Encrypt with Password), save it, "
        "and pull again.",
    ),
    "file_damaged": Sentences(
        "{file} is damaged, and cannot be read.",
        "Open it in Excel, which repairs what it can, save it and compare it with the source; or export it again. "
        "Then pull again.",
    ),
    "file_too_large": Sentences(
        "{file} holds more than is read ({value}).",
        "Copy the rows of the source into a new workbook, leave out sheets and columns that are not needed, save it "
        "under the same name, and pull again.",
    ),
    "file_changing": Sentences(
        "{file} was being written while it was read; nothing was taken from it.",
        "Wait until its export is done, and pull again.",
    ),
    "file_not_opened": Sentences(
        "{file} is there, but cannot be opened.",
        "Close it where it is open; see that the account that runs Passerelle may read it and its folder; then pull "
        "again.",
    ),
    "not_a_file": Sentences(
        "{file} is not a file, but a folder, a pipe, a device, or a link that leads nowhere.",
        "Put the file itself in its place, and run again.",
    ),
    "not_a_folder": Sentences(
        "{file} is not a folder.",
        "Put into path of the source's settings (profile.toml) the folder that holds the CSV files, or one Excel "
        "file that ends in .xlsx; then pull again.",
    ),
    "tables_not_read": Sentences(
        "{file}: nobody reads these: {columns}.",
        "Where an arrow shows the name that was probably meant, rename it so and pull again; the others may stay.",
    ),
    "columns_not_read": Sentences(
        "{file}: nobody reads these columns: {columns}.",
        "Where an arrow shows the title that was probably meant, give the column that title and pull again; the "
        "others may stay.",
    ),
    "not_confirmed": Sentences(
        "{file} has not been looked at: which of its columns is what is not known yet, and nothing of it is read.",
        "Press Look at the source, correct what the Source sheet says wrongly, and press Confirm the source.",
    ),
    "answer_unknown": Sentences(
        "“{value}” is no column of the export, nothing that the Source sheet offers, and no rate in percent.",
        "Name the column as SHEET/HEADING and the field as the Source sheet does, choose from its lists, type a rate "
        "as 9.975, and confirm again.",
    ),
    "not_looked_at": Sentences(
        "The columns of {source} are known; there is nothing to look at or to confirm.",
        "Press Pull.",
    ),
    "dates_asked": Sentences(
        "{file}: its dates can be read in more than one order of day and month, and nothing in it decides.",
        "Say on the Source sheet in which order they are written, and confirm again.",
    ),
    "decimals_asked": Sentences(
        "{file}: in its amounts a comma or a point can stand before decimals or before thousands, and nothing in it "
        "decides.",
        "Say on the Source sheet which of them stands before decimals, and confirm again.",
    ),
    "rates_asked": Sentences(
        "The rate of the tax “{column}” cannot be told from its amounts.",
        "Type it, in percent, on the Source sheet, and confirm again.",
    ),
    "field_needed": Sentences(
        "{file}: no column is the field “{column}”, without which nothing of it can be read.",
        "Choose the field on the Source sheet for the column that holds it, or choose another kind for the sheet, and "
        "confirm again.",
    ),
    "field_twice": Sentences(
        "{file}: more than one column is the field “{column}”.",
        "Leave it on the Source sheet to the one column that holds it, and confirm again.",
    ),
    "heading_gone": Sentences(
        "{file}: the column “{column}”, which was confirmed, is not there any more; the nearest of the new headings is "
        "“{value}”. Nothing of this sheet is read.",
        "Give the column its heading back at the source, or look at the source again and confirm what it is now.",
    ),
    "sheet_gone": Sentences(
        "{file}, which was confirmed, is not there any more; what is there: {value}. Nothing of it is read.",
        "Export it again under its name, or look at the source again and confirm what it holds now.",
    ),
    "rows_left_out": Sentences(
        "{file}: these lines are totals or notes, and no records: {columns}.",
        "Where one of them is a record after all, fill in its other cells at the source, and pull again.",
    ),
    "export_total_differs": Sentences(
        "{file}, line {line}: the total says {value} in “{column}”, and the rows come to another sum: a row may be "
        "missing, or not be read.",
        "Compare the export with its own total, export it again where rows are missing, and pull again.",
    ),
    "sheet_hidden": Sentences(
        "{file}: the sheet is hidden, and is read all the same.",
        "Unhide the sheet to see what it holds; if it should not be read, give it another name, and pull again.",
    ),
    "rows_hidden": Sentences(
        "{file}: {count} rows are hidden or filtered out, the first of them {line}; they are read all the same.",
        "Clear the filter and unhide the rows to see them; delete those that should not be read, and pull again.",
    ),
    "date_in_zone": Sentences(
        "{file}, line {line}: “{value}” in “{column}” is a moment in a time zone; which day it is depends on where "
        "one stands.",
        "Give the date alone, as it is to count in the books (2026-01-31), and pull again.",
    ),
    "text_reordered": Sentences(
        "{file}, line {line}: “{column}” holds characters that show a text from right to left; nobody sees what it "
        "says.",
        "Type the value again at the source, without copying it, and pull again.",
    ),
    "line_break": Sentences(
        "{file}, line {line}: “{column}” holds a line break or a tab.",
        "Write it on one line at the source, and pull again.",
    ),
    "error_in_cell": Sentences(
        "{file}, line {line}: “{column}” holds the error {value}.",
        "Correct the formula, or type the value itself into the cell, save the file, and pull again.",
    ),
    "formula_not_computed": Sentences(
        "{file}, line {line}: “{column}” is a formula that was never computed.",
        "Open the file in Excel, which computes it, save it, and pull again.",
    ),
    "cell_damaged": Sentences(
        "{file}, line {line}: what “{column}” holds ({value}) is nothing that a workbook can hold.",
        "Type the value again into the cell in Excel, save the file, and pull again.",
    ),
    "digits_lost": Sentences(
        "{file}, line {line}: “{value}” in “{column}” is a number of more than 15 digits; Excel has lost the last of "
        "them.",
        "Format the cell as Text, type the number again, save the file, and pull again.",
    ),
    "shown_otherwise": Sentences(
        "{file}, line {line}: “{column}” holds {value}, but its format shows it as a date, a percentage, a power of "
        "ten or otherwise; it cannot be told what is meant.",
        "Format the cell as Text, type the value as it must read, save the file, and pull again.",
    ),
    "cell_merged": Sentences(
        "{file}, line {line}: the cell of “{column}” is merged with others; what they show belongs to the first of "
        "them alone.",
        "Unmerge the cells, type the value into each of them, save the file, and pull again.",
    ),
    "payment_negative": Sentences(
        "{file}, line {line}: the payment is negative ({value}).",
        "If money was given back, make it a document of kind refund, with positive amounts, instead; if the bank "
        "returned a payment, write returned into the column kind, that payment's key into payment, and a positive "
        "amount. Then pull again.",
    ),
    "amount_too_small": Sentences(
        "{file}, line {line}: “{column}” holds {value}, and a fee or discount is at least 0, a rate more than 0.",
        "Correct “{column}” in the source, or leave it empty, and pull again.",
    ),
    "allocations_differ": Sentences(
        "{file}, line {line}: the payment names the invoice “{value}”, and its allocations name others.",
        "Clear “{column}”, or add that invoice to the payment's lines in allocations; then pull again.",
    ),
    "payment_of_two_ways": Sentences(
        "{file}, line {line}: the payment pays invoices of ours and of a supplier; money goes one way.",
        "Make it two payments, one received and one paid, and pull again.",
    ),
    "payment_way_differs": Sentences(
        "{file}, line {line}: “{column}” says that the payment is {value}, and the invoices or the payment that it "
        "names say otherwise.",
        "Correct “{column}” (received, paid, returned), or the invoices and the payment that it names; then pull "
        "again.",
    ),
    "payment_way_missing": Sentences(
        "{file}, line {line}: the account “{value}” is billed and bills us too, and nothing says whether this payment "
        "was received or paid.",
        "Write received or paid into the column kind, or name the invoices it pays; then pull again.",
    ),
    "line_too_long": Sentences(
        "{file}, line {line}: the line is too long to be a record.",
        "Look for a missing line break or quotation mark in the file, and pull again.",
    ),
    "column_missing": Sentences(
        "{file}: the column “{column}” is missing.", "Add the column, or correct its title, and pull again."
    ),
    "value_missing": Sentences(
        "{file}, line {line}: “{column}” is empty.", "Fill it in at the source, and pull again."
    ),
    "value_unknown": Sentences(
        "{file}, line {line}: “{value}” is not a possible value of “{column}”.",
        "Use one of the values listed in the guide to the files, and pull again.",
    ),
    "not_an_amount": Sentences(
        "{file}, line {line}: “{value}” in “{column}” is not a number, or could be read in two ways.",
        "Write it as a plain number with the decimal sign of the source's settings (profile.toml), and pull again.",
    ),
    "too_many_decimals": Sentences(
        "{file}, line {line}: “{value}” in “{column}” has more decimals than the currency.",
        "Round it to the cent at the source, and pull again.",
    ),
    "not_a_date": Sentences(
        "{file}, line {line}: “{value}” in “{column}” is not a date of the expected format.",
        "Correct it, or set date_format in the source's settings (profile.toml), and pull again.",
    ),
    "text_forbidden": Sentences(
        "{file}, line {line}: “{column}” holds characters that a cell cannot show, or more than 32,767 of them.",
        "Remove them at the source, and pull again.",
    ),
    "duplicate_key": Sentences(
        "{file}, line {line}: the key “{value}” stands more than once.",
        "Keep one line of each key, and pull again; none of them was taken.",
    ),
    "reference_unknown": Sentences(
        "{file}, line {line}: “{column}” refers to “{value}”, which is not there or was left out.",
        "Correct it, or the record that it names, and pull again.",
    ),
    "encoding_differs": Sentences(
        "{file} is not saved in the expected encoding: {count} values cannot be read, the first on line {line}: "
        "“{value}”.",
        'In Excel, save it as “CSV UTF-8”; or set encoding = "cp1252" in the source\'s settings (profile.toml). Then '
        "pull again.",
    ),
    "amounts_differ": Sentences(
        "{file}: {count} amounts in “{column}” are not written as was set or confirmed, the first on line {line}: "
        "“{value}”.",
        'If the files have a decimal comma, set decimal = "," in the source\'s settings (profile.toml); look at an '
        "export that was confirmed again, and confirm it; otherwise correct the column at the source. Then pull again.",
    ),
    "dates_differ": Sentences(
        "{file}: dates in “{column}” ({count}) are not written as was set or confirmed, the first on line {line}: "
        "“{value}”. Of an export, nothing of the sheet is read.",
        'Set their format in the source\'s settings (profile.toml), such as date_format = "DD/MM/YYYY"; look at an '
        "export that was confirmed again, and confirm it; or correct the column at the source. Then pull again.",
    ),
    "references_left_out": Sentences(
        "{file}: {count} values of “{column}” refer to records that are not there or were left out, the first on line "
        "{line}: “{value}”.",
        "Solve first what is told of the other files; these then come by themselves. Then pull again.",
    ),
    "source_empty": Sentences(
        "The source holds no records: {place}.",
        "Put its files there, with their lines below the titles, and pull again.",
    ),
    "duplicate_number": Sentences(
        "The number {number} is carried by {count} documents of the same kind.",
        "Give each its own number in the source, pull, and mark them To Be Transferred again.",
    ),
    "lines_do_not_add_up": Sentences(
        "The lines come to {lines} and the taxes to {taxes}, but the document says {total}.",
        "Correct the document in the source, pull, and mark it To Be Transferred again.",
    ),
    "balance_impossible": Sentences(
        "Its balance is {balance}, which no document of {total} can have.",
        "Look at it in the source. It is transferred with its total; the balance stays here.",
    ),
    "balance_differs": Sentences(
        "The source says that {balance} is left to pay, but payments and credits of {paid} leave {owed} of {total}.",
        "Look for the payment or credit that is missing or too much. The invoice is transferred with its total, and "
        "payments as they are.",
    ),
    "paid_without_payment": Sentences(
        "The source says that the invoice of {total} is paid, but shows no payment or credit of it.",
        "Look for its payment: without it the invoice stays open in the ledger.",
    ),
    "payment_not_shown": Sentences(
        "The settings ask for payment first. The source says that the invoice of {total} is paid, but payments and "
        "credits come to {paid}.",
        "Bring its payment into the source and pull; or change the setting, if it may leave unpaid.",
    ),
    "tax_differs": Sentences(
        "{tax} at {rate} % on {base} comes to {expected}, but the document bears {amount}.",
        "Correct the tax, or the tax group of its lines, in the source; pull, and mark it To Be Transferred again.",
    ),
    "tax_rounded": Sentences(
        "{tax} at {rate} % on {base} comes to {expected}; the document bears {amount}, which is rounded otherwise.",
        "Nothing, if the source rounds so: it is transferred with the source's amount.",
    ),
    "tax_missing": Sentences(
        "The tax group {group} has {tax} at {rate} %, {expected} on {base}, but the document bears none of it.",
        "Correct the taxes, or the tax group of its lines, in the source; pull, and mark it To Be Transferred again.",
    ),
    "tax_not_of_group": Sentences(
        "The document bears {amount} of {tax}, which no tax group of its lines has ({groups}).",
        "Correct the taxes, or the tax group of its lines, in the source; pull, and mark it To Be Transferred again.",
    ),
    "tax_base_differs": Sentences(
        "{tax} is said to be on {said}, but the lines that bear it come to {base}.",
        "Correct the base of the tax, or the tax group of its lines, in the source; pull, and mark it To Be "
        "Transferred again.",
    ),
    "line_tax_differs": Sentences(
        "Line {line}: the taxes of group {group} on {base} come to {expected}, but the line bears {amount}.",
        "Correct the line's tax, or its tax group, in the source; pull, and mark the document To Be Transferred again.",
    ),
    "line_tax_rounded": Sentences(
        "Line {line}: the taxes of group {group} on {base} come to {expected}; the line bears {amount}, which is "
        "rounded otherwise.",
        "Nothing, if the source rounds so: it is transferred with the source's amount.",
    ),
    "line_taxes_differ": Sentences(
        "The taxes of the lines come to {lines}, those of the document to {taxes}.",
        "Correct the taxes in the source, pull, and mark it To Be Transferred again.",
    ),
    "taxes_not_compared": Sentences(
        "The taxes of {count} documents ({taxes}) were not compared with their rates, {number} the first: the source "
        "gives no tax group for their lines, or no rate.",
        "Look at them yourself; or have the source give each line's tax group and each tax's rate, and pull again.",
    ),
    "entry_not_balanced": Sentences(
        "Debits of {debit} and credits of {credit} do not balance.",
        "Correct the entry in the source, pull, and mark it To Be Transferred again.",
    ),
    "no_lines": Sentences(
        "The document has no line.", "Add its lines in the source, pull, and mark it To Be Transferred again."
    ),
    "line_without_text": Sentences(
        "Line {line} has no description.",
        "Describe the line in the source, pull, and mark the document To Be Transferred again.",
    ),
    "negative_total": Sentences(
        "The total {total} is negative.", "Use a credit note or a refund in the source instead."
    ),
    "payment_over_balance": Sentences(
        "The payments of invoice {invoice} come to {paid}, more than its total of {total}.",
        "Correct the payment's share of this invoice in the source, and leave the rest on account.",
    ),
    "payment_over_open": Sentences(
        "The payments of invoice {invoice} come to {paid}; {credited} of its total of {total} was credited before.",
        "Correct the payment's share of this invoice in the source, and leave the rest on account.",
    ),
    "credit_over_total": Sentences(
        "The credit notes of invoice {invoice} come to {credited}, more than its total of {total}.",
        "Correct the credit note or the invoice it names in the source, pull, and mark it To Be Transferred again.",
    ),
    "payment_returned": Sentences(
        "The bank returned this payment, and the source applies it to more since.",
        "Correct in the source what the payment is applied to, and pull; what it was applied to is open again.",
    ),
    "return_of_no_receipt": Sentences(
        "It gives back {payment}, which is no payment received from a customer.",
        "Correct in the source which payment came back; book a supplier's payment that came back by hand in the "
        "ledger, and type its reference.",
    ),
    "return_differs": Sentences(
        "It gives back {returned} on {on}; payment {payment} was {amount} on {date}, and comes back whole, to the same "
        "account and not before.",
        "Correct the return or its payment in the source, and pull.",
    ),
    "returned_twice": Sentences(
        "Payment {payment} was returned already.",
        "Correct in the source which payment came back, or take this return out of it; then pull.",
    ),
    "payment_over_allocated": Sentences(
        "The shares of the payment come to {allocated}, more than its amount of {amount}.",
        "Correct the payment in the source, pull, and mark it To Be Transferred again.",
    ),
    "invoice_of_another": Sentences(
        "It is of {account}, and its invoice {invoice} is of {other}.",
        "Correct one or the other in the source, and pull; or book it by hand in the ledger, and type its reference.",
    ),
    "parents_too_many": Sentences(
        "{chain}: the ledger takes customers below one another {limit} levels deep at most.",
        "Take levels out in the source, and pull.",
    ),
    "names_equal": Sentences(
        "{count} new accounts have the name “{name}”, and the ledger gives a name to one customer alone.",
        "Give each a name of its own in the source, and pull. If they are one customer, let one of them be new, sync, "
        "and type its sync reference for the others.",
    ),
    "supplier_sold_to": Sentences(
        "It is a sale, and {account} is a supplier in the ledger, which sells to customers alone.",
        "Link the account to a customer of the ledger, or correct the account in the source.",
    ),
    "customer_bought_from": Sentences(
        "It is a purchase, and {account} is a customer in the ledger, which buys from suppliers alone.",
        "Link the account to a supplier of the ledger, or correct the account in the source.",
    ),
    "paid_no_supplier": Sentences(
        "It is paid to {account}, which is no supplier.",
        "If it is one, say so in the source (is_supplier), and pull; money given back to a customer is a refund there, "
        "and money received is a payment.",
    ),
    "exempt_taxed": Sentences(
        "{account} pays no tax, and {tax} of tax is billed.",
        "If that is right, nothing; otherwise correct the account or the document in the source, and pull.",
    ),
    "tax_category_differs": Sentences(
        "The tax group {group} is said to be {category} in a tax return, and its taxes are {taxes}.",
        "Correct the category or the taxes of the group in the source, and pull.",
    ),
    "province_taxes_differ": Sentences(
        "It is supplied in {province}, where GST, HST and QST are {expected}; the tax group {group} charges {taxes}.",
        "If that is right, nothing; otherwise correct the province or the tax group in the source, and pull.",
    ),
    "tax_in_doubt": Sentences(
        "Its taxes are in doubt, and the settings hold such documents.",
        "Correct what its other problem names in the source, and pull; or turn the setting tax_doubts_stop off.",
    ),
    "tax_categories_share_code": Sentences(
        "Line {line}: the tax group {group} has the ledger's tax code “{code}”, and so has {others}, which is another "
        "thing in a tax return: zero-rated, exempt and out of scope could not be told apart.",
        "Choose for each of them its own tax code on the Mapping sheet, and mark the document To Be Transferred again.",
    ),
    "parent_circular": Sentences(
        "This account is its own parent, by way of: {chain}",
        "Correct the parent accounts in the source, and pull again.",
    ),
    "care_of_unknown": Sentences(
        "It is in the care of {care_of}, which is written like the key of an account, and no account has that key.",
        "Correct care_of in the source: an account's key, or a name; then pull again.",
    ),
    "currency_differs": Sentences(
        "It is in {currency}, and invoice {invoice} is in {other}.",
        "Correct the currency in the source, pull, and mark it To Be Transferred again.",
    ),
    "cancelled_in_source": Sentences(
        "The source has cancelled this document; it is not transferred.", "If that is right, mark it Do Not Sync."
    ),
    "replaced_in_source": Sentences(
        "The source no longer has this record: other records have taken its place.",
        "Mark it Do Not Sync, and review what has taken its place.",
    ),
    "cancelled_after_transfer": Sentences(
        "The source has cancelled this document, which is in the ledger as {reference}.",
        "Make a credit note in the source, or reverse it in the ledger by hand.",
    ),
    "changed_after_transfer": Sentences(
        "The source has changed it since it was transferred as {reference} ({changes}); the ledger keeps what it has.",
        "Its period is open and nothing is applied to it: undo the transfer, and mark it To Be Transferred again; or "
        "make a credit note and a new document in the source.",
    ),
    "changed_with_applied": Sentences(
        "The source has changed it since it was transferred as {reference} ({changes}); the ledger keeps what it has, "
        "and {numbers} refer to it there.",
        "Make a credit note and a new document in the source; or undo {numbers} first and this one after, and mark all "
        "of them To Be Transferred again.",
    ),
    "changed_in_closed_period": Sentences(
        "The source has changed it since it was transferred as {reference} ({changes}). It was booked on {date}, in a "
        "period that is closed: the ledger keeps what it has.",
        "Make a credit note and a new document in the source, dated in an open period.",
    ),
    "changed_beyond_undo": Sentences(
        "The source has changed it since it was transferred as {reference} ({changes}), and its transfer cannot be "
        "undone from here: the ledger keeps what it has.",
        "Make a credit note and a new document in the source, or correct {reference} in the ledger by hand.",
    ),
    "to_be_amended": Sentences(
        "The source has changed it since it was transferred as {reference} ({changes}); no amount moves by that.",
        "Leave it To Be Transferred: Sync then changes it in the ledger. On Stand By the ledger keeps what it has.",
    ),
    "amend_by_hand": Sentences(
        "The source has changed it since it was transferred as {reference} ({changes}); no amount moves by that, and "
        "Passerelle cannot change it in this ledger.",
        "Change it at {reference} by hand, where the ledger lets you.",
    ),
    "application_taken_back": Sentences(
        "The source no longer applies this of it, which the ledger has as {reference}: {parts}.",
        "Take the application of {parts} back by hand in the ledger; or undo the transfer, and mark it To Be "
        "Transferred again: it is then booked as the source has it.",
    ),
    "apply_by_hand": Sentences(
        "The source now applies it to {parts}, and this ledger lets nobody do that from outside once it is booked.",
        "In the ledger, apply {reference} to {parts} by hand.",
    ),
    "applied_otherwise": Sentences(
        "In the ledger {reference} is applied to {there}, which is not what the source says: {parts}.",
        "Correct what it is applied to in the ledger or in the source, pull, and mark it To Be Transferred again.",
    ),
    "applied_beyond_open": Sentences(
        "{amount} of {reference} is to be applied to {document}, of which {open} is open in the ledger.",
        "See in the ledger what else pays {document}; correct it there or in the source, pull, and mark it To Be "
        "Transferred again.",
    ),
    "booked_as_another": Sentences(
        "It was booked as another kind of record ({kind}), with the reference {reference}; booked again it would stand "
        "there twice.",
        "If the source is right now, undo that one first (its row says so too), and mark this one To Be Transferred "
        "again; otherwise correct the source, and pull.",
    ),
    "left_after_transfer": Sentences(
        "The source no longer has this record, which is in the ledger as {reference}.",
        "If it was deleted there by mistake, restore it and pull again; if not, undo its transfer. Where a file shows "
        "a part of the source only, set pulls_are_whole to No.",
    ),
    "day_far_ahead": Sentences(
        "It is dated {date}, more than {days} days ahead. Is that right?",
        "Correct the date in the source and pull again, or press Confirm if it is right.",
    ),
    "numbers_missing": Sentences(
        "Numbers of invoices are missing in the source, {count} in all: {numbers}.",
        "Ask who keeps the source what became of them; an auditor will.",
    ),
    "numbers_repeated": Sentences(
        "Numbers of invoices stand more than once in the source, {count} in all: {numbers}.",
        "Give each invoice its own number in the source.",
    ),
    "discount_not_given_back": Sentences(
        "Of invoice {invoice}, a discount of {amount} is still in the ledger; the bank returned the payment that it "
        "was taken with.",
        "Sync takes the discount out once the return is in the ledger, and this payment leaves with the next Sync. "
        "Where the discount stays, undo its transfer.",
    ),
    "left_source": Sentences(
        "The source no longer has this record, and it waits.",
        "Pull it again; or press Confirm to transfer it this once as it was last read; or mark it Do Not Sync.",
    ),
    "not_read_again": Sentences(
        "The last pull could not read this record, and it waits: {why}",
        "Correct it in the source and pull again; or press Confirm to transfer it this once as it was read before; or "
        "mark it Do Not Sync.",
    ),
    "twice_in_source": Sentences(
        "The source has this twice: {number} of {date} over {total} also stands there under the key {other}.",
        "Press Second one if both are right, or Same one to leave this one out of the transfer.",
    ),
    "already_booked": Sentences(
        "The ledger already has {there}: {likeness}. Is this the one?",
        "Press Same one to take it as the transfer of this record, or Second one if both are right.",
    ),
    "unexplained_balance": Sentences(
        "{count} differences that no document explains are left, {amount} in all.",
        "The Reconciliation sheet shows the accounts; look at their pages in the ledger.",
    ),
    "day_unread": Sentences(
        "The Reconciliation sheet is to be as of “{value}”, which is no day.",
        "Type a date, such as 2025-03-31, or leave the cell empty for today.",
    ),
    "pull_incomplete": Sentences(
        "The pull is not complete: {source} has {count} records; {pulled} were read, and {unread} are named with what "
        "is wrong with them. The sums are {amount} apart.",
        "Correct what is said of {source} and pull again. Until the Reconciliation sheet shows nothing missing, do not "
        "take what was pulled for the whole.",
    ),
    "period_unread": Sentences(
        "The Period sheet is to be from “{first}” to “{last}”, which is no period.",
        "Type its first and its last day there, such as 2025-03-01 and 2025-03-31.",
    ),
    "column_renamed": Sentences(
        "The table {table} has no column “{column_en}” any more.",
        "Give the column its title back, or undo its deletion; until then what it holds is not read.",
    ),
    "table_missing": Sentences(
        "The table {table} is no longer in the workbook.",
        "Undo its deletion, or make a new workbook with “passerelle build” and pull into it.",
    ),
    "row_unknown": Sentences(
        "This row of {table} carries the key of no record.",
        "Delete the row, or undo what was done to its key; it is not read.",
    ),
    "row_duplicated": Sentences(
        "The key “{value}” stands on more than one row.", "Delete the copied row; neither is transferred until then."
    ),
    "code_mapped_twice": Sentences(
        "The code “{value}” stands on more than one row of {table}.",
        "Delete all but one of these rows; until then, none of them counts.",
    ),
    "line_code_unread": Sentences(
        "On line {line}, “{column_en}” says {value}; this ledger does not go by that column.",
        "Clear the cell, and choose the code in the column or the mapping that this ledger goes by.",
    ),
    "line_row_missing": Sentences(
        "Line {line} of this document has no row on the sheet Lines, or its key was changed.",
        "Pull to bring the row back, and type its codes again.",
    ),
    "row_missing": Sentences("The row of this record was deleted.", "Pull to bring it back."),
    "statuses_differ": Sentences(
        "The lines of this entry carry different statuses.", "Give all lines of the entry the same status."
    ),
    "cell_error": Sentences("The cell holds the error {value}.", "Clear the cell, or pull to restore it."),
    "cell_changed": Sentences(
        "“{column_en}” was changed here from {expected} to {value}; only the coloured columns may be.",
        "Correct it in the source and pull, which restores the cell.",
    ),
    "status_unknown": Sentences(
        "“{value}” is not one of the six statuses.", "Choose a status from the list of the cell."
    ),
    "status_missing": Sentences("The record has no status.", "Choose a status from the list of the cell."),
    "status_refused": Sentences("The status {asked} was not accepted: {why}.", "It is {kept} again."),
    "completed_without_reference": Sentences(
        "Transfer Completed was chosen, and no sync reference is there to say what it became in the ledger.",
        "It is Stand By now, and waits. If you booked it by hand, type its sync reference; else mark it To Be "
        "Transferred.",
    ),
    "approval_missing": Sentences(
        "It needs an approval before it leaves, and has none.",
        "It is In Review now. An approver selects the row and presses Approve (or: passerelle approve).",
    ),
    "approval_outdated": Sentences(
        "{who} approved it, and it has changed since: {changed}.",
        "It is In Review until an approver approves it as it now is, with Approve (or: passerelle approve).",
    ),
    "approval_own": Sentences(
        "You changed or marked it last ({act}), and two people are asked for.",
        "Another approver has to approve it.",
    ),
    "role_lacking": Sentences(
        "{who} works here as {role}, and this asks for the role of {needed}.",
        "Ask somebody who has that role, or an administrator of the company to give it to you (passerelle rights).",
    ),
    "rights_differ": Sentences(
        "The company's rights were changed around Passerelle: “{right}” says “{found}” in profile.toml, and "
        "“{recorded}” was set last ({who}).",
        "Approvals do not count meanwhile, and the stricter of the two holds. An administrator looks at “passerelle "
        "rights” and sets them anew, or confirms them with --confirm.",
    ),
    "right_typed": Sentences(
        "“{right}” is not set in the sheet; “{value}”, which was typed there, does not count.",
        "An administrator sets it with “passerelle rights”. The sheet shows what holds: {expected}",
    ),
    "review_to_move": Sentences(
        "The Settings sheet switches reviewing on (approvers: {approvers}), which counts no more: a cell cannot say "
        "who approves.",
        "An administrator says it once: passerelle rights {company} --administrator NAME --approver NAME --review all. "
        "Until then everything waits In Review, and nobody can approve.",
    ),
    "administrator_missing": Sentences(
        "Where people have roles, somebody has to be the administrator.",
        "Name one besides: --administrator NAME.",
    ),
    "log_changed": Sentences(
        "The log was changed around Passerelle: the line of {time}, by {who}, is not as it was written, or lines "
        "before it are gone.",
        "Find out who can write the journal. Approvals do not count until an administrator has looked at “passerelle "
        "log” and confirmed it with “passerelle rights --confirm”.",
    ),
    "log_cut": Sentences(
        "The log was changed around Passerelle: lines at its end are gone.",
        "Find out who can write the journal. Approvals do not count until an administrator has looked at “passerelle "
        "log” and confirmed it with “passerelle rights --confirm”.",
    ),
    "log_replaced": Sentences(
        "The journal is an older or another one than this machine last worked with.",
        "If it was restored from a copy, an administrator confirms it with “passerelle rights --confirm”; what was "
        "transferred since that copy, the next Sync finds in the ledger. Else find out who replaced it.",
    ),
    "setting_invalid": Sentences(
        "The setting {setting} does not accept “{value}”.", "It accepts {accepted}; an empty cell takes the default."
    ),
    "nothing_selected": Sentences(
        "No row that this can be done with is selected.",
        "Select rows on the sheet and press the button again; on the command line, name them (--help says how).",
    ),
    "link_missing": Sentences(
        "{number} has no page on the web that can be opened.",
        "Look for it by its number in the source or in the accounting system.",
    ),
    "account_not_linked": Sentences(
        "This account is billed, but is neither linked to the ledger nor a new account.",
        "Set “New account for sync” to Yes, or type the account's sync reference.",
    ),
    "account_unknown_in_ledger": Sentences(
        "The ledger has no customer “{reference}”.",
        "Correct the sync reference of the account: the Ledger lists sheet shows them all.",
    ),
    "account_inactive_in_ledger": Sentences(
        "The account's customer in the ledger, {name} ({reference}), is inactive and takes no documents.",
        "Make it active again in the ledger and pull, or link the account to another customer.",
    ),
    "account_resembles": Sentences(
        "“{name}” is to be a new account, and the ledger has {customer}, which seems to be the same.",
        "If it is the same, choose it from the list of the sync reference; if it is another, press Confirm.",
    ),
    "account_linked_twice": Sentences(
        "This account is linked to the customer “{reference}” of the ledger, and so is {others}.",
        "Correct the sync reference of the wrong one; or, if they share the customer (a household), press Confirm on "
        "each of them.",
    ),
    "account_link_moves": Sentences(
        "This account is the customer {was} of the ledger, and “{reference}” is {customer}. Link it to that one?",
        "Press Confirm to link it; or clear the sync reference to keep it as it is.",
    ),
    "account_not_suggested": Sentences(
        "“{reference}” is {customer}, but {suggested} was suggested for {name}.",
        "Correct the sync reference, or press Confirm if it is right.",
    ),
    "account_name_differs": Sentences(
        "“{reference}” is {customer}, and nothing of it resembles {name}.",
        "Correct the sync reference, or press Confirm if it is right.",
    ),
    "reference_waits": Sentences(
        "“{reference}” has not been looked up in the ledger yet.", "Connect and press Check, or Sync."
    ),
    "reference_waits_for_account": Sentences(
        "“{reference}” cannot be compared while the account {account} is not linked to the ledger.",
        "Link the account first, then press Check.",
    ),
    "reference_unproven": Sentences(
        "This ledger cannot be asked whether it has “{reference}”.",
        "Look it up there, and press Confirm if it is right.",
    ),
    "reference_ambiguous": Sentences(
        "“{reference}” may be several in the ledger: {candidates}.", "Type the id of the one that is meant."
    ),
    "reference_incorrect": Sentences(
        "The sync reference “{reference}” is not correct: the ledger has {right}.",
        "Type the right one, or clear the cell.",
    ),
    "reference_not_in_ledger": Sentences(
        "The ledger has nothing under “{reference}”.", "Correct the sync reference, or clear the cell."
    ),
    "reference_replaces_ours": Sentences(
        "This record was transferred as {booked}; “{reference}” was typed over it.",
        "Clear the cell and press Check; to link another document, undo the transfer first.",
    ),
    "reference_taken": Sentences(
        "“{reference}” ({there}) belongs to {number} already ({kind}).",
        "Correct the sync reference of the one that is wrong.",
    ),
    "reference_void": Sentences(
        "“{reference}” is void in the ledger: {there}.", "Correct the sync reference, or clear the cell."
    ),
    "reference_of_other_kind": Sentences(
        "“{reference}” is no document of this kind ({kind}) in the ledger: {there}.",
        "Correct the sync reference, or clear the cell.",
    ),
    "reference_of_other_customer": Sentences(
        "“{reference}” is of another customer: the ledger has {there}, and this record is on {customer}.",
        "Correct the sync reference, or the link of the account.",
    ),
    "reference_of_other_amount": Sentences(
        "“{reference}” is of another amount: the ledger has {there}, and this record comes to {total}.",
        "Correct the sync reference, or the record in the source.",
    ),
    "link_taken_away": Sentences(
        "The link to {reference} was taken away; the record stands by.",
        "Type the right sync reference, or mark it To Be Transferred.",
    ),
    "gl_account_not_mapped": Sentences(
        "Line {line}: the account {code} ({name}) has no ledger account.",
        "Choose its ledger account on the Mapping sheet, and mark the document To Be Transferred again.",
    ),
    "item_not_mapped": Sentences(
        "Line {line}: the item {code} ({name}) has no ledger item.",
        "Choose its ledger item on the Mapping sheet, and mark the document To Be Transferred again.",
    ),
    "tax_not_mapped": Sentences(
        "The tax {code} ({name}) has no ledger tax code.",
        "Choose its tax code on the Mapping sheet, and mark the document To Be Transferred again.",
    ),
    "fee_account_missing": Sentences(
        "No account is chosen for the fees of the payment method {code} ({name}).",
        "Choose one for this method in the column Fees of the Mapping sheet, and mark the entry To Be Transferred "
        "again.",
    ),
    "method_not_mapped": Sentences(
        "The payment method {code} ({name}) has no method in the ledger.",
        "Choose one on the Mapping sheet, and mark the payment To Be Transferred again.",
    ),
    "class_not_mapped": Sentences(
        "Line {line}: the class {code} ({name}) has no class in the ledger.",
        "Choose one on the Mapping sheet, and mark the document To Be Transferred again.",
    ),
    "item_account_differs": Sentences(
        "The ledger books the item {item} on account {booked}; the mapping says {account} for {count} of its lines.",
        "To have them on {account}, choose an item of that account for these lines before they are transferred.",
    ),
    "account_crosses_sides": Sentences(
        "Line {line} goes to account {account} ({name}), which is of the other side: its type is “{type}”.",
        "If that is right, nothing; otherwise choose another account on the Mapping sheet, or on the Lines sheet for "
        "this line.",
    ),
    "default_for_sales": Sentences(
        "The default of {table} was {code} for sales and purchases alike; it now counts for sales alone.",
        "Choose on the Mapping sheet, in its own row, the default for purchases, if they shall have one.",
    ),
    "deferred_item_differs": Sentences(
        "Line {line} is to become revenue month by month, out of account {account}. The ledger would book its item "
        "{item} on {booked}, and the monthly entries would count it a second time.",
        "In the ledger, make a service whose income account is {account}. Pull, choose that service for {code} on the "
        "Mapping sheet (Items), and mark the document To Be Transferred again.",
    ),
    "deferred_account_differs": Sentences(
        "Line {line} is to become revenue month by month, out of account {account}. It would be booked on {booked}, "
        "and the monthly entries would count it a second time.",
        "Choose {account} for that line on the Lines sheet, and mark the document To Be Transferred again.",
    ),
    "deferral_not_known": Sentences(
        "The entry moves line {line} of {document} out of account {account}, and it is not known that the line stands "
        "there in the ledger.",
        "If it is on a revenue account there, mark the entry Do Not Sync: its revenue is counted already. If you "
        "booked {document} yourself on {account}, choose for that line on the Lines sheet that account, or an item of "
        "it. If Passerelle booked it, undo its transfer, correct the mapping, and transfer it again.",
    ),
    "schedule_differs": Sentences(
        "The schedule {schedule} moves {scheduled} to revenue, and line {line} of {document} comes to {amount}.",
        "Correct the one that is wrong in the source, so that both are the same, and pull again.",
    ),
    "schedules_on_one_line": Sentences(
        "Several schedules move line {line} of {document} ({amount}) to revenue: {schedules}.",
        "Leave one of them in the source, of the whole line, and pull again.",
    ),
    "schedule_changed": Sentences(
        "The schedule {schedule} of line {line} of {document} was changed: it would no longer make the entries "
        "{numbers} as they were transferred. This entry corrects their sum by {amount}.",
        "Let it leave; or, to have each month right by itself, mark it Do Not Sync, undo those entries, and pull: they "
        "come again as the schedule now says.",
    ),
    "dues_unpaid_after_term": Sentences(
        "{customer}: {amount} of line {line} of {document} waits on account {account}, though its months were over on "
        "{date} and no payment shows for it.",
        "Collect it, show its payment in the source, or credit it there: the credit takes it off that account.",
    ),
    "not_in_ledger": Sentences(
        "The ledger has no account “{code}” that can be used on {date}.",
        "Choose another on the Mapping sheet, or open it in the ledger, and mark the record To Be Transferred again.",
    ),
    "item_not_in_ledger": Sentences(
        "Line {line}: the ledger has no item “{code}” that can be used.",
        "Choose another on the Mapping sheet, or make it active in the ledger and pull, and mark the record To Be "
        "Transferred again.",
    ),
    "item_without_account": Sentences(
        "Line {line}: the ledger's item “{code}” has no account of income, and cannot be sold.",
        "Give it one in the ledger and pull, or choose another on the Mapping sheet.",
    ),
    "tax_not_in_ledger": Sentences(
        "The ledger has no tax code “{code}” that can be used.",
        "Choose another on the Mapping sheet or, for one line, on the Lines sheet; or make it active in the ledger and "
        "pull.",
    ),
    "terms_not_in_ledger": Sentences(
        "The ledger has no payment terms “{code}” that can be used.",
        "Choose others on the Mapping sheet, or make them active in the ledger and pull.",
    ),
    "method_not_in_ledger": Sentences(
        "The ledger has no payment method “{code}” that can be used.",
        "Choose another on the Mapping sheet, or make it active in the ledger and pull.",
    ),
    "class_not_in_ledger": Sentences(
        "Line {line}: the ledger has no class “{code}” that can be used.",
        "Choose another on the Mapping sheet, or make it active in the ledger and pull.",
    ),
    "classes_of_one_document": Sentences(
        "The ledger gives a document one class, and its lines have several, or only some of them one: {classes}.",
        "Have each line tracked by class in the ledger, as the ledger's guide says, and pull; or choose the same class "
        "for every line on the Lines or the Mapping sheet.",
    ),
    "no_deposit_account": Sentences(
        "The ledger puts no money into the account {code} ({name}): its type is “{type}”.",
        "Choose an account of the bank or of undeposited funds.",
    ),
    "no_spending_account": Sentences(
        "The ledger pays no supplier from the account {code} ({name}): its type is “{type}”.",
        "Choose an account of the bank, or of a credit card, as the deposit account of the payment.",
    ),
    "paid_for_no_bill": Sentences(
        "{left} of {amount} is paid for no bill, and this ledger pays suppliers for bills alone.",
        "Allocate all of the payment to the supplier's bills in the source, and pull; or book it by hand in the "
        "ledger, and type its reference.",
    ),
    "account_without_entries": Sentences(
        "Line {line} is on the account {code} ({name}), which takes no journal entry in the ledger.",
        "Choose another account; or book it by hand in the ledger, and type its reference.",
    ),
    "account_by_party": Sentences(
        "Line {line} is on the account {code} ({name}), which the ledger keeps by customer or supplier, and names "
        "none.",
        "Choose another account; or book it by hand in the ledger, and type its reference.",
    ),
    "not_sent": Sentences(
        "The source marks it as a draft, or as not sent.",
        "Send it, or mark it as sent in the source, and pull; or answer No to require_sent on the Settings sheet, "
        "which lets all such documents leave.",
    ),
    "account_not_transferred": Sentences(
        "Its account {account} is not in the ledger yet.", "See the account's own row on the Accounts sheet."
    ),
    "payment_not_transferred": Sentences(
        "Its payment {payment} is not in the ledger yet.", "See the payment's own row on the Payments sheet."
    ),
    "return_not_transferred": Sentences(
        "It pays what the return {payment} opens again, and that is not in the ledger yet.",
        "See the return's own row on the Payments sheet.",
    ),
    "invoice_not_transferred": Sentences(
        "Its invoice {invoice} is not in the ledger yet.", "See the invoice's own row on the Invoices sheet."
    ),
    "invoice_no_go": Sentences(
        "Its invoice {invoice} is marked Do Not Sync, and not linked to the ledger.",
        "If the ledger has the invoice, type its number there as the invoice's sync reference; if it has this too, "
        "mark this Do Not Sync.",
    ),
    "waits_for_next_sync": Sentences(
        "It waits for the next Sync: one takes {count} documents, as the settings ask.",
        "Nothing: press Sync again, and it goes in its turn.",
    ),
    "waits_for_payment": Sentences(
        "The invoice waits until it is paid, as the settings ask.", "Nothing: it is transferred once it is paid."
    ),
    "waits_for_date": Sentences("The entry waits for its date, {date}.", "Nothing: it is transferred on that day."),
    "period_closed": Sentences(
        "The date {date} lies in a closed period: the ledger is closed up to {closing_date}.",
        "Change the date in the source or reopen the period in the ledger, then mark it To Be Transferred again. An "
        "entry of deferred revenue comes on the first open day by itself: pull.",
    ),
    "period_missing": Sentences(
        "The ledger has no fiscal year that {date} lies in.",
        "Open one in the ledger and pull, or correct the date in the source.",
    ),
    "email_refused": Sentences(
        "The ledger does not take “{email}” as an e-mail address.", "Correct it in the source, and pull."
    ),
    "no_amount": Sentences("“{value}” is no amount that a ledger can book.", "Correct it in the source, and pull."),
    "inactive_in_ledger": Sentences(
        "Something that it names was made inactive in the ledger: its customer, an item, an account or another code.",
        "Pull, and check: its row then says what it is.",
    ),
    "refused_before": Sentences(
        "The ledger refused it the last time: {why}",
        "If that was mended in the ledger, nothing: Sync tries it again. Otherwise it is refused again.",
    ),
    "number_taken": Sentences(
        "The ledger already has a document of the number {number}.",
        "If it is the same document, type its number as the sync reference; else give this one another number.",
    ),
    "name_taken": Sentences(
        "The ledger already has the name “{name}”.",
        "If it is the same account, type its sync reference; else change the name in the source.",
    ),
    "number_too_long": Sentences(
        "The number {number} is longer than the {limit} characters that the ledger takes.",
        "Shorten it in the source, pull, and mark the record To Be Transferred again.",
    ),
    "name_too_long": Sentences(
        "The name “{name}” is longer than the {limit} characters that the ledger takes.",
        "Shorten it in the source, pull, and mark the record To Be Transferred again.",
    ),
    "text_too_long": Sentences(
        "“{value}” is longer than the {limit} characters that the ledger takes there.",
        "Shorten it in the source, pull, and mark the record To Be Transferred again.",
    ),
    "character_forbidden": Sentences(
        "“{value}” holds a character that the ledger does not take: {characters}",
        "Change it in the source, pull, and mark the record To Be Transferred again.",
    ),
    "kind_unsupported": Sentences(
        "This ledger does not take records of this kind: {kind}.",
        "Book it by hand and type its number as the sync reference, or mark it Do Not Sync.",
    ),
    "currency_unsupported": Sentences(
        "This ledger takes {home} alone, and the document is in {currency}.",
        "Book it by hand and type its number as the sync reference, or mark it Do Not Sync.",
    ),
    "currencies_off": Sentences(
        "The ledger keeps {home} alone so far, and this is in {currency}.",
        "Have several currencies turned on in the ledger, as the ledger's guide says, which cannot be taken back, and "
        "pull again; or book it by hand and type its number as the sync reference.",
    ),
    "account_in_another_currency": Sentences(
        "The ledger keeps {account} in {kept} for ever, and this is in {currency}.",
        "Where everything of this account is in {currency}, link it to a customer or supplier of that currency, which "
        "a person makes in the ledger; otherwise give what is in {currency} an account of its own in the source, and "
        "pull again.",
    ),
    "money_in_another_currency": Sentences(
        "The account {code} ({name}) is kept in {kept}, and the money is in {currency}.",
        "Choose an account of the home currency or of {currency} in the row, or for its payment method on the Mapping "
        "sheet, and mark it To Be Transferred again.",
    ),
    "total_differs": Sentences(
        "It was transferred, but the ledger computed {ledger_total} and the source says {total}.",
        "Compare the taxes of the two documents.",
    ),
    "home_total_differs": Sentences(
        "It was transferred, but at its rate the ledger made {ledger_total} of it, and it comes to {total}.",
        "Compare the rates of the two documents: the ledger may keep fewer decimals of it. Give the source the rate "
        "that the ledger keeps, or correct the difference by an entry.",
    ),
    "tax_not_borne": Sentences(
        "The source has a tax of {tax}, but the lines' tax codes bear none: the ledger would show {ledger_total}.",
        "Choose a tax code with a rate on the Lines or the Mapping sheet, and mark it To Be Transferred again.",
    ),
    "rate_missing": Sentences(
        "It is in {currency}, and says no rate of exchange to {home}.",
        "Have the source say the rate of its day (column “rate”), and pull again.",
    ),
    "currency_not_in_ledger": Sentences(
        "It is in {currency}, and the ledger has no such currency.",
        "Add {currency} to the currencies of the ledger, and mark it To Be Transferred again; or book it by hand and "
        "type its number as the sync reference.",
    ),
    "exchange_account_missing": Sentences(
        "It settles a document in {currency} at a rate of its own, and the ledger has no account for what that gains "
        "or loses in {home}.",
        "Choose the accounts of exchange gains and losses in the ledger's own configuration, or one in the settings "
        "(ledger.exchange); then mark it To Be Transferred again.",
    ),
    "applied_at_another_rate": Sentences(
        "The source now applies it to an invoice; it is in a foreign currency, and this ledger would not book what "
        "that gains or loses.",
        "Undo its transfer ({reference}), and mark it To Be Transferred again: it is then booked as it is applied.",
    ),
    "boxes_unknown": Sentences(
        "Nobody can say for a tax return what tax it has in the ledger: {of_return}. No figure of the period is said.",
        "Undo and transfer it anew, or have the source name each tax, and each line's tax group; then ask again.",
    ),
    "tax_not_of_code": Sentences(
        "The document bears {amount} of {tax}, and the ledger's tax codes of its lines ({codes}) have no tax of that "
        "rate and name: the amount would stand under another tax.",
        "Choose on the Lines or the Mapping sheet a tax code that has exactly the taxes of the document, or correct "
        "them in the source; then mark it To Be Transferred again.",
    ),
    "tax_of_code_missing": Sentences(
        "The ledger's tax codes of its lines ({codes}) charge {tax} at {rate} %, {expected} on {base}, and the "
        "document bears none of it.",
        "Choose on the Lines or the Mapping sheet a tax code that has exactly the taxes of the document, or correct "
        "them in the source; then mark it To Be Transferred again.",
    ),
    "ledger_refused": Sentences(
        "The ledger refused it, for a reason that only the ledger knows.",
        "Correct what its own words name (“{detail}”), and mark the record To Be Transferred again.",
    ),
    "deleted_in_ledger": Sentences(
        "The ledger no longer has the document {reference}.",
        "If it should be there, book it by hand and type its number as the sync reference.",
    ),
    "changed_in_ledger": Sentences(
        "It was changed in the ledger since it was transferred: instead of {was} there is now {now}.",
        "Nothing was overwritten. Settle it in the ledger itself: correct it there, or take it out there.",
    ),
    "change_undecided": Sentences(
        "The account was changed in the ledger too, so that nothing of it is written over there.",
        "Accept or ignore that change on the Ledger changes sheet; then it is transferred.",
    ),
    "undone": Sentences(
        "The transfer was undone on {date}; the ledger had it as {reference}.",
        "Mark it To Be Transferred to transfer it anew, or Do Not Sync to leave it.",
    ),
    "undo_applied": Sentences(
        "It cannot be undone while something is applied to it: {numbers}.",
        "Undo that first; or select both and undo them together.",
    ),
    "undo_by_hand": Sentences(
        "It was booked by hand as {reference}, so there is nothing of ours to undo.",
        "Take it out of the ledger by hand, then clear its sync reference and give it another status.",
    ),
    "undo_reconciled": Sentences(
        "{reference} is reconciled with the bank, and an undo would tear that apart.",
        "Take the reconciliation back in the ledger, then undo it again.",
    ),
    "undo_nothing": Sentences(
        "There is no transfer to undo: the ledger does not have it.", "Select a record that was transferred."
    ),
    "undo_in_past": Sentences(
        "It was booked on {date}, in a period that is closed or filed, and this ledger takes it back on no other day.",
        "Make a credit note in the source, or reverse it in the ledger by hand, dated in an open period.",
    ),
    "undo_reverses": Sentences(
        "It was booked on {date}, in a period that is closed or filed: undoing it reverses it on {on}, and that period "
        "stays as it is.",
        "Undo it if that is right; the setting undo_reverses_today says so.",
    ),
    "undo_unsupported": Sentences(
        "This ledger does not let us undo records of this kind: {kind}.",
        "Undo it in the ledger itself; Reconcile then shows that it is gone.",
    ),
    "undo_unfinished": Sentences(
        "Undoing it was cut off: {reference} is in the ledger still, though perhaps no longer whole.",
        "Press Sync, or Undo a transfer: either finishes it.",
    ),
    "undo_unknown": Sentences(
        "The answer of the ledger did not arrive: {reference} may or may not have been undone.",
        "Press Sync after three minutes: it is looked up in the ledger and never undone blindly.",
    ),
    "gone_from_ledger": Sentences(
        "It was deleted in the ledger, where it was {reference}; seen on {date}. "
        "It is not transferred again by itself.",
        "If that was right, mark it Do Not Sync. "
        "To transfer it again, select it, press Undo a transfer, and mark it To Be Transferred.",
    ),
    "void_in_ledger": Sentences(
        "It was voided in the ledger, where it is {reference}; seen on {date}. It is not transferred again by itself.",
        "If that was right, mark it Do Not Sync. "
        "To transfer it again, select it, press Undo a transfer, and mark it To Be Transferred.",
    ),
    "merged_in_ledger": Sentences(
        "The account {reference} was merged with {into} in the ledger; seen on {date}.",
        "If that was right, type {into} as its sync reference. Until then nothing of it is transferred.",
    ),
    "outcome_unknown": Sentences(
        "The answer of the ledger did not arrive: it may or may not have booked the document.",
        "Press Sync again: it is looked up by our own key and never sent blindly.",
    ),
    "settings_invalid": Sentences(
        "The setting {setting} is not accepted. {refused}", "Correct it. Possible here: {known}"
    ),
    "settings_unreadable": Sentences(
        "The company's settings in {path} cannot be read. {refused}",
        "Correct the file, or put back a copy of it; nothing is done until it can be read.",
    ),
    "connector_unknown": Sentences("There is no connector “{name}”.", "Choose one of: {known}"),
    "connector_not_installed": Sentences(
        "The connector “{name}” needs the package {module}, which is not installed.",
        'Install it, for instance with: pip install "passerelle[demo]"',
    ),
    "sign_in_needless": Sentences(
        "The ledger “{ledger}” asks for no authorization in a browser.", "Press Connect, and pull."
    ),
    "sandbox_missing": Sentences(
        "The ledger “{name}” needs no sandbox: it books in a file.",
        "Try it with: passerelle demo --ledger {name}",
    ),
    "company_unknown": Sentences(
        "The company “{company}” is not known on this machine.",
        "Make it with “passerelle init”, or give the path of its workbook; known here: {known}.",
    ),
    "workbook_unbound": Sentences(
        "The workbook {path} belongs to no company yet.",
        "Fill in its sheet Set up and press Create company, or use the workbook of your company.",
    ),
    "workbook_ambiguous": Sentences(
        "The workbook {path} says “{name}” twice on its hidden sheet, and differently.",
        "It was changed by hand: make it anew with “passerelle build FILE --company NAME”.",
    ),
    "workbook_of_another": Sentences(
        "The workbook says that it belongs to “{company}”, and by its company id it is not the company “{found}” of "
        "the folder {home}; it was not followed.",
        "Use the workbook that was made for that company, or make one: passerelle build FILE --company NAME.",
    ),
    "home_unconfirmed": Sentences(
        "The workbook wants to work with the company “{company}” of the folder {home}, which nobody has confirmed on "
        "this machine; it was not followed.",
        "If it is your company, confirm it once: press a button of the workbook, or run “passerelle trust WORKBOOK”. "
        "If the workbook came to you by mail or in an archive, do not.",
    ),
    "home_refused": Sentences(
        "The workbook names “{home}” as the folder of its company; a relative folder, an address, a device or an "
        "unconfirmed folder of another machine is not followed.",
        "If it is a folder of your network that you know, confirm it once with “passerelle trust WORKBOOK”; otherwise "
        "make the workbook anew with “passerelle build FILE --company NAME”.",
    ),
    "trust_damaged": Sentences(
        "What was confirmed on this machine cannot be read from {path}: {detail}",
        "Put that file right or delete it; then each company that is not in your own folder is asked about once more.",
    ),
    "group_unknown": Sentences(
        "The company cannot be shared with the group “{group}” of this machine: {detail}",
        "Name a group of this machine that you belong to, or leave --shared out.",
    ),
    "company_name_wrong": Sentences(
        "“{company}” cannot be a company's name: it is empty, or holds what cannot be written in one line.",
        "Give it a name of one line, in the sheet Set up or by passerelle init FOLDER --company NAME.",
    ),
    "answer_not_offered": Sentences(
        "“{answer}” is not among what can be chosen for “{question}”.", "Choose one of: {offered}."
    ),
    "workbook_without_macros": Sentences(
        "The workbook {path} has no macros or no ribbon of ours to bring up to date: a program took them out.",
        "Make it anew with “passerelle build FILE --company NAME”, and pull.",
    ),
    "workbook_bound": Sentences(
        "This workbook belongs to the company “{company}” already.",
        "Change its settings with Apply settings; for another company, make a new workbook: passerelle build FILE.",
    ),
    "setup_missing": Sentences(
        "The sheet {table} lacks the row “{column}”, without which nothing can be set up.",
        "Make a new workbook of the company, which has the sheet: passerelle build FILE --company NAME.",
    ),
    "setup_fixed": Sentences(
        "“{question}” cannot change any more: this company's records and transfers belong to what it was.",
        "Put back what stood there; for something else, make another company in a workbook of its own.",
    ),
    "secret_not_given": Sentences(
        "“{question}” was not given: its page could not be opened, or nobody answered on it in time.",
        "Press Secret to open the page again, or give it in a terminal: passerelle password WORKBOOK --client.",
    ),
    "secret_in_cell": Sentences(
        "Something was typed where “{question}” is told of; it was taken away, for a secret stands in no cell.",
        "Choose a new secret if that was it, save the workbook, and give it on the page that Secret opens.",
    ),
    "folder_not_whole": Sentences(
        "“{folder}” is not the whole path of a folder.",
        "Give it from the drive or the root on, such as C:\\Books\\Passerelle or /home/ana/books.",
    ),
    "input_ended": Sentences(
        "The answers ended before everything was asked, and nothing was made.",
        "Run “passerelle init” again, or say everything with options: passerelle init FOLDER --company NAME.",
    ),
    "company_exists": Sentences(
        "The company “{company}” exists already.", "Choose another name, or use its workbook {workbook}."
    ),
    "workbook_exists": Sentences(
        "The workbook {path} is there already and was not replaced: what is typed in it is nowhere else.",
        "Give another name, or move the workbook that is there to another folder first.",
    ),
    "workbook_missing": Sentences(
        "The workbook {path} is not there.", "Put it back, or make a new one with “passerelle build” and pull into it."
    ),
    "workbook_open": Sentences(
        "The workbook {path} is open in another program.",
        "Close it and run again, or use the buttons in Excel; what was transferred is kept and is written then.",
    ),
    "workbook_read_only": Sentences(
        "The workbook {path} cannot be written.", "Take away its write protection, or copy it to another folder."
    ),
    "workbook_damaged": Sentences(
        "The workbook {path} cannot be read.",
        "Take a former copy of it, or make a new one with “passerelle build” and pull into it.",
    ),
    "workbook_foreign": Sentences(
        "{path} is not a workbook of Passerelle.", "Make one with “passerelle init” or “passerelle build”."
    ),
    "workbook_changed_meanwhile": Sentences(
        "The workbook {path} was changed by someone else while we worked.",
        "Run again; what was transferred is kept and is written then.",
    ),
    "not_pulled": Sentences("No records have been pulled yet on this machine.", "Pull first."),
    "balance_asserted": Sentences(
        "The book asserts the balance of {code} on {asserted} ({place}); a document of {date} would make that fail.",
        "Change the date in the source or correct the assertion in the book, then mark it To Be Transferred again.",
    ),
    "ledger_busy": Sentences("The ledger is in use by another program.", "Wait a moment and sync again."),
    "ledger_unreachable": Sentences(
        "The ledger cannot be reached: {detail}",
        "Wait a while and sync again; if it stays, check the connection, and the ledger's address in the company's "
        "settings (profile.toml).",
    ),
    "source_unreachable": Sentences(
        "The source cannot be reached: {detail}",
        "Wait a while and pull again; if it stays, check the connection, and the source's address in the company's "
        "settings (profile.toml).",
    ),
    "disk_read_only": Sentences(
        "{path} lies where nothing can be written: the disk is read only.",
        "Ask whoever administers this machine to allow writing there, and run again; nothing is lost.",
    ),
    "disk_full": Sentences(
        "The disk is full: {path} could not be written.", "Make room and run again; nothing is lost."
    ),
    "sync_running": Sentences(
        "{who} is working on this company on {machine} since {since}.",
        "Wait until it has ended and run again, or watch it (passerelle watch); passerelle sync --wait 600 waits.",
    ),
    "lease_lost": Sentences(
        "This computer was away for too long; {who} has been working on this company on {machine} since {since}.",
        "Wait until that has ended, and run again; nothing is lost and nothing is sent twice.",
    ),
    "journal_unreachable": Sentences(
        "The journal {place} cannot be reached: {detail}",
        "Check the connection, and the address (journal_url) if it is new, then run again; nothing is lost or doubled.",
    ),
    "journal_unwritable": Sentences(
        "The journal {place} may not be written: {detail}",
        "Allow writing to it, and run again; nothing is lost and nothing is sent twice.",
    ),
    "journal_damaged": Sentences(
        "The journal {place} is damaged: {detail}",
        "Put its last backup in its place, or move it away and pull: the ledger is asked for what it has.",
    ),
    "profile_newer": Sentences(
        "The settings {path} were written by a newer Passerelle (revision {found}; this one knows {known}).",
        "Install the newer Passerelle on this computer, and run again.",
    ),
    "workbook_newer": Sentences(
        "The workbook {path} was made by a newer Passerelle (revision {found}; this one knows {known}).",
        "Install the newer Passerelle on this computer, and run again.",
    ),
    "releases_unknown": Sentences(
        "Whether a newer Passerelle exists is not known: {address} did not say it. {detail}",
        "Nothing depends on it. If it stays, check the address in PASSERELLE_RELEASES or installed.ini, and the "
        "connection.",
    ),
    "journal_newer": Sentences(
        "The journal {place} was written by a newer Passerelle (revision {found}; this one knows {known}).",
        "Install the newer Passerelle on this computer, and run again.",
    ),
    "journal_foreign": Sentences(
        "The journal {place} is another company's.",
        "Give each company its own database, and all its computers the same profile, its id included.",
    ),
    "books_differ": Sentences(
        "These are the books of {found}; what was transferred until now is in those of {expected}.",
        "Name the former books in the company's profile again; for these, make another company: passerelle init.",
    ),
    "journal_driver_missing": Sentences(
        "The program for the journal's database ({url}) is not installed.",
        'Install it: pip install "passerelle[postgres]".',
    ),
    "database_wrong": Sentences(
        "The setting {setting} does not name a database as we can use it.",
        "Write postgresql://person@server/database; the password is kept apart: passerelle password.",
    ),
    "database_password": Sentences(
        "The setting {setting} holds a password, which others could read there.",
        "Take it out, choose a new one in the database, and give that to: passerelle password.",
    ),
    "database_unsafe": Sentences(
        "The setting {setting} leads to a database in a way that is not safe: {why}.",
        "Take that out. A connection to another machine is encrypted and the server's certificate checked "
        "(sslmode=verify-full); of another authority than the system's, give its file: sslrootcert=/full/path.",
    ),
    "database_refused": Sentences(
        "The database {place} does not let us in, or not do what is needed: {detail}",
        "Check the names in its address and what that person may do there, and give the password: passerelle password.",
    ),
    "queue_unreachable": Sentences(
        "The workers' database {place} cannot be reached: {detail}",
        "Check the connection, its name and the password; nothing is lost and nothing is sent twice.",
    ),
    "interval_wrong": Sentences(
        "“{text}” is not an interval.", "Write minutes, hours or days, from 1m to 31d: 15m, 2h, 1d."
    ),
    "interval_impossible": Sentences(
        "{scheduler} cannot repeat at even distances of {text}.",
        "Choose what divides an hour or a day: 5m, 10m, 15m, 20m, 30m, 1h, 2h, 3h, 4h, 6h, 8h, 12h, 1d.",
    ),
    "scheduler_missing": Sentences(
        "This machine has no scheduler that we can use.",
        "Install cron, or sign in where systemd serves you; a server has workers instead (--server).",
    ),
    "scheduler_refused": Sentences(
        "The scheduler did not do it ({scheduler}): {detail}", "Ask whoever administers this machine, and run again."
    ),
    "password_needless": Sentences(
        "The journal of {company} is a file of this machine and needs no password.",
        "To share it, name a database as journal_url in the company's profile first.",
    ),
    "results_wait": Sentences(
        "The results are in the journal, but could not be written to {place}.",
        "Nothing is lost: the next run writes them.",
    ),
    "result_not_written": Sentences(
        "The row of {number} on {table} was gone, or stood there twice, when its result was to be written.",
        "The result is kept. Pull brings a missing row back; of two rows delete one. The next Sync writes it.",
    ),
    "source_record_gone": Sentences(
        "{ledger} has no record of this key any more; it was not told what became of it.",
        "Pull: if it was deleted there, Passerelle says what stands in the ledger without it.",
    ),
    "source_reference_differs": Sentences(
        "The record has the sync reference “{theirs}” in {ledger}, which was not there when it was pulled; it was "
        "booked as “{ours}”. Nothing was written over.",
        "Find out which is right. If it is ours, empty the reference in {ledger}, and the next Sync writes it; if it "
        "is the other, undo the transfer here, and pull.",
    ),
    "source_record_busy": Sentences(
        "The record was being changed in {ledger} each time it was to be told what became of it.",
        "Nothing is lost: the next Sync tells it.",
    ),
    "file_unwritable": Sentences(
        "The file {path} cannot be written: {detail}",
        "Close it where it is open, or choose another place.",
    ),
    "port_unusable": Sentences(
        "The port {port} of this machine cannot be used: {detail}",
        "Choose another from 1024 to 65535, or end the program that has it.",
    ),
    "never_synced": Sentences(
        "This company has had no Sync yet.", "Press Sync first, or name another run of the sheet Log: --run 1."
    ),
    "run_unknown": Sentences(
        "There is no run {run} in the log.",
        "Take a number of the column Run of the sheet Log, or leave it out for the last Sync.",
    ),
    "run_left_nothing": Sentences(
        "Nothing stands in the ledger that run {run} transferred: it transferred nothing, or that was undone.",
        "Take the run that transferred it from the column Run of the sheet Log: passerelle undo-run WORKBOOK --run N.",
    ),
    "guide_page_unknown": Sentences(
        "The guide has no page and no problem “{name}”.", "Its pages are: {known}; or name a problem's code."
    ),
    "folder_not_empty": Sentences(
        "The folder {folder} holds other things than a former demo.", "Name a new folder with --folder."
    ),
    "duplicate_column": Sentences(
        "{file} has the column “{column}” twice.",
        "Keep one of them, and pull again.",
    ),
    "quote_misplaced": Sentences(
        "{file}, line {line}: a quotation mark is out of place.",
        "Close it or double it in the file, and pull again.",
    ),
    "too_many_values": Sentences(
        "{file}, line {line} has more values than there are column titles (“{value}”).",
        "Put the value that holds the separator between quotation marks, and pull again.",
    ),
    "rows_unreadable": Sentences(
        "{file}, line {line}: this record may be missing a row that could not be placed.",
        "Correct the other problems of its lines, taxes or allocations, and pull again.",
    ),
    "debit_or_credit": Sentences(
        "{file}, line {line}: a line of an entry needs one positive amount, a debit or a credit.",
        "Give the line one positive amount, on one side (a negative debit is a credit), or take it out if it is zero; "
        "then pull again.",
    ),
    "results_unwritable": Sentences(
        "{place} cannot be written: {detail}",
        "See that the account that runs Passerelle may write in that folder; the results are in the journal, and the "
        "next run writes them.",
    ),
    "results_foreign": Sentences(
        "{file} is not a results file that Passerelle wrote.",
        "Rename or delete it; the results wait in the journal and are written by the next run.",
    ),
    "sheet_locked": Sentences(
        "The sheet {sheet} is protected with a password.",
        "Take the password away under Review > Unprotect Sheet, and run again; nothing is lost.",
    ),
    "excel_busy": Sentences(
        "Excel was busy for {seconds} seconds: a cell is being edited, or a box is open.",
        "Finish the cell with Enter, close any dialog box, and press the button again; nothing is lost.",
    ),
    "workbook_of_another_format": Sentences(
        "{path} is not an Excel workbook of today, whatever its name says: what it holds is {value}.",
        "Open the workbook that Passerelle made (.xlsm); or open this one in Excel and save it as “Excel "
        "Macro-Enabled Workbook (.xlsm)”.",
    ),
    "workbook_encrypted": Sentences(
        "The workbook {path} is encrypted with a password.",
        "Open it in Excel and use the buttons there, or save it without a password to open.",
    ),
    "table_blocked": Sentences(
        "Something stands below the table {table} where its new rows should go.",
        "Move it to another sheet, and run again; nothing is lost.",
    ),
    "workbook_online": Sentences(
        "The workbook {name} is open from the cloud, and its folder on this computer is not known.",
        "Save a copy to a folder of this computer, or let the cloud folder synchronize here, and open it from there.",
    ),
    "office_missing": Sentences(
        "LibreOffice is not complete on this computer: {what} was not found.",
        "Install LibreOffice Calc with its Python bridge (on Debian: libreoffice-calc and python3-uno).",
    ),
    "certificate_refused": Sentences(
        "{ledger} did not prove who it is: {detail}",
        "Check the address, the clock of this machine and the company's proxy, and try again.",
    ),
    "too_many_requests": Sentences(
        "{ledger} received too many requests and asks to wait.",
        "Wait a few minutes and sync again; nothing was booked twice.",
    ),
    "day_limit_reached": Sentences(
        "The number of calls that {ledger} allows has been used up; it takes more from {when} on.",
        "Sync again then: it continues where it stopped.",
    ),
    "too_late": Sentences(
        "It became too late to send to {ledger}: the computer slept, or had to wait for too long.",
        "Sync again: what was on its way is looked up first.",
    ),
    "stopped": Sentences(
        "You stopped while waiting for the limit of {ledger}.",
        "Press the button again when you like: it continues where it stopped.",
    ),
    "answer_unreadable": Sentences(
        "{ledger} gave an answer that cannot be read: {detail}",
        "Wait a while and run again; if it stays, check the address in the company's settings (profile.toml), and "
        "whether a proxy answers in its place.",
    ),
    "access_denied": Sentences(
        "{ledger} does not allow this: {detail}",
        "Give the person who signed in the rights in {ledger}, or sign in as somebody who has them.",
    ),
    "not_signed_in": Sentences(
        "Passerelle is not yet authorised in {ledger}.",
        "Press Authorize and sign in to {ledger}.",
    ),
    "sign_in_again": Sentences(
        "{ledger} no longer accepts the authorisation: it ended or was withdrawn.",
        "Press Authorize and sign in to {ledger} again; nothing is lost.",
    ),
    "sign_in_ends_soon": Sentences(
        "The authorisation in {ledger} ends on {date}.",
        "Sync before that day; if the date stays, press Authorize and sign in again.",
    ),
    "sign_in_ends_for_good": Sentences(
        "The authorisation in {ledger} ends on {date}, however often it is renewed.",
        "Before that day, have somebody with the rights in {ledger} press Authorize and sign in again; nothing is "
        "lost.",
    ),
    "sign_in_busy": Sentences(
        "Another program is renewing the authorisation in {ledger}.",
        "Wait a few minutes and try again.",
    ),
    "sign_in_timed_out": Sentences(
        "Nobody consented at {ledger} in time.",
        "Press Authorize again and finish in the browser.",
    ),
    "sign_in_state_wrong": Sentences(
        "The answer of {ledger} does not belong to the request that was made last.",
        "Press Authorize and use only the page that opens then.",
    ),
    "sign_in_code_missing": Sentences(
        "What was pasted holds no code of {ledger}.",
        "After consenting, copy the whole address from the browser and paste it.",
    ),
    "sign_in_code_refused": Sentences(
        "{ledger} does not accept the code: it was used already, or is too old.",
        "Press Authorize and paste the new address within a minute.",
    ),
    "sign_in_refused": Sentences(
        "{ledger} refused the authorisation: {detail}",
        "Check the registration of Passerelle at {ledger}, and press Authorize again.",
    ),
    "consent_denied": Sentences(
        "The person said no at {ledger}.",
        "Press Authorize again and consent, or ask somebody who may.",
    ),
    "client_refused": Sentences(
        "{ledger} does not know Passerelle by this client id and secret: {detail}",
        "Correct the client id in the company's settings and the client secret on this machine.",
    ),
    "scope_refused": Sentences(
        "{ledger} does not grant the rights that Passerelle needs: {detail}",
        "Add them to the registration of Passerelle at {ledger}, and press Authorize again.",
    ),
    "company_not_opened": Sentences(
        "No company was opened to Passerelle in {ledger}.",
        "Press Authorize again and choose the company on the page of {ledger}.",
    ),
    "company_not_chosen": Sentences(
        "Several companies were opened in {ledger}: {companies}.",
        "Press Authorize again and choose one of them.",
    ),
    "company_differs": Sentences(
        "These are the books of {found}; this workbook belongs to {expected}.",
        "Sign in to the books of {expected} in {ledger}; to change the company, disconnect first.",
    ),
    "redirect_missing": Sentences(
        "No address is set to come back to from {ledger} (redirect), so that nothing can be pasted.",
        "Register an address with {ledger}, and set the same one as ledger.redirect in the company's profile.toml.",
    ),
    "browser_missing": Sentences(
        "No browser could be opened for {ledger}.",
        "Consent on another machine, and paste the address.",
    ),
    "port_taken": Sentences(
        "The port {port}, where {ledger} should send the browser back, is in use or not allowed: {detail}",
        "Close the other program, or register another port at {ledger} and in the settings.",
    ),
    "not_revoked": Sentences(
        "Passerelle has forgotten the authorisation, but {ledger} could not be told: {detail}",
        "Remove Passerelle from the connected applications in {ledger}.",
    ),
    "secret_missing": Sentences(
        "The secret {name} is missing on this machine.",
        "Keep it in the machine's vault (for the client secret of an application: passerelle password BOOK --client), "
        "or set {variable}.",
    ),
    "secret_given": Sentences(
        "The secret {name} is given by {variable} or a file, so a new one cannot be kept.",
        "Remove what is given, and try again.",
    ),
    "secret_elsewhere": Sentences(
        "The secret {name} was entered for {kept}, and this company's settings would send it to {hosts}; it stays "
        "here.",
        "If the address is right, give the secret anew for it: sign in again (Authorize) or “passerelle password”; for "
        "one that is given from outside, first “passerelle trust --withdraw {name}”.",
    ),
    "secret_unbound": Sentences(
        "The secret {name} was never entered for this company's folder and {hosts}; it stays here.",
        "Sign in again (Authorize), or give it with “passerelle password”; one that is given from outside is used "
        "first in your own folder of companies (PASSERELLE_HOME).",
    ),
    "secret_unreadable": Sentences(
        "The secret {name} cannot be read from {path}: {detail}",
        "Check the rights and the content of that file.",
    ),
    "secret_unwritable": Sentences(
        "The secret {name} cannot be written to {path}: {detail}",
        "Make room, or give the right to write there, and try again before you close the program.",
    ),
    "secret_damaged": Sentences(
        "The secret {name} was changed, or was sealed with another key.",
        "Give the right key; if there is none, sign in again.",
    ),
    "secrets_key_invalid": Sentences(
        "The key of the encrypted secrets is not 256 bits in base64.",
        "Correct {variable} or the file of the service manager; see the page on signing in.",
    ),
    "extra_missing": Sentences(
        "A part that this command needs is not installed here ({module}).",
        'Install it: pip install "passerelle[{extra}]".',
    ),
    "encryption_missing": Sentences(
        "Encrypted secrets need the package {module}, which is not installed.",
        'Install it with: pip install "passerelle[server]"',
    ),
    "vault_missing": Sentences(
        "This machine has no vault that protects secrets ({vault}).",
        "Give a key in PASSERELLE_SECRETS_KEY for encrypted files, or run where there is a vault.",
    ),
    "vault_locked": Sentences(
        "The vault of this machine ({vault}) did not answer: {detail}",
        "Unlock it and try again.",
    ),
    "usage": Sentences("{detail}", "See: passerelle --help"),
    "defect": Sentences(
        "Something unexpected happened on our side: {detail}", "Send us the report {path}; nothing is sent twice."
    ),
}
