"""What can go wrong and how it is said: errors safe to show, and findings of a judgement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum

UNPROCESSABLE = 422  # the answer to what was sent and does not hold


class RuleBroken(Exception):
    """A rule of the house was broken: a complete Spanish sentence with cause and cure, safe to show.

    `code` is a stable English slug; `field` names the form field it belongs to, if any;
    `status` is the HTTP answer (422 unless a subclass says otherwise); `way` is (words, address) of where to go on.
    """

    status = UNPROCESSABLE

    def __init__(
        self,
        message: str,
        *,
        code: str = "rule_broken",
        field: str | None = None,
        findings: Iterable[Finding] = (),
        way: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.way = way
        self.message = message
        self.code = code
        self.field = field
        self.findings = tuple(findings)

    @property
    def finding(self) -> Finding:
        """The same as a finding: the first sentence is the cause, the rest its cure."""
        cause, _, cure = self.message.partition(". ")
        return Finding(self.code, Level.ERROR, f"{cause.rstrip('.')}.", cure)


class Conflict(RuleBroken):
    """Somebody else was first: the same act was already done or is under way."""

    status = 409


class TooLarge(RuleBroken):
    """The body or the file passes a limit."""

    status = 413


class TooMany(RuleBroken):
    """A throttle said no; `retry_after` in seconds, real time."""

    status = 429

    def __init__(self, message: str, *, retry_after: int, code: str = "too_many") -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after


class Level(StrEnum):
    """How grave a finding is: an error refuses, review asks a person, the others only inform."""

    ERROR = "error"
    REVIEW = "review"
    WARNING = "warning"
    NOT_CHECKED = "not_checked"
    OK = "ok"


class Verdict(StrEnum):
    """What a machine says of a file: only `rejected` stores nothing."""

    ACCEPTED = "accepted"
    REVIEW = "review"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's answer about one file: what it is (`code`), how grave, the sentence and its cure (Spanish)."""

    code: str
    level: Level
    message: str
    cure: str = ""

    def as_json(self) -> dict[str, str]:
        """Plain dict for storage and for the rule desk."""
        return {**asdict(self), "level": str(self.level)}

    @classmethod
    def from_json(cls, stored: dict[str, str]) -> Finding:
        """The finding that `as_json` wrote."""
        return cls(stored["code"], Level(stored["level"]), stored["message"], stored.get("cure", ""))


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """The gravest finding decides: any error rejects, any review asks a person, otherwise accepted."""
    levels = {finding.level for finding in findings}
    if Level.ERROR in levels:
        return Verdict.REJECTED
    return Verdict.REVIEW if Level.REVIEW in levels else Verdict.ACCEPTED
