"""What a list shows of who works on its rows."""

from __future__ import annotations

from django.db.models import CharField, F, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Coalesce, NullIf

from portal.listing import Column
from portal.work.models import Hold


def holder_column(thing_type: str) -> Column:
    """The column «Lo atiende» of a list whose rows are of that table (Django's label, in small letters)."""
    holds = Hold.objects.filter(thing_type=thing_type, thing_id=Cast(OuterRef("pk"), CharField()))
    name = Coalesce(NullIf(F("holder__name"), Value("")), F("holder__email"), output_field=CharField())
    return Column("held_by", "Lo atiende", expression=Subquery(holds.values(who=name)[:1]))
