"""All settings. What differs between installations comes from the environment (README, "Settings")."""

import secrets
from pathlib import Path

from csp.constants import NONE, SELF

from caretrack.env import database_from_url, env_bool, env_int, env_list, env_path, env_str, sqlite

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env_path("CARETRACK_DATA", BASE_DIR / "var" / "data")
# Keys never lie in the data folder: a copied data folder or backup must stay unreadable.
KEY_DIR = env_path("CARETRACK_KEYS", BASE_DIR / "var" / "keys")

DEBUG = env_bool("CARETRACK_DEBUG", default=False)
ALLOWED_HOSTS = env_list("CARETRACK_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env_list("CARETRACK_ORIGINS")
HTTPS = env_bool("CARETRACK_HTTPS", default=False)


def secret_key() -> str:
    """The signing key, from the environment or from a file made at the first start."""
    if given := env_str("CARETRACK_SECRET_KEY"):
        return given
    path = KEY_DIR / "secret.key"
    if not path.exists():
        KEY_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(60))
    return path.read_text().strip()


SECRET_KEY = secret_key()

INSTALLED_APPS = [
    "caretrack.access",
    "caretrack.schools",
    "caretrack.jobs",
    "caretrack.web",
    "children",
    "mentoring",
    "activities",
    "reports",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "import_export",
    "django_tasks_db",
    "js_lib_bootstrap5",
    "js_lib_bootstrap_icons",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "caretrack.web.middleware.PrivatePages",
    "caretrack.web.middleware.RescueText",
    "caretrack.schools.middleware.SetUpFirst",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "caretrack.schools.middleware.OwnPasswordFirst",
    "caretrack.schools.middleware.WithoutPost",
    "caretrack.access.middleware.NameTheChange",
    "caretrack.access.middleware.WriteAccessLog",
    "caretrack.access.middleware.GetsNeverWrite",
]

ROOT_URLCONF = "caretrack.urls"
WSGI_APPLICATION = "caretrack.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "caretrack.web.context.frame",
            ],
            "builtins": ["caretrack.web.templatetags.care", "django.templatetags.static"],
        },
    }
]
FORM_RENDERER = "caretrack.web.renderer.CareRenderer"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

DATABASES = {
    "default": database_from_url(env_str("DATABASE_URL"))
    if env_str("DATABASE_URL")
    else sqlite(DATA_DIR / "caretrack.sqlite3")
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

AUTH_USER_MODEL = "schools.Staff"
AUTHENTICATION_BACKENDS = ["caretrack.schools.backend.StaffBackend"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "workbench"
LOGOUT_REDIRECT_URL = "login"
PASSWORD_HASHERS = [
    "caretrack.schools.passwords.Argon2Modest",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "caretrack.schools.passwords.ChineseHabitsValidator"},
]

SESSION_ENGINE = "caretrack.web.session_store"
SESSION_COOKIE_AGE = env_int("CARETRACK_SESSION_HOURS", 10) * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
IDLE_MINUTES = env_int("CARETRACK_IDLE_MINUTES", 20)  # signed out after so long without doing anything
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "caretrack.web.errors.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = env_int("CARETRACK_HSTS_SECONDS", 0)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Source maps are fetched by developers only; squeezing them took most of the time of a first start.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["png", "jpg", "jpeg", "gif", "webp", "ico", "woff", "woff2", "gz", "br", "map"]
MEDIA_ROOT = DATA_DIR / "media"  # never served as files: a view checks sight first
MAX_REQUEST_BYTES = env_int("CARETRACK_MAX_REQUEST_MB", 160) * 1024 * 1024  # ten photos of 15 MB and their text
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
IMPORT_EXPORT_USE_TRANSACTIONS = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"refusals": {"()": "caretrack.log_lines.RefusalsInOneLine"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["refusals"]}},
    "root": {"handlers": ["console"], "level": env_str("CARETRACK_LOG_LEVEL", "INFO")},
    "loggers": {"fontTools": {"level": "WARNING"}, "weasyprint": {"level": "WARNING"}},
}
