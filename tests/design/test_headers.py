"""OP-07, D10: the headers stand on every answer, errors and static files included; a file keeps its own (UP-08)."""

from __future__ import annotations

import gzip

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import include, path

from portal.design.middleware import CONTENT_SECURITY_POLICY, HEADERS, HSTS, SecurityHeaders
from portal.errors import Conflict, Finding, Level, RuleBroken, TooLarge, TooMany

SANDBOX = "sandbox; default-src 'none'"
A_FILE = b"%PDF" + bytes(1000)


def _raises(error: Exception):
    def view(request: HttpRequest) -> HttpResponse:
        raise error

    return view


def _a_file(request: HttpRequest) -> HttpResponse:
    return HttpResponse(A_FILE, content_type="application/pdf", headers={"Content-Security-Policy": SANDBOX})


ROW = '<tr><td><a href="/medico/ordenes/01a2043a-8de0-7419-ab24-49478f21df10/">DV-7100</a></td><td>$1,300.00</td></tr>'


def _a_list(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"<table>{ROW * 50}</table>")


def _broken(request: HttpRequest) -> HttpResponse:
    raise ValueError("secreto")


SENTENCE = "A esta CLABE le falta un dígito: lleva 18 y escribiste 17."
FINDING = Finding("total", Level.ERROR, "La factura no cuadra.", "Revisa el importe.")
urlpatterns = [
    path("regla/", _raises(RuleBroken(SENTENCE, code="clabe_short", field="clabe", findings=[FINDING]))),
    path("choque/", _raises(Conflict("Alguien ya aprobó este lote. Ábrelo de nuevo."))),
    path("grande/", _raises(TooLarge("Este archivo pesa 61 MB y el límite es 50 MB."))),
    path("muchos/", _raises(TooMany("Hiciste muchos intentos. Espera 5 minutos.", retry_after=300))),
    path("cuerpo/", _raises(RequestDataTooBig())),
    path("archivos/", _raises(TooManyFilesSent())),
    path("prohibido/", _raises(PermissionDenied())),
    path("falla/", _broken),
    path("archivo/", _a_file),
    path("lista/", _a_list),
    path("api/v1/regla/", _raises(RuleBroken(SENTENCE, code="clabe_short", field="clabe", findings=[FINDING]))),
    path("api/v1/falla/", _broken),
    path("", include("config.urls")),
]
handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"

EVERY_KIND_OF_ANSWER = [
    ("/", 200),
    ("/_ui/", 200),
    ("/no-existe/", 404),
    ("/no-existe", 404),
    ("/regla/", 422),
    ("/choque/", 409),
    ("/grande/", 413),
    ("/muchos/", 429),
    ("/cuerpo/", 413),
    ("/archivos/", 413),
    ("/prohibido/", 403),
    ("/falla/", 500),
    ("/archivo/", 200),
    ("/api/v1/regla/", 422),
    ("/api/v1/falla/", 500),
    ("/apariencia/", 405),
    ("/_ui", 301),
]


@pytest.fixture
def client(settings, db) -> Client:
    settings.ROOT_URLCONF = "tests.design.test_headers"
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(("address", "status"), EVERY_KIND_OF_ANSWER)
def test_every_answer_carries_every_header(client: Client, address: str, status: int) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    for name, value in HEADERS.items():
        expected = SANDBOX if (address, name) == ("/archivo/", "Content-Security-Policy") else value
        assert answer.headers[name] == expected
    assert answer.headers["X-Request-Id"]
    assert answer.headers["Cache-Control"]


@pytest.mark.parametrize(("address", "status"), [case for case in EVERY_KIND_OF_ANSWER if case[1] >= 403])
def test_an_error_page_says_its_reference_and_shows_a_way_on(client: Client, address: str, status: int) -> None:
    answer = client.get(address)
    text = answer.content.decode()
    assert answer.headers["X-Request-Id"] in text
    if address.startswith("/api/"):
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == status
    else:
        assert 'class="btn primary"' in text
        assert "secreto" not in text and "Traceback" not in text


def test_a_page_travels_compressed_to_whoever_takes_that_and_a_file_as_it_was_sealed(client: Client) -> None:
    plain = client.get("/lista/")
    assert "Content-Encoding" not in plain.headers and "Accept-Encoding" in plain.headers["Vary"]
    light = client.get("/lista/", headers={"accept-encoding": "gzip, deflate, br"})
    assert light.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(light.content) == plain.content
    assert len(light.content) < len(plain.content) / 5
    sealed = client.get("/archivo/", headers={"accept-encoding": "gzip"})
    assert "Content-Encoding" not in sealed.headers and sealed.content == A_FILE


def test_two_answers_to_one_request_differ_in_length_so_that_it_tells_no_letter(client: Client) -> None:
    """BREACH: what is repeated often enough must not show by its length what a secret begins with."""
    lengths = {len(client.get("/lista/", headers={"accept-encoding": "gzip"}).content) for _ in range(30)}
    assert len(lengths) > 5


def test_a_broken_rule_is_said_in_its_own_words_with_its_findings(client: Client) -> None:
    text = client.get("/regla/").content.decode()
    assert SENTENCE in text and FINDING.message in text and FINDING.cure in text
    body = client.get("/api/v1/regla/").json()
    assert (body["code"], body["title"], body["field"]) == ("clabe_short", SENTENCE, "clabe")
    assert body["findings"][0]["code"] == "total"


def test_too_many_says_when_to_come_back(client: Client) -> None:
    assert client.get("/muchos/").headers["Retry-After"] == "300"


def test_the_way_back_is_only_ever_to_ourselves(client: Client) -> None:
    assert (
        'href="/mesa/?q=1"'
        in client.get("/regla/", headers={"referer": "http://testserver/mesa/?q=1"}).content.decode()
    )
    for foreign in (
        "https://malo.example/x",
        "javascript:alert(1)",
        "http://testserver.malo.example/",
        "data:text/html,x",
    ):
        text = client.get("/regla/", headers={"referer": foreign}).content.decode()
        assert "malo" not in text and "javascript" not in text and "data:" not in text


def test_a_form_without_its_protection_is_refused_in_words(settings, db) -> None:
    answer = Client(enforce_csrf_checks=True).post("/apariencia/", {"theme": "dark"})
    assert answer.status_code == 403
    assert "venció" in answer.content.decode()
    assert "cauce_theme" not in answer.cookies


def test_https_adds_hsts_for_a_year_and_subdomains(settings) -> None:
    settings.HTTPS = True
    answer = SecurityHeaders(lambda request: HttpResponse())(RequestFactory().get("/"))
    assert answer.headers["Strict-Transport-Security"] == HSTS == "max-age=31536000; includeSubDomains"
    settings.HTTPS = False
    answer = SecurityHeaders(lambda request: HttpResponse())(RequestFactory().get("/"))
    assert "Strict-Transport-Security" not in answer.headers


def test_nothing_inline_is_allowed() -> None:
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert CONTENT_SECURITY_POLICY.startswith("default-src 'none'")
    assert "report-uri /csp" in CONTENT_SECURITY_POLICY


def test_a_static_file_carries_the_headers_and_may_be_kept() -> None:
    answer = SecurityHeaders(lambda request: HttpResponse())(RequestFactory().get("/static/css/cauce.css"))
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "Cache-Control" not in answer.headers


def test_a_body_over_the_limit_is_413_in_words(settings, db) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = Client().post("/apariencia/", "theme=" + "x" * 500, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413
    assert "Divídelo" in answer.content.decode()
