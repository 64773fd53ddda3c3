"""What the product ships with beside its rules, for a database that a migration did not fill."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from memberships import sign_up
from memberships.models import ImssSource, ReferenceScheme
from memberships.shipped import PRIVACY, insert_gateway, insert_schemes, insert_sources
from portal.people import selectors, services
from portal.treasury.models import CollectionAccount


@transaction.atomic
def load_shipped_rows(*, at: datetime) -> None:
    """What the product ships with and is no rule: schemes of references, the IMSS's links, the gateway's account, the
    first privacy notice; what stands stays (the demo's fresh start empties every table).
    """
    insert_schemes(ReferenceScheme)
    insert_sources(ImssSource)
    insert_gateway(CollectionAccount)
    if selectors.latest_text(sign_up.PRIVACY) is None:
        services.publish_consent_text(kind=sign_up.PRIVACY, body=PRIVACY, by=None, at=at)
