"""One complete request of documents: asked at once, answered item by item, the clock stands meanwhile (N14, S3.34)."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from claims import queues, services
from claims.models import Claim, ClaimDue, ClaimFile, ClaimMessage, DocumentRequest
from claims.rules.requests import EXAMPLES, WANTABLE, WHY_WANTED
from claims.selectors import open_request
from claims.selectors.promises import ball_since
from portal import clock
from portal.calendars import services as calendars
from portal.errors import Conflict, RuleBroken
from portal.history.models import AuditEvent
from portal.notices.models import Notice
from portal.papers import services as papers
from portal.papers.models import IssuedDocument
from portal.papers.rules import WANTED, Wanted
from portal.work import selectors as work
from portal.work.models import Hold, named
from tests.factories import claims as a
from tests.factories import people
from tests.papers import makers

pytestmark = pytest.mark.django_db
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
TAKEN = a.AT + timedelta(hours=1)  # friday, 11:00
ASKED = a.AT + timedelta(hours=3)
TWO = [("medical_report", "unsigned", "La segunda hoja."), ("prescription", "lacks", "")]


def hold(thing: Any, by: Any, queue: str = "claims.claims") -> None:
    Hold.objects.update_or_create(**named(thing), defaults={"queue": queue, "holder": by, "since": ASKED})


def taken(**changes: Any) -> SimpleNamespace:
    """A claim that an analyst took."""
    family, analyst = a.a_family(), people.analyst()
    claim = a.sent(family, **changes)
    services.begin_review(claim=claim, by=analyst, at=TAKEN)
    hold(claim, analyst)
    claim.refresh_from_db()
    return SimpleNamespace(family=family, analyst=analyst, claim=claim, user=family.user)


def asked(one: SimpleNamespace | None = None, things: Any = TWO, reason: str = "", at: Any = ASKED) -> SimpleNamespace:
    one = one or taken()
    hold(one.claim, one.analyst)
    one.request = services.ask_documents(claim=one.claim, things=things, reason=reason, by=one.analyst, at=at)
    one.claim.refresh_from_db()
    return one


def answer(one: SimpleNamespace, at: Any) -> DocumentRequest:
    for item in one.request.items.all():
        services.note_answer(item=item, note="No lo tengo.", by=one.user, at=at)
    return services.complete_request(request=one.request, by=one.user, at=at)


def file_for(one: SimpleNamespace, place: int = 1) -> ClaimFile:
    """A file that answers an item, without bytes."""
    item = one.request.items.get(place=place)
    return ClaimFile.objects.create(
        envelope=one.request.submission,
        file=a.stored(one.claim),
        document=item.document,
        asked=item,
        added_by=one.user,
        added_at=ASKED,
    )


def test_n14_everything_is_asked_at_once_with_reason_example_day_paper_and_notice() -> None:
    one = asked()
    request, due = one.request, one.request.due
    assert (one.claim.state, request.state, request.number) == ("pending_documents", "open", 1)
    told = [(item.label, item.sentence, item.detail, item.example) for item in request.items.order_by("place")]
    assert told == [
        (
            "Informe médico",
            "El que enviaste no está firmado.",
            "La segunda hoja.",
            EXAMPLES["medical_report"],
        ),
        ("Receta", "No viene entre lo que enviaste.", "", EXAMPLES["prescription"]),
    ]
    assert (due.anchor, due.due_on, due.due_rule[:24]) == (a.ON, date(2026, 12, 4), "claim.documents_days v1 ")
    paper = IssuedDocument.objects.get(kind="claim_documents")
    assert (request.document, paper.party, len(paper.context["items"])) == (paper, one.family.titular.party, 2)
    assert IssuedDocument.objects.visible_to(one.user).filter(pk=paper.pk).exists()
    assert Notice.objects.filter(kind="claims/claim_documents_wanted", user=one.user).count() == 1
    assert not Hold.objects.filter(**named(one.claim)).exists(), "it waits for its family"
    assert {*EXAMPLES} == {*WANTABLE}
    assert all(one.label and one.sentence for one in WHY_WANTED.values())


def test_s3_32_the_clock_stands_while_documents_lack_and_the_promise_is_stored_anew() -> None:
    one = asked()
    before = one.claim.promised_at
    assert (one.claim.segments.get().until, ball_since(one.claim, one.request)) == (ASKED, ASKED)
    assert {due.kind for due in ClaimDue.objects.open()} == {"documents"}
    back = ASKED + 3 * DAY  # monday, the same hour: nine business hours later
    answer(one, back)
    one.claim.refresh_from_db()
    first, second = one.claim.segments.order_by("since")
    assert (one.claim.state, first.until, second.since, second.until) == ("in_review", ASKED, back, None)
    assert ball_since(one.claim, None) == back, "it was the family's turn until then"
    assert (first.promised_at, second.promised_at) == (before, one.claim.promised_at)
    assert one.claim.promised_at - before == 3 * DAY, "a working day, from friday to monday"
    assert {due.kind for due in ClaimDue.objects.open()} == {"promise", "legal"}
    legal = ClaimDue.objects.open().get(kind="legal")
    assert (legal.anchor, legal.due_on) == (clock.date_in(back), clock.date_in(back) + 30 * DAY), (
        "LCS 71: file complete"
    )


def test_s3_34_each_thing_needs_a_file_or_an_observation_and_answering_twice_is_one() -> None:
    one = asked()
    with pytest.raises(RuleBroken, match="Falta contestar: informe médico, receta"):
        services.complete_request(request=one.request, by=one.user, at=ASKED + DAY)
    file_for(one)
    with pytest.raises(RuleBroken, match="Falta contestar: receta"):
        services.complete_request(request=one.request, by=one.user, at=ASKED + DAY)
    services.note_answer(item=one.request.items.get(place=2), note=" Se perdió. ", by=one.user, at=ASKED)
    services.complete_request(request=one.request, by=one.user, at=ASKED + DAY)
    request = DocumentRequest.objects.get()
    assert (request.state, request.submission.closed_at, request.due.met_at) == ("answered", ASKED + DAY, ASKED + DAY)
    assert {item.answered_at for item in request.items.all()} == {ASKED + DAY}
    for late in (
        lambda: services.complete_request(request=request, by=one.user, at=ASKED + DAY),
        lambda: services.note_answer(item=request.items.first(), note="x", by=one.user, at=ASKED + DAY),
        lambda: services.answer_item(item=request.items.first(), note=None, uploads=[], by=one.user, at=ASKED + DAY),
    ):
        with pytest.raises(Conflict):
            late()


def test_s3_34_what_came_with_the_claim_does_not_answer_for_it() -> None:
    family = a.a_family()
    claim, told = a.a_whole_draft(family), {"by": family.user, "at": a.AT}
    services.add_file(claim=claim, upload=a.upload("receta.pdf", makers.pdf()), document="prescription", **told)
    claim = services.submit_claim(claim=claim, consented=True, **told)
    item = a.an_open_request(claim).items.get()
    kept, refused = services.answer_item(item=item, note=None, uploads=[a.upload("otra.pdf", makers.pdf())], **told)
    assert (kept, [one.problem.code for one in refused]) == ([], ["file.repeated"])
    assert "ya venía en tu trámite" in str(refused[0].problem) and not item.request.submission.items.exists()


def test_who_still_has_an_answered_request_open_notes_nothing_of_it() -> None:
    one = asked()
    item = one.request.items.select_related("request").get(place=1)
    answer(one, ASKED + DAY)
    assert item.request.is_open, "as it was read"
    with pytest.raises(Conflict):
        services.note_answer(item=item, note="Ya lo encontré.", by=one.user, at=ASKED + DAY)
    assert {row.note for row in one.request.items.all()} == {"No lo tengo."}


@pytest.mark.parametrize(("verdict", "code"), [("pending", "files_pending"), ("rejected", "files_rejected")])
def test_an_answer_waits_for_files_that_wait(verdict: str, code: str) -> None:
    one = asked(things=TWO[:1])
    kept = file_for(one)
    type(kept.file).objects.filter(pk=kept.file_id).update(verdict=verdict)
    with pytest.raises(RuleBroken) as refused:
        services.complete_request(request=one.request, by=one.user, at=ASKED)
    assert refused.value.code == code


def test_n14_a_second_request_needs_a_reason_and_another_analysts_yes() -> None:
    one, other = asked(), people.analyst()
    answer(one, ASKED + 3 * DAY)
    at = ASKED + 3 * DAY + MINUTE
    with pytest.raises(RuleBroken) as silent:
        asked(one, at=at)
    assert silent.value.code == "again_without_reason"
    asked(one, reason="La receta es de otra persona.", at=at)
    assert (one.request.state, one.claim.state) == ("proposed", "in_review")
    assert open_request(one.claim) is None
    assert not one.claim.segments.filter(until=at).exists(), "the clock runs: nobody was asked yet"
    with pytest.raises(Conflict, match="Ya propusiste"):
        asked(one, reason="Otra vez.", at=at)
    hold(one.request, one.analyst)
    with pytest.raises(RuleBroken) as twice:
        services.allow_request(request=one.request, by=one.analyst, at=at)
    assert twice.value.code == "asks_twice"
    for act in (papers.allow_wanted, papers.decline_wanted):  # whatever app asks
        with pytest.raises(RuleBroken) as twice:
            act(request=one.request, by=one.analyst, at=at)
        assert twice.value.code == "asks_twice"
    hold(one.request, other, "claims.requests")
    services.allow_request(request=one.request, by=other, at=at)
    request = DocumentRequest.objects.get(number=2)
    one.claim.refresh_from_db()
    assert (request.state, request.allowed_by, request.submission.number, one.claim.state) == (
        "open",
        other,
        3,
        "pending_documents",
    )
    with pytest.raises(Conflict):
        services.allow_request(request=request, by=other, at=at)


def test_another_analyst_says_no_with_a_word_and_the_claim_goes_on() -> None:
    one, other = asked(), people.analyst()
    answer(one, ASKED + DAY)
    asked(one, reason="Por si acaso.", at=ASKED + DAY)
    hold(one.request, other, "claims.requests")
    with pytest.raises(RuleBroken, match="por qué no hace falta"):
        services.decline_request(request=one.request, note=" ", by=other, at=ASKED + DAY)
    services.decline_request(request=one.request, note="Con lo que hay se decide.", by=other, at=ASKED + DAY)
    assert DocumentRequest.objects.get(number=2).state == "declined"
    note = ClaimMessage.objects.get()
    assert (note.internal, note.text) == (True, "Con lo que hay se decide.")
    assert Claim.objects.get().state == "in_review"


def test_what_is_overdue_is_decided_with_what_there_is_and_not_before() -> None:
    one = asked()
    due = one.request.due.due_on
    file_for(one)
    hold(one.claim, one.analyst)
    in_time = a.AT + (due - a.ON)
    with pytest.raises(RuleBroken, match="todavía tiene tiempo"):
        services.resume_review(claim=one.claim, by=one.analyst, at=in_time)
    services.resume_review(claim=one.claim, by=one.analyst, at=in_time + 3 * DAY)
    one.claim.refresh_from_db()
    request = DocumentRequest.objects.get()
    assert (one.claim.state, request.state, request.submission.closed_at) == ("in_review", "overdue", in_time + 3 * DAY)
    assert (request.due.met_at, request.due.ended_at) == (None, in_time + 3 * DAY)
    assert one.claim.segments.filter(until=None).count() == 1


def test_a_claim_is_withdrawn_from_pending_and_nothing_of_its_request_binds() -> None:
    one = asked()
    services.withdraw_claim(claim=one.claim, by=one.user, at=ASKED + DAY)
    request = DocumentRequest.objects.get()
    assert (request.state, request.submission.closed_at) == ("dropped", ASKED + DAY)
    assert not ClaimDue.objects.open().exists()
    assert Claim.objects.get().state == "withdrawn"


def _remind(one: SimpleNamespace, on: date) -> int:
    at = a.AT + (on - a.ON)
    return sum(calendars.remind(due=due, on=on, at=at) for due in ClaimDue.objects.to_remind(on=on))


def test_jb_06_documents_are_reminded_of_before_and_after_their_day_each_once() -> None:
    one = asked()
    due = one.request.due.due_on

    def kinds() -> list[str]:
        return list(Notice.objects.filter(kind__contains="documents_").order_by("pk").values_list("kind", flat=True))

    for on, sent in ((due - 4 * DAY, 0), (due - 3 * DAY, 1), (due, 0), (due + DAY, 1), (due + 9 * DAY, 0)):
        assert (_remind(one, on), _remind(one, on)) == (sent, 0)
    assert kinds() == [f"claims/claim_documents_{kind}" for kind in ("wanted", "reminder", "overdue")]


def test_the_desk_hears_at_the_promise_and_at_the_legal_day_whoever_has_it_or_everybody() -> None:
    one, other = taken(), people.analyst()
    promise, legal = (ClaimDue.objects.get(kind=kind) for kind in ("promise", "legal"))
    assert promise.due_on == clock.date_in(one.claim.promised_at)
    assert legal.due_on == a.ON + 30 * DAY

    def told() -> list[tuple[str, Any]]:
        rows = Notice.objects.filter(kind__in=("claims/claim_promise_due", "claims/claim_legal_due")).order_by("pk")
        return [(row.kind.rpartition("_due")[0].rpartition("_")[2], row.user) for row in rows]

    assert _remind(one, promise.due_on) == 1
    assert told() == [("promise", one.analyst)], "whoever has it"
    Hold.objects.all().delete()
    _remind(one, promise.due_on + DAY)
    assert {user for _kind, user in told()[1:]} == {one.analyst, other}
    _remind(one, legal.due_on)
    assert {kind for kind, _user in told()[3:]} == {"legal"}
    assert AuditEvent.objects.filter(action="claims.day_told").count() == 3


def test_a_message_moves_nothing_and_notes_of_the_desk_stay_there() -> None:
    one = asked()
    stood = (one.claim.state, ClaimDue.objects.open().count(), one.claim.segments.count())
    services.write_message(claim=one.claim, text=" ¿Sirve una foto? ", by=one.user, at=ASKED)
    services.write_from_desk(claim=one.claim, text="Sí.", internal=False, by=one.analyst, at=ASKED + MINUTE)
    services.write_from_desk(claim=one.claim, text="Llamó.", internal=True, by=one.analyst, at=ASKED + 2 * MINUTE)
    one.claim.refresh_from_db()
    assert (one.claim.state, ClaimDue.objects.open().count(), one.claim.segments.count()) == stood
    from claims.selectors import thread_of

    assert [row["text"] for row in thread_of(one.claim, desk=False)] == ["¿Sirve una foto?", "Sí."]
    assert [row["by"] for row in thread_of(one.claim, desk=False)] == [str(one.user), "Dictamen"]
    assert [row["internal"] for row in thread_of(one.claim, desk=True)] == [False, False, True]
    assert Notice.objects.get(kind="claims/claim_message").user == one.user
    assert Notice.objects.get(kind="claims/claim_message_desk").user == one.analyst
    for text, code in ((" ", "message_empty"), ("x" * 2001, "message_long")):
        with pytest.raises(RuleBroken) as refused:
            services.write_message(claim=one.claim, text=text, by=one.user, at=ASKED)
        assert refused.value.code == code
    with pytest.raises(RuleBroken, match="persona atendida"):
        services.write_message(claim=one.claim, text="Hola", by=people.member(), at=ASKED)


# --- who may answer (every step of the review machine: test_triples) --------------------------------------------------


def test_ac_05_who_answers_is_the_filer_while_they_see_it_whole_and_the_affected_person() -> None:
    one = taken()
    stranger, colleague = people.member(), people.analyst()
    request = asked(one).request
    item = request.items.first()
    for by in (stranger, colleague):
        with pytest.raises(RuleBroken) as refused:
            services.note_answer(item=item, note="x", by=by, at=ASKED)
        assert refused.value.code == "not_yours_to_answer"
    services.note_answer(item=item, note="x", by=one.user, at=ASKED)


def test_a_request_ends_once() -> None:
    for state in Wanted:
        assert WANTED.at(state).to or state in {Wanted.ANSWERED, Wanted.OVERDUE, Wanted.DECLINED, Wanted.DROPPED}


# --- drafts fall -----------------------------------------------------------------------------------------------------


def test_a_draft_falls_after_its_days_told_a_week_before_and_never_untold() -> None:
    family = a.a_family()
    kept, forgotten, changed = (a.a_draft(family) for _one in range(3))
    falls = a.ON + 90 * DAY
    assert (kept.draft_falls_on, kept.looks_again_on, kept.draft_rule[:19]) == (
        falls,
        falls - 7 * DAY,
        "claim.draft_days v1",
    )

    def on_day(claim: Claim, on: date) -> bool:
        return services.pass_draft(claim=claim, on=on, at=a.AT + (on - a.ON))

    assert not on_day(kept, falls - 8 * DAY)
    assert on_day(kept, falls - 7 * DAY) and not on_day(kept, falls - 7 * DAY)
    notice = Notice.objects.get(kind="claims/claim_draft_falls")
    assert notice.user == family.user
    assert on_day(kept, falls) and Claim.objects.get(pk=kept.pk).state == "discarded"
    late = falls + 20 * DAY  # the machine slept: it is told first, and falls a week later
    assert on_day(forgotten, late)
    forgotten.refresh_from_db()
    assert (forgotten.state, forgotten.draft_falls_on) == ("draft", late + 7 * DAY)
    assert not on_day(forgotten, late + 6 * DAY)
    services.change_claim(
        claim=changed,
        choice=f"{changed.affected_id}:{changed.coverage_id}",
        condition=None,
        pending=True,
        by=family.user,
        at=a.AT + 80 * DAY,
    )
    changed.refresh_from_db()
    assert changed.draft_falls_on == a.ON + 170 * DAY, "counted from the last change"


def test_the_task_passes_every_draft_whose_day_has_come() -> None:
    from claims import tasks

    claim = a.a_draft(a.a_family())
    Claim.objects.filter(pk=claim.pk).update(looks_again_on=clock.today() - DAY, draft_falls_on=clock.today())
    assert (tasks.draft_days(), tasks.draft_days()) == (1, 0)


def test_a_claim_that_was_asked_for_twice_waits_once_and_first_for_who_asked() -> None:
    one, other = asked(), people.analyst()
    answer(one, ASKED + DAY)
    asked(one, reason="La receta es de otra persona.", at=ASKED + DAY + MINUTE)
    hold(one.request, other, "claims.requests")
    services.allow_request(request=one.request, by=other, at=ASKED + DAY + MINUTE)
    one.request = DocumentRequest.objects.get(number=2)
    answer(one, ASKED + 2 * DAY)
    for user, first in ((one.analyst, True), (other, False)):
        found = [item for item in work.items(user, at=ASKED + 2 * DAY) if item.kind == queues.CLAIMS.name]
        assert [(item.thing, item.first) for item in found] == [(one.claim, first)]
        assert [load.count for load in work.loads(user, at=ASKED + 2 * DAY) if load.queue is queues.CLAIMS] == [1]
