"""Matching accounts to the ledger's customers: how sure each rule is, and that nothing links by itself."""

from __future__ import annotations

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addin.session import Session
from addin.sync import names
from addin.sync.matching import CERTAIN, Customers
from addin.sync.offers import Shown, offers, shown
from addin.usecases.links import Chosen, create_new, link
from addin.usecases.matching import find, suggest_matches
from addin.usecases.report import Report
from connectors.ledger import LedgerCustomer
from connectors.problems import CannotRun
from connectors.records import Customer
from tests.addin.conftest import ACCOUNTS, Association
from tests.addin.namesakes import Registers


def customer(name: str, reference: str = "C1", **rest: str) -> LedgerCustomer:
    return LedgerCustomer(reference=reference, name=name, **rest)


def score(account: Customer, *customers: LedgerCustomer) -> int:
    match = Customers(customers).best(account)
    return match.score if match else 0


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ("Érables du Nord", "Érables du Nord", 100),
        ("Érables du Nord", "ERABLES  DU NORD", 95),
        ("Érables du Nord limitée", "Érables du Nord Ltd.", 95),
        ("Érables du Nord inc.", "Érables du Nord Ltée", 92),
        ("Érables du Nord, S.E.N.C.", "Érables-du-Nord Corp.", 92),
        ("Érables du Nord", "Érables du Nord inc.", 92),
        ("L'Œuvre", "l’oeuvre", 95),
        ("Inc.", "Ltd.", 0),
        ("Association des gestionnaires du Québec", "Association des gestionnaires de Québec", 79),
        ("City of Laval", "Ville de Laval", 77),
        ("Assoc. des gest. de Mtl", "Association des gestionnaires de Montréal", 82),
        ("J.-F. Roy", "Jean-François Roy", 70),
        ("Roy, Jean-François", "Jean-François Roy", 85),
        ("Érables du Nrod", "Érables du Nord", 75),
        ("Érables du Nord", "Sapins du Sud", 0),
        ("Nord Érables du", "Érables du Nord", 85),
    ],
)
def test_names_are_the_surer_the_more_alike(ours: str, theirs: str, expected: int) -> None:
    """Accents, case and punctuation make no other company; another legal form may."""
    assert score(Customer(key="A", name=ours), customer(theirs)) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("nord", "nord", 1), ("n", "nord", names.INITIAL), ("s", "nord", 0), ("7", "71234", 0), ("7", "7", 1),
        ("asso", "association", names.SHORTENED), ("ass", "assis", names.SHORTENED), ("as", "assis", 0),
        ("ass", "asse", pytest.approx(6 / 7)), ("dept", "departement", names.CONTRACTED),
        ("dpt", "departement", names.CONTRACTED), ("dprtmt", "departement", pytest.approx(12 / 17)),
        ("dpmnte", "departement", 0), ("dxpt", "departement", 0), ("ept", "departement", 0),
        ("1234", "1235", 0), ("12a", "12b", 0), ("erables", "erabels", pytest.approx(12 / 14)), ("sapin", "nord", 0),
    ],
)  # fmt: skip
def test_two_words_are_alike_by_their_letters(one: str, other: str, expected: float) -> None:
    """A number is another as soon as one digit is."""
    assert names.alike(one, other) == names.alike(other, one) == expected


def test_words_weigh_the_more_the_rarer_they_are() -> None:
    """Of two words that are alike each weighs its own, of a letter and a word the lighter of the two."""
    weights = names.Weights([("polka", "beta"), ("polka", "gamma")])
    common, rare = log(2), log(3)
    assert [weights[word] for word in ("polka", "beta", "unknown", "de")] == [common, rare, rare, names.LITTLE]
    assert weights.likeness(("polka", "beta"), ("beta", "polka")) == 1
    assert weights.likeness(("polkb",), ("polka",)) == pytest.approx(0.8)
    whole = rare + rare
    assert weights.likeness(("b",), ("beta",)) == pytest.approx(names.INITIAL)
    assert weights.likeness(("p",), ("polka",)) == pytest.approx(names.INITIAL * 2 * common / (rare + common))
    assert weights.likeness(("polka",), ("p",)) == pytest.approx(names.INITIAL * 2 * common / (rare + common))
    assert weights.likeness(("beta", "delta"), ("beta",)) == pytest.approx(2 * rare / (whole + rare))
    assert weights.likeness(("beta", "betb"), ("beta",)) == pytest.approx(2 * rare / (whole + rare))
    assert (weights.likeness((), ()), weights.likeness(("nord",), ("polka",))) == (0, 0)


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ({"email": "Info@Example.org "}, {"email": "info@example.org"}, 90),
        ({"phone": "(514) 555-0199"}, {"phone": "+1 514 555 0199"}, 80),
        ({"phone": "0199"}, {"phone": "555-0199"}, 0),
        ({"number": "1001"}, {"number": "1001"}, 70),
        ({"email": "", "phone": "", "number": ""}, {"email": "", "phone": "", "number": ""}, 0),
    ],
)
def test_what_else_two_sides_share(ours: dict[str, str], theirs: dict[str, str], expected: int) -> None:
    assert score(Customer(key="A", name="Alpha", **ours), customer("Oméga", **theirs)) == expected


def test_one_of_the_same_name_who_is_reached_elsewhere_may_be_a_namesake() -> None:
    here = {"email": "jean@example.org", "phone": "514 555 0101"}
    account = Customer(key="A", name="Jean Roy", **here)
    assert score(account, customer("Jean Roy", email="roy@example.org")) == 88
    assert score(account, customer("Jean Roy", email="roy@example.org", phone="514-555-0101")) == 100
    assert score(account, customer("Jean Roy inc.", email="jean@example.org")) == 95


def test_what_is_reached_alike_makes_a_name_that_is_alike_certain_and_no_other() -> None:
    """A household shares its address."""
    account = Customer(key="A", name="Jean Tremblay", email="t@example.org")
    assert score(account, customer("Jean Trembley", email="t@example.org")) == 95
    assert score(account, customer("Marie Tremblay", email="t@example.org")) == 91


def test_nobody_is_certain_by_a_name_that_several_bear() -> None:
    """Also where the others bear it in another language, or are reached elsewhere."""
    account = Customer(key="A", name="Chambre de commerce de Laval", email="info@example.org")
    twins = customer("Laval Chamber of Commerce", "C1"), customer("Chambre de commerce de Laval", "C2")
    assert score(account, *twins) == 94
    assert [each.customer.reference for each in Customers(twins).candidates(account)] == ["C2", "C1"]
    assert score(account, twins[0], customer("Chambre de commerce de Laval", "C2", email="info@example.org")) == 100


@pytest.mark.parametrize("seed", [1, 2])
def test_of_a_labelled_set_the_right_one_is_among_three_and_none_that_is_certain_is_wrong(seed: int) -> None:
    """2,000 accounts against 5,000 customers (at least 97 of 100, and none wrong)."""
    registers = Registers(seed)
    known = Customers(registers.customers)
    offered = [(each, known.candidates(each.account)) for each in registers.accounts]
    there = [(each, {match.customer.reference for match in found}) for each, found in offered if each.right]
    assert len(registers.accounts) == 2000 == len(there) + 300
    missed = [(each.change, each.account.name) for each, found in there if each.right not in found]
    assert len(missed) <= len(there) * 3 // 100, missed
    sure = [(each, found[0]) for each, found in offered if found and found[0].score >= CERTAIN]
    assert len(sure) > 1200
    assert [(each, match) for each, match in sure if match.customer.reference != each.right] == []


def test_an_initial_says_which_of_many_of_one_family_name_are_looked_at() -> None:
    """More bear it than are compared: those whose first name begins alike come first, wherever they stand."""
    family = [customer(f"Tremblay {letter}{number:02}", f"{letter}{number}") for letter in "AB" for number in range(40)]
    found = Customers([*family, customer("Tremblay Jean", "J")]).candidates(Customer(key="A", name="Tremblay J."))
    assert found[0].customer.reference == "J"


@pytest.mark.parametrize(("ours", "theirs"), [("Cœur Sacré", "Coeur Sacre"), ("ŒUVRES DU LAC", "Oeuvres du Lac")])
def test_joined_letters_and_accents_are_no_difference(ours: str, theirs: str) -> None:
    assert score(Customer(key="A", name=ours), customer(theirs, "C")) >= 94


def test_a_word_that_is_mistyped_is_known_by_what_it_may_be() -> None:
    known = Customers([customer("Quincaillerie", "Q"), customer("Boulangerie", "B")])
    assert [each.customer.reference for each in known.candidates(Customer(key="A", name="Quincalllerie"))] == ["Q"]
    assert [each.customer.reference for each in known.candidates(Customer(key="A", name="Boulang."))] == ["B"]


def test_two_equally_good_customers_are_half_as_sure() -> None:
    """A person decides between them."""
    account = Customer(key="A", name="Alpha")
    assert score(account, customer("Alpha", "C1"), customer("Alpha", "C2")) == 47


def test_an_inactive_or_taken_customer_is_not_suggested() -> None:
    account = Customer(key="A", name="Alpha")
    retired = LedgerCustomer(reference="C1", name="Alpha", active=False)
    assert [found for _, found in offers([account], [retired], [])] == [[]]
    assert [found for _, found in offers([account], [customer("Alpha")], ["C1"])] == [[]]


@given(
    st.lists(st.text(max_size=12), max_size=8),
    st.text(max_size=12),
    st.text(max_size=12),
)
def test_any_names_match_within_bounds_and_a_suggestion_names_its_customer(
    names: list[str], name: str, searched: str
) -> None:
    customers = [customer(text, f"C{place}") for place, text in enumerate(names)]
    known = Customers(customers)
    match = known.best(Customer(key="A", name=name))
    assert match is None or 0 < match.score <= 100
    assert all(0 < found.score <= 100 for found in known.find(searched))
    assert all(Shown(customers).named(shown(each)) is each for each in customers)


@pytest.fixture
def paired(association: Association) -> Association:
    """A company whose ledger has a customer of a former one: Club d'échecs de l'Île; three accounts to match."""
    association.init()
    association.pull()
    association.sync()
    second = Association(association.folder, {}, {}, "Deuxième")
    second.files = {name: rows for name, rows in association.files.items() if name not in ("payments", "allocations")}
    second.files["accounts"] = []
    second.files["documents"] = [
        {**second.files["documents"][0], "number": "G-1", "account": "B1", "date": "2025-06-15"}
    ]
    second.add("accounts", key="B1", number="501", name="CLUB D'ECHECS DE L'ILE INC.")
    second.add("accounts", key="B2", number="502", name="Société d'horticulture")
    second.add("accounts", key="B3", number="503", name="Les Amis du fleuve")
    for name in ("payments", "allocations"):
        (association.folder / "source" / f"{name}.csv").unlink()
    second.init()
    second.pull()
    return second


def test_a_suggestion_links_nothing_and_link_takes_it(paired: Association) -> None:
    report = paired.run(suggest_matches)
    assert sum(report.counts["suggested"].values()) == 1
    assert report.facts["unlinked"] == 3
    row = paired.row(ACCOUNTS, "B1")
    assert (row["score"], row["reference"], row["status"]) == ("0.92", "", "To Be Transferred")
    assert "Club d'échecs de l'Île" in row["suggested"]
    assert run(paired, link, above=93).counts["linked"] == {}
    assert paired.row(ACCOUNTS, "B1")["reference"] == ""
    linked = run(paired, link, above=92)
    assert sum(linked.counts["linked"].values()) == 1
    row = paired.row(ACCOUNTS, "B1")
    assert row["reference"]
    assert (row["status"], row["suggested"], row["score"], row["new_account"]) == ("Transfer Completed", "", "", "No")
    before = paired.ledger_text().count(" open Assets:AccountsReceivable:")
    paired.sync()
    assert "G-1" in paired.ledger_text()
    assert paired.ledger_text().count(" open Assets:AccountsReceivable:") == before


def test_an_account_that_is_new_is_made_by_the_sync(paired: Association) -> None:
    report = run(paired, create_new, numbers=["501"])
    assert sum(report.counts["new"].values()) == 1
    assert paired.row(ACCOUNTS, "B1")["new_account"] == "Yes"
    assert paired.row(ACCOUNTS, "B2")["new_account"] == "No"


def test_two_accounts_of_one_suggestion_are_left_to_a_person(paired: Association) -> None:
    paired.files["accounts"][1]["name"] = "Club d'échecs de l'île ltée"
    paired.pull()
    paired.run(suggest_matches)
    report = run(paired, link, above=0)
    assert (report.counts["linked"], report.facts["left"]) == ({}, 2)


def test_nothing_chosen_is_said(paired: Association) -> None:
    with pytest.raises(CannotRun) as stopped:
        paired.run(link)
    assert stopped.value.problems[0].code == "nothing_selected"


def test_finding_in_the_ledger_is_by_the_beginnings_of_words(paired: Association) -> None:
    def searched(text: str) -> list[str]:
        def use_case(session: Session) -> Report:
            return find(session, text)

        customers = paired.run(use_case).facts["customers"]
        assert isinstance(customers, list)
        return [each["name"] for each in customers]

    assert searched("ECHEC île") == ["Club d'échecs de l'Île"]
    assert searched("a@example.org") == ["Club d'échecs de l'Île"]
    assert searched("horticulture") == searched("") == searched("\0*?[") == []


def run(association: Association, use_case: object, **chosen: object) -> Report:
    def chosen_ones(session: Session) -> Report:
        return use_case(session, Chosen(**chosen))  # type: ignore[operator,arg-type]

    return association.run(chosen_ones)
