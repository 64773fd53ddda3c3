"""One person at one browser: what they see, press, type and upload. Every page they meet is looked at once."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from lxml import html
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, Response

from tests.browser.house import PATIENCE, House
from tests.browser.looks import BRING_AXE, DESKTOP, STAY, look_when_new, pattern

FRESH = 10.0  # seconds in which a mail is nearly always there
# A refusal is an answer with a page; Chromium writes its status on the console all the same.
EXPECTED = re.compile(r"Failed to load resource: the server responded with a status of (403|404|405|409|413|422|429)")


class Person:
    """A browser profile of its own. `scripts=False` is somebody without JavaScript."""

    def __init__(self, house: House, browser: Browser, *, scripts: bool = True, looks: bool = True) -> None:
        self.house, self.faults, self.looks, self.scripts = house, list[str](), looks and scripts, scripts
        self.context = browser.new_context(
            base_url=house.address,
            java_script_enabled=scripts,
            viewport=DESKTOP,
            locale="es-MX",
            timezone_id="America/Mexico_City",
            reduced_motion="reduce",
            accept_downloads=True,
        )
        self.context.set_default_timeout(1000 * PATIENCE / 2)
        if scripts:
            self.context.add_init_script(f"{BRING_AXE}\n{STAY}")
        self.page: Page = self.context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.page.url}: {error}"))
        self.page.on("request", self._asked)
        self.page.on("response", self._answered)

    # --- what went wrong ---------------------------------------------------------------------------------------

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not EXPECTED.match(message.text):
            self.faults.append(f"{self.page.url}: console: {message.text}")

    def _asked(self, request: Request) -> None:
        if request.url == urljoin(self.house.address, "/csp"):
            self.faults.append(f"{self.page.url}: CSP report {request.post_data}")
        ours = (self.house.address, "data:", "blob:", "about:")
        if not request.url.startswith(ours) and not self._at_the_gateway(request.url):
            self.faults.append(f"{self.page.url}: asks {request.url}")

    def _at_the_gateway(self, url: str) -> bool:
        return bool(self.house.gateway) and url.startswith(self.house.gateway)

    def _answered(self, response: Response) -> None:
        if self._at_the_gateway(response.url):
            return
        document = response.request.is_navigation_request()
        # A file that is sent by itself is refused with the page that tells why.
        if (response.status, response.request.method) == (422, "POST"):
            document |= response.request.headers.get("content-type", "").startswith("multipart/form-data")
        document |= response.status == 404 and "/api/v1/bancos/" in response.url  # digits that are of no bank
        if response.status >= 500 or response.status >= 400 and not document:
            self.faults.append(f"{response.status} {response.request.method} {response.url}")
        if document and "content-security-policy" not in response.headers:
            self.faults.append(f"{response.url}: no CSP header")

    def was_spared(self) -> None:
        """Nothing went wrong on any page."""
        assert not self.faults, "\n".join([*self.faults, self.house.log()])

    def close(self) -> None:
        """Close the profile."""
        self.context.close()

    # --- what they do ------------------------------------------------------------------------------------------

    def enter_demo(self, slug: str) -> Person:
        """One-click sign-in of a sample person."""
        self.go("/_demo/")
        form = self.page.locator(f'form[action="/_demo/entrar/{slug}/"]')
        self._follow(form.locator("button").first.click)
        return self

    def arrive(self, slug: str) -> Person:
        """The same where the way in is not the matter: its page is asked for and answered without being drawn."""
        page = html.fromstring(self.fetch("/_demo/").decode())
        action = f"/_demo/entrar/{slug}/"
        where = {"Referer": f"{self.house.address}/_demo/"}
        fields = page.xpath(f"//form[@action='{action}']//input[@name]")
        given = {field.get("name"): field.get("value", "") for field in fields}
        entered = self.context.request.post(action, form=given, headers=where, max_redirects=0)
        assert entered.status == 302, f"{entered.status} {action}"
        return self.go(entered.headers["location"])

    def go(self, path: str) -> Person:
        """Open an address."""
        self.page.goto(path)
        return self._look()

    def press(self, name: str, *, inside: str = "body") -> Person:
        """Press the button of that name and wait for the page that follows."""
        button = self.page.locator(inside).get_by_role("button", name=name, exact=True).first
        return self._follow(button.click)

    def decide(self, name: str) -> Person:
        """Press the button of that name and say yes in the dialog (or on the page) that asks."""
        button = self.page.locator("main").get_by_role("button", name=name, exact=True).first
        if not self.scripts:
            self._follow(button.click)
            return self.press(name, inside="main")
        button.click()
        return self.press(name, inside="dialog[open]")

    def open(self, name: str) -> Person:
        """Follow the link of that name."""
        return self._follow(self.page.get_by_role("link", name=name, exact=True).first.click)

    def open_about(self, text: str) -> Person:
        """Follow the first link of the page whose words contain `text`."""
        return self._follow(self.page.locator("main a", has_text=text).first.click)

    def open_row(self, text: str) -> Person:
        """Follow the first link of the table row that says `text`."""
        return self._follow(self.page.locator("tr", has_text=text).first.get_by_role("link").first.click)

    def _follow(self, act: Callable[[], Any]) -> Person:
        with self.page.expect_navigation():
            act()
        return self._look()

    def type(self, **fields: str) -> Person:
        """Fill fields by their name."""
        for name, text in fields.items():
            self.page.locator(f'[name="{name}"]').fill(text)
        return self

    def choose(self, name: str, value: str) -> Person:
        """Tick a choice of a group, or the one box of that name."""
        self.page.locator(f'input[name="{name}"][value="{value}"], select[name="{name}"]').first.check()
        return self

    def upload(self, files: Mapping[str, tuple[str, bytes]]) -> Person:
        """Choose a file for each field: (name, content)."""
        for field, (name, content) in files.items():
            given: Any = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
            self.page.locator(f'input[type="file"][name="{field}"]:not([capture])').set_input_files([given])
        return self

    def send_files(self, *files: tuple[str, bytes]) -> Person:
        """Choose files at once in the one place that sends each by itself; waits until none is on its way."""
        return self.choose_files(*files).settled()

    def choose_files(self, *files: tuple[str, bytes]) -> Person:
        """The same without waiting."""
        given: Any = [{"name": name, "mimeType": "text/plain", "buffer": content} for name, content in files]
        self.page.locator('input[type="file"][name="files"]:not([capture])').set_input_files(given)
        return self

    def settled(self) -> Person:
        """Wait until no file is on its way to the portal any more."""
        over = "() => !document.querySelector('[data-uploads] progress:not([hidden])')"
        self.page.wait_for_function(over, timeout=1000 * PATIENCE)
        return self._look()

    def take(self, name: str) -> bytes:
        """Press a button whose answer is a file; its bytes."""
        with self.page.expect_download() as waiting:
            self.page.get_by_role("button", name=name, exact=True).click()
        return Path(waiting.value.path()).read_bytes()

    def fetch(self, path: str) -> bytes:
        """A file behind a link, with this person's session."""
        answer = self.context.request.get(path)
        assert answer.status == 200, f"{answer.status} {path}"
        return answer.body()

    def paper(self, path: str) -> bytes:
        """A PDF behind a link, once it is drawn: until then its address answers with a page that waits."""
        until = time.monotonic() + PATIENCE
        while not (content := self.fetch(path)).startswith(b"%PDF") and time.monotonic() < until:
            time.sleep(0.3)
        return content

    # --- what they see -----------------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """The words on the page, one space between them."""
        return re.sub(r"\s+", " ", self.page.locator("body").inner_text())

    def sees(self, *words: str) -> Person:
        """Each of these is on the page."""
        text = self.text
        missing = [word for word in words if word not in text]
        assert not missing, f"{self.page.url} lacks {missing}:\n{text}"
        return self

    def sees_not(self, *words: str) -> Person:
        """None of these is on the page."""
        text = self.text
        there = [word for word in words if word in text]
        assert not there, f"{self.page.url} says {there}"
        return self

    def is_at(self, path: str) -> Person:
        """The address is this one (… stands for an id)."""
        assert pattern(self.page.url) == f"{self.house.address}{path}", f"{self.page.url}\n{self.text}"
        return self

    def data(self) -> dict[str, str]:
        """Every term of the page's description lists with its first value."""
        pairs = self.page.locator("dl > div").evaluate_all(
            "rows => rows.map(r => [r.querySelector('dt')?.innerText, (r.querySelector('dd strong')"
            " || r.querySelector('dd'))?.innerText])"
        )
        told: dict[str, str] = {}
        for term, value in pairs:
            told.setdefault((term or "").strip(), (value or "").strip())
        return told

    def waits(self, *words: str, seconds: float = PATIENCE) -> Person:
        """Load the page again until all of these are there: the drains have their own pace."""
        self._waits(lambda: all(word in self.text for word in words), seconds)
        return self.sees(*words)._look()

    def mail(self, subject: str, address: str) -> Person:
        """Open the mail of that subject to that address, in the demo's mailbox, once it is there.

        It may stand on an older page: whoever else uses the house writes mails too.
        """
        row = self.go("/_demo/buzon/").page.locator("tr", has_text=subject).filter(has_text=address)
        self._waits(lambda: row.count() > 0, FRESH)
        older = self.page.locator("main a[rel=next]")
        while not row.count() and older.count():
            self._follow(older.click)
        if not row.count():
            self.go("/_demo/buzon/")
            self._waits(lambda: row.count() > 0, PATIENCE)
        return self._follow(row.first.get_by_role("link").first.click)

    def _waits(self, there: Callable[[], bool], seconds: float) -> None:
        """What is asked for is drawn only where it says something new: that takes five times as long."""
        until, said = time.monotonic() + seconds, ""
        while not there() and time.monotonic() < until:
            time.sleep(0.3)
            now = html.fromstring(self.fetch(self.page.url).decode()).text_content()
            if now != said:
                said = now
                self._reload()

    def _reload(self) -> None:
        """A page that waits for work of ours may come back by itself at the same moment: then that is the new one."""
        try:
            self.page.reload()
        except Error as error:
            if "ERR_ABORTED" not in error.message:
                raise
            self.page.wait_for_load_state()

    def _look(self) -> Person:
        if self.looks and not self._at_the_gateway(self.page.url):
            self.faults += [f"{self.page.url} «{self.page.title()}»: {fault}" for fault in look_when_new(self.page)]
        return self
