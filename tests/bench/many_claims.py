"""A portal of its full size, as rows: 20,000 people under one policy, 200,000 claims of six lines each.

Everything is copied by SQL from what the services made of a few claims; ids are counted from a base of their own, so
that one table's rows find another's by arithmetic. What no page of claims reads (bytes, mails, the books) is not there.
"""

from __future__ import annotations

from typing import Any

from tests.bench.pairs import TIMES

FAMILIES, PEOPLE, CLAIMS, LINES = 800 * TIMES, 2_000 * TIMES, 20_000 * TIMES, 6
_KINDS: dict[str, int] = {}
BASE = 10_000_000  # above any number that a sequence reaches in a run
OPEN = CLAIMS * 6 // 100  # the newest: they wait
AMOUNTS = ("3000.00",) * LINES
_GIVEN = "ARRAY['Ana','Luis','Marta','Jorge','Elena','Raúl','Sofía','Iván','Nora','Hugo','Irma','Saúl']"
_SURNAMES = "ARRAY['Luna','Robles','Paz','Solís','Cano','Rey','Mora','Vega','Ríos','Lara','Peña','Gil','Soto']"
_ID = """CREATE FUNCTION size_id(kind bigint, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
SELECT (lpad(to_hex(kind), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid $$"""
_PEOPLE = f"""CREATE TABLE size_person AS SELECT n, (n - 1) % {{families}} + 1 AS family,
CASE WHEN n <= {{families}} THEN 'titular' WHEN n <= 2 * {{families}} THEN 'partner' ELSE 'child' END AS kinship,
date '1955-01-01' + (CASE WHEN n <= 2 * {{families}} THEN n * 37 % 17000 ELSE 20000 + n * 11 % 4000 END)::int AS born,
({_GIVEN})[1 + n % 12] AS given, ({_SURNAMES})[1 + n % 13] AS surname, ({_SURNAMES})[1 + n / 13 % 13] AS second
FROM generate_series(1, {{people}}) n"""
_CLAIMS = """CREATE TABLE size_claim AS SELECT n, person, (person - 1) % {families} + 1 AS family, state, payment,
sent, sent + interval '7 days' AS promised, person * 2 + n % 2 AS bucket,
CASE WHEN decided THEN sent + interval '1 hour' * (20 + n * 31 % 150) END AS at
FROM (SELECT n, n * 7919 % {people} + 1 AS person, now() - interval '360 days' * ({claims} - n) / {claims} AS sent,
  CASE WHEN n > {closed} THEN ('{{submitted,submitted,submitted,submitted,submitted,submitted,submitted,submitted,'
  'in_review,pending_documents,pending_documents,second_look}}'::text[])[1 + n % 12]
  WHEN n % 25 = 0 THEN 'withdrawn' ELSE 'decided' END AS state,
  CASE WHEN n > {closed} OR n % 25 = 0 OR n % 10 = 1 THEN 'none'
  WHEN n % 20 = 2 THEN 'payable' ELSE 'paid' END AS payment,
  n <= {closed} AND n % 25 <> 0 AS decided
  FROM generate_series(1, {claims}) n) one"""


def run(statement: str) -> None:
    """One statement by hand."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)


def key(model: Any, number: str = "s.n") -> str:
    """The key, as SQL, of the row of a table that has this number in the size."""
    if model._meta.pk.get_internal_type() != "UUIDField":
        return f"({BASE} + {number})"
    return f"size_id({_KINDS.setdefault(model._meta.db_table, len(_KINDS) + 1)}, {number})"


def some(model: Any, number: int) -> Any:
    """The row of a table that has this number in the size."""
    run_of = _KINDS.get(model._meta.db_table, 0)
    uuid = model._meta.pk.get_internal_type() == "UUIDField"
    return model.objects.get(pk=f"{run_of:08x}-0000-7000-8000-{number:012x}" if uuid else BASE + number)


def _like(one: Any, source: str, place: str = "s.n", /, **told: str) -> None:
    """A row like `one` for each row `s` of a source, but for its key and the columns that are told in SQL."""
    table = one._meta.db_table
    told["id"] = key(one, place)
    names = [field.column for field in one._meta.concrete_fields]
    listed = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(told.pop(name, f'r."{name}"') for name in names)
    if told:
        raise SystemExit(f"{table} has no {told}")
    run(f'INSERT INTO "{table}" ({listed}) SELECT {values} FROM "{table}" r, {source} WHERE r.id = \'{one.pk}\'')


def _families(family: Any) -> None:
    """Families with their account, people, stays, coverages and illnesses, like one."""
    from memberships.models import CoveredPerson, Member, MemberCoverage, Membership
    from portal.people.models import Consent, Grant, Party, User

    people, titulars = "size_person s", "(SELECT * FROM size_person WHERE kinship = 'titular') s"
    named = "s.given || s.n || ' ' || s.surname || ' ' || s.second"
    _like(family.titular.party, people, name=named, rfc="''")
    printed = {"given_name": "s.given || s.n", "first_surname": "s.surname", "second_surname": "s.second"}
    blank = {"rfc": "''", "curp": "''", "curp_index": "''", "nss": "''", "nss_index": "''"}
    told = {"as_printed": named, "name_mark": "upper(s.given || s.n)", "born_on": "s.born"}
    _like(family.titular, people, party_id=key(Party), **printed, **told, **blank)
    numbered = {"certificate_number": "'G-' || s.n", "folio": "''"}
    _like(family.certificate, titulars, titular_id=key(CoveredPerson), **numbered)
    _like(family.user, titulars, email="'familia' || s.n || '@example.com'", name=named)
    _like(Grant.objects.get(user=family.user), titulars, user_id=key(User), party_id=key(Party))
    for place, consent in enumerate(Consent.objects.filter(user=family.user)):
        _like(consent, titulars, f"s.n * 10 + {place}", user_id=key(User))
    stay = family.certificate.members.get(kinship="titular")
    of = {"membership_id": key(Membership, "s.family"), "person_id": key(CoveredPerson)}
    _like(stay, people, kinship="s.kinship", **of)
    for place, one in enumerate(MemberCoverage.objects.filter(member=stay)):
        _like(one, people, f"s.n * 2 + {place}", member_id=key(Member))


def _illnesses(family: Any) -> Any:
    """Two of each person; the family's own one, of which they are."""
    from memberships.models import CoveredPerson
    from tests.factories import policies as p

    made = p.a_condition(person=family.titular)
    twice = "(SELECT n, n * 2 + k AS both FROM size_person, generate_series(0, 1) k) s"
    _like(made, twice, "s.both", person_id=key(CoveredPerson), code_index="md5(s.both::text) || md5('x')")
    return made


def _sent(claim: Any) -> None:
    """Claims with what a sending leaves: envelope, papers, lines, clock, estimate."""
    from memberships.models import Condition, CoveredPerson, Membership
    from portal.people.models import Party, User
    from portal.treasury.models import Transfer

    every = "size_claim s"
    transfer = Transfer.objects.order_by("pk")[0]
    _like(
        claim,
        every,
        folio="'RB-2025-' || lpad((300000 + s.n)::text, 6, '0')",
        state="s.state",
        payment_state="s.payment",
        certificate_id=key(Membership, "s.family"),
        affected_id=key(CoveredPerson, "s.person"),
        condition_id=key(Condition, "s.bucket"),
        payee_id=key(Party, "s.family"),
        filed_by_id=key(User, "s.family"),
        created_at="s.sent",
        changed_at="s.sent",
        submitted_at="s.sent",
        promised_at="s.promised",
        decided_at="s.at",
        elapsed_minutes="CASE WHEN s.at IS NOT NULL THEN 600 + s.n * 31 % 3000 END",
        transfer_id=f"CASE WHEN s.payment = 'paid' THEN '{transfer.pk}'::uuid END",
        paid_on="CASE WHEN s.payment = 'paid' THEN s.at::date + 3 END",
    )
    _papers(claim)
    _ran(claim)


def _ran(claim: Any) -> None:
    """Their lines, clock and estimate."""
    from claims.models import Claim, ClaimInvoice, Estimate

    every, each_line, own = "size_claim s", "size_claim s, generate_series(1, 6) k", {"claim_id": key(Claim)}
    concept = {"number": "k", "on": "s.sent::date", "invoice_id": key(ClaimInvoice)}
    _like(claim.lines.get(number=1), each_line, "s.n * 6 + k", **own, **concept)
    until = "CASE WHEN s.state = 'pending_documents' THEN s.sent + interval '1 day' ELSE s.at END"
    _like(claim.segments.get(), every, **own, since="s.sent", until=until, promised_at="s.promised")
    when = claim.submitted_at
    told = {"cases": 9, "p50_minutes": 900, "p80_minutes": 1800, "p50_due": when, "p80_due": when}
    estimate, _made = Estimate.objects.get_or_create(claim=claim, defaults=told)
    days = {"p50_due": "s.sent + interval '3 days'", "p80_due": "s.sent + interval '6 days'"}
    _like(estimate, every, **own, **days)


def _papers(claim: Any) -> None:
    """Their files and invoices, claimed by their receipts."""
    from claims.models import Claim, ClaimFile, ClaimInvoice, Submission
    from portal.fiscal.models import TaxReceipt
    from portal.papers.models import StoredFile
    from portal.people.models import Party, User

    every, envelope = "size_claim s", claim.submissions.get(number=1)
    party, user = key(Party, "s.person"), key(User, "s.family")
    _like(envelope, every, claim_id=key(Claim), party_id=party, opened_by_id=user)
    items = list(ClaimFile.objects.filter(envelope=envelope).select_related("file").order_by("pk"))
    for place, item in enumerate(items):
        number = f"s.n * 8 + {place}"
        kept = {"storage_key": f"'cc/dd/' || md5(({number})::text)", "sha256": f"md5(({number})::text) || md5('y')"}
        _like(item.file, every, number, party_id=party, uploaded_by_id=user, **kept)
        told = {"file_id": key(StoredFile, number), "envelope_id": key(Submission), "added_by_id": user}
        _like(item, every, number, **told)
    at = {one.document: key(ClaimFile, f"s.n * 8 + {place}") for place, one in enumerate(items)}
    uuid, on = "size_id(0, s.n)::text", "s.sent::date"
    told = {"xml_id": at["invoice_xml"], "pdf_id": at["invoice_pdf"], "uuid": uuid, "issued_on": on}
    _like(claim.invoices.get(), every, claim_id=key(Claim), **told)
    kept = {"subject_id": f"{key(ClaimInvoice)}::text", "party_id": key(Party, "s.family"), "issued_on": on}
    receipt = TaxReceipt.objects.get(uuid=claim.invoices.get().uuid)
    _like(
        receipt, every, uuid="size_id(0, s.n)", total="1000 + s.n % 90000", sha256="md5(s.n::text) || md5('z')", **kept
    )


def _decided(decision: Any) -> None:
    """What was decided of those that were, what it moved in the buckets, and what it owes."""
    from claims.models import Accumulator, AccumulatorEntry, Claim, ClaimLine, Decision, DecisionLine
    from memberships.models import Condition, CoveredPerson
    from portal.people.models import Party
    from portal.treasury.models import Payable

    decided = "(SELECT * FROM size_claim WHERE at IS NOT NULL) s"
    entry = AccumulatorEntry.objects.filter(line__decision=decision).order_by("pk")[0]
    buckets = "(SELECT DISTINCT bucket AS n, person FROM size_claim WHERE at IS NOT NULL) s"
    told = {"person_id": key(CoveredPerson, "s.person"), "condition_id": key(Condition)}
    zero = dict.fromkeys(("covered", "deductible", "coaseguro", "over_limit", "paid"), "0")
    _like(entry.accumulator, buckets, **told, **zero)
    final = {"at": "s.at", "final_at": "s.at", "document_id": "NULL"}
    looked = {"looked_at": "CASE WHEN r.looked_at IS NOT NULL THEN s.at END"}
    _like(decision, decided, claim_id=key(Claim), **final, **looked)
    each = f"{decided}, generate_series(1, 6) k"
    number, bucket = "s.n * 6 + k", key(Accumulator, "s.bucket")
    own = {"decision_id": key(Decision), "line_id": key(ClaimLine, number), "accumulator_id": bucket}
    _like(entry.line, each, number, **own)
    _like(entry, each, number, line_id=key(DecisionLine, number), accumulator_id=bucket, at="s.at")
    figures = ", ".join(f"{name} = t.{name}" for name in zero)
    sums = ", ".join(f"sum({name}) AS {name}" for name in zero)
    run(
        f"UPDATE claims_accumulator a SET {figures} FROM (SELECT accumulator_id, {sums} FROM claims_accumulatorentry "
        f"WHERE id > {BASE} GROUP BY 1) t WHERE t.accumulator_id = a.id"
    )
    owed = "(SELECT * FROM size_claim WHERE payment IN ('payable', 'paid')) s"
    state = {
        "state": "CASE s.payment WHEN 'paid' THEN 'paid' ELSE 'open' END",
        "paid_at": "CASE WHEN s.payment = 'paid' THEN s.at END",
    }
    of = {"subject_id": f"{key(Decision)}::text", "party_id": key(Party, "s.family")}
    when = {"opened_at": "s.at", "waiting_since": "s.at", "due_on": "s.at::date + 5"}
    transfer = "CASE WHEN s.payment = 'paid' THEN (SELECT transfer_id FROM claims_claim c WHERE c.id = {}) END"
    of["transfer_id"] = transfer.format(key(Claim))
    _like(Payable.objects.get(subject_id=str(decision.pk)), owed, **state, **of, **when)


def _waiting(judged: Any, wanted: Any, looked: Any) -> None:
    """What stands beside those that are open: the rules' word, documents that are wanted, a decision to look at."""
    from claims.models import Claim, ClaimLine, Decision, DocumentRequest, Submission
    from portal.people.models import Party, User

    of = {one: f"(SELECT * FROM size_claim WHERE state = '{one}') s" for one in ("pending_documents", "second_look")}
    opened = "(SELECT * FROM size_claim WHERE at IS NULL AND state <> 'withdrawn') s"
    _like(judged, opened, claim_id=key(Claim), at="s.sent")
    envelope, party = "100000000 + s.n", key(Party, "s.person")
    told = {"opened_by_id": key(User, "s.family"), "opened_at": "s.sent + interval '1 day'"}
    _like(wanted.submission, of["pending_documents"], envelope, claim_id=key(Claim), party_id=party, **told)
    told = {"submission_id": key(Submission, envelope), "opened_at": "s.sent + interval '1 day'"}
    _like(wanted, of["pending_documents"], claim_id=key(Claim), **told)
    _like(wanted.items.get(), of["pending_documents"], request_id=key(DocumentRequest))
    told = {"anchor": "s.sent::date + 1", "due_on": "s.sent::date + 21", "rolled_on": "s.sent::date + 21"}
    _like(wanted.due, of["pending_documents"], claim_id=key(Claim), request_id=key(DocumentRequest), **told)
    _like(looked, of["second_look"], claim_id=key(Claim), at="s.sent + interval '1 day'")
    line, number = looked.lines.order_by("pk")[0], "s.n * 6 + k"
    each = f"{of['second_look']}, generate_series(1, 6) k"
    _like(line, each, number, decision_id=key(Decision), line_id=key(ClaimLine, number), accumulator_id="NULL")


def build() -> Any:
    """Everything; the family that all others are like. Some minutes at ten times its small size."""
    from django.db import connection, transaction

    from claims import queues, services
    from claims.models import AutomaticAnswer
    from claims.rules.deciding import Told
    from portal.folios.services import next_folio
    from portal.work import services as work
    from tests.bench.claims import settle
    from tests.factories import claims as a
    from tests.factories import people

    size = {"families": FAMILIES, "people": PEOPLE, "claims": CLAIMS, "closed": CLAIMS - OPEN}
    family, analyst = a.a_family(), people.analyst()
    next_folio(prefix="RB", at=a.AT)
    with transaction.atomic():
        for statement in (_ID, _PEOPLE.format(**size), _CLAIMS.format(**size)):
            run(statement)
        _families(family)
        illness = _illnesses(family)
        first = a.sent(family, *AMOUNTS)
        decision = settle(first, analyst, illness)
        _sent(first)
        _decided(decision)
        second, third = a.sent(family, *AMOUNTS), a.sent(family, *AMOUNTS)
        told = {one.number: Told(one.claimed, one.claimed) for one in second.lines.all()}
        work.take(queue=queues.CLAIMS, thing=second, by=analyst, at=a.AT)
        looked = services.decide_claim(claim=second, condition=illness, told=told, note="", by=analyst, at=a.AT)
        services.judge_sent_claim(claim=third, at=a.AT)
        judged = AutomaticAnswer.objects.get(claim=third)
        _waiting(judged, a.an_open_request(third), looked)
        run("SET CONSTRAINTS ALL IMMEDIATE")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return family
