"""bin/up --check: come in as each sample person and open their home, as a browser without scripts would."""

import http.client
import json
import re
import subprocess
import time
from contextlib import closing
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

from . import ground
from .places import ROOT
from .say import say, warn

FIELD = re.compile(r'name="csrfmiddlewaretoken"[^>]*value="([^"]+)"')


def get(port: int, path: str, base_url: str) -> int:
    """The status of a page."""
    return Visitor(port, base_url).open(path)[0]


def people(environment: dict[str, str]) -> list[dict[str, str]]:
    """The sample people as config/demo tells them: `[{"slug", "name", "role", …}]`."""
    done = subprocess.run(
        ground.manage("demo_people", "--json"), env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        warn(f"demo_people falló: {done.stderr.strip()[-500:]}")
        return []
    return list(json.loads(done.stdout))


class Visitor:
    """One person's browser: cookies, and nothing else."""

    def __init__(self, port: int, base_url: str) -> None:
        """Talks to loopback, names the portal's own address."""
        self.port, self.base_url = port, base_url
        self.cookies: dict[str, str] = {}

    def open(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, text and where it redirects to."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as way:
            return self._ask(way, path, form)

    def _ask(self, way: http.client.HTTPConnection, path: str, form: dict[str, str] | None) -> tuple[int, str, str]:
        headers = {"Host": urlsplit(self.base_url).netloc, "Origin": self.base_url, "Accept": "text/html"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if form is None:
            way.request("GET", path, headers=headers)
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            way.request("POST", path, urlencode(form), headers)
        answer = way.getresponse()
        text = answer.read().decode(errors="replace")
        for line in answer.msg.get_all("Set-Cookie") or []:
            self.cookies |= {name: one.value for name, one in SimpleCookie(line).items()}
        return answer.status, text, urlsplit(answer.getheader("Location") or "").path

    def follow(self, path: str, hops: int = 5) -> tuple[int, str]:
        """Open a page and go where it sends us."""
        status, _, onwards = self.open(path)
        while status in {301, 302, 303} and hops:
            path, hops = onwards, hops - 1
            status, _, onwards = self.open(path)
        return status, path


def everyone(port: int, environment: dict[str, str], began: float) -> int:
    """Sign in as each sample person and open their home; the last line counts. 0 when all of them came in."""
    base_url = environment["BASE_URL"]
    fine = 0
    demo = ground.is_demo(environment)
    known = people(environment) if demo else []
    for person in known:
        answer = _come_in(Visitor(port, base_url), person["slug"])
        if answer.startswith("200 "):
            fine += 1
        else:
            warn(f"{person['slug']}: {answer}")
    seconds = time.monotonic() - began
    say(f"{fine} de {len(known)} personas entraron y vieron su inicio, en {seconds:.1f} s")
    return 0 if fine == len(known) and (known or not demo) else 1


def _come_in(visitor: Visitor, slug: str) -> str:
    status, text, _ = visitor.open("/_demo/")
    token = FIELD.search(text)
    if status != 200 or token is None:
        return f"/_demo/ contesta {status} sin formulario"
    status, _, onwards = visitor.open(f"/_demo/entrar/{slug}/", {"csrfmiddlewaretoken": token[1]})
    if status not in {302, 303}:
        return f"la entrada contesta {status}"
    status, path = visitor.follow(onwards or "/")
    return f"{status} {path}"
