"""What is offered for an account: why, in words; chosen from its cell; in bulk where it is sure; and taken back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addin import texts
from addin.sync.matching import CERTAIN, Customers, Match, Trait
from addin.sync.offers import Shown, grounds, offered, unique
from addin.usecases.answering import confirm
from addin.usecases.check import check
from addin.usecases.links import Linked, link_sure, unlink
from addin.usecases.matching import suggest_matches
from addin.usecases.undo import Chosen
from connectors.ledger import LedgerCustomer
from connectors.records import Customer, Kind
from tests.addin.after_transfer import lose_the_answer
from tests.addin.conftest import ACCOUNTS, Association
from tests.addin.namesakes import Registers
from workbook.layout import CANDIDATES


def english(message: str, **params: object) -> str:
    return texts.say("en", message, **params)


@pytest.mark.parametrize(
    ("account", "why", "in_french"),
    [
        ({"name": "Érables du Nord"}, "same name", "même nom"),
        ({"name": "erables du nord"}, "same name, written otherwise", "même nom, écrit autrement"),
        ({"name": "Érables du Nord inc."}, "same name, another legal form", "même nom, autre forme juridique"),
        ({"name": "Érables du Nrod"}, "name alike 88 %", "nom semblable à 88\u00a0%"),
        (
            {"name": "Sapins", "email": "a@b.ca", "phone": "514 555 0100"},
            "same e-mail, same telephone",
            "même courriel, même téléphone",
        ),
        ({"name": "Sapins", "number": "7"}, "same number", "même numéro"),
    ],
)
def test_why_a_customer_is_offered_is_said_in_words(account: dict[str, str], why: str, in_french: str) -> None:
    there = LedgerCustomer(reference="C", name="Érables du Nord", email="A@b.ca", phone="+1 514-555-0100", number="7")
    [match] = Customers([there]).candidates(Customer(key="A", **account))
    assert grounds(match, english) == why
    assert grounds(match, lambda message, **params: texts.say("fr", message, **params)) == in_french
    assert offered(match, english) == f"C · Érables du Nord — {why}"


@given(st.text(max_size=12), st.text(max_size=12), st.integers(0, 100), st.sets(st.sampled_from(list(Trait))))
def test_what_is_offered_names_its_customer_whatever_it_is_called(
    reference: str, name: str, score: int, common: set[Trait]
) -> None:
    customer = LedgerCustomer(reference=reference, name=name)
    text = offered(Match(customer, score, name=score, common=tuple(common)), english)
    assert Shown([customer]).named(text) == customer


@pytest.mark.parametrize("seed", [1, 7])
def test_of_a_labelled_set_none_that_is_linked_in_bulk_is_wrong(seed: int) -> None:
    """2,000 accounts against 5,000 customers: those that one press links, and those that are asked about when new."""
    registers = Registers(seed)
    known = Customers(registers.customers)
    right = {each.account.key: each.right for each in registers.accounts}
    linked = unique({each.account.key: known.candidates(each.account) for each in registers.accounts})
    assert len(linked) > 1000
    assert [key for key, match in linked.items() if match.customer.reference != right[key]] == []
    for each in registers.accounts:
        first = known.candidates(each.account)[:1]
        assert known.certain(each.account) == next((match for match in first if match.score >= CERTAIN), None)


def test_a_customer_that_two_accounts_certainly_are_is_linked_to_neither() -> None:
    one = Match(LedgerCustomer(reference="C1", name="Alpha"), 100, name=100)
    assert unique({"A": [one], "C": []}) == {"A": one}
    assert unique({"A": [one], "B": [one], "C": []}) == {}


@pytest.mark.parametrize(("one", "other"), [("Marie Dupont", "Martin Dupont"), ("Louise Roy", "Louis Roy"),
                                            ("Jean-Pierre Lavoie", "Pierre Lavoie")])  # fmt: skip
@pytest.mark.parametrize("shared", [{"email": "maison@roy.ca"}, {"phone": "514 555 0100"}, {"number": "12"}])
def test_one_of_a_household_is_not_linked_in_bulk_to_another_who_is_reached_alike(
    one: str, other: str, shared: dict[str, str]
) -> None:
    """People of one house share an e-mail and a telephone: what differs in their names is no slip of the pen."""
    known = Customers([*Registers(1).customers, LedgerCustomer(reference="C", name=other, **shared)])
    account = Customer(key="A", name=one, **shared)
    assert known.candidates(account)[0].customer.reference == "C"
    assert unique({"A": known.candidates(account)}) == {}
    again = Customer(key="A", name=", ".join(reversed(other.rsplit(" ", 1))), **shared)
    assert set(unique({"A": known.candidates(again)})) == {"A"}


@pytest.fixture
def three(association: Association) -> Iterator[Association]:
    """A company with a ledger in use: its accounts are to be matched to three customers."""
    association.settings = {}
    association.add("accounts", key="A2", number="1002", name="Société d'horticulture")
    association.add("accounts", key="A3", number="1003", name="Société d'hortculture de Lavl")
    association.init()
    association.opened("H1", "Club d'échecs de l'Île")
    association.opened("H2", "Société d'horticulture")
    association.opened("H3", "Société d'horticulture de Laval")
    association.pull()
    return association


def _offered(company: Association) -> dict[str, list[str]]:
    rows = company.book.read(CANDIDATES).rows
    places = ("first", "second", "third")
    return {str(row.values["key"]): [str(row.values[p]) for p in places if row.values[p]] for row in rows}


def test_the_candidates_of_an_account_stay_in_its_list_over_a_pull(three: Association) -> None:
    three.run(suggest_matches)
    found = _offered(three)
    assert found["A1"][0] == "H1 · Club d'échecs de l'Île — same name"
    assert [text.split(" · ")[0] for text in found["A3"]] == ["H3", "H2"]
    assert three.row(ACCOUNTS, "A3")["suggested"] == found["A3"][0]
    three.pull()
    assert _offered(three) == found


def test_whatever_is_chosen_from_the_list_links_to_that_customer_unasked(three: Association) -> None:
    three.run(suggest_matches)
    three.type(ACCOUNTS, "A3", reference=_offered(three)["A3"][1])
    three.run(check)
    row = three.row(ACCOUNTS, "A3")
    assert (row["status"], row["reference"], row["reason"]) == ("Transfer Completed", "H2", "")


def test_what_is_sure_is_linked_with_one_press_and_taken_back_with_another(three: Association) -> None:
    linked = three.run(link_sure)
    assert (linked.counts["linked"], linked.facts["left"]) == ({Kind.CUSTOMER: 2}, 1)
    assert [three.row(ACCOUNTS, key)["reference"] for key in ("A1", "A2")] == ["H1", "H2"]
    assert [three.row(ACCOUNTS, key)["status"] for key in ("A1", "A2")] == ["Transfer Completed"] * 2
    back = three.run(lambda session: unlink(session, Linked(numbers=["A2"])))
    assert back.counts["unlinked_again"] == {Kind.CUSTOMER: 1}
    row = three.row(ACCOUNTS, "A2")
    assert (row["reference"], row["status"]) == ("", "To Be Transferred")
    three.sync()
    again = three.run(lambda session: unlink(session, Linked(every=True)))
    assert (again.counts["unlinked_again"], again.facts["left"]) == ({}, 1)
    assert three.row(ACCOUNTS, "A1")["reference"] == "H1"


def test_a_link_stays_while_nobody_knows_whether_something_was_booked_on_it(
    three: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Linked to another customer meanwhile, the invoice would stand with one and its payment with the other."""
    three.run(link_sure)
    with monkeypatch.context() as patch:
        lose_the_answer(patch, "after")
        three.sync()
    left = three.run(lambda session: unlink(session, Linked(numbers=["A1"])))
    assert (left.counts["unlinked_again"], left.facts["left"]) == ({}, 1)
    assert three.row(ACCOUNTS, "A1")["reference"] == "H1"


def test_a_new_account_that_the_ledger_seems_to_have_is_asked_about_before_it_is_made(three: Association) -> None:
    three.type(ACCOUNTS, "A1", new_account="Yes")
    assert "account_resembles" in {problem.code for problem in three.sync().problems}
    assert "F-1" not in three.ledger_text()
    three.run(lambda session: confirm(session, Chosen(kind=Kind.CUSTOMER, numbers=["A1"])))
    assert three.run(link_sure).counts["linked"] == {Kind.CUSTOMER: 1}
    report = three.sync()
    assert "account_resembles" not in {problem.code for problem in report.problems}
    assert report.counts["posted"][Kind.CUSTOMER] == 1
