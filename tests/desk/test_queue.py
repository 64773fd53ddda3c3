"""The desk's first page: what waits for one person, the oldest first, nothing that is another's work."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal import clock
from portal.access import Role
from portal.money import format_money
from portal.people import services as grants
from portal.people.models import GrantProposal
from portal.treasury import services as payments
from portal.work import selectors as work
from tests.factories import billing as b
from tests.factories import treasury as a
from tests.factories.people import (
    administrator,
    auditor,
    physician,
    reviewer,
    signed_in,
    support,
    the_operator,
)
from tests.pages import once

pytestmark = pytest.mark.django_db


def rows(user):
    """What, whose and where of every row the person sees, in the page's own order."""
    page = signed_in(user).get(reverse("desk:queue"))
    assert page.status_code == 200
    return [(row.title, row.subject, row.href) for row, _waited, _late in page.context["oldest"]]


def test_a_reviewer_takes_the_invoice_that_has_waited_longest():
    doctor = b.doctor()
    newer, older = b.bare(doctor), b.bare(doctor)
    type(older).objects.filter(pk=older.pk).update(submitted_at=newer.submitted_at - timedelta(days=2))
    someone = reviewer()
    assert rows(someone) == [
        (f"Factura {row.folio}", doctor.party.name, reverse("billing:review", args=[row.folio]))
        for row in (older, newer)
    ]
    page = signed_in(someone).get(reverse("desk:queue"))
    assert page.context["first"].href == reverse("billing:review", args=[older.folio])
    assert "Tomar siguiente" in page.content.decode()
    assert signed_in(someone).get(page.context["first"].href).status_code == 200


def test_rows_of_every_room_stand_in_one_order():
    doctor, people = a.physician(), a.desk()
    account = a.in_review(doctor)
    invoice = b.bare(b.doctor())
    assert {row[0] for row in rows(people.reviewer)} == {"Cuenta bancaria", f"Factura {invoice.folio}"}
    promised = b.bare(b.doctor(), review_due_on=invoice.review_due_on - timedelta(days=1))
    type(account).objects.filter(pk=account.pk).update(submitted_at=invoice.submitted_at - timedelta(days=9))
    in_order = [f"Factura {promised.folio}", f"Factura {invoice.folio}", "Cuenta bancaria"]
    assert [row[0] for row in rows(people.reviewer)] == in_order


def test_preparer_and_approver_see_the_batch_only_while_it_is_their_turn():
    doctor, people = a.physician(), a.desk()
    a.validated(doctor)
    owed = a.payable(doctor)
    assert [row[0] for row in rows(people.preparer)] == ["1 pago por preparar"]
    batch = payments.prepare_batch(payables=type(owed).objects.filter(pk=owed.pk), by=people.preparer, at=a.NOW)
    page = reverse("treasury:batch", args=[batch.pk])
    assert rows(people.preparer) == []
    total, preparer = format_money(batch.total, "MXN"), str(people.preparer)
    assert rows(people.approver) == [(f"{batch}, {total}", preparer, page)]
    payments.approve_batch(batch=batch, total=batch.total, by=people.approver, at=a.NOW)
    batch.refresh_from_db()
    assert rows(people.approver) == []
    assert rows(people.preparer) == [(f"Lote {batch.folio}, {total}", preparer, page)]


def test_mo_05_a_yes_that_became_void_is_asked_for_again_even_beside_the_live_yes_of_another():
    """The change of account takes a transfer out: all that was said is void, and both are asked again."""
    one, other, people = a.physician(), a.physician(), a.desk()
    for doctor in (one, other):
        a.validated(doctor)
    big = [a.payable(one, amount="600000.00"), a.payable(other, amount="700000.00")]
    batch = payments.prepare_batch(
        payables=type(big[0]).objects.filter(pk__in=[row.pk for row in big]), by=people.preparer, at=a.NOW
    )
    payments.approve_batch(batch=batch, total=batch.total, by=people.approver, at=a.NOW)
    batch.approvals.update(voided_at=a.NOW)
    payments.approve_batch(batch=batch, total=batch.total, by=people.second, at=a.NOW)
    assert dict((row[0], row[1]) for row in work.figures(people.approver, at=a.NOW, app="treasury")) == {
        "Lotes por autorizar": 1
    }
    assert [row[0] for row in rows(people.approver)] == [f"{batch}, $1,300,000.00"]
    assert rows(people.second) == []


def test_messages_wait_for_those_who_answer_and_roles_for_the_second_administrator():
    first, second, one = administrator(), administrator(), physician()
    proposal = grants.propose_grant(user=one, party=the_operator(), role=Role.REVIEWER, by=first, at=clock.now())
    assert rows(first) == []
    assert [row[:2] for row in rows(second)] == [("Permiso: Revisión", one.name)]
    grants.decide_grant(proposal=GrantProposal.objects.get(pk=proposal.pk), accept=False, by=second, at=clock.now())
    assert rows(second) == []
    signed_in(one).post(
        reverse("help:contact"),
        {
            "kind": "question",
            "name": one.name,
            "email": one.email,
            "subject_folio": "Mi pago",
            "body": "¿Cuándo me pagan?",
            **once(),
        },
    )
    (row,) = rows(support())
    assert row[1] == one.name
    assert signed_in(support()).get(row[2]).status_code == 200


def test_who_has_no_work_at_the_desk_reads_so():
    page = signed_in(auditor()).get(reverse("desk:queue"))
    assert "Nada te espera" in page.content.decode()
    assert page.context["first"] is None


def test_the_page_asks_as_many_questions_for_twenty_rows_as_for_one(django_assert_max_num_queries):
    doctor, someone = b.doctor(), signed_in(reviewer())
    b.bare(doctor)
    someone.get(reverse("desk:queue"))
    with CaptureQueriesContext(connection) as few:
        someone.get(reverse("desk:queue"))
    assert len(few) == 13, "session, person, grants, notices, insurers, hours, holders, lookers, and one a queue"
    for _ in range(24):
        b.bare(doctor)
    with django_assert_max_num_queries(len(few)):
        page = someone.get(reverse("desk:queue"))
    assert len(page.context["oldest"]) == 20
