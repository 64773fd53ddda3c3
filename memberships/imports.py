"""The kinds of import that memberships take in (`portal/imports`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from memberships import services
from memberships.rules.certificates_file import CERTIFICATES as LAYOUT
from portal.access import Permission
from portal.imports.registry import ImportSpec

if TYPE_CHECKING:
    from portal.imports.models import ImportRun


def _policies(run: ImportRun) -> str:
    return reverse("memberships:policies")


CERTIFICATES = ImportSpec(
    kind=services.KIND,
    title="Certificados de pólizas",
    permission=Permission.AFFILIATE,
    layout=LAYOUT,
    judge=services.judge_certificates,
    apply=services.apply_certificates,
    groups=services.BY_CERTIFICATE,
    purpose="certificates_csv",
    start="memberships:policies",
    done=_policies,
)
