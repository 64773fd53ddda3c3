"""Memberships' calls: each act by the form and the service of its page, and an insurer's own certificates."""

from __future__ import annotations

from typing import Any

import pytest

from memberships import api
from memberships.models import ImssCheck, Member, Membership, Plan, Share
from memberships.sign_up import PRIVACY
from portal import clock
from portal.access import Role
from portal.errors import Conflict
from portal.imports.models import ImportRun
from portal.imports.services import apply_run
from portal.people.selectors import latest_text
from tests.api.callers import Caller, own_token, system_token
from tests.factories import memberships as a
from tests.factories import people
from tests.factories import policies as p
from tests.imports import long_files
from tests.memberships.test_joining import newcomer
from tests.memberships.test_views import a_family, account, of

pytestmark = pytest.mark.django_db
SCOPES = ("memberships:read", "memberships:write")
BABY = {"kinship": "child", "given_name": "Ana", "first_surname": "Luna", "born_on": "2026-01-05", "sex": "female"}


def caller(user: Any) -> Caller:
    return Caller(own_token(user, *SCOPES))


def test_a_titular_reads_and_changes_the_family_as_on_its_pages_AC_05() -> None:
    family = a_family()
    fernanda, elena = (caller(account(family, name)) for name in ("Fernanda", "Elena"))
    stays = {one.person.given_name: one for one in family.members.select_related("person")}
    mine, hers = (one.get("membresias/").json()["families"][0] for one in (fernanda, elena))
    assert mine["owed"] == {"amount": "0.00", "currency": "MXN"} and mine["next_due_on"]
    assert (hers["owed"], hers["credit"], hers["next_due_on"]) == (None, None, None), "the dues are the titular's"
    cards = {one["name"].split()[0] for one in mine["people"] if one["card"]}
    assert cards == {"Fernanda", "Óscar", "Leo"}, "Elena has an account and shares nothing"
    assert {one["name"].split()[0] for one in hers["people"] if one["card"]} == {"Elena"}
    assert fernanda.get(f"membresias/{family.pk}/").json()["folio"] == family.folio
    shared = elena.post(f"membresias/integrantes/{stays['Elena'].pk}/compartir/", {"what": ["card"], "shown": []})
    assert shared.json()["stays"][0]["shared"] == ["card"] and Share.objects.get().what == "card"
    late = elena.post(f"membresias/integrantes/{stays['Elena'].pk}/compartir/", {"what": [], "shown": []})
    assert late.status_code == 409 and elena.get("membresias/compartir/").json()["stays"][0]["shared"] == ["card"]
    path = f"membresias/personas/{of(family, 'Elena').pk}/"
    told = fernanda.get(path).json()
    assert told["card"] and [name for name, _why in told["hidden"]] == ["Sus pasos en el IMSS", "Lo clínico"]
    assert fernanda.post(f"membresias/{family.pk}/personas/", {**BABY, "born_on": "ayer"}).status_code == 422
    baby = fernanda.post(f"membresias/{family.pk}/personas/", BABY).json()
    assert Member.objects.get(pk=baby["id"]).person.given_name == "Ana"
    assert fernanda.post(f"membresias/integrantes/{baby['id']}/terminar/").json()["until"] == str(clock.today())
    asked = fernanda.post(f"membresias/integrantes/{stays['Óscar'].pk}/invitar/", {"email": "oscar@ejemplo.mx"})
    assert asked.status_code == 200
    child = of(family, "Leo").pk
    answers = {"rights": "yes", "clinic": "right", "has_card": "no"}
    assert fernanda.post(f"membresias/imss/{child}/", answers).json()["clinic"] == "right"
    assert fernanda.post(f"membresias/imss/{child}/papeles/", {"ticked": ["curp"]}).json()["ticked"] == ["curp"]
    assert fernanda.get(f"membresias/imss/{child}/").json()["step"] and ImssCheck.objects.get().clinic == "right"
    slip = fernanda.post(f"membresias/{family.pk}/fichas/", {"scheme": "paynet", "months": 1}).json()
    assert fernanda.get(f"fichas/{slip['folio']}/").json()["state"] == "issued"
    for stranger in (elena, caller(people.member())):
        for path in (f"fichas/{slip['folio']}/", f"membresias/imss/{child}/", "membresias/afiliarse/"):
            assert stranger.get(path).status_code == 404, path
        assert stranger.post(f"membresias/{family.pk}/personas/", BABY).status_code == 404
        assert stranger.post(f"membresias/integrantes/{stays['Leo'].pk}/terminar/").status_code == 404
        assert stranger.post(f"membresias/integrantes/{stays['Leo'].pk}/compartir/", {"what": []}).status_code == 404
        assert stranger.get(f"membresias/{a.bare().pk}/").status_code == 404
    assert fernanda.post(f"fichas/{slip['folio']}/cancelar/").json()["state"] == "cancelled"


def test_a_family_joins_step_by_step_and_each_step_is_kept() -> None:
    user, plan, text = newcomer(), a.a_plan(), latest_text(PRIVACY)
    assert text is not None
    program = caller(user)
    offered = program.get("planes/ofrecidos/").json()["plans"]
    assert [one["price"]["amount"] for one in offered if one["id"] == str(plan.pk)] == ["350.00"]
    assert program.post("membresias/afiliarse/", {"plan": str(a.bare().pk)}).status_code == 422
    begun = program.post("membresias/afiliarse/", {"plan": str(plan.pk)})
    assert (begun.status_code, begun.json()["state"]) == (201, "draft")
    early = program.post("membresias/afiliarse/terminar/", {"consent": True, "text": text.pk})
    assert early.status_code == 422, early.json()
    you = {"given_name": "Rosa", "first_surname": "Luna", "born_on": "1985-05-05", "sex": "female", "phone": "331234"}
    home = {"street": "A 1", "neighbourhood": "B", "zip_code": "44100", "municipality": "C", "region": "Jalisco"}
    assert program.post("membresias/afiliarse/tus-datos/", {**you, **home}).status_code == 422, "neither RFC nor CURP"
    kept = program.post("membresias/afiliarse/tus-datos/", {**you, **home, "rfc": "LURF850505AB1"})
    assert kept.json()["titular"] == "Rosa Luna"
    added = program.post("membresias/afiliarse/familia/", BABY).json()["relatives"][0]["id"]
    assert program.post(f"membresias/afiliarse/familia/{added}/quitar/").json()["relatives"] == []
    assert program.post("membresias/afiliarse/terminar/", {"consent": False, "text": text.pk}).status_code == 422
    done = program.post("membresias/afiliarse/terminar/", {"consent": True, "text": text.pk}).json()
    assert done["state"] == "awaiting_payment" and done["folio"].startswith("ME-")
    assert program.get("membresias/afiliarse/").status_code == 404, "there is no draft any more"


def test_the_desk_enters_a_family_invites_and_registers_a_policy_with_the_screens_own_forms() -> None:
    clerk, plan, insurer = caller(people.affiliator()), a.a_plan(), people.an_insurer()
    sent = {**api.desk.FAMILY_EXAMPLE, "plan": str(plan.pk)}
    wrong = clerk.post("mesa/afiliaciones/", {**sent, "titular": {**sent["titular"], "born_on": "x"}})
    assert wrong.status_code == 422 and "t.born_on" in wrong.json()["errors"]
    for shape in ([], {**sent, "titular": 1}, {**sent, "relatives": [1]}, {**sent, "otro": "x"}, {**sent, "email": 1}):
        assert clerk.post("mesa/afiliaciones/", shape).status_code == 422, shape
    assert not Membership.objects.exists()
    made = clerk.post("mesa/afiliaciones/", sent, key="one-family-only").json()
    assert clerk.post("mesa/afiliaciones/", sent, key="one-family-only").json() == made
    family = Membership.objects.get()
    assert (str(family.pk), family.members.count(), family.state) == (made["id"], 2, "awaiting_payment")
    titular = family.members.get(kinship="titular")
    called = clerk.post(f"mesa/afiliaciones/{family.pk}/invitar/", {"person": str(titular.pk), "email": "f@e.mx"})
    assert called.json()["id"] == str(titular.pk)
    assert clerk.post(f"mesa/afiliaciones/personas/{titular.pk}/credencial/", {"reason": "x"}).status_code == 409
    link = clerk.get("mesa/imss/").json()["links"][0]
    assert (
        clerk.post(f"mesa/imss/{link['id']}/", {"value": "http://x.mx", "checked_on": "2026-01-02"}).status_code == 422
    )
    policy = {"insurer": str(insurer.pk), "number": "GC-1", "name": "Gastos", "major": "condition-year", "minor": ""}
    made = clerk.post("mesa/polizas/", policy).json()
    year = {"since": "2026-06-01", "until": "2027-06-01", "major_deductible": "8000.00", "major_coaseguro": "10"}
    address = f"mesa/polizas/{made['id']}/anio/"
    assert clerk.post(address, {**year, "minor_deductible": "1"}).status_code == 422, "it has no such coverage"
    assert clerk.post(address, year).status_code == 201
    assert clerk.post(address, year).status_code == 409
    assert str(Plan.objects.get(pk=made["id"]).coverages.get().terms.get().coaseguro_rate) == "0.100000"
    assert caller(people.member()).post("mesa/afiliaciones/", sent).status_code == 403


def delivery(plan: Plan, **changed: Any) -> dict[str, Any]:
    person = api.insurer.DELIVERY_EXAMPLE["people"][0] | {"policy": plan.policy_number} | changed
    return {"control": {"certificates": 1, "people": 1}, "people": [person]}


def test_an_insurers_system_hands_in_certificates_of_its_own_policies_once_2_11() -> None:
    plan, other = p.a_whole_policy(), people.an_insurer(name="OTRA")
    machine = people.user_with_role(Role.INSURER_API, plan.party)
    system = Caller(system_token(plan.party, "certificates:write", user=machine))
    sent = delivery(plan)
    for wrong in ({}, {**sent, "control": {"people": 1}}, {**sent, "control": {"certificates": "1", "people": 1}}):
        assert system.post("certificados/", wrong).json()["code"] == "bad_shape", wrong
    short = system.post("certificados/", {**sent, "control": {"certificates": 2, "people": 1}})
    assert (short.status_code, short.json()["code"]) == (422, "control_totals") and not ImportRun.objects.exists()
    first, again = system.post("certificados/", sent), system.post("certificados/", sent)
    assert (first.status_code, first.json()["new"], again.json()["new"], again.json()["unchanged"]) == (201, 1, 0, 1)
    kept = Membership.objects.get(plan=plan)
    assert (kept.certificate_number, kept.members.get().person.conditions.get().code) == ("000123", "K35")
    assert "Apendicitis" not in str(ImportRun.objects.values()), "what is sealed rests nowhere else"
    foreign = Caller(system_token(other, "certificates:write", user=people.user_with_role(Role.INSURER_API, other)))
    refused = foreign.post("certificados/", sent).json()
    assert (refused["new"], refused["errors"][0]["code"]) == (0, "policy_unknown")
    run = ImportRun.objects.get(pk=first.json()["id"])
    with pytest.raises(Conflict, match="llegó por la API"):
        apply_run(run=run, by=machine, at=clock.now())
    desk = people.signed_in(people.affiliator())
    assert caller(people.affiliator()).post(f"mesa/certificados/importaciones/{run.pk}/aplicar/").status_code == 409
    assert desk.post(f"/mesa/importaciones/{run.pk}/aplicar/", {"idempotency_key": "apply-a-call"}).status_code in {
        404,
        409,
    }
    assert caller(people.affiliator()).post("certificados/", sent).status_code == 403, "a person hands in a file"


def test_an_insurers_file_is_read_and_then_applied_by_its_own_system_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = p.a_whole_policy()
    system = Caller(
        system_token(plan.party, "certificates:write", user=people.user_with_role(Role.INSURER_API, plan.party))
    )
    row = delivery(plan)["people"][0]
    names = "poliza,certificado,parentesco,nombre,apellido_paterno,apellido_materno,nacimiento,sexo,curp,rfc"
    heading = f"{names},desde,hasta,coberturas,padecimientos"
    content = "\n".join([heading, ",".join(row.values())]).encode()
    read = system.post("certificados/archivos/", files={"file": ("c.csv", content)})
    assert (read.status_code, read.json()["state"]) == (201, "read")
    address, which = "certificados/archivos/aplicar/", {"run": read.json()["id"]}
    other = people.an_insurer(name="OTRA")
    foreign = Caller(system_token(other, "certificates:write", user=people.user_with_role(Role.INSURER_API, other)))
    assert foreign.post(address, which).status_code == 404
    assert system.post(address, {"run": "x"}).status_code == system.get("certificados/archivos/").status_code == 422
    assert system.get("certificados/archivos/", **which).json()["new"] == 1
    assert foreign.get("certificados/archivos/", **which).status_code == 404
    monkeypatch.setattr("portal.imports.staging.AT_ONCE", 0)
    later = system.post(address, which)
    assert (later.status_code, later.json()["working"]) == (202, True), "a long one is a drain's work"
    assert not Membership.objects.exists() and long_files.worked(ImportRun.objects.get()).state == "applied"
    told = system.get("certificados/archivos/", **which).json()
    assert (told["state"], told["working"], Membership.objects.get().plan) == ("applied", False, plan)
    assert system.post(address, which).status_code == 409
