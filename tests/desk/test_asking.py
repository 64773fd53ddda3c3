"""What administrators decide for good is asked first, in a dialog or on a page; no form sends itself by a key (A4)."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from portal.access import Role
from portal.people.models import Grant, GrantProposal
from portal.rulebook.models import Rule
from tests.factories.people import administrator, physician, signed_in
from tests.sources import ROOT

pytestmark = pytest.mark.django_db


def words(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_a_role_of_the_desk_is_asked_by_name_before_it_is_given_or_refused() -> None:
    first, second, one = signed_in(administrator()), signed_in(administrator()), physician(name="Zoraida Única")
    first.post(reverse("desk:propose_grant", args=[one.pk]), {"role": "reviewer"})
    proposal = GrantProposal.objects.get()
    decide, listed = reverse("desk:decide_grant", args=[proposal.pk]), words(second.get(reverse("desk:people")))
    for name, value, question in (
        ("confirmar", "confirm", "¿Dar a Zoraida Única el permiso de"),
        ("rechazar", "refuse", "¿Rechazar el permiso de"),
    ):
        assert f'data-ask="{name}_{proposal.pk}"' in listed and question in listed, "the dialog says the same"
        page = second.post(decide, {"ask": f"{name}_{proposal.pk}"})
        assert page.status_code == 200 and question in words(page)
        assert f'name="decision" value="{value}"' in words(page)
    proposal.refresh_from_db()
    assert proposal.decided_at is None and not Grant.objects.filter(user=one, role=Role.REVIEWER).exists()
    assert second.post(decide, {"decision": "confirm"}).status_code == 302
    assert Grant.objects.filter(user=one, role=Role.REVIEWER).exists()


def test_closing_an_account_is_asked_and_keeps_the_reason() -> None:
    desk, one = signed_in(administrator()), physician(name="Zoraida Única")
    page = words(desk.post(reverse("desk:set_account", args=[one.pk]), {"ask": "cerrar_cuenta", "reason": "Se fue"}))
    assert "¿Cerrar el perfil de Zoraida Única?" in page and 'name="reason" value="Se fue"' in page
    one.refresh_from_db()
    assert one.disabled_at is None


def test_activating_a_rule_is_asked_with_its_value_and_its_date() -> None:
    desk, code = signed_in(administrator()), "withholding.PF_JAL_26"
    page = words(desk.post(reverse("rulebook:activate", args=[code]), {"ask": "activar_regla", "reason": "Ya rige"}))
    waiting = Rule.objects.filter(code=code).latest("version")
    assert f"¿Activar «{waiting.title}»" in page and "no se edita" in page and "Ya rige" in page
    assert not Rule.objects.filter(code=code, active=True).exists()
    assert 'data-ask="activar_regla"' in words(desk.get(reverse("rulebook:rule", args=[code])))


DECIDES = re.compile(r"""components/ask\.html|kind="danger"|btn danger""")
A_FORM = re.compile(r"<form\b[^>]*method=\"post\".*?</form>", re.DOTALL)
BY_BUTTON = {"components/confirm.html", "components/catalogue.html"}


def test_enter_in_a_field_sends_no_form_that_decides() -> None:
    """Such a form has no line to type in (a text area keeps Enter), or its default button is a disabled one."""
    templates, checked = ROOT / "templates", 0
    for path in sorted(templates.rglob("*.html")):
        name = str(path.relative_to(templates))
        for form in A_FORM.findall(path.read_text(encoding="utf-8")):
            if name in BY_BUTTON or not DECIDES.search(form):
                continue
            checked += 1
            lines = re.findall(r"<input(?![^>]*type=\"(?:hidden|file|submit)\")[^>]*>|\{\{ form \}\}", form)
            guarded = "components/no-enter.html" in form
            assert not lines or guarded, f"{name}: {lines}"
    assert checked >= 12


FIELDS = [
    ("billing.forms", "ComplementDecisionForm"),
    ("billing.forms", "WithdrawForm"),
    ("portal.treasury.forms", "ReviewForm"),
    ("portal.treasury.forms", "CancelForm"),
    ("config.desk.forms", "ReasonForm"),
    ("portal.rulebook.forms", "ActivationForm"),
]


@pytest.mark.parametrize(("module", "name"), FIELDS)
def test_a_reason_beside_a_deciding_button_is_a_text_area(module: str, name: str) -> None:
    from importlib import import_module

    form = getattr(import_module(module), name)()
    assert "<textarea" in str(form["reason"])
