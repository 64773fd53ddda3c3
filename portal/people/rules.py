"""What holds for people, secrets, sessions and consents; no rows, no clock."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from portal import identifiers
from portal.declared import Declared
from portal.errors import RuleBroken
from portal.states import Machine, Stand
from portal.text import folded, has_visible

MIN_PASSWORD, MIN_STAFF_PASSWORD, MAX_PASSWORD = 8, 12, 128
MIN_SEEN = 4  # characters that one can see, and letters that are nobody's word
SECRET_LIFE = timedelta(minutes=60)
REGISTRATION_LIFE = timedelta(hours=24)
DEVICE_LIFE = timedelta(days=180)
REMEMBERED_LIFE = timedelta(days=90)
FRESH_FOR = timedelta(minutes=5)
IDLE_STAFF, IDLE_OTHERS, SESSION_LIFE = timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=12)
MAX_TOKEN_LIFE = timedelta(days=366)
ACTING_TOKEN_LIFE = timedelta(minutes=15)
OFFERED_TO_SYSTEMS, OFFERED_TO_PEOPLE = timedelta(days=365), timedelta(days=90)  # what a form proposes
ACTING_SCOPE = "payments:act"


class ProposalState(StrEnum):
    """The life of a role of staff that one administrator asked for; another one says yes or no, once (AC-07)."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"


PROPOSAL = Machine(
    ProposalState,
    {
        ProposalState.WAITING: Stand(
            label="Espera a otra persona de Administración",
            desk="Por confirmar",
            tone="info",
            to=(ProposalState.ACCEPTED, ProposalState.REFUSED),
        ),
        ProposalState.ACCEPTED: Stand(label="Confirmado", tone="ok"),
        ProposalState.REFUSED: Stand(label="No se confirmó", tone="neutral"),
    },
    moved="Esa solicitud ya se resolvió.",
    code="proposal_decided",
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a credential of the API may be for: `label` says it.

    An organisation's system may hold it where `role` says what whoever answers for such a system becomes there; a
    person's own credential where `own` is true: of it, what that person may do at that moment.
    """

    label: str
    role: str = ""
    own: bool = False


# By slug, as apps declare them; acting on payments is of every app's payments, and each person's own (AU-08, MO-05).
SCOPES: Declared[Scope] = Declared("the scope")
SCOPE_LABELS: Declared[str] = Declared("the words of the scope")


class Standing(StrEnum):
    """How a credential of the API stands."""

    LIVE = "live"
    ENDED = "ended"
    EXPIRED = "expired"


STANDING_LABELS = {Standing.LIVE: "Vigente", Standing.ENDED: "Terminada", Standing.EXPIRED: "Venció"}
STANDING_TONES = {Standing.LIVE: "ok", Standing.ENDED: "neutral", Standing.EXPIRED: "neutral"}


def roles_of(scopes: Iterable[str]) -> list[str]:
    """What whoever answers for a system with these scopes has to be."""
    return sorted({SCOPES[scope].role for scope in scopes if scope in SCOPES} - {""})


# (window in seconds, wrong tries in it): each further window waits longer, so the delay grows (AU-10).
SLOWDOWN = ((300, 5), (1800, 12), (14400, 30))
IP_LIMIT, IP_WINDOW = 10, 60
# Failed tries a minute, of everybody together, from which the desk is told (AU-10).
ALERT_LIMIT, ALERT_WINDOW = 100, 60

# What a stranger tries at this door; apps add their own words.
HOUSE_WORDS = {
    *("cauce", "portal", "contraseña", "password", "seguro", "salud", "clave", "hospital", "clínica", "pago", "cobro"),
    *("mesa", "doctor", "doctora", "bienvenido", "bienvenida", "acceso", "entrar", "usuario", "admin", "secreto"),
}
_DISGUISE = str.maketrans("0134578@$!", "oieastbasi")


@dataclass(frozen=True, slots=True, kw_only=True)
class Helper:
    """A role that may act for a party beside the `of` who owns it: who invites such people, and how it is said.

    Whoever is `of` in a party and may do `permission` there invites them. `lead` says to the inviter what they see and
    do, `does` («facturar por ti») what ends with them, `ends` the consequence of ending them. The mail of an invitation
    that changes nothing says `subject`, `invited` and why: `barred` (who works at the desk) or `already`.
    """

    role: str
    of: str
    permission: str
    lead: str
    does: str
    ends: str
    subject: str
    invited: str
    barred: str
    already: str

    def said_in_vain(self, why: str) -> dict[str, str]:
        """What an invitation that changed nothing says, `why`: "desk", "closed" or "team"; and what to do."""
        told = {
            "desk": (self.barred, "Si ya no trabajas ahí, escríbenos."),
            "closed": ("porque tu perfil está cerrado", "Si quieres abrirlo otra vez, escríbenos."),
            "team": (
                self.already,
                "Entra con tu contraseña de siempre. Si no esperabas este correo, no hace falta hacer nada.",
            ),
        }
        reason, cure = told[why]
        return {"said": f"No cambió nada{',' if why == 'closed' else ':'} {reason}.", "cure": cure}


# Where no app says it more exactly.
WITHHELD, OPENED = "lo que está a tu nombre", "ves lo que está a tu nombre"
# By role, as apps declare them.
HELPERS: Declared[Helper] = Declared("the helper")


def helper(role: str) -> Helper:
    """How a role helps. Raises RuleBroken for one that nobody invites."""
    if role not in HELPERS:
        raise RuleBroken("A ese papel no se invita. Elige uno de la lista.", code="no_helper", field="role")
    return HELPERS[role]


@dataclass(frozen=True, slots=True)
class SignUp:
    """A way to get an account by oneself: the role it gives in the person's own party, and what is asked for it.

    `identifier` ("rfc", "rut") is what the party is claimed by, `others` ("curp") what may be typed in its place by who
    has none; where the way does not claim (`claims`) what is typed only names the person at the door and the party is a
    new one without RFC. `consents` are kinds of texts: the first is accepted when signing up, the others before the
    first page, `first_page` (a URL name). They are asked of whoever helps such a person too (`Helper`). `asks` says
    what is asked of who has no profile yet. `purpose` ends «acepto que traten mis datos para …». Until the identifier
    is proved nobody is shown `withheld`; from then on the person `opened`.
    """

    role: str
    label: str
    lead: str
    identifier: str
    consents: tuple[str, ...]
    purpose: str
    first_page: str
    withheld: str = WITHHELD
    opened: str = OPENED
    others: tuple[str, ...] = ()
    claims: bool = True
    asks: str = ""

    @property
    def asked(self) -> str:
        """What is typed, in words: "RFC", or "RFC o CURP"."""
        return " o ".join(kind.upper() for kind in (self.identifier, *self.others))

    def concerns(self, roles: Iterable[str]) -> bool:
        """Whether somebody with these roles came this way, or helps who did."""
        return not ({self.role} | {one.role for one in HELPERS.values() if one.of == self.role}).isdisjoint(roles)


@dataclass(frozen=True, slots=True)
class Door:
    """A way to get an account that has a page of its own (a URL name), offered beside the others at `/registro/`."""

    slug: str
    label: str
    lead: str
    page: str
    asks: str = ""


# By role, and the texts that people consent to by kind: each app declares its own (`registry`).
SIGN_UPS: Declared[SignUp] = Declared("the sign-up")
DOORS: Declared[Door] = Declared("the door")
CONSENTS: Declared[str] = Declared("the consent")


def sign_ups_of(roles: Iterable[str]) -> list[SignUp]:
    """The ways that concern somebody with these roles."""
    held = frozenset(roles)
    return [one for one in SIGN_UPS.values() if one.concerns(held)]


def words_of_claim(roles: Iterable[str], identifier: str) -> tuple[str, str]:
    """What nobody is shown until such an identifier is proved, and what people with these roles do from then on."""
    found = next((one for one in sign_ups_of(roles) if one.identifier == identifier), None)
    return (found.withheld, found.opened) if found else (WITHHELD, OPENED)


def claiming_roles(identifier: str) -> frozenset[str]:
    """Roles whose own party was claimed by such an identifier: an RFC is one until it is proved (AC-11)."""
    return frozenset(role for role, one in SIGN_UPS.items() if one.identifier == identifier and one.claims)


WRONG = "Ese usuario y esa contraseña no coinciden. Revísalos y vuelve a intentar, o recupera tu acceso por correo."

_RFC_OF_A_PERSON = 13
# The code that an insurer hands to its physician: letters and digits, however they are grouped.
_CODE = re.compile(r"[0-9A-Z]{6,40}")
# (window in seconds, tries in it): each further window waits longer. Six digits guessed ten times a day last 137 years.
CODE_TRIES = ((3600, 5), (86_400, 10))

_LOOKALIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})


def is_rfc_of_a_person(rfc: str) -> bool:
    """Whether one person can own this canonical RFC: thirteen characters, and not the one of "anybody" (AU-15)."""
    generic = any(warning.code == "rfc_generic" for warning in identifiers.check("rfc", rfc).warnings)
    return len(rfc) == _RFC_OF_A_PERSON and not generic


def plain_code(typed: str) -> str | None:
    """An insurer's code as it is compared: capitals, no blanks nor dashes; None when it is no code."""
    bare = re.sub(r"[\s.\-\u2010-\u2015]", "", typed.upper())
    return bare if _CODE.fullmatch(bare) else None


def plain_secret(typed: str) -> str:
    """The one-time secret as it was made: capitals, no hyphens or blanks, look-alike letters read as digits."""
    return re.sub(r"[^0-9A-Z]", "", typed.upper()).translate(_LOOKALIKE)


def digest(secret: str) -> str:
    """SHA-256 (hex) of a random secret of 80 bits or more; slow hashing adds nothing at that length."""
    return hashlib.sha256(secret.encode()).hexdigest()


def mask_email(address: str) -> str:
    """An address its owner recognises and nobody else can use: `l•••••@ejemplo.mx` (AU-11)."""
    name, at, host = address.partition("@")
    return f"{name[:1]}•••••{at}{host}"


def text_hash(body: str) -> str:
    """SHA-256 (hex) of a consent text, byte for byte as it is shown."""
    return hashlib.sha256(body.encode()).hexdigest()


def clean_email(typed: str) -> str:
    """Lower case, trimmed, ASCII only: look-alike letters would reach somebody else's mailbox (AU-06).

    And with a whole domain: `a@localhost` would stay on this machine. Raises RuleBroken.
    """
    address = typed.strip().lower()
    if not address.isascii():
        raise RuleBroken(
            "El correo lleva una letra que no se usa en direcciones. Escríbelo otra vez con tu teclado.",
            code="email_not_ascii",
            field="email",
        )
    if not re.fullmatch(r"[^@\s]+@(?:[^@\s.]+\.)+[^@\s.]{2,}", address):
        raise RuleBroken(
            "El correo no está completo. Escríbelo con su dominio, como nombre@ejemplo.mx.",
            code="email_incomplete",
            field="email",
        )
    return address


def check_password_shape(password: str, *, staff: bool) -> None:
    """Length only, between 8 (desk: 12) and 128; any characters (AU-04, C6)."""
    least = MIN_STAFF_PASSWORD if staff else MIN_PASSWORD
    if len(password) >= least and sum(map(has_visible, password)) < MIN_SEEN:
        raise RuleBroken(
            "Tu contraseña es casi toda de espacios. Usa letras, números o varias palabras.",
            code="password_blank",
            field="password",
        )
    if len(password) < least:
        raise RuleBroken(
            f"Tu contraseña es corta: usa {least} caracteres o más. Una frase de varias palabras sirve.",
            code="password_too_short",
            field="password",
        )
    if len(password) > MAX_PASSWORD:
        raise RuleBroken(
            f"Tu contraseña pasa de {MAX_PASSWORD} caracteres. Elige una más corta.",
            code="password_too_long",
            field="password",
        )


def about_you(password: str, own: Iterable[str]) -> bool:
    """Whether a password is made of the person's own identifiers or of the house's words (AU-04)."""
    bare = _letters(password)
    for word in own:
        piece = _letters(word)
        if len(piece) >= 4 and piece in bare and len(bare) - len(piece) < 6:
            return True
    return _of_the_house(bare) or _of_the_house(_letters(password.translate(_DISGUISE)))


def _of_the_house(bare: str) -> bool:
    """Whether almost nothing is left once the house's words are taken out; digits beside two of them hide nothing."""
    left, taken = bare, 0
    for word in sorted(HOUSE_WORDS, key=len, reverse=True):  # each is taken out before one looks at what is left
        taken += left.count(_letters(word))
        left = left.replace(_letters(word), "")
    counted = re.sub(r"[0-9]", "", left) if taken > 1 else left
    return taken > 0 and len(counted) < MIN_SEEN


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", folded(text))


def offered_until(on: date, *, own: bool) -> date:
    """The last day that a new credential's form proposes: a year for a system's, a quarter for one's own."""
    return on + (OFFERED_TO_PEOPLE if own else OFFERED_TO_SYSTEMS)


def idle_limit(*, staff: bool) -> timedelta:
    """How long a session may rest (AU-12)."""
    return IDLE_STAFF if staff else IDLE_OTHERS


def session_over(*, began: datetime, seen: datetime, at: datetime, staff: bool) -> bool:
    """Whether a session rested too long or is too old; the clock running backwards ends it too."""
    return at - seen > idle_limit(staff=staff) or at - began > SESSION_LIFE or at < seen - timedelta(minutes=1)


def factor_is_enough(factor: str, *, staff: bool, passkey_only: bool) -> bool:
    """Whether what a session proved suffices for its person (AU-08). `demo` counts only where the caller allows it."""
    if passkey_only:
        return factor in {"passkey", "demo"}
    return not staff or factor in {"passkey", "totp", "recovery", "demo"}


def scopes_for(*, own: bool) -> dict[str, str]:
    """Scopes of a person's own credential, or of an organisation's, with what each is for."""
    held = {slug: scope for slug, scope in SCOPES.items() if scope.own is own}
    return {slug: scope.label for slug, scope in held.items()}


def check_scopes(scopes: Iterable[str], *, life: timedelta, own: bool = False) -> list[str]:
    """Known scopes, sorted. `payments:act` lives 15 minutes at most (AU-08), and only in a person's `own` credential:
    whoever gives an organisation's would act as the one who answers for it (MO-05).
    """
    chosen, known = sorted(set(scopes)), scopes_for(own=own)
    if not chosen:
        raise RuleBroken("La credencial no abre nada. Elige al menos un permiso.", code="no_scope", field="scopes")
    if ACTING_SCOPE in chosen and not own:
        raise RuleBroken(
            "Sobre pagos actúa cada persona con una credencial suya, no el sistema de una organización. "
            "Quita ese permiso.",
            code="acting_is_own",
            field="scopes",
        )
    if unknown := [scope for scope in chosen if scope not in known]:
        raise RuleBroken(
            f"No existe el permiso «{unknown[0]}». Elige uno de la lista.", code="unknown_scope", field="scopes"
        )
    if ACTING_SCOPE in chosen and life > ACTING_TOKEN_LIFE:
        raise RuleBroken(
            "Una credencial que actúa sobre pagos dura 15 minutos. Pide una más corta.",
            code="acting_too_long",
            field="expires_at",
        )
    if ACTING_SCOPE in chosen and len(chosen) > 1:
        raise RuleBroken(
            "Una credencial que actúa sobre pagos no lleva otros permisos. Haz dos credenciales.",
            code="acting_alone",
            field="scopes",
        )
    if not timedelta(0) < life <= MAX_TOKEN_LIFE:
        raise RuleBroken("La credencial dura a lo más un año. Elige otra fecha.", code="token_life", field="expires_at")
    return chosen
