"""What a claim asks for and why something is not covered are rows, each from a day on, kept by the administrator."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from claims import selectors, services
from claims.models import DocumentRequirement, NotCoveredReason
from claims.rules.catalogues import REASONS, REQUIREMENTS, code_for
from claims.rules.deciding import Why
from claims.selectors import pages
from portal.errors import Conflict, RuleBroken
from portal.history.models import AuditEvent as Event
from portal.people.models import ConsentText
from tests.api.callers import Caller, told
from tests.factories import claims as a
from tests.factories import people
from tests.factories import policies as p
from tests.pages import once

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
PLAN = {"what": "therapy", "stage": "complement", "document": "treatment_plan", "required": "always"}
SAID = {
    "code": "",
    "use": "used",
    "label": "Sin autorización previa",
    "sentence": "Este gasto pedía autorización antes.",
    "cure": "Escríbenos desde «Contacto» con tu folio.",
    "document": "",
}
ON_PAPER = {"source": "Póliza 2027", "reason": "Lo pide la póliza nueva."}


def ask(since: Any, by: Any, **other: Any) -> DocumentRequirement:
    return services.publish_requirement(**PLAN | ON_PAPER | other, since=since, by=by, at=a.AT)


def say(since: Any, by: Any, **other: Any) -> NotCoveredReason:
    return services.publish_reason(**SAID | ON_PAPER | other, since=since, by=by, at=a.AT)


def test_s3_19_the_catalogues_begin_with_what_the_product_ships() -> None:
    assert set(selectors.requirements_on(a.ON)) == set(REQUIREMENTS)
    assert dict(selectors.reasons_on(a.ON)) == {one.value: reason for one, reason in REASONS.items()}
    assert set(DocumentRequirement.objects.values_list("source", flat=True)) == {"S3.19"}


def test_s3_19_a_document_is_asked_for_from_its_day_on_otherwise_and_no_more() -> None:
    admin, soon = people.administrator(), a.ON + 10 * DAY
    ask(soon, admin)

    def needs(on: Any) -> list[str]:
        rows = selectors.requirements_on(on)
        return [one.need for one in rows if (one.subtype, one.stage, one.document) == tuple(list(PLAN.values())[:3])]

    assert (needs(soon - DAY), needs(soon)) == ([], ["always"])
    ask(soon + 10 * DAY, admin, required="offered")
    ask(soon + 20 * DAY, admin, required="not_asked")
    days = (soon, soon + 9 * DAY, soon + 10 * DAY, soon + 19 * DAY, soon + 20 * DAY)
    assert [needs(day) for day in days] == [["always"], ["always"], ["offered"], ["offered"], []]
    ask(soon + 5 * DAY, admin, required="offered")  # an earlier change takes the place of those to come
    assert [needs(day) for day in days] == [["always"], ["offered"], ["offered"], ["offered"], ["offered"]]
    assert DocumentRequirement.objects.filter(document="treatment_plan", subtype="therapy", stage="complement").count()
    assert Event.objects.filter(action="claims.requirement_published").count() == 4


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"since": a.ON}, "since_past"),
        ({"required": "not_asked"}, "same_row"),
        ({"required": "unless_recent"}, "only_reports_stand"),
        ({"what": "dental"}, "not_on_the_list"),
        ({"document": "letter"}, "not_on_the_list"),
    ],
)
def test_a_requirement_that_is_no_change_of_tomorrow_is_refused(told: dict[str, Any], code: str) -> None:
    with pytest.raises((RuleBroken, Conflict)) as refused:
        ask(**{"since": a.ON + DAY, "by": people.administrator()} | told)
    assert refused.value.code == code and DocumentRequirement.objects.count() == len(REQUIREMENTS)


def test_n8_a_line_reads_as_its_reason_did_on_the_day_it_was_decided() -> None:
    admin, soon = people.administrator(), a.ON + DAY
    new = say(soon, admin)
    say(soon, admin, code="excluded", sentence="La póliza nueva no lo paga.")
    before, after = selectors.reasons_on(a.ON), selectors.reasons_on(soon)
    assert (new.code, new.code in before, after[new.code].label) == ("sin_autorizacion", False, SAID["label"])
    assert before["excluded"] == REASONS[Why.EXCLUDED] and after["excluded"].sentence == "La póliza nueva no lo paga."
    say(soon + DAY, admin, code=new.code, use="ended")
    assert new.code not in selectors.reasons_on(soon + DAY) and len(selectors.reasons_on(soon + DAY)) == len(REASONS)
    assert Event.objects.filter(action="claims.reason_published").count() == 3


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"since": a.ON}, "since_past"),
        ({"code": "unknown"}, "not_on_the_list"),
        ({"code": "outside_policy", "use": "ended"}, "reason_of_settlement"),
        ({"use": "ended"}, "same_row"),
    ],
)
def test_a_reason_that_is_no_change_of_tomorrow_is_refused(told: dict[str, Any], code: str) -> None:
    with pytest.raises((RuleBroken, Conflict)) as refused:
        say(**{"since": a.ON + DAY, "by": people.administrator()} | told)
    assert refused.value.code == code and NotCoveredReason.objects.count() == len(REASONS)


def test_a_new_reason_has_a_code_of_its_own() -> None:
    assert code_for("Sin autorización previa", []) == "sin_autorizacion"
    assert code_for("Sin autorización previa", ["sin_autorizacion"]) == "sin_autorizaci_2"
    assert code_for("¿?", []) == "motivo"


def test_what_stands_in_a_catalogue_is_never_edited() -> None:
    for row, change in (
        (DocumentRequirement.objects.all()[0], {"required": "offered"}),
        (NotCoveredReason.objects.all()[0], {"sentence": "Otra."}),
    ):
        with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(**change)
        with pytest.raises(IntegrityError), transaction.atomic():
            row.delete()


def test_a_document_that_is_only_offered_holds_no_draft_up() -> None:
    family = a.a_family()
    draft = a.a_draft(family)
    lacks = selectors.lacks_of(draft, at=a.AT)
    asked = {one.document: one.asked for one in pages.slots_of(draft, lacks, on=a.ON)}
    assert asked["claim_form"] and "treatment_plan" not in asked


def test_the_administrator_publishes_on_pages_and_by_api() -> None:
    people.the_operator()
    admin = people.administrator()
    client = people.signed_in(admin)
    row, reason = DocumentRequirement.objects.all()[0], NotCoveredReason.objects.get(code="excluded")
    for page in (
        "/mesa/documentos-de-tramites/",
        "/mesa/documentos-de-tramites/nuevo/",
        f"/mesa/documentos-de-tramites/{row.pk}/",
        "/mesa/motivos/",
        "/mesa/motivos/nuevo/",
        f"/mesa/motivos/{reason.pk}/",
    ):
        assert client.get(page).status_code == 200, page
    shown = client.get("/mesa/motivos/").content.decode() + client.get(f"/mesa/motivos/{reason.pk}/").content.decode()
    assert "Siempre" in shown and "Desde siempre." in shown
    assert "1900" not in shown and "above_agreed" not in shown, "no day that is none, no key that is for calls"
    assert told(Caller(client=client).get("mesa/motivos/"), 200)["rows"][0]["code"]
    day = {"since": "2030-01-01"} | ON_PAPER
    bodies = {"documentos-de-tramites": PLAN | day, "motivos": SAID | day}
    for name, body in bodies.items():
        sent = once() | body
        answers = [client.post(f"/mesa/{name}/nuevo/", sent) for _twice in range(2)]
        assert [one.status_code for one in answers] == [302, 302], answers[0].content.decode()
        bad = client.post(f"/mesa/{name}/nuevo/", once() | body | {"since": "2001-01-01"})
        assert bad.status_code == 422 and "desde mañana" in bad.content.decode()
    assert [one.objects.filter(by=admin).count() for one in (DocumentRequirement, NotCoveredReason)] == [1, 1]
    caller, later = Caller(client=client), {"since": "2030-02-01", "required": "offered", "label": "Otro"}
    for name, body in bodies.items():
        changed = body | {field: later[field] for field in later if field in body}
        assert told(caller.post(f"mesa/{name}/", changed), 201)["since"] == "2030-02-01"


def test_s3_4_an_insurers_own_text_is_published_on_its_page_and_asked_of_its_families_alone() -> None:
    people.the_operator()
    admin, family, other = people.administrator(), a.a_family(), a.a_family(plan=p.a_whole_policy())
    client, page = people.signed_in(admin), "/mesa/consentimientos/"
    listed = client.get(page).content.decode()
    assert "Consentimiento para tratar datos de salud" in listed and "Publicar versión" not in listed
    said = {
        "kind": "sensitive-data",
        "insurer": str(family.plan.party.pk),
        "body": "Lo que hace con tus datos.",
    }
    assert client.post(page, once() | said)["Location"] == page
    again = client.post(page, once() | said)
    assert again.status_code == 409 and "ya es el vigente" in again.content.decode()
    assert client.post(page, once() | said | {"kind": "portal-privacy"}).status_code == 422
    own = ConsentText.objects.get(owner=family.plan.party, kind="sensitive-data")
    begun = client.get(f"{page}?version={own.pk}").content.decode()
    assert f"{said['body']}</textarea>" in begun and f'value="{family.plan.party.pk}" selected' in begun
    shown = client.get(page).content.decode()
    assert "Lo que hace con" in shown and f"{family.plan.party.name}, versión 1" in shown
    lacking = [[one.body for one in selectors.lacking_consents(a.a_draft(of), on=a.ON)] for of in (family, other)]
    assert lacking == [[said["body"]], []], "whom it concerns is asked again, nobody else"
    caller = Caller(client=client)
    made = told(caller.post("mesa/consentimientos/", said | {"insurer": "", "body": "Para todas."}), 201)
    assert (made["insurer"], made["version"]) == (None, 2)
    with pytest.raises(RuleBroken):
        services.publish_text(kind="portal-privacy", insurer=None, body="Otro.", by=admin, at=a.AT)
