"""Amounts as the SAT reckons them: limits of a product, equivalences of ten decimals, lines that withhold nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.demo import samples
from portal.fiscal.facts import CfdiFacts, Concept, LocalTax, PaidDocument, Tax, amount, equivalence
from portal.fiscal.reading import read_cfdi
from portal.fiscal.rules import judge_complement, judge_invoice, match_scheme
from portal.fiscal.rules.invoice import product_limits
from tests.factories import papers

WHOLE = read_cfdi(papers.invoice(), trust=samples.trust_der())
PF = read_cfdi(papers.invoice(components=papers.PF), trust=samples.trust_der())
REP = read_cfdi(papers.complement(), trust=samples.trust_der())
EXPECT_PF = papers.expected_invoice(schemes=[papers.scheme("PF", papers.PF)])


def codes(facts: CfdiFacts, expected: dict[str, object] | None = None) -> list[str]:
    return [finding.code for finding in judge_invoice(facts, expected or papers.expected_invoice())]


def concept(quantity: str, price: str, shown: str) -> Concept:
    return Concept("85121502", "E48", "", quantity, price, shown, "", "02")


def test_the_portals_own_draft_is_no_invoice_yet_S0_17() -> None:
    draft = replace(WHOLE, seal="missing", header=WHOLE.header | {"Serie": "BORRADOR"})
    assert codes(draft) == ["portal_draft"]


# --- quantity × unit price -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quantity", "price", "shown", "least", "most"),
    [
        ("6", "166.67", "1000.00", "916.65", "1083.39"),  # 5.5 × 166.665 = 916.6575 and 6.5 × 166.675 = 1083.3875
        ("6.0", "166.67", "1000.00", "991.65", "1008.39"),
        ("6.000000", "166.67", "1000.00", "999.98", "1000.06"),  # 6.0000005 × 166.675 = 1000.05008…
        ("6.000000", "166.666667", "1000.00", "999.99", "1000.01"),
        ("6.000000", "166.666667", "1000.000000", "999.999915", "1000.000089"),
        ("1", "1500", "1500", "749", "2251"),  # 0.5 × 1499.5 = 749.75 and 1.5 × 1500.5 = 2250.75, whole pesos
        ("0.5", "100.00", "50.0", "44.9", "55.1"),  # 0.45 × 99.995 = 44.99775 and 0.55 × 100.005 = 55.00275
        ("2.00", "0.10", "0.20", "0.18", "0.22"),  # 1.995 × 0.095 = 0.189525 and 2.005 × 0.105 = 0.210525
        ("1.0", "0.00", "0.00", "0.00", "0.01"),  # the least is below zero and truncated towards it
    ],
)
def test_domain_1_1_importe_lies_between_the_limits_of_the_sat(
    quantity: str, price: str, shown: str, least: str, most: str
) -> None:
    limits = product_limits(concept(quantity, price, shown))
    assert limits == (Decimal(least), Decimal(most))


def priced(quantity: str, price: str, shown: str) -> CfdiFacts:
    first = replace(WHOLE.concepts[0], quantity=quantity, unit_price=price, amount=shown)
    return replace(WHOLE, concepts=(first, *WHOLE.concepts[1:]))


@pytest.mark.parametrize(
    ("quantity", "price", "shown", "right"),
    [
        ("9", "166.67", "1500.00", True),  # an agreed fee that no unit price of two decimals gives
        ("9.000000", "166.67", "1500.00", True),  # 8.9999995 × 166.665 = 1499.9849…
        ("9.000000", "166.66", "1500.00", False),  # 9.0000005 × 166.665 = 1499.9850…, rounded up 1499.99
        ("9.0000", "166.666667", "1500.00", True),
        ("1.0", "1578.95", "1500.00", True),  # the very limit below: 0.95 × 1578.945 = 1499.99775, truncated 1499.99
        ("1.0", "1578.96", "1500.00", True),  # 0.95 × 1578.955 = 1500.00725, truncated 1500.00
        ("1.0", "1578.97", "1500.00", False),  # 0.95 × 1578.965 = 1500.01675
        ("1.0", "1428.56", "1500.00", True),  # 1.05 × 1428.565 = 1499.99325, rounded up 1500.00
        ("1.0", "1428.55", "1500.00", False),  # 1.05 × 1428.555 = 1499.98275, rounded up 1499.99
        ("2", "1500.00", "1500.00", False),
    ],
)
def test_both_ends_of_the_limits_are_inside(quantity: str, price: str, shown: str, right: bool) -> None:
    assert codes(priced(quantity, price, shown)) == ([] if right else ["concept_product_sum"])


def test_the_sentence_names_both_limits() -> None:
    said = next(one for one in judge_invoice(priced("2", "1500.00", "1500.00"), papers.expected_invoice()))
    assert "dice $1,500.00 y cantidad por valor unitario da de $2,249.99 a $3,750.02." in said.message


digits = st.integers(1, 10**8).flatmap(
    lambda whole: st.integers(0, 6).map(lambda places: f"{Decimal(whole).scaleb(-places):.{places}f}")
)


@given(digits, digits, st.integers(0, 6))
def test_the_product_itself_rounded_either_way_is_always_inside(quantity: str, price: str, places: int) -> None:
    product = Decimal(quantity) * Decimal(price)
    shown = f"{product:.{places}f}"
    limits = product_limits(concept(quantity, price, shown))
    assert limits is not None
    assert limits[0] <= Decimal(shown) <= limits[1]
    assert all(len(str(limit).partition(".")[2]) == places for limit in limits)


@pytest.mark.parametrize("text", ["9" * 18 + ".999999", "0.000001"])
def test_the_longest_numbers_are_multiplied_exactly(text: str) -> None:
    limits = product_limits(concept(text, text, "1.000000"))
    assert limits is not None
    assert limits[0] < limits[1]


def test_what_cannot_be_read_has_no_limits() -> None:
    assert product_limits(concept("uno", "1.00", "1.00")) is None


# --- equivalences ----------------------------------------------------------------------------------------------------


def with_equivalence(text: str) -> list[str]:
    def written(document: PaidDocument) -> PaidDocument:
        return replace(document, equivalence=text)

    nodes = tuple(replace(node, documents=tuple(map(written, node.documents))) for node in REP.payments)
    said = judge_complement(replace(REP, payments=nodes), papers.expected_complement())
    return sorted({finding.code for finding in said})


@pytest.mark.parametrize("text", ["1", "1.0", "1.000000", "1.0000000", "1.0000000000", ""])
def test_an_equivalence_of_one_is_one_with_up_to_ten_decimals(text: str) -> None:
    assert with_equivalence(text) == []


@pytest.mark.parametrize("text", ["1.0000000001", "0.9999999999", "1.00000000000", "uno", "2"])
def test_any_other_equivalence_is_not_one(text: str) -> None:
    assert "document_currency" in with_equivalence(text)


def test_one_of_several_complements_divides_by_its_equivalence_with_ten_decimals() -> None:
    """Judged with six, what it pays would not add up, and two sentences would be said of one mistake."""
    (node,) = REP.payments
    invoice, *_ = papers.expected_complement()["invoices"]
    dear = replace(node.documents[0], equivalence="0.0500000001", paid="67.50")
    alone = replace(node, documents=(dear,), amount="1350.00")
    facts = replace(REP, payments=(alone,), payment_totals={**REP.payment_totals, "MontoTotalPagos": "1350.00"})
    said = {finding.code for finding in judge_complement(facts, papers.expected_complement())}
    assert invoice["total"] == "1350.00" and "document_currency" in said
    assert not said & {"payment_amount", "amount_not_assigned", "paid_over_amount"}


def test_only_equivalences_have_ten_decimals() -> None:
    assert equivalence("1.0000000000") == 1
    assert (amount("1.000000"), amount("1.0000000"), amount("1.0000000000")) == (1, None, None)
    assert (equivalence("1.00000000000"), equivalence("1,0"), equivalence(None)) == (None, None, None)


# --- lines of nothing ------------------------------------------------------------------------------------------------


def local(*lines: tuple[str, str]) -> tuple[LocalTax, ...]:
    return tuple(LocalTax("CEDULAR", percentage, shown) for percentage, shown in lines)


def with_federal(*lines: Tax) -> CfdiFacts:
    return replace(PF, concepts=tuple(replace(one, withheld=(*one.withheld, *lines)) for one in PF.concepts))


NOTHING = Tax("001", "Tasa", "0.000000", "1500.00", "0.00")


@pytest.mark.parametrize(
    "facts",
    [
        replace(PF, local_nodes=1, local_withheld=local(("0.00", "0.00")), local_total_withheld="0.00"),
        replace(PF, local_nodes=1, local_withheld=local(("0", "0"), ("0.00", "0.00")), local_total_withheld="0.00"),
        replace(PF, local_nodes=1, local_withheld=(LocalTax("ISN", "0.00", "0.00"),), local_total_withheld="0.00"),
        replace(PF, local_transferred=local(("0.00", "0.00")), local_total_transferred="0.00"),
        with_federal(NOTHING),
        with_federal(replace(NOTHING, tax="002")),
        with_federal(replace(NOTHING, tax="003", amount="0.000000")),
    ],
)
def test_a_line_of_no_rate_and_no_amount_is_nothing(facts: CfdiFacts) -> None:
    assert codes(facts, EXPECT_PF) == []
    assert match_scheme(facts, EXPECT_PF).code == "PF"


def test_a_line_of_nothing_beside_a_real_one_changes_nothing() -> None:
    assert codes(replace(WHOLE, local_withheld=(*WHOLE.local_withheld, *local(("0.00", "0.00"))))) == []


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (lambda: replace(PF, local_withheld=local(("3.00", "0.00"))), "withholding_extra"),
        (lambda: replace(PF, local_withheld=local(("0.00", "45.00"))), "withholding_extra"),
        (lambda: replace(WHOLE, local_withheld=local(("0.00", "0.00"))), "withholding_missing"),
        (lambda: with_federal(replace(NOTHING, rate="0.012500")), "withholding_extra"),
        (lambda: with_federal(replace(NOTHING, tax="002", amount="160.00")), "iva_withheld"),
        (lambda: with_federal(replace(NOTHING, tax="002", amount="ciento")), "iva_withheld"),
        (lambda: with_federal(replace(NOTHING, tax="002", rate="0.106667")), "iva_withheld"),
    ],
)
def test_a_rate_or_an_amount_alone_still_counts(facts: Callable[[], CfdiFacts], code: str) -> None:
    assert code in codes(facts(), papers.expected_invoice() if code == "withholding_missing" else EXPECT_PF)
