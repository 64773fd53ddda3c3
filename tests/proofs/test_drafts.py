"""A right paper waits for the rest of its form; a wrong one is told with it (AC-11, D24)."""

from __future__ import annotations

from typing import Any

import pytest

from portal import clock
from portal.errors import Conflict, RuleBroken
from portal.papers import services as papers
from portal.papers.models import DraftFile, StoredFile
from portal.proofs import rules, services
from portal.proofs.models import RfcMove
from tests.factories import people

from .test_services import asked, constancia, unproved

pytestmark = pytest.mark.django_db


def test_a_paper_is_held_against_the_rfc_before_it_is_kept() -> None:
    doctor, party = unproved()
    told: dict[str, Any] = {"party": party, "by": doctor, "at": clock.now()}
    assert services.keep_paper(upload=constancia(party.rfc), **told).form == rules.PURPOSE
    with pytest.raises(RuleBroken, match="trae otro RFC"):
        services.keep_paper(upload=constancia(unproved()[1].rfc), **told)


@pytest.mark.parametrize("typed", ["", "NADA", people.rfc_number(9_998)])
def test_evidence_is_held_against_the_rfc_if_that_is_somebodys(typed: str) -> None:
    _doctor, party = unproved()
    told: dict[str, Any] = {"by": people.administrator(), "at": clock.now()}
    assert services.keep_evidence(rfc=typed, upload=constancia(party.rfc), **told).form == rules.EVIDENCE
    with pytest.raises(RuleBroken, match="trae otro RFC"):
        services.keep_evidence(rfc=unproved()[1].rfc, upload=constancia(party.rfc), **told)
    assert DraftFile.objects.count() == 1 and not StoredFile.objects.exists()


def test_who_asks_for_the_same_rfc_at_the_same_moment_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other's request came while this one's paper was examined: nothing of this one stays."""
    _doctor, party = unproved()
    examine = papers.examine_upload

    def meanwhile(**said: Any) -> Any:
        monkeypatch.setattr(papers, "examine_upload", examine)
        asked(party)
        return examine(**said)

    monkeypatch.setattr(papers, "examine_upload", meanwhile)
    with pytest.raises(Conflict) as waits:
        asked(party, evidence="Otra llamada y su credencial.")
    assert (waits.value.code, waits.value.field, RfcMove.objects.count()) == ("move_waits", "rfc", 1)
    with pytest.raises(Conflict):
        asked(party)
