"""Django settings, derived from `config.Config`, which alone reads the environment."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import structlog
from django.utils.translation import gettext_lazy as _

from tutela.app import config as _config
from tutela.app.runtime import gc_at_start
from tutela.app.runtime.embedded_postgres import Cluster
from tutela.app.runtime.log_filters import tokens_left_out
from tutela.app.runtime.supervisor import RUNTIME_URL

# Until the last app is ready.
gc_at_start.begin()
CONFIG = _config.load()
BASE_DIR = Path(__file__).resolve().parent
DATA_DIR = CONFIG.data.resolve()
# "owner" is for migrations and for resealing only; every other process uses the runtime role.
ROLE = os.environ.get("TUTELA_ROLE", "app")


def _kept_secret(name: str) -> str:
    """A random secret, made once and kept in the data folder with mode 0600."""
    path = DATA_DIR / name
    if not path.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text().strip()
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_hex(32))
    return path.read_text().strip()


def database_url() -> str:
    """Database address for this process's role: handed over, configured, or of the embedded cluster."""
    if ROLE == "app" and (handed := os.environ.get(RUNTIME_URL)):
        return handed
    if CONFIG.database_url:
        return CONFIG.owner_database_url if ROLE == "owner" else CONFIG.database_url
    return Cluster(DATA_DIR).url("tutela_owner" if ROLE == "owner" else "tutela_app")


def _database(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host") or parts.hostname or "",
        "PORT": query.get("port") or str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "application_name": "tutela",
            # A machine that is gone sends no error, so connecting and waiting have time limits of their own.
            "connect_timeout": 5,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 30_000,
            "options": "-c lock_timeout=5s -c statement_timeout=60s",
            # Values travel apart from their statement, which a connection prepares once it has come five times: with
            # the policies of its tables, planning a statement takes longer than answering it.
            "server_side_binding": True,
            "prepare_threshold": 5,
        },
    }


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


SECRET_KEY = CONFIG.secret_key or _kept_secret("secret.key")
KEY_ENCRYPTION_KEY = bytes.fromhex(CONFIG.key_encryption_key or _kept_secret("kek.hex"))
# Keys the blind indexes, by which equal digests are found; apart from the sealing keys, which rotate.
BLIND_KEY = bytes.fromhex(_kept_secret("blind.hex"))
DEBUG = CONFIG.debug
ALLOWED_HOSTS = [h.strip() for h in CONFIG.allowed_hosts.split(",") if h.strip()]
CSRF_TRUSTED_ORIGINS = [CONFIG.public_url] if CONFIG.public_url.startswith("https://") else []
PUBLIC_URL = CONFIG.public_url.rstrip("/")
EXIT_URL = CONFIG.exit_url
USER_TEXTS = Path(CONFIG.user_texts).resolve() if CONFIG.user_texts else None
UNDO_SECONDS = CONFIG.undo_seconds
ALERT_EMAILS = tuple(filter(None, (one.strip() for one in CONFIG.alert_emails.split(","))))
ALERT_WEBHOOK = CONFIG.alert_webhook
EVIDENCE_PERIODS = Path(CONFIG.evidence_periods).resolve() if CONFIG.evidence_periods else None
LOG_ORIGIN = CONFIG.log_origin or f"{PUBLIC_URL.partition('://')[2]}/log"
LOG_POLICY = CONFIG.log_policy
LOG_TRIAL = CONFIG.log_trial or CONFIG.demo
FEED_NETWORKS = CONFIG.feed_networks
PEER_NETWORKS = CONFIG.peer_networks
TRUSTED_PROXIES = CONFIG.trusted_proxies
GEOIP_FILE, ASN_FILE = CONFIG.geoip_file, CONFIG.asn_file
PKCS11_MODULE, PKCS11_TOKEN, PKCS11_PIN = CONFIG.pkcs11_module, CONFIG.pkcs11_token, CONFIG.pkcs11_pin
DEMO = CONFIG.demo
DESKS = CONFIG.mounted
ROOT_URLCONF = "tutela.app.website.urls"
WSGI_APPLICATION = "tutela.app.runtime.wsgi.application"
DATABASES = {"default": _database(database_url())}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "organisations.Person"

DOMAINS = [
    "events",
    "organisations",
    "law",
    "accountability",
    "casework",
    "indicators",
    "prevention",
    "detection",
    "reports",
    "takedown",
    "victims",
    "investigations",
    "redress",
    "observatory",
]
DOMAINS = [name for name in DOMAINS if (BASE_DIR.parent / name).is_dir()]
INSTALLED_APPS = [
    "django.forms",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "procrastinate.contrib.django",
    *[f"tutela.{name}" for name in DOMAINS],
    "tutela.app",
]
MIDDLEWARE = [
    "tutela.app.website.no_trace.NoTraceMiddleware",
    "tutela.app.website.middleware.RequestIdMiddleware",
    "tutela.app.website.middleware.LifelineMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tutela.app.website.middleware.LastSeenMiddleware",
    "tutela.app.website.middleware.PlainTextMiddleware",
    "tutela.app.website.middleware.ZoneMiddleware",
    "tutela.app.website.middleware.SecondFactorMiddleware",
    "tutela.app.website.middleware.VisibleMiddleware",
    "tutela.app.website.middleware.ProblemMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tutela.app.website.context_processor.shell",
            ],
            "builtins": [
                "tutela.app.templatetags.tutela",
                "tutela.app.templatetags.lists",
                "tutela.app.templatetags.charts",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Sign-in: password and a second factor (TOTP or a hardware key); OIDC where configured. No self-registration.
AUTHENTICATION_BACKENDS = ["tutela.organisations.people.allauth_adapters.Backend"]
ACCOUNT_ADAPTER = "tutela.organisations.people.allauth_adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
# Nobody gets mail because somebody typed their address.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = False
# The library counts in each process for itself, and by address; `organisations/sign_in_limits` counts for all of them.
ACCOUNT_RATE_LIMITS = False
# People join by invitation, so an unverified address that the library has noted proves nothing.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_FORMS = {
    "authenticate": "tutela.organisations.people.sign_in_forms.AuthenticateForm",
    "reauthenticate": "tutela.organisations.people.sign_in_forms.ReauthenticateForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Tutela"
MFA_ADAPTER = "tutela.organisations.people.allauth_adapters.SecondFactorAdapter"
# Browsers take localhost for safe without TLS; a hardware key is bound to a name and never to a bare address.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = CONFIG.public_url.startswith(("http://127.0.0.1", "http://localhost"))
SOCIALACCOUNT_ADAPTER = "tutela.organisations.people.allauth_adapters.SocialAdapter"
SOCIALACCOUNT_PROVIDERS = (
    {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "oidc",
                    "name": "Single sign-on",
                    "client_id": CONFIG.oidc_client_id,
                    "secret": CONFIG.oidc_client_secret,
                    "settings": {"server_url": CONFIG.oidc_issuer},
                }
            ],
        }
    }
    if CONFIG.oidc_issuer
    else {}
)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/desk/"
LOGOUT_REDIRECT_URL = "/"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = CONFIG.behind_tls
SECURE_HSTS_SECONDS = 31_536_000 if CONFIG.behind_tls else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if CONFIG.behind_tls else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    # A form that begins single sign-on ends at the issuer, and browsers ask this rule about the redirect too.
    "form-action": ["'self'", *([_origin(CONFIG.oidc_issuer)] if CONFIG.oidc_issuer else [])],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}

# No clear media touches a disk: nothing is uploaded to the desks, and what a form carries stays in memory.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = CONFIG.time_zone
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = CONFIG.debug

_mail = urlsplit(CONFIG.email_url)
DEFAULT_FROM_EMAIL = CONFIG.email_from or f"tutela@{urlsplit(CONFIG.public_url).hostname}"
# Whether this node has a mail server.
SENDS_EMAIL = bool(CONFIG.email_url)
MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": _mail.hostname,
            "port": _mail.port or 25,
            "username": unquote(_mail.username or ""),
            "password": unquote(_mail.password or ""),
            "timeout": 20,
        },
    }
    if SENDS_EMAIL
    else {"BACKEND": "tutela.app.runtime.mail.NotSent"}
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler", "filters": ["tokens"]}},
    "filters": {
        "answered": {"()": "tutela.app.runtime.log_filters.AnsweredFilter"},
        "tokens": {"()": "tutela.app.runtime.log_filters.WithoutTokens"},
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"tutela": {"level": "INFO"}, "django.request": {"filters": ["answered"]}},
}
SILENCED_SYSTEM_CHECKS = ["urls.W002"]

# One JSON line an entry; tracebacks as text without local variables, which could hold what must not be logged.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        tokens_left_out,
        structlog.processors.JSONRenderer(),
    ],
    logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
)

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
