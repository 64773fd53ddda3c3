"""Orders of care and the deliveries that brought them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from billing import rules
from billing.models.shared import MONEY
from portal import ids
from portal.access import Permission
from portal.imports.models import StagedRow
from portal.listing.search import Words, beginnings, capitals
from portal.people.scopes import insurers_of, within

if TYPE_CHECKING:
    from portal.people.models import User


class OrderDeliveryQuerySet(models.QuerySet["OrderDelivery"]):
    """Deliveries by who sees them."""

    def visible_to(self, user: User) -> OrderDeliveryQuerySet:
        """Who takes orders in sees those of the insurers that the role reaches; nobody else any."""
        return self.filter(within(user, "run__sender", Permission.IMPORT_ORDERS))


class OrderDelivery(models.Model):
    """What one import of digital orders by an insurer brought; counts, errors, file and sender are its run's."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    run = models.OneToOneField("imports.ImportRun", on_delete=models.PROTECT, related_name="order_delivery")
    payable = models.DecimalField(**MONEY)

    objects = OrderDeliveryQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.id)

    @property
    def rows(self) -> int:
        """Orders that came, readable or not."""
        return self.run.rows

    @property
    def accepted(self) -> int:
        """Orders that entered."""
        return self.run.new

    @property
    def unchanged(self) -> int:
        """Orders that were here already."""
        return self.run.unchanged

    @property
    def errors(self) -> list[dict[str, Any]]:
        """What is wrong with the others: row, field, code, message."""
        return self.run.told


class CareOrderQuerySet(models.QuerySet["CareOrder"]):
    """Orders by who sees them and what can be done."""

    def visible_to(self, user: User) -> CareOrderQuerySet:
        """Desk and importers see all; a physician and their assistants those of the physician's RFC; others none.

        An RFC is a claim until proved: before that they are shown none (AC-11).
        """
        desk = {Permission.REVIEW_INVOICES, Permission.IMPORT_ORDERS}
        if user.permissions & desk:
            return self.of_insurers(insurers_of(user, *desk))
        return self.of_parties(user.party_ids(Permission.SEE_OWN_BILLING))

    def of_insurers(self, insurers: Collection[UUID] | None) -> CareOrderQuerySet:
        """Those of these insurers; None for all."""
        return self.all() if insurers is None else self.filter(insurer__in=insurers)

    def of_parties(self, party_ids: Sequence[UUID]) -> CareOrderQuerySet:
        """Orders of these physicians, bound by a proved RFC (an order may arrive before the physician)."""
        from portal.people.models import Party  # the floor is imported at call time to keep models light

        proved = Party.objects.filter(pk__in=party_ids, rfc_proved_at__isnull=False)
        rfcs = proved.exclude(rfc="").values("rfc")
        if len(party_ids) == 1:  # a value, not a join: only so does the index give a page of the list in its order
            return self.filter(physician_rfc=rfcs[:1])
        return self.filter(physician_rfc__in=rfcs)

    def of_rfcs(self, rfcs: list[str]) -> CareOrderQuerySet:
        """Orders of these proved RFCs; of one as a value, so that the index gives a page in its order."""
        return self.filter(physician_rfc=rfcs[0]) if len(rfcs) == 1 else self.filter(physician_rfc__in=rfcs)

    def to_invoice(self) -> CareOrderQuerySet:
        """Available and not in anybody's draft."""
        return self.filter(state=rules.OrderState.AVAILABLE).exclude(lines__live=True)


class CareOrder(models.Model):
    """A digital order of care as the insurer sent it (S0.10-S0.13, C3): fee = coaseguro + payable."""

    class Kind(models.TextChoices):
        DIGITAL = "digital", "Orden digital"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.DIGITAL)
    # Its key is the beginning of the index of insurer and account.
    insurer = models.ForeignKey("people.Party", on_delete=models.PROTECT, related_name="+", db_index=False)
    account = models.CharField("cuenta", max_length=30)
    physician_rfc = models.CharField(max_length=13)
    patient = models.CharField("paciente", max_length=200)
    service_on = models.DateField("fecha de atención")
    concept = models.CharField("concepto", max_length=200, blank=True, default="")
    fee = models.DecimalField("honorario", **MONEY)
    coaseguro = models.DecimalField("coaseguro", **MONEY)
    payable = models.DecimalField("importe a pagar", **MONEY)
    currency = models.CharField(max_length=3, default=rules.CURRENCY)
    authorised_by = models.CharField(max_length=200)
    signed_by_insured = models.BooleanField()
    signed_by_physician = models.BooleanField()
    state = models.CharField(max_length=12, choices=rules.ORDER.choices, default=rules.ORDER.initial.value)
    # Nobody asks for the orders of a delivery: what it brought is counted by its run.
    delivery = models.ForeignKey(
        OrderDelivery, on_delete=models.PROTECT, null=True, related_name="orders", db_index=False
    )
    created_at = models.DateTimeField()

    objects = CareOrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["insurer", "account"], name="one_order_per_insurer_and_account"),
            models.CheckConstraint(
                condition=Q(fee=F("coaseguro") + F("payable")), name="fee_is_coaseguro_plus_payable"
            ),
            models.CheckConstraint(condition=Q(payable__gt=0) & Q(coaseguro__gte=0), name="order_amounts_are_positive"),
            models.CheckConstraint(condition=Q(currency=rules.CURRENCY), name="order_whole_clp_is_not_billed_here"),
            models.CheckConstraint(condition=Q(state__in=rules.ORDER.values), name="order_state_known"),
        ]
        indexes = [
            # Read backwards for the newest: so new orders come after those of their physician, and pages split less.
            models.Index(capitals("physician_rfc"), "created_at", "id", name="order_of_physician"),
            models.Index(
                fields=["physician_rfc", "insurer", "service_on", "id"],
                condition=Q(state="available"),
                name="order_to_invoice",
            ),
            models.Index(fields=["created_at", "id"], name="order_newest"),
            models.Index(beginnings("account"), name="order_account_begins"),
            GinIndex(Words("patient"), name="order_patient_words"),
        ]

    def __str__(self) -> str:
        return self.account

    @property
    def state_label(self) -> str:
        """The state as people read it."""
        return rules.ORDER.label(self.state)

    @property
    def tone(self) -> str:
        """The state as a colour of the design."""
        return rules.ORDER.tone(self.state)


class StagedOrder(StagedRow):
    """An order that arrived and waits to be judged and applied; unlogged, and no code rests in it (AC-11).

    `holds` is what no SQL can ask: a physician's RFC and code that can be, a patient. `authorised_key` is
    `authorised_by` as it is compared with the insurer's name.
    """

    account = models.TextField()
    physician_rfc = models.TextField()
    patient = models.TextField()
    service_on = models.DateField()
    concept = models.TextField()
    fee = models.DecimalField(**MONEY)
    coaseguro = models.DecimalField(**MONEY)
    payable = models.DecimalField(**MONEY)
    authorised_by = models.TextField()
    signed_by_insured = models.BooleanField()
    signed_by_physician = models.BooleanField()
    authorised_key = models.TextField()
    holds = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run_id", "number"], name="staged_order_of_run")]
