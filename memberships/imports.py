"""The kinds of import that memberships take in (`portal/imports`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from memberships import services
from memberships.rules.affiliations_file import AFFILIATIONS as FAMILIES
from memberships.rules.certificates_file import CERTIFICATES as LAYOUT
from portal.access import Permission
from portal.imports.registry import ImportSpec

if TYPE_CHECKING:
    from portal.imports.models import ImportRun


def _policies(run: ImportRun) -> str:
    return reverse("memberships:policies")


def _affiliations(run: ImportRun) -> str:
    return reverse("memberships:affiliations")


AFFILIATIONS = ImportSpec(
    kind=services.AFFILIATIONS_KIND,
    title="Afiliaciones",
    permission=Permission.AFFILIATE,
    layout=FAMILIES,
    judge=services.judge_affiliations,
    apply=services.apply_affiliations,
    groups=services.BY_FAMILY,
    purpose="affiliations_csv",
    start="memberships:import_affiliations",
    done=_affiliations,
)
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
