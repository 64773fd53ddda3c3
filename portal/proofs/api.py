"""Calls on whose an RFC is: proving one's own, reviewing the papers of others, giving one to its owner (AC-11)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework import serializers as s

from portal import clock
from portal.access import Permission as P
from portal.api.answers import Answer, Found, Instant, With
from portal.api.calls import Asked, acts, at, lists, shows
from portal.listing import Link
from portal.people import services as accounts
from portal.people.models import Party, RfcProof
from portal.proofs import forms, rules, selectors, services
from portal.proofs.listings import PAPERS, RFC_MOVES
from portal.proofs.models import RfcMove, RfcPaper

READ, WRITE = "portal:read", "portal:write"


class PaperTold(Answer):
    """A paper that should show whose an RFC is."""

    id = s.UUIDField()
    rfc = s.CharField()
    kind = s.ChoiceField(sorted(rules.PaperKind))
    state = s.ChoiceField(rules.PAPER.choices)
    file = s.UUIDField(source="file_id")
    findings = Found(many=True)
    handed_in_at = Instant()
    decided_at = Instant(allow_null=True)
    reason = s.CharField()

    def view(self, found: RfcPaper) -> RfcPaper:
        """As it stands now."""
        return RfcPaper.objects.get(pk=found.pk)


class OwnRfc(Answer):
    """Your RFC: whether it is proved, how and since when, and the last paper that you handed in."""

    rfc = s.CharField()
    proved = s.BooleanField()
    proof = s.ChoiceField(["", *sorted(RfcProof.values)], source="rfc_proof")
    proved_at = Instant(source="rfc_proved_at", allow_null=True)
    paper = PaperTold(allow_null=True)

    def view(self, found: Party) -> With:
        """As it stands now."""
        party = Party.objects.get(pk=found.pk)
        return With(party, proved=party.is_rfc_proved, paper=selectors.own_page(party, on=clock.today())["paper"])


class MoveTold(Answer):
    """An RFC that somebody took wrongly, and its owner; another administrator decides. `under_way`: what goes on."""

    id = s.UUIDField()
    rfc = s.CharField(source="party.rfc")
    name = s.CharField()
    email = s.CharField()
    evidence = s.CharField()
    file = s.UUIDField(source="file_id")
    asked_by = s.CharField()
    asked_at = Instant()
    state = s.ChoiceField(rules.MOVE.values)
    decided_at = Instant(allow_null=True)
    reason = s.CharField()
    under_way = s.ListField(child=s.CharField())

    def view(self, found: RfcMove | With) -> With:
        """With who asked, and what goes on."""
        return found if isinstance(found, With) else _told(found)


def _told(move: RfcMove) -> With:
    return With(move, asked_by=str(move.asked_by), under_way=selectors.under_way(move)[move.pk])


def _own(asked: Asked) -> Party:
    return selectors.get_own(asked.by)


def _paper(asked: Asked, pk: UUID) -> RfcPaper:
    return get_object_or_404(RfcPaper.objects.visible_to(asked.by), pk=pk)


def _move(asked: Asked, pk: UUID) -> RfcMove:
    return get_object_or_404(RfcMove, pk=pk)


def hand_in(*, party: Party, kind: str, file: Any, by: Any, at: datetime) -> RfcPaper:
    """A Constancia or a statement that names the RFC; a refused one keeps nothing."""
    return services.hand_in_paper(party=party, kind=kind, upload=file, by=by, at=at)


def use_code(*, party: Party, code: str, by: Any, at: datetime) -> Party:
    """The code that the insurer handed out; a wrong try counts."""
    accounts.use_rfc_code(party=party, code=code, by=by, at=at)
    return party


def decide_paper(*, paper: RfcPaper, decision: str, reason: str, by: Any, at: datetime) -> RfcPaper:
    """Accept it, or return it with its reason."""
    if decision == "accept":
        return services.accept_paper(paper=paper, by=by, at=at)
    return services.return_paper(paper=paper, reason=reason, by=by, at=at)


def ask_move(*, file: Any, by: Any, at: datetime, **told: Any) -> RfcMove:
    """Ask to give an RFC to its owner, with the paper that shows it."""
    return services.ask_move(**told, upload=file, by=by, at=at)


def decide_move(*, move: RfcMove, decision: str, reason: str, by: Any, at: datetime) -> RfcMove:
    """The second administrator's word."""
    decided = services.decide_move(move=move, accept=decision == "confirm", reason=reason, by=by, at=at)
    decided.refresh_from_db()  # its party may have another RFC now
    return decided


_OWN: dict[str, Any] = {"scope": WRITE, "permission": P.PROVE_OWN_RFC, "find": _own, "thing": "party"}
_GIVE: dict[str, Any] = {"scope": WRITE, "permission": P.MANAGE_PEOPLE, "answers": MoveTold, "fresh": True}

RESOURCES = (
    at(
        "rfc/",
        "api_own",
        shows(_own, "Tu RFC y cómo se acredita", scope=READ, permission=P.PROVE_OWN_RFC, answers=OwnRfc),
    ),
    at(
        "rfc/documento/",
        "api_hand_in",
        acts(
            hand_in,
            "Acreditar tu RFC con un documento",
            takes=forms.PaperForm,
            answers=PaperTold,
            status=201,
            example={"kind": "constancia", "file": "@constancia.pdf"},
            **_OWN,
        ),
    ),
    at(
        "rfc/codigo/",
        "api_use_code",
        acts(
            use_code,
            "Acreditar tu RFC con el código de quien te paga",
            takes=forms.CodeForm,
            answers=OwnRfc,
            keeps=True,
            example={"code": "AB12CD34"},
            **_OWN,
        ),
    ),
    at("mesa/acreditaciones/", "api_papers", lists(PAPERS, "RFC por acreditar", scope=READ)),
    at(
        "mesa/acreditaciones/<uuid:pk>/",
        "api_paper",
        shows(_paper, "Un documento que acredita un RFC", scope=READ, permission=P.REVIEW_ACCOUNTS, answers=PaperTold),
    ),
    at(
        "mesa/acreditaciones/<uuid:pk>/decidir/",
        "api_decide_paper",
        acts(
            decide_paper,
            "Aceptar o devolver un documento",
            scope=WRITE,
            permission=P.REVIEW_ACCOUNTS,
            find=_paper,
            thing="paper",
            takes=forms.ReviewForm,
            answers=PaperTold,
            example={"decision": "return", "reason": "El PDF no trae tu nombre completo."},
        ),
    ),
    at(
        "mesa/rfc/",
        "api_moves",
        lists(RFC_MOVES, "RFC por entregar a su dueño", scope=READ),
        acts(
            ask_move,
            "Pedir que un RFC se entregue a su dueño",
            takes=forms.MoveForm,
            status=201,
            leads=Link("proofs:api_move"),
            example={
                "rfc": "CALN900121CC0",
                "name": "NORA CASTAÑEDA LUNA",
                "email": "nora@ejemplo.mx",
                "file": "@constancia.pdf",
                "evidence": "Llamó y confirmó sus datos.",
            },
            **_GIVE,
        ),
    ),
    at(
        "mesa/rfc/<uuid:pk>/",
        "api_move",
        shows(_move, "Un RFC por entregar", scope=READ, permission=P.MANAGE_PEOPLE, answers=MoveTold),
    ),
    at(
        "mesa/rfc/<uuid:pk>/decidir/",
        "api_decide_move",
        acts(
            decide_move,
            "Confirmar o no la entrega que pidió otra persona",
            find=_move,
            thing="move",
            takes=forms.MoveDecisionForm,
            example={"decision": "confirm", "reason": ""},
            **_GIVE,
        ),
    ),
)
