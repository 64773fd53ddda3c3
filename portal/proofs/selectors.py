"""Reads of the room: what a physician still has to show, what waits for whom at the desk."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse

from portal.access import Permission
from portal.design import dates
from portal.design.detailing import Missing, Told, told_of
from portal.design.reviewing import Fact, fact
from portal.design.templatetags.cauce import filesize_es
from portal.identifiers import mask
from portal.people import registry
from portal.people import selectors as people
from portal.people.models import Party, RfcProof
from portal.proofs import rules
from portal.proofs.models import RfcMove, RfcPaper
from portal.states import BALL_LABELS, Ball

if TYPE_CHECKING:
    from portal.papers.models import DraftFile
    from portal.people.models import User


def visible_files(user: User) -> Q:
    """Reviewers read the papers, administrators the evidence of a move."""
    seen = Q(pk__in=[])
    if Permission.REVIEW_ACCOUNTS in user.permissions:
        seen |= Q(pk__in=RfcPaper.objects.visible_to(user).values("file"))
    if Permission.MANAGE_PEOPLE in user.permissions:
        seen |= Q(pk__in=RfcMove.objects.values("file"))
    return seen


def get_own(user: User) -> Party:
    """The party whose RFC somebody may prove: a physician's own; 404 for whoever has none, as an assistant."""
    party = people.get_own_party(user, Permission.PROVE_OWN_RFC)
    if not party.rfc:
        raise Http404
    return party


def own_page(party: Party, *, on: date) -> dict[str, Any]:
    """What a physician sees of the proof of their RFC: how it was proved, or the paper that is looked at."""
    papers = RfcPaper.objects.of_owner([party.pk]).select_related("file").order_by("-handed_in_at", "-pk")
    newest = papers.first()
    state = newest.state if newest else ""
    withheld, opened = people.words_of_rfc(party, on=on)
    return {
        "withheld": withheld,
        "opened": opened,
        "party": party,
        "proved": party.is_rfc_proved,
        "facts": [("RFC", party.rfc), ("Cómo", RfcProof(party.rfc_proof).label), ("Desde", party.rfc_proved_at)]
        if party.is_rfc_proved
        else [],
        "paper": newest,
        "label": rules.PAPER.label(state) if state else "",
        "tone": rules.PAPER.tone(state) if state else "neutral",
        "waits": newest is not None and newest.is_in_review,
        "told": _own_told(party, newest),
        "masked": mask("rfc", party.rfc),
    }


def _own_told(party: Party, newest: RfcPaper | None) -> Told | None:
    """Whose turn the proof of an RFC is, since when, and what it lacks; why a paper did not do is said here alone."""
    if party.is_rfc_proved:
        return None
    if newest is None or newest.state == rules.PaperState.ENDED:
        return Told(BALL_LABELS[Ball.YOU], next="Usa el código de tu aseguradora o sube un documento")
    if newest.state == rules.PaperState.RETURNED:  # over for this paper: what the person does next is another one
        return Told(
            BALL_LABELS[Ball.YOU],
            since=newest.decided_at,
            next="Sube otro documento o usa un código",
            missing=(Missing(newest.reason),),
            act=("Subir otro documento", "#con-documento"),
        )
    return told_of(rules.PAPER.at(newest.state), since=newest.handed_in_at)


def is_in_review(party: Party) -> bool:
    """Whether a paper of this party waits for a reviewer."""
    return RfcPaper.objects.in_review().filter(party=party).exists()


def needless(party: Party) -> str:
    """Why no paper of this party is needed now, in words; "" where one is."""
    if party.is_rfc_proved:
        return rules.PROVED
    return rules.WAITS if is_in_review(party) else ""


def paper_answers(party: Party, file: DraftFile, kind: str, *, change: str) -> list[tuple[str, str, str]]:
    """What a physician is about to show, each with the way to change it; which RFC it proves is settled."""
    return [
        ("RFC que acreditas", party.rfc, ""),
        ("Qué documento es", rules.KIND_LABELS[rules.PaperKind(kind)], f"{change}#con-documento"),
        ("Archivo", f"{file.display_name} ({filesize_es(file.size)})", f"{change}#documento"),
    ]


def paper_sent(party: Party) -> dict[str, Any] | None:
    """The confirmation of what went to a reviewer; None once it was decided."""
    rows = RfcPaper.objects.in_review().filter(party=party).select_related("file").order_by("-handed_in_at", "-pk")
    waits = rows.first()
    if waits is None:
        return None
    return {
        "label": rules.PAPER.label(waits.state),
        "tone": rules.PAPER.tone(waits.state),
        "facts": [
            ("Enviado", dates.instant(waits.handed_in_at)),
            ("RFC que acreditas", party.rfc),
            ("Documento", f"{rules.KIND_LABELS[rules.PaperKind(waits.kind)]}, {waits.file.display_name}"),
        ],
        "next_steps": [
            "Una persona de revisión lo compara con tu RFC.",
            "Si coincide, se abre lo que llegó a tu nombre; si no, te decimos por qué y mandas otro.",
            "Te avisamos por correo y en Avisos. Si tu aseguradora te dio un código, úsalo y no esperes.",
        ],
        "about": "Mi RFC",
        "crumbs": [("Mi RFC", reverse("proofs:own")), ("Enviado", "")],
    }


def papers_to_review(user: User) -> QuerySet[RfcPaper]:
    """Papers that wait for this reviewer: neither handed in by them nor of a party of theirs."""
    if Permission.REVIEW_ACCOUNTS not in user.permissions:
        return RfcPaper.objects.none()
    return (
        RfcPaper.objects.visible_to(user)
        .in_review()
        .exclude(handed_in_by=user)
        .exclude(party__in=people.parties_of(user))
    )


def moves_to_decide(user: User) -> QuerySet[RfcMove]:
    """RFCs that wait for this administrator's word: neither asked by them nor of a party for which they ever acted."""
    if Permission.MANAGE_PEOPLE not in user.permissions:
        return RfcMove.objects.none()
    waiting = RfcMove.objects.open().select_related("party", "asked_by").order_by("asked_at", "pk")
    return waiting.exclude(asked_by=user).exclude(party__in=people.ever_acted_for(user))


def holders(party: Party, *, on: date) -> list[str]:
    """Addresses of the people whose permissions there end when the RFC moves on that date."""
    rows = party.grants.in_force(on=on).select_related("user").order_by("since", "pk")
    return [grant.user.email for grant in rows]


def under_way(*moves: RfcMove) -> dict[UUID, list[str]]:
    """What each of these moves cannot end by itself, in words, by its id: payments that people said yes to.

    Of a move that was refused nothing. However many they are, they are asked at once.
    """
    said: dict[UUID, list[str]] = {move.pk: [] for move in moves}
    for ended, asked in (
        (False, [move for move in moves if move.state == rules.MoveState.WAITING]),
        (True, [move for move in moves if move.state == rules.MoveState.HANDED_OVER]),
    ):
        lines = registry.under_way(parties=[move.party for move in asked], ended=ended) if asked else []
        for move in asked:
            said[move.pk] = [line for party_id, line in lines if party_id == move.party_id]
    return said


def paper_facts(found: RfcPaper) -> list[Fact]:
    """What was said with a paper against what the machine read in it; the name is read by a person."""
    reads, look = found.file.facts.get("names_rfc") is True, "No se leyó: míralo en la imagen"
    return [
        fact("RFC", found.rfc, "Está completo" if reads else look, same=reads, why="Búscalo"),
        fact("Nombre", found.party.name or "Aún no lo dice", look, same=False, why="Compáralo"),
        fact("Documento", rules.DESK_KIND_LABELS[rules.PaperKind(found.kind)], found.file.display_name, same=True),
        fact("Correo", found.handed_in_by.email, "", same=True),
    ]
