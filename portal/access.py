"""Who may enter: permissions, roles as data, and the declaration that every view carries.

Entry is decided here; which rows are seen is `.visible_to(user)`; whether an act is possible now is `rules.py`.
Anonymous goes to sign-in (API: 401); a signed-in person without the permission gets 403; an invisible row is 404.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache, wraps
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse


class Permission(StrEnum):
    """One thing a role may do. Slug = room.act."""

    # Physicians and their assistants
    SEE_OWN_BILLING = "billing.see_own"
    BILL_ORDERS = "billing.bill_orders"
    MANAGE_OWN_TEAM = "people.manage_own_team"
    # Whoever is paid
    MANAGE_OWN_ACCOUNT = "treasury.manage_own_account"
    SEE_OWN_PAYMENTS = "treasury.see_own_payments"
    # Back office
    SEE_DESK = "desk.see"
    REVIEW_INVOICES = "billing.review_invoices"
    REVIEW_ACCOUNTS = "treasury.review_accounts"
    IMPORT_ORDERS = "billing.import_orders"
    SEE_PAYMENTS = "treasury.see_payments"
    PREPARE_PAYMENTS = "treasury.prepare_payments"
    APPROVE_PAYMENTS = "treasury.approve_payments"
    ANSWER_CONTACTS = "help.answer_contacts"
    SEE_PEOPLE = "people.see"
    MANAGE_PEOPLE = "people.manage"
    MANAGE_RULES = "rulebook.manage"
    MANAGE_CALENDARS = "calendars.manage"
    MANAGE_TRUST = "fiscal.manage_trust"
    SEE_AUDIT = "history.see_audit"
    SEE_HEALTH = "desk.see_health"
    # Machines
    SEND_ORDERS = "billing.send_orders"


class Role(StrEnum):
    """A role within an organisation (docs/apps). Later issues give the empty ones their permissions."""

    PHYSICIAN = "physician"
    PHYSICIAN_ASSISTANT = "physician-assistant"
    MEMBER = "member"
    PROVIDER = "provider"
    PROVIDER_CASHIER = "provider-cashier"
    LIAISON = "liaison"
    VALIDATING_PHYSICIAN = "validating-physician"
    DIRECTOR_ASSISTANT = "director-assistant"
    DEPARTMENT_HEAD = "department-head"
    AREA_DIRECTOR = "area-director"
    GENERAL_DIRECTOR = "general-director"
    REVIEWER = "reviewer"
    CLAIMS_ANALYST = "claims-analyst"
    AFFILIATION_DESK = "affiliation-desk"
    COLLECTIONS_DESK = "collections-desk"
    PAYMENT_PREPARER = "payment-preparer"
    PAYMENT_APPROVER = "payment-approver"
    SUPPORT = "support"
    COMPLAINTS_DESK = "complaints-desk"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    INSURER_API = "insurer-api"


ROLE_LABELS: dict[Role, str] = {
    Role.PHYSICIAN: "Médico",
    Role.PHYSICIAN_ASSISTANT: "Asistente de médico",
    Role.MEMBER: "Persona afiliada",
    Role.PROVIDER: "Prestador",
    Role.PROVIDER_CASHIER: "Caja del prestador",
    Role.LIAISON: "Enlace de portabilidad",
    Role.VALIDATING_PHYSICIAN: "Médico validador",
    Role.DIRECTOR_ASSISTANT: "Asistente de Dirección",
    Role.DEPARTMENT_HEAD: "Jefatura de departamento",
    Role.AREA_DIRECTOR: "Dirección de área",
    Role.GENERAL_DIRECTOR: "Dirección general",
    Role.REVIEWER: "Revisión",
    Role.CLAIMS_ANALYST: "Dictamen",
    Role.AFFILIATION_DESK: "Afiliación",
    Role.COLLECTIONS_DESK: "Cobranza",
    Role.PAYMENT_PREPARER: "Preparación de pagos",
    Role.PAYMENT_APPROVER: "Autorización de pagos",
    Role.SUPPORT: "Soporte",
    Role.COMPLAINTS_DESK: "Quejas y sugerencias",
    Role.AUDITOR: "Auditoría",
    Role.ADMINISTRATOR: "Administración",
    Role.INSURER_API: "Sistema de la aseguradora",
}

_P = Permission
ROLES: dict[Role, frozenset[Permission]] = {role: frozenset() for role in Role} | {
    # A payment's advice names the account: who helps a physician to bill never sees one (B10).
    Role.PHYSICIAN: frozenset(
        {_P.SEE_OWN_BILLING, _P.BILL_ORDERS, _P.MANAGE_OWN_ACCOUNT, _P.SEE_OWN_PAYMENTS, _P.MANAGE_OWN_TEAM}
    ),
    Role.PHYSICIAN_ASSISTANT: frozenset({_P.SEE_OWN_BILLING, _P.BILL_ORDERS}),
    Role.REVIEWER: frozenset({_P.SEE_DESK, _P.REVIEW_INVOICES, _P.REVIEW_ACCOUNTS, _P.IMPORT_ORDERS}),
    Role.PAYMENT_PREPARER: frozenset({_P.SEE_DESK, _P.SEE_PAYMENTS, _P.PREPARE_PAYMENTS}),
    Role.PAYMENT_APPROVER: frozenset({_P.SEE_DESK, _P.SEE_PAYMENTS, _P.APPROVE_PAYMENTS}),
    Role.SUPPORT: frozenset({_P.SEE_DESK, _P.SEE_PEOPLE, _P.ANSWER_CONTACTS}),
    Role.COMPLAINTS_DESK: frozenset({_P.SEE_DESK, _P.ANSWER_CONTACTS}),
    Role.AUDITOR: frozenset({_P.SEE_DESK, _P.SEE_AUDIT, _P.SEE_PAYMENTS}),
    Role.ADMINISTRATOR: frozenset(
        {
            _P.SEE_DESK,
            _P.SEE_PEOPLE,
            _P.MANAGE_PEOPLE,
            _P.MANAGE_RULES,
            _P.MANAGE_CALENDARS,
            _P.MANAGE_TRUST,
            _P.SEE_AUDIT,
            _P.SEE_HEALTH,
        }
    ),
    Role.INSURER_API: frozenset({_P.SEND_ORDERS}),
}

# Staff must hold a passkey or a one-time code; money and administration a passkey only (AU-08).
STAFF_ROLES = frozenset(role for role, permissions in ROLES.items() if Permission.SEE_DESK in permissions)
# Held in a person's own party only: an organisation is never a patient, nor treats one; a trigger keeps it (AU-15).
PERSONAL_ROLES = frozenset({Role.PHYSICIAN, Role.PHYSICIAN_ASSISTANT, Role.MEMBER})
# Whose role is the party itself. An assistant, and every desk, sees what the rooms register for them.
OWNER_ROLES = frozenset({Role.PHYSICIAN, Role.MEMBER, Role.PROVIDER})
PASSKEY_ONLY_ROLES = frozenset({Role.PAYMENT_PREPARER, Role.PAYMENT_APPROVER, Role.ADMINISTRATOR})


@lru_cache(maxsize=256)
def permissions_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """Everything that these roles together allow."""
    return frozenset[Permission]().union(*(ROLES[role] for role in roles))


@dataclass(frozen=True, slots=True)
class Entry:
    """What a view declares: its kind (`public`, `signed_in`, `permission`), permissions (any of), freshness, why."""

    kind: str
    permissions: frozenset[Permission] = frozenset()
    fresh: bool = False
    reason: str = ""


View = Callable[..., HttpResponse]
_is_fresh: Callable[[HttpRequest], bool] = lambda request: False  # noqa: E731 - replaced by people at start
_confirm_url: Callable[[HttpRequest, str], str] = lambda request, back: reverse("people:sign_in")  # noqa: E731

_note_refusal: Callable[[HttpRequest], None] = lambda request: None  # noqa: E731


_resume_at: Callable[[HttpRequest], str] = lambda request: request.get_full_path()  # noqa: E731 - `resume` replaces it


def register_resume(resume_at: Callable[[HttpRequest], str]) -> None:
    """Let `resume` keep what a form held and say where its person goes on."""
    global _resume_at  # noqa: PLW0603 - registered once at start
    _resume_at = resume_at


def resume_at(request: HttpRequest) -> str:
    """The page to come back to once the person proved who they are; what a form held is kept for them meanwhile."""
    return _resume_at(request)


def register_refusals(note: Callable[[HttpRequest], None]) -> None:
    """Let `people` record that somebody signed in asked for what their roles do not open (AD-01)."""
    global _note_refusal  # noqa: PLW0603 - registered once at start
    _note_refusal = note


def note_refusal(request: HttpRequest) -> None:
    """Put on record that somebody known asked for what their roles do not open (AD-01)."""
    _note_refusal(request)


def register_freshness(is_fresh: Callable[[HttpRequest], bool], confirm_url: Callable[[HttpRequest, str], str]) -> None:
    """Let `people` say whether the person proved to be there in the last five minutes, and where to prove it."""
    global _is_fresh, _confirm_url  # registered once at start
    _is_fresh, _confirm_url = is_fresh, confirm_url


def public(reason: str) -> Callable[[View], View]:
    """A view for everybody; the reason stands in the published matrix."""

    def mark(view: View) -> View:
        view.entry = Entry("public", reason=reason)  # type: ignore[attr-defined]
        return view

    return mark


def signed_in(view: View) -> View:
    """A view for any signed-in person, whatever the role."""
    return _guarded(view, Entry("signed_in"))


def signed_in_fresh(view: View) -> View:
    """A view for any signed-in person who confirmed to be there up to 5 minutes ago."""
    return _guarded(view, Entry("signed_in", fresh=True))


def requires(*permissions: Permission, fresh: bool = False) -> Callable[[View], View]:
    """A view for people who hold any of `permissions`; `fresh` also asks for a confirmation up to 5 minutes old."""

    def mark(view: View) -> View:
        return _guarded(view, Entry("permission", frozenset(permissions), fresh))

    return mark


def _guarded(view: View, entry: Entry) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user: Any = request.user
        if not user.is_authenticated:
            return to_sign_in(request)
        if entry.permissions and not entry.permissions & user.permissions:
            note_refusal(request)
            raise PermissionDenied
        if entry.fresh and not is_fresh(request):
            return to_confirm(request)
        return view(request, *args, **kwargs)

    guarded.entry = entry  # type: ignore[attr-defined]
    return guarded


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person proved to be there in the last five minutes (AU-08)."""
    return _is_fresh(request)


def to_confirm(request: HttpRequest, *, back: str = "") -> HttpResponse:
    """To «confirma que eres tú». With `back`, a page of ours, the person returns there and asks once more."""
    return HttpResponseRedirect(_confirm_url(request, back))


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Anonymous: the API gets 401, a browser the sign-in page that comes back here."""
    if request.path.startswith("/api/"):
        answer = JsonResponse({"code": "not_signed_in", "detail": "Falta la credencial."}, status=401)
        answer["WWW-Authenticate"] = 'Bearer realm="cauce"'
        return answer
    return HttpResponseRedirect(f"{reverse('people:sign_in')}?{urlencode({'next': resume_at(request)})}")


def may(user: Any, permission: Permission) -> bool:
    """Whether a person (or nobody) holds a permission today."""
    return bool(getattr(user, "is_authenticated", False)) and permission in user.permissions
