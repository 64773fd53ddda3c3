"""Settings: one file, read strictly from the environment.

An unknown or malformed value stops the start with a sentence.
"""

from __future__ import annotations

import base64
import ipaddress
import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from portal.zones import MEXICO_CITY

ROOT = Path(__file__).resolve().parent.parent

# --- strict environment ------------------------------------------------------------------------------------------

# Every variable the product reads: name -> what it is. A test compares this table with docker-compose.yml and docs.
VARIABLES: dict[str, str] = {
    "DATABASE_URL": "la base PostgreSQL como aplicación, que no cambia tablas: postgres://…",
    "DATABASE_OWNER_URL": "la base PostgreSQL como su dueña, que migra",
    "DATABASE_AS_OWNER": "true solo para órdenes que cambian tablas",
    "REDIS_URL": "Redis o Valkey, el mensajero de Celery y nada más: redis://…",
    "SECRET_KEY": "firma sesiones y enlaces; 50 caracteres o más",
    "SECRET_KEY_FALLBACKS": "llaves anteriores que todavía valen, separadas por comas",
    "VAULT_KEYS": "llaves maestras de archivos y columnas, base64 de 32 bytes, la más nueva primero, con comas",
    "AUDIT_KEY": "llave del sello de la auditoría, base64 de 32 bytes",
    "BASE_URL": "la dirección pública del portal; fija enlaces, cookies y llaves de acceso",
    "DATA_DIR": "la carpeta de los archivos cifrados",
    "STATIC_DIR": "la carpeta de los archivos estáticos reunidos",
    "DEMO": "true permite el mundo de demostración",
    "DEBUG": "true enseña los errores por dentro; nunca en producción",
    "ADMIN_ENABLED": "true monta /admin para superusuarios",
    "EMAIL_URL": "el servidor de correo: smtps://usuario:clave@servidor:465, smtp+tls://…:587 o smtp://servidor:25",
    "EMAIL_FROM": "el remitente de los avisos",
    "TRUSTED_PROXIES": "direcciones o redes de los proxies inversos cuyos encabezados cuentan, separadas por comas",
    "TRUST_DIR": "una carpeta con más certificados de autoridades y PAC (DER, PEM o ZIP)",
    "UNDO_SECONDS": "segundos, de 0 a 600, en que quien decide puede deshacer; con 0 decide al momento",
    "GATEWAY_URL": "la pasarela de tarjetas: https://…; vacía, no se paga con tarjeta",
    "GATEWAY_SECRET": "la llave con que la pasarela y el portal firman lo que se dicen; 32 caracteres o más",
    "LOG_LEVEL": "DEBUG, INFO, WARNING o ERROR",
}


def _stop(name: str, why: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name}: {why}. Es: {VARIABLES[name]}.")


def _text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        if default is None:
            raise _stop(name, "falta y no tiene valor por omisión")
        return default
    return value


def _flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value in {"", "true", "false"}:
        return {"": default, "true": True, "false": False}[value]
    raise _stop(name, f"dice «{value}» y solo puede decir true o false")


def _whole(name: str, default: int, *, most: int) -> int:
    """A whole number from 0 to `most`."""
    value = os.environ.get(name, "").strip() or str(default)
    if not (value.isascii() and value.isdecimal() and int(value) <= most):
        raise _stop(name, f"dice «{value}»")
    return int(value)


def _list(name: str) -> list[str]:
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]


def _address(name: str, schemes: dict[str, int]) -> tuple[SplitResult, int]:
    """An address and its port, which a scheme may leave unsaid; `""` among the schemes lets the variable be empty."""
    value = os.environ.get(name, "").strip()
    try:
        parts = urlsplit(value)
        port = parts.port or schemes.get(parts.scheme, 0)
    except ValueError as error:
        raise _stop(name, "no se entiende como dirección") from error
    if parts.scheme not in schemes or (parts.scheme and not parts.hostname):
        raise _stop(name, "no se entiende como dirección" if value else "falta y no tiene valor por omisión")
    return parts, port


def _keys(name: str) -> list[str]:
    """Keys of 32 bytes in base64, at least one; what a wrong one holds is not repeated."""
    keys = _list(name)
    for key in keys:
        try:
            size = len(base64.b64decode(key, validate=True))
        except ValueError as error:
            raise _stop(name, "una llave no es base64") from error
        if size != 32:
            raise _stop(name, f"una llave mide {size} bytes y debe medir 32")
    if not keys:
        raise _stop(name, "falta y no tiene valor por omisión")
    return keys


def _networks(name: str) -> list[str]:
    found = []
    for one in _list(name):
        try:
            found.append(str(ipaddress.ip_network(one)))
        except ValueError as error:
            raise _stop(name, f"dice «{one}» y no es una dirección ni una red") from error
    return found


def _database(name: str) -> dict[str, Any]:
    address = _text(name)
    try:
        parsed: dict[str, Any] = dict(dj_database_url.parse(address, conn_max_age=60, conn_health_checks=True))
    except (ValueError, KeyError) as error:
        raise _stop(name, "no se entiende como dirección de PostgreSQL") from error
    if "postgresql" not in parsed["ENGINE"]:
        raise _stop(name, "no es una dirección de PostgreSQL")
    return parsed


def _unknown_variables() -> None:
    """A misspelt CAUCE_… variable would be silently ignored: refuse it instead."""
    stray = sorted(name for name in os.environ if name.startswith("CAUCE_") and not name.startswith("CAUCE_TEST_"))
    if stray:
        raise ImproperlyConfigured(f"{', '.join(stray)}: no existe esa variable. Conocidas: {', '.join(VARIABLES)}.")


_unknown_variables()

# --- core --------------------------------------------------------------------------------------------------------

DEBUG = _flag("DEBUG")
DEMO = _flag("DEMO")
ADMIN_ENABLED = _flag("ADMIN_ENABLED")
SECRET_KEY = _text("SECRET_KEY")
SECRET_KEY_FALLBACKS = _list("SECRET_KEY_FALLBACKS")
VAULT_KEYS = _keys("VAULT_KEYS")
AUDIT_KEY = _keys("AUDIT_KEY")[0]
if len(SECRET_KEY) < 50:
    raise _stop("SECRET_KEY", f"mide {len(SECRET_KEY)} caracteres")

_base, _ = _address("BASE_URL", {"http": 80, "https": 443})
BASE_URL = _base.geturl().rstrip("/")
if _base.path.strip("/") or _base.query or _base.username:
    raise _stop("BASE_URL", f"dice «{BASE_URL}» y debe ser como https://portal.ejemplo.mx")
HTTPS = _base.scheme == "https"
# Two copies on one machine, told apart by port, must not sign each other out.
_cookie_suffix = f"_{_base.port}" if _base.port else ""

# Off while there is no address. What leads the browser there and what it says back is signed by the one secret.
GATEWAY_URL = ""
if os.environ.get("GATEWAY_URL", "").strip():
    GATEWAY_URL = _address("GATEWAY_URL", {"http": 80, "https": 443})[0].geturl().rstrip("/")
GATEWAY_SECRET = _text("GATEWAY_SECRET", default="")
if GATEWAY_URL and len(GATEWAY_SECRET) < 32:
    raise _stop("GATEWAY_SECRET", f"mide {len(GATEWAY_SECRET)} caracteres")

ALLOWED_HOSTS = [_base.hostname, *(["localhost"] if _base.hostname == "localhost" else [])]
CSRF_TRUSTED_ORIGINS = [BASE_URL]
TRUSTED_PROXIES = _networks("TRUSTED_PROXIES")
DATA_DIR = Path(_text("DATA_DIR", str(ROOT / ".data" / "files")))
TRUST_DIR = _text("TRUST_DIR", "")
if TRUST_DIR and not Path(TRUST_DIR).is_dir():
    raise _stop("TRUST_DIR", f"dice «{TRUST_DIR}» y no es una carpeta")

UNDO_SECONDS = _whole("UNDO_SECONDS", 30, most=600)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "portal.history",
    "portal.once",
    "portal.design",
    "portal.listing",
    "portal.resume",
    "portal.work",
    "portal.rulebook",
    "portal.calendars",
    "portal.folios",
    "portal.notices",
    "portal.people",
    "portal.api",
    "portal.papers",
    "portal.imports",
    "portal.fiscal",
    "portal.proofs",
    "portal.treasury",
    "portal.help",
    "memberships",
    "billing",
    "claims",
    "config.desk",
    "config.ruledesk",
    *(["config.demo"] if DEMO else []),
    *(["django.contrib.admin"] if ADMIN_ENABLED else []),
]

MIDDLEWARE = [
    "config.health.AnyHost",
    "portal.design.middleware.SecurityHeaders",
    "portal.design.middleware.LightPages",
    "django.middleware.security.SecurityMiddleware",  # plain requests go to https; its headers are ours already
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.history.middleware.ReadsDoNotWrite",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.design.middleware.WholeFolios",
    "portal.resume.middleware.Resume",
    "portal.people.middleware.PersonalSession",
    "portal.papers.middleware.RefusedUploads",
    "portal.design.middleware.RuleBrokenPages",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "OPTIONS": {
            "loaders": [
                ("django.template.loaders.cached.Loader", ["portal.design.loading.Ours", "portal.design.loading.Apps"])
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.navigation.shell",
            ],
            "builtins": ["portal.design.templatetags.cauce"],
        },
    }
]
FORM_RENDERER = "portal.design.forms.CauceRenderer"

# --- database ----------------------------------------------------------------------------------------------------

AS_OWNER = _flag("DATABASE_AS_OWNER")
_application = _database("DATABASE_URL")
DATABASE_OWNER_URL = _text("DATABASE_OWNER_URL")
_owner = _database("DATABASE_OWNER_URL")
DATABASE_APPLICATION_ROLE = _application["USER"]
DATABASES = {"default": _owner if AS_OWNER else _application}
for _settings in DATABASES.values():
    # PgBouncer-safe; exports open an explicit cursor inside a transaction.
    _settings["DISABLE_SERVER_SIDE_CURSORS"] = True
    _settings["OPTIONS"] = {
        # A server that is gone without a word is given up within seconds, not minutes (OP-12).
        "connect_timeout": 5,
        "keepalives_idle": 30,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
        **_settings.get("OPTIONS", {}),
        "options": "-c statement_timeout=30000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=60000"
        if not AS_OWNER
        else "-c lock_timeout=10000",
    }
    _settings["TEST"] = {"NAME": os.environ.get("CAUCE_TEST_DATABASE", "test_cauce")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- people ------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["portal.people.backends.IdentifierBackend"]
PASSWORD_HASHERS = ["portal.people.hashers.PortalArgon2"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "portal.people.validators.LengthByRole"},
    {"NAME": "portal.people.validators.NotCommon"},
    {"NAME": "portal.people.validators.NotAboutYou"},
]
LOGIN_URL = "people:sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

SESSION_ENGINE = "portal.people.session_store"
SESSION_COOKIE_NAME = f"cauce_session{_cookie_suffix}"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_NAME = f"cauce_csrf{_cookie_suffix}"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "config.errors.csrf_failed"

# --- headers -----------------------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REDIRECT_EXEMPT = [r"^salud/"]
SILENCED_SYSTEM_CHECKS = [
    "security.W002",  # our SecurityHeaders middleware sets every header, also on files and errors
    "security.W021",  # preloading a domain into browsers is its owner's decision
]

# --- files, static, mail, language -------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = Path(_text("STATIC_DIR", str(ROOT / "static_build" / "collected")))
STATICFILES_DIRS = [ROOT / "static", ROOT / "static_build" / "made"]  # the second is written by `make_static`
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.InMemoryStorage"
    },  # never used: papers keeps its own encrypted store
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or "pytest" in sys.modules
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
FILE_UPLOAD_HANDLERS = ["portal.papers.upload.EncryptingUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_100  # a claim of most lines is decided in one form, two fields a line
DATA_UPLOAD_MAX_NUMBER_FILES = 60

_mail, EMAIL_PORT = _address("EMAIL_URL", {"": 0, "smtp": 25, "smtp+tls": 587, "smtps": 465})
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend" if _mail.scheme else "portal.notices.mailbox.KeepInRow"
EMAIL_HOST = _mail.hostname or "localhost"
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
EMAIL_USE_SSL, EMAIL_USE_TLS = _mail.scheme == "smtps", _mail.scheme == "smtp+tls"
EMAIL_TIMEOUT = 5
DEFAULT_FROM_EMAIL = _text("EMAIL_FROM", "Cauce <avisos@cauce.example>")

LANGUAGE_CODE = "es-mx"
FORMAT_MODULE_PATH = "config.formats"  # a typed year has four digits
TIME_ZONE = MEXICO_CITY
USE_I18N = True
USE_TZ = True

# --- Celery: legs only -------------------------------------------------------------------------------------------

REDIS_URL = _address("REDIS_URL", {"redis": 6379, "rediss": 6379})[0].geturl()
CELERY_BROKER_URL = REDIS_URL

CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [],  # `portal.api.bodies` reads what was sent
    "DEFAULT_METADATA_CLASS": None,  # OPTIONS would hand out the docstrings of our views
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "portal.api.authentication.TokenAuthentication",
        "portal.api.authentication.SessionWithCsrf",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],  # and `portal.api.door` asks the rest
    "SCHEMA_COERCE_PATH_PK": False,
    "DEFAULT_SCHEMA_CLASS": "portal.api.schema.CallSchema",
    "EXCEPTION_HANDLER": "portal.api.problems.problem_details",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Cauce",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "DESCRIPTION": "Todo lo que se hace en las páginas del portal, para programas.",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "DISABLE_ERRORS_AND_WARNINGS": False,
    "POSTPROCESSING_HOOKS": [],
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "token": {"type": "http", "scheme": "bearer"},
            "session": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE_NAME},
        }
    },
}

_log_level = _text("LOG_LEVEL", "INFO")
if _log_level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
    raise _stop("LOG_LEVEL", f"dice «{_log_level}»")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "config.logs.JsonLines"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": _log_level},
    "loggers": {
        "celery": {"level": "WARNING"},  # at INFO it tells each wake-up, four every five seconds
        "django.security.DisallowedHost": {"level": "CRITICAL"},  # scanners that name another host: answered with 400
    },
}

# --- allauth: sign-in, second factors, session list (people wires its views one by one under Spanish paths) --------

ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # people sends and checks its own confirmation
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_RATE_LIMITS = False  # its failed-login limit refuses the right password too; ours is AU-10
ACCOUNT_ADAPTER = "portal.people.adapters.AccountAdapter"
MFA_ADAPTER = "portal.people.adapters.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
USERSESSIONS_TRACK_ACTIVITY = False  # a GET never writes; sessions say when they began
