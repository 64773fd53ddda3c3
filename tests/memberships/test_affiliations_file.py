"""Families of a file: a row a person, a family all or nothing, the same families again change nothing (F, 2.11)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from config.demo.uploads import upload_of
from memberships import services
from memberships.models import CoveredPerson, DuesPayment, Member, Membership
from portal import clock
from portal.errors import RuleBroken
from portal.history.models import AuditEvent
from portal.imports import services as imports
from portal.imports.models import ImportRun
from portal.once.rules import FIELD
from portal.people.models import Party
from tests.factories import memberships as a
from tests.factories import people

pytestmark = pytest.mark.django_db
HEAD = "familia,parentesco,nombre,apellido_paterno,apellido_materno,nacimiento,sexo,curp,rfc,correo,plan,"
HEAD += "pagado_el,medio_de_pago\n"


def families_file(plan: str, *, paid: str = "") -> str:
    """One family of two."""
    first = f"1,Titular,Nadia,Ríos,Paz,1990-02-03,F,,,nadia@ejemplo.mx,{plan},{paid},Efectivo\n"
    return HEAD + first + "1,Hijo,Iker,Ríos,,2015-02-28,H,,,,,,\n"


def another(plan: str, cells: dict[str, str]) -> str:
    """A family of one more, without the heading."""
    told = {
        "family": "2",
        "kinship": "Titular",
        "born": "1980-01-01",
        "mail": "ana@ejemplo.mx",
        "plan": plan,
        "paid": "",
    }
    told |= cells
    return "{family},{kinship},Ana,Gil,,{born},F,,,{mail},{plan},{paid},\n".format(**told)


def read(text: str) -> ImportRun:
    by = people.affiliator()
    return services.read_affiliations(upload=upload_of("familias.csv", text.encode()), by=by, at=clock.now())


def apply(run: ImportRun) -> ImportRun:
    return imports.apply_run(run=run, by=people.affiliator(), at=clock.now())


@pytest.fixture
def plan() -> Any:
    people.the_operator()
    return a.a_plan(name="FAMILIAR TOTAL")


def test_a_family_of_a_file_is_what_the_desk_would_have_entered_and_again_changes_nothing(plan: Any) -> None:
    paid = clock.today() - timedelta(days=3)
    text = families_file("familiar total", paid=paid.isoformat())
    run = read(text)
    assert (run.new, run.wrong) == (2, 0) and not Membership.objects.exists(), "a preview keeps nothing"
    apply(run)
    made = Membership.objects.get()
    assert (made.state, made.plan, made.joined_on, made.email) == ("active", plan, paid, "nadia@ejemplo.mx")
    assert made.titular is not None and made.titular.as_printed == "Nadia Ríos Paz" and made.folio
    assert DuesPayment.objects.get().value_on == paid and Member.objects.filter(card__isnull=False).count() == 2
    before = Membership.objects.count(), CoveredPerson.objects.count(), Party.objects.count()
    head, first, second = text.splitlines()
    again = read("\n".join([head, second.replace("1,", "9,", 1), first.replace("1,", "9,", 1)]) + "\n")
    assert (again.new, again.unchanged) == (0, 2), "in another order and file"
    assert (Membership.objects.count(), CoveredPerson.objects.count(), Party.objects.count()) == before
    assert AuditEvent.objects.filter(action="memberships.affiliation_imported").count() == 1


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"plan": "OTRO"}, "plan_unknown"),
        ({"mail": ""}, None),
        ({"born": "2020-01-01"}, "titular_minor"),
        ({"kinship": "Hija"}, "one_titular"),
        ({"born": "2999-01-01"}, "born_on_impossible"),
        ({"paid": "2999-01-01"}, "paid_ahead"),
        ({"paid": "2001-01-01"}, "price_missing"),
    ],
)
def test_a_wrong_row_keeps_its_family_out_and_the_good_ones_enter(cells: Any, code: str | None, plan: Any) -> None:
    run = read(families_file(plan.name) + another(plan.name, cells))
    assert (run.new, run.wrong) == (2, 1)
    (error,) = run.errors
    assert error["row"] == 3 and error["message"].endswith(".") and code in {None, error["code"]}
    apply(run)
    assert Membership.objects.count() == 1


@pytest.mark.parametrize(("typed", "wrong"), [("06700", 0), ("", 0), ("6700", 1), ("4410A", 1), ("０６７００", 1)])
def test_a_zip_code_of_a_file_is_five_digits_as_on_the_desks_form(typed: str, wrong: int, plan: Any) -> None:
    """A spreadsheet takes the zero in front away: the row says so, and what entered is right."""
    head, first, second = families_file(plan.name).splitlines()
    run = read(f"{head},codigo_postal\n{first},{typed}\n{second},\n")
    assert (run.new, len(run.errors)) == (0 if wrong else 2, wrong * 2)
    assert not wrong or run.errors[0]["code"] == "zip_code"
    if not wrong:
        apply(run)
        assert Membership.objects.get().zip_code == typed


def test_without_an_operator_no_file_of_families_is_read() -> None:
    by, upload = people.affiliator(party=people.a_party()), upload_of("f.csv", families_file("FAMILIAR TOTAL").encode())
    with pytest.raises(RuleBroken) as refused:
        services.read_affiliations(upload=upload, by=by, at=clock.now())
    assert refused.value.code == "no_operator" and not ImportRun.objects.exists()


def test_nobody_of_another_family_is_found_and_one_family_twice_is_told(plan: Any) -> None:
    text = families_file(plan.name)
    run = read(text + "\n".join(line.replace("1,", "7,", 1) for line in text.splitlines()[1:]) + "\n")
    assert (run.new, run.wrong) == (2, 2), "the same family twice in one file"
    imports.cancel_run(run=run, by=people.affiliator(), at=clock.now())
    apply(read(text))
    more = text.replace("Hijo,Iker", "Hijo,Iván")
    apply(read(more))
    assert Membership.objects.count() == 2 and CoveredPerson.objects.count() == 4, "other people: another family"


def test_it_is_imported_by_the_affiliation_desk_on_its_page_alone(plan: Any) -> None:
    page, desk = reverse("memberships:import_affiliations"), people.signed_in(people.affiliator())
    assert page in desk.get(reverse("memberships:affiliations")).content.decode()
    strangers = [people.signed_in(one) for one in (people.collector(), people.member())]
    assert [one.get(page).status_code for one in (desk, *strangers)] == [200, 403, 403]
    sent = {"file": upload_of("f.csv", families_file(plan.name).encode()), FIELD: "families-00000001"}
    assert desk.post(page, {FIELD: "families-00000002"}).status_code == 422
    answer = desk.post(page, sent)
    assert answer["Location"] == reverse("imports:run", args=[ImportRun.objects.get().pk])
    assert "Nadia" not in answer.content.decode()


@pytest.mark.parametrize(
    ("families", "persons", "status", "agrees"),
    [
        ("", "", 302, True),  # nobody announced anything: what came is taken
        ("2", "3", 302, True),
        ("3", "3", 302, False),
        ("2", "4", 302, False),
        ("2", "", 422, None),
        ("", "3", 422, None),
        ("0", "3", 422, None),
        ("dos", "3", 422, None),
    ],
)
def test_control_totals_are_families_and_people_and_what_differs_enters_nothing_2_11(
    families: str, persons: str, status: int, agrees: bool | None, plan: Any
) -> None:
    desk, page = people.signed_in(people.affiliator()), reverse("memberships:import_affiliations")
    text = families_file(plan.name) + another(plan.name, {})
    file = upload_of("f.csv", text.encode())
    sent = {"file": file, "families": families, "people": persons, FIELD: "families-0000totals"}
    answer = desk.post(page, sent)
    assert answer.status_code == status
    if agrees is None:
        assert not ImportRun.objects.exists()
        return
    run = ImportRun.objects.get()
    shown = desk.get(answer["Location"]).content.decode()
    assert run.agrees is agrees and "3 personas de 2 familias" in shown
    assert ("Los totales de control no coinciden" in shown) is not agrees
    if not agrees:
        with pytest.raises(RuleBroken):
            apply(run)
        assert not Membership.objects.exists()
        told = {"rows": "3", "families": "2", FIELD: "families-000mended"}
        desk.post(reverse("imports:totals", args=[run.pk]), told)
        run.refresh_from_db()
        assert run.agrees
    apply(run)
    assert Membership.objects.count() == 2
