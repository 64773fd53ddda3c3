"""The three processes of the portal, as argument lists after `python`. docker-compose.yml runs the same ones."""

from .places import ROOT

WEB_WORKERS, WEB_THREADS, CELERY_WORKERS = 2, 4, 2


def web(bind: str) -> list[str]:
    """The web server."""
    return [
        *("-m", "gunicorn", "config.wsgi:application"),
        *("--bind", bind),
        *("--worker-class", "gthread", "--workers", str(WEB_WORKERS), "--threads", str(WEB_THREADS)),
        *("--timeout", "60", "--graceful-timeout", "10", "--keep-alive", "5"),
        *("--max-requests", "5000", "--max-requests-jitter", "500", "--no-control-socket", "--preload"),
        *("--forwarder-headers", ""),  # nobody tells us our path: SCRIPT_NAME and PATH_INFO as headers are dropped
        *("--logger-class", "config.serverlog.ServerLog"),
    ]


def collect_static() -> list[str]:
    """Django's collectstatic, without the files of libraries that no page of ours uses."""
    return ["collectstatic", "--no-input", "--ignore", "rest_framework", "--ignore", "django_htmx"]


def worker() -> list[str]:
    """The Celery worker: two prefork children."""
    return [
        *("-m", "celery", "--app", "config.celery", "--quiet", "worker"),
        *("--pool", "prefork", "--concurrency", str(CELERY_WORKERS), "--loglevel", "WARNING"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    ]


def gateway(port: int) -> list[str]:
    """The sample gateway of cards, while the demo is on; it is no part of the portal and imports nothing of it."""
    return ["-I", str(ROOT / "bin" / "cauce.py"), "gateway", "--port", str(port)]


def beat(schedule: str) -> list[str]:
    """Celery beat; its schedule file is only a memory of when it last woke each task."""
    return [
        *("-m", "celery", "--app", "config.celery", "--quiet", "beat"),
        *("--loglevel", "WARNING", "--schedule", schedule, "--pidfile", ""),
    ]
