"""Inside the child: kind, then the gate of that kind, then the check that was asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from portal.errors import Finding, RuleBroken, Verdict, verdict_of
from portal.papers import kinds as kind_rules
from portal.papers import xml
from portal.papers.examiner import pdf, photos, sheets, tables
from portal.papers.examiner.pictures import Drawn
from portal.papers.judgement import Judgement, named


@dataclass
class Opened:
    """What a gate found: findings, facts, pages, pictures and the bytes to keep instead."""

    findings: list[Finding] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    pages: int = 0
    pictures: list[Drawn] = field(default_factory=list)
    replacement: bytes = b""
    attached: bytes = b""


def warm_up() -> None:
    """Import and run what every file needs once, before the first fork."""
    xml.parse(b"<a/>")
    pdf.warm_up()
    photos.warm_up()


def examine(head: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    """The work of one child: (answer, pictures and replacement bytes one after the other)."""
    kinds = set(head["kinds"])
    finding = kind_rules.mismatch(head["name"], content[:4096], kinds)
    kind = "" if finding else kind_rules.SORT[kind_rules.claimed(head["name"])]
    opened = Opened([finding]) if finding else _open(kind, head, content)
    if head["check"] and verdict_of(opened.findings) is not Verdict.REJECTED:
        _ask(head, opened.replacement or content, opened)
    answer = {
        "kind": kind,
        "findings": [finding.as_json() for finding in opened.findings],
        "facts": opened.facts,
        "pages": opened.pages,
        "pictures": [picture.as_json() for picture in opened.pictures],
        "replacement": len(opened.replacement),
        "attached": len(opened.attached),
    }
    return answer, b"".join([*(picture.content for picture in opened.pictures), opened.replacement, opened.attached])


def _open(kind: str, head: dict[str, Any], content: bytes) -> Opened:
    if finding := kind_rules.too_large_for_kind(kind, len(content), largest=head["largest"]):
        return Opened([finding])
    try:
        if kind == "xml":
            root = xml.parse(content)
            return Opened(facts={"root": str(root.tag)})
        if kind == "pdf":
            return Opened(*pdf.open_pdf(content))
        if kind == "jpeg":
            return Opened(*photos.open_photo(content, kind_rules.claimed(head["name"])))
        if kind == "xlsx":
            return Opened(*sheets.open_sheet(content))
        if kind == "cer":
            return Opened()  # nothing is said of it but by the check
        return Opened(*tables.open_table(content))
    except RuleBroken as refusal:
        said = {"wellformed": False, "doctype": refusal.code == "xml_doctype"} if kind == "xml" else {}
        return Opened([*refusal.findings] or [refusal.finding], said)


def _ask(head: dict[str, Any], content: bytes, opened: Opened) -> None:
    said = named(head["check"])(content, {**head["context"], "base": opened.facts})
    judgement = said if isinstance(said, Judgement) else Judgement.from_json(said)
    opened.findings += judgement.findings
    opened.facts = {**opened.facts, **judgement.facts}
    opened.attached = judgement.attached
    opened.replacement = judgement.replacement or opened.replacement
