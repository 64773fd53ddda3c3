"""A statement that is right beside a CLABE that is not: kept for a day, judged again with the right number (D24)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config.demo.samples import make_statement_pdf
from config.demo.uploads import upload_of
from portal.errors import RuleBroken
from portal.history.models import AuditEvent
from portal.papers.models import StoredFile
from portal.treasury import selectors, services
from portal.treasury.models import BankAccount
from tests.factories import treasury as a
from tests.factories.treasury import NOW, TODAY

pytestmark = pytest.mark.django_db


def paper(doctor, clabe: str, *, days: int = 20, holder: str = "") -> bytes:
    return make_statement_pdf(
        clabe=clabe,
        bank="BBVA México",
        holder=holder or doctor.party.name,
        rfc="" if holder else doctor.party.rfc,
        closing_on=TODAY - timedelta(days=days),
    )


def capture(doctor, clabe: str, content: bytes | None = None, *, at=NOW) -> BankAccount:
    upload = upload_of("estado.pdf", content) if content else None
    said = {"party": doctor.party, "purpose": a.PURPOSE, "by": doctor.user, "at": at}
    return services.capture_account(clabe=clabe, upload=upload, **said)


def refused(doctor, clabe: str, content: bytes | None = None, *, at=NOW) -> RuleBroken:
    with pytest.raises(RuleBroken) as told:
        capture(doctor, clabe, content, at=at)
    assert not BankAccount.objects.exists()
    return told.value


@pytest.mark.parametrize("typed", ["", "0121800012345678", a.clabe(1)[:-1] + str((int(a.clabe(1)[-1]) + 1) % 10)])
def test_beside_a_clabe_that_cannot_be_the_statement_stays(doctor, typed) -> None:
    problem = refused(doctor, typed, paper(doctor, a.clabe(1)))
    assert problem.field == "clabe" and problem.message.endswith("quedó guardado: corrige la CLABE.")
    kept = selectors.kept_statement(party=doctor.party, at=NOW)
    assert kept and kept.display_name == "estado.pdf"
    assert AuditEvent.objects.filter(action="treasury.statement_kept", subject_id=str(kept.pk)).count() == 1
    account = capture(doctor, a.clabe(1))
    assert (account.statement, account.statement_on) == (kept, TODAY - timedelta(days=20))
    assert "clabe_found" in [finding.code for finding in account.found]
    assert selectors.kept_statement(party=doctor.party, at=NOW) is None


@pytest.mark.parametrize("other", [a.clabe(2), a.clabe(2, bank="072")])
def test_beside_another_clabe_than_the_papers_the_statement_stays_and_is_judged_again(doctor, other) -> None:
    problem = refused(doctor, other, paper(doctor, a.clabe(1)))
    assert problem.message.startswith("La CLABE que escribiste no es la de tu estado de cuenta.")
    assert "clabe_other" in [finding.code for finding in problem.findings]
    assert "clabe_other" in [finding.code for finding in refused(doctor, other).findings]
    assert capture(doctor, a.clabe(1)).last4 == a.clabe(1)[-4:]
    assert StoredFile.objects.count() == 1


def test_two_wrong_ones_are_told_together_and_nothing_is_kept(doctor) -> None:
    problem = refused(doctor, "123", paper(doctor, a.clabe(1), days=200))
    assert "18" in problem.message and "closing_too_old" in [finding.code for finding in problem.findings]
    stranger = refused(doctor, a.clabe(2), paper(doctor, a.clabe(1), holder="OTRA PERSONA"))
    assert {"clabe_other", "holder_missing"} <= {finding.code for finding in stranger.findings}
    assert not StoredFile.objects.exists()


def test_a_kept_statement_serves_for_a_day_and_its_party_only(doctor) -> None:
    refused(doctor, "123", paper(doctor, a.clabe(1)))
    assert selectors.kept_statement(party=a.physician("Otra Médica").party, at=NOW) is None
    late = NOW + timedelta(hours=25)
    assert refused(doctor, a.clabe(1), at=late).code == "no_statement"


def test_another_statement_takes_the_place_of_the_kept_one(doctor) -> None:
    refused(doctor, "123", paper(doctor, a.clabe(1), days=40))
    newer = paper(doctor, a.clabe(1), days=10)
    assert capture(doctor, a.clabe(1), newer).statement_on == TODAY - timedelta(days=10)


def test_a_paper_that_proved_an_account_stays_that_accounts(doctor) -> None:
    content = paper(doctor, a.clabe(1))
    account = capture(doctor, a.clabe(1), content)
    with pytest.raises(RuleBroken) as told:
        capture(doctor, "123", content)
    assert "quedó guardado" not in told.value.message
    assert account.statement == StoredFile.objects.get()


@pytest.mark.parametrize("again", [True, False], ids=["its own statement", "another account's statement"])
def test_the_validated_clabe_typed_again_asks_for_nothing_unless_the_paper_is_of_another_account(doctor, again) -> None:
    """Nobody is told at once that nothing is needed and that something has to be corrected (D24)."""
    current = a.validated(doctor)
    content = paper(doctor, current.clabe if again else a.clabe(4_000_002))
    with pytest.raises(RuleBroken) as told:
        capture(doctor, current.clabe, content)
    kept = selectors.kept_statement(party=doctor.party, at=NOW)
    assert (told.value.code, told.value.field) == ("same_clabe" if again else "clabe_other", "clabe")
    assert ("no hace falta" in told.value.message, "quedó guardado" in told.value.message) == (again, not again)
    assert (kept is None) == again
    if kept:
        assert "escribe su CLABE" in told.value.message
        assert capture(doctor, a.clabe(4_000_002)).statement == kept


def test_without_a_paper_the_validated_clabe_typed_again_asks_for_nothing(doctor) -> None:
    with pytest.raises(RuleBroken, match="no hace falta registrarla otra vez.$"):
        capture(doctor, a.validated(doctor).clabe)
