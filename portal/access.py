"""Who may enter: permissions, roles as data, and the declaration that every view carries.

Entry is decided here; which rows are seen is `.visible_to(user)`; whether an act is possible now is `rules.py`.
Anonymous goes to sign-in (API: 401); a signed-in person without the permission gets 403; an invisible row is 404.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
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
    MANAGE_OWN_BILLING = "billing.manage_own"
    MANAGE_OWN_TEAM = "people.manage_own_team"
    PROVE_OWN_RFC = "people.prove_own_rfc"
    # Whoever is paid
    MANAGE_OWN_ACCOUNT = "treasury.manage_own_account"
    SEE_OWN_PAYMENTS = "treasury.see_own_payments"
    # People who are covered
    SEE_OWN_MEMBERSHIP = "memberships.see_own"
    PAY_DUES = "memberships.pay"
    MANAGE_OWN_MEMBERSHIP = "memberships.manage_own"
    SEE_OWN_CLAIMS = "claims.see_own"
    FILE_CLAIMS = "claims.file"
    # Back office
    SEE_DESK = "desk.see"
    REVIEW_INVOICES = "billing.review_invoices"
    REVIEW_ACCOUNTS = "treasury.review_accounts"
    IMPORT_ORDERS = "billing.import_orders"
    SEE_PAYMENTS = "treasury.see_payments"
    PREPARE_PAYMENTS = "treasury.prepare_payments"
    APPROVE_PAYMENTS = "treasury.approve_payments"
    SEE_COLLECTIONS = "treasury.see_collections"
    MATCH_DEPOSITS = "treasury.match_deposits"
    SEE_REFUNDS = "memberships.see_refunds"
    SEE_MEMBERSHIPS = "memberships.see"
    AFFILIATE = "memberships.affiliate"
    MANAGE_PLANS = "memberships.manage_plans"
    SEE_CONDITIONS = "memberships.see_conditions"
    DECIDE_CLAIMS = "claims.decide"
    SEE_CLAIM_REPORTS = "claims.see_reports"
    MANAGE_CLAIM_CATALOGUES = "claims.manage_catalogues"
    ADVISE_CLAIMS = "claims.advise"
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
    SERVICE_ADVISER = "service-adviser"
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
    Role.SERVICE_ADVISER: "Asesoría de servicio",
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

PERMISSION_LABELS: dict[Permission, str] = {
    Permission.SEE_OWN_BILLING: "Ver sus órdenes y facturas",
    Permission.BILL_ORDERS: "Facturar sus órdenes",
    Permission.MANAGE_OWN_BILLING: "Decir su régimen fiscal",
    Permission.MANAGE_OWN_TEAM: "Invitar a quien le ayuda, y quitarle el permiso",
    Permission.PROVE_OWN_RFC: "Acreditar su RFC",
    Permission.MANAGE_OWN_ACCOUNT: "Cambiar su cuenta bancaria",
    Permission.SEE_OWN_PAYMENTS: "Ver sus pagos",
    Permission.SEE_OWN_MEMBERSHIP: "Ver su membresía",
    Permission.PAY_DUES: "Pagar mensualidades",
    Permission.MANAGE_OWN_MEMBERSHIP: "Cambiar su membresía y lo que comparte",
    Permission.SEE_OWN_CLAIMS: "Ver sus trámites",
    Permission.FILE_CLAIMS: "Presentar trámites",
    Permission.SEE_DESK: "Entrar a la mesa",
    Permission.REVIEW_INVOICES: "Aceptar, devolver y rechazar facturas",
    Permission.REVIEW_ACCOUNTS: "Aceptar y rechazar cuentas bancarias",
    Permission.IMPORT_ORDERS: "Importar órdenes",
    Permission.SEE_PAYMENTS: "Ver los pagos de todos",
    Permission.PREPARE_PAYMENTS: "Preparar pagos y llevar su archivo al banco",
    Permission.APPROVE_PAYMENTS: "Autorizar pagos",
    Permission.SEE_COLLECTIONS: "Ver los depósitos que llegan",
    Permission.SEE_REFUNDS: "Ver las devoluciones a familias",
    Permission.MATCH_DEPOSITS: "Importar movimientos y asignar depósitos",
    Permission.SEE_MEMBERSHIPS: "Ver las afiliaciones",
    Permission.AFFILIATE: "Afiliar familias y cancelar afiliaciones",
    Permission.MANAGE_PLANS: "Cambiar planes, precios y pólizas",
    Permission.SEE_CONDITIONS: "Ver padecimientos",
    Permission.DECIDE_CLAIMS: "Dictaminar trámites de asegurados",
    Permission.SEE_CLAIM_REPORTS: "Ver los reportes de trámites",
    Permission.MANAGE_CLAIM_CATALOGUES: "Cambiar hospitales, formatos y acumulados de apertura",
    Permission.ADVISE_CLAIMS: "Asesorar sobre hospitales y cuidar su lista",
    Permission.ANSWER_CONTACTS: "Contestar los mensajes que llegan",
    Permission.SEE_PEOPLE: "Ver a las personas y sus permisos",
    Permission.MANAGE_PEOPLE: "Dar y terminar permisos, abrir y cerrar perfiles",
    Permission.MANAGE_RULES: "Publicar y activar reglas",
    Permission.MANAGE_CALENDARS: "Cambiar los calendarios",
    Permission.MANAGE_TRUST: "Cambiar certificados y catálogos del SAT",
    Permission.SEE_AUDIT: "Leer la auditoría",
    Permission.SEE_HEALTH: "Ver la salud del portal",
    Permission.SEND_ORDERS: "Enviar órdenes desde un sistema",
}

_P = Permission
ROLES: dict[Role, frozenset[Permission]] = {role: frozenset() for role in Role} | {
    # A payment's advice names the account: who helps a physician to bill never sees one (B10).
    Role.PHYSICIAN: frozenset({_P.SEE_OWN_BILLING, _P.BILL_ORDERS, _P.MANAGE_OWN_BILLING, _P.MANAGE_OWN_TEAM})
    | {_P.PROVE_OWN_RFC, _P.MANAGE_OWN_ACCOUNT, _P.SEE_OWN_PAYMENTS},
    Role.PHYSICIAN_ASSISTANT: frozenset({_P.SEE_OWN_BILLING, _P.BILL_ORDERS}),
    Role.MEMBER: frozenset({_P.SEE_OWN_MEMBERSHIP, _P.PAY_DUES, _P.MANAGE_OWN_MEMBERSHIP, _P.MANAGE_OWN_ACCOUNT})
    | {_P.SEE_OWN_CLAIMS, _P.FILE_CLAIMS},
    Role.CLAIMS_ANALYST: frozenset({_P.SEE_DESK, _P.DECIDE_CLAIMS, _P.SEE_CONDITIONS, _P.SEE_CLAIM_REPORTS}),
    Role.SERVICE_ADVISER: frozenset({_P.SEE_DESK, _P.ADVISE_CLAIMS}),
    Role.AFFILIATION_DESK: frozenset({_P.SEE_DESK, _P.SEE_MEMBERSHIPS, _P.AFFILIATE, _P.MANAGE_PLANS}),
    Role.COLLECTIONS_DESK: frozenset({_P.SEE_DESK, _P.SEE_MEMBERSHIPS, _P.SEE_COLLECTIONS, _P.MATCH_DEPOSITS})
    | {_P.SEE_REFUNDS},
    Role.REVIEWER: frozenset({_P.SEE_DESK, _P.REVIEW_INVOICES, _P.REVIEW_ACCOUNTS, _P.IMPORT_ORDERS}),
    Role.PAYMENT_PREPARER: frozenset({_P.SEE_DESK, _P.SEE_PAYMENTS, _P.PREPARE_PAYMENTS}),
    Role.PAYMENT_APPROVER: frozenset({_P.SEE_DESK, _P.SEE_PAYMENTS, _P.APPROVE_PAYMENTS, _P.SEE_REFUNDS}),
    Role.SUPPORT: frozenset({_P.SEE_DESK, _P.SEE_PEOPLE, _P.ANSWER_CONTACTS}),
    Role.COMPLAINTS_DESK: frozenset({_P.SEE_DESK, _P.ANSWER_CONTACTS}),
    Role.AUDITOR: frozenset({_P.SEE_DESK, _P.SEE_AUDIT, _P.SEE_PAYMENTS, _P.SEE_COLLECTIONS, _P.SEE_MEMBERSHIPS})
    | {_P.SEE_REFUNDS, _P.SEE_CLAIM_REPORTS},
    Role.ADMINISTRATOR: frozenset({_P.SEE_DESK, _P.SEE_PEOPLE, _P.MANAGE_PEOPLE, _P.MANAGE_RULES, _P.MANAGE_CALENDARS})
    | {_P.MANAGE_TRUST, _P.SEE_AUDIT, _P.SEE_HEALTH, _P.MANAGE_CLAIM_CATALOGUES},
    Role.INSURER_API: frozenset({_P.SEND_ORDERS}),
}

# Portability's people decide about others too, from pages of their own.
PORTABILITY_ROLES = frozenset(
    {
        Role.LIAISON,
        Role.VALIDATING_PHYSICIAN,
        Role.DIRECTOR_ASSISTANT,
        Role.DEPARTMENT_HEAD,
        Role.AREA_DIRECTOR,
        Role.GENERAL_DIRECTOR,
    }
)
# Held in a person's own party only: an organisation is never a patient, nor treats one; a trigger keeps it (AU-15).
PERSONAL_ROLES = frozenset({Role.PHYSICIAN, Role.PHYSICIAN_ASSISTANT, Role.MEMBER})
# Whose role is the party itself. An assistant, and every desk, sees what the rooms register for them.
OWNER_ROLES = frozenset({Role.PHYSICIAN, Role.MEMBER, Role.PROVIDER})
# May be given for one insurer alone (`Grant.scope`): who works on its things. Money, support, audit and administration
# are whole or not at all.
SCOPED_ROLES = frozenset({Role.REVIEWER})
PASSKEY_ONLY_ROLES = frozenset({Role.PAYMENT_PREPARER, Role.PAYMENT_APPROVER, Role.ADMINISTRATOR})


class Workspace(StrEnum):
    """A part of the portal with a menu and a home of its own (ux D15); a page stands in one or more, or in none."""

    PHYSICIAN = "physician"
    INSURED = "insured"
    PORTABILITY = "portability"
    PROVIDER = "provider"
    DESK = "desk"
    TREASURY = "treasury"
    ADMINISTRATION = "administration"


WORKSPACE_LABELS: dict[Workspace, str] = {
    Workspace.PHYSICIAN: "Médico",
    Workspace.INSURED: "Asegurado",
    Workspace.PORTABILITY: "Portabilidad",
    Workspace.PROVIDER: "Prestador",
    Workspace.DESK: "Mesa",
    Workspace.TREASURY: "Tesorería",
    Workspace.ADMINISTRATION: "Administración",
}

# Whose workspace each is; a role works in one at most.
WORKSPACES: dict[Workspace, frozenset[Role]] = {
    Workspace.PHYSICIAN: frozenset({Role.PHYSICIAN, Role.PHYSICIAN_ASSISTANT}),
    Workspace.INSURED: frozenset({Role.MEMBER}),
    Workspace.PORTABILITY: PORTABILITY_ROLES,
    Workspace.PROVIDER: frozenset({Role.PROVIDER, Role.PROVIDER_CASHIER}),
    Workspace.DESK: frozenset(
        {Role.REVIEWER, Role.CLAIMS_ANALYST, Role.SERVICE_ADVISER, Role.AFFILIATION_DESK, Role.SUPPORT}
        | {Role.COMPLAINTS_DESK}
    ),
    Workspace.TREASURY: frozenset({Role.COLLECTIONS_DESK, Role.PAYMENT_PREPARER, Role.PAYMENT_APPROVER}),
    Workspace.ADMINISTRATION: frozenset({Role.AUDITOR, Role.ADMINISTRATOR}),
}
# Where the desk's people work, whichever of its roles they hold.
OF_THE_DESK = (Workspace.DESK, Workspace.TREASURY, Workspace.ADMINISTRATION)
# Who works there. Said of the role, not of what it opens: one whose pages come later is of the desk already.
DESK_ROLES = frozenset(role for place in OF_THE_DESK for role in WORKSPACES[place])
# Staff: two administrators give the role, a session rests 15 minutes, a passkey or a one-time code is a must; money and
# administration a passkey only (AU-08, AU-12, AC-07).
STAFF_ROLES = DESK_ROLES | PORTABILITY_ROLES


@lru_cache(maxsize=256)
def workspaces_of(roles: frozenset[Role]) -> tuple[Workspace, ...]:
    """The workspaces of somebody with these roles, in the order of the table."""
    return tuple(place for place, whose in WORKSPACES.items() if whose & roles)


def workspaces_with(permission: Permission) -> tuple[Workspace, ...]:
    """The workspaces where some role holds this permission: what belongs to its holders stands in each, whatever the
    role (an account of one's own, a team)."""
    return tuple(place for place, whose in WORKSPACES.items() if any(permission in ROLES[role] for role in whose))


class Clash(StrEnum):
    """What it means that one person would hold two roles."""

    REFUSED = "refused"
    COUNTERSIGNED = "countersigned"
    TOLD = "told"


CLASH_LABELS: dict[Clash, str] = {
    Clash.REFUSED: "No van juntos",
    Clash.COUNTERSIGNED: "Pide un motivo",
    Clash.TOLD: "Se avisa",
}


@dataclass(frozen=True, slots=True)
class RoleConflict:
    """One line of the table: whoever holds something of `one` and, by another role, something of `other`.

    Both are permissions or roles; `could` says in Spanish what such a person could do.
    """

    code: str
    kind: Clash
    one: frozenset[Permission | Role]
    other: frozenset[Permission | Role]
    could: str

    def holds(self, first: Role, second: Role) -> bool:
        """Whether these two roles, in either order, are what the line is about."""
        of_first, of_second = ROLES[first] | {first}, ROLES[second] | {second}
        return bool(
            (self.one & of_first and self.other & of_second) or (self.one & of_second and self.other & of_first)
        )


_REVIEW = frozenset[Permission | Role]({_P.REVIEW_INVOICES, _P.REVIEW_ACCOUNTS, _P.DECIDE_CLAIMS})
_PREPARE = frozenset[Permission | Role]({_P.PREPARE_PAYMENTS})
_APPROVE = frozenset[Permission | Role]({_P.APPROVE_PAYMENTS})
_MATCH = frozenset[Permission | Role]({_P.MATCH_DEPOSITS})
_OWN = frozenset[Permission | Role]({Role.PHYSICIAN, Role.PHYSICIAN_ASSISTANT, Role.MEMBER, Role.PROVIDER})

# Which roles one person may not hold together (two-person control): the first line that two roles meet is theirs, two
# that meet none go together. The guards at each act (MO-05, one's own) stand besides.
CONFLICTS: tuple[RoleConflict, ...] = (
    RoleConflict(
        "prepare_and_approve",
        Clash.REFUSED,
        _PREPARE,
        _APPROVE,
        "Prepararía pagos y los autorizaría: el dinero saldría por decisión de una sola persona.",
    ),
    RoleConflict(
        "audit_and_desk",
        Clash.REFUSED,
        frozenset({Role.AUDITOR}),
        frozenset(DESK_ROLES - {Role.AUDITOR}),
        "Auditaría su propio trabajo en la mesa.",
    ),
    RoleConflict(
        "administer_and_pay",
        Clash.REFUSED,
        frozenset({Role.ADMINISTRATOR}),
        _PREPARE | _APPROVE,
        "Decidiría quién mueve el dinero y también lo movería.",
    ),
    RoleConflict(
        "review_and_pay",
        Clash.COUNTERSIGNED,
        _REVIEW,
        _PREPARE | _APPROVE,
        "Podría aceptar facturas, cuentas bancarias o trámites, y preparar o autorizar pagos. En un mismo pago el "
        "portal no le deja hacer las dos cosas; en pagos distintos, sí.",
    ),
    RoleConflict(
        "match_and_refund",
        Clash.COUNTERSIGNED,
        _MATCH,
        _APPROVE,
        "Podría asignar un depósito a una familia y autorizar que se le devuelva.",
    ),
    RoleConflict(
        "desk_and_own",
        Clash.TOLD,
        frozenset(DESK_ROLES),
        _OWN,
        "Trabaja en la mesa y tiene asuntos propios en el portal: los suyos los atiende otra persona.",
    ),
)


@lru_cache(maxsize=512)
def conflict_of(first: Role, second: Role) -> RoleConflict | None:
    """What the table says of one person holding these two roles, in either order; None when they go together."""
    if first == second:
        return None
    return next((line for line in CONFLICTS if line.holds(first, second)), None)


def conflicts_with(role: Role, held: Iterable[Role]) -> list[tuple[Role, RoleConflict]]:
    """(held role, line) of everything that a role would conflict with, the heaviest first."""
    found = [(one, line) for one in sorted(held) if (line := conflict_of(role, one)) is not None]
    return sorted(found, key=lambda pair: CONFLICTS.index(pair[1]))


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
