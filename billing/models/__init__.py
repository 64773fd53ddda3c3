"""Orders of care, the invoices that bill them, and the complements that close them."""

from billing.models.bundles import Bundle, BundleFile
from billing.models.complements import Complement, ComplementDecision, ComplementDue, ComplementPayment
from billing.models.invoices import Invoice, InvoiceDecision, InvoiceLine, InvoiceWithholding, ReviewDecision
from billing.models.orders import CareOrder, OrderDelivery, StagedOrder
from billing.models.profiles import PhysicianProfile, SchemeAssignment
