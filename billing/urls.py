"""Billing under /medico/, /mesa/ and /api/."""

from django.urls import path

from billing import api
from billing.views import bundles, desk, invoices, payments, physician
from portal.api.door import addresses

app_name = "billing"
urlpatterns = [
    *addresses(api.RESOURCES),
    path("medico/", physician.home, name="home"),
    path("medico/regimen/", physician.regime, name="regime"),
    path("medico/ordenes/", physician.orders, name="orders"),
    path("medico/ordenes/<uuid:pk>/", physician.order, name="order"),
    path("medico/estado-de-cuenta/", physician.statement, name="statement"),
    path("medico/facturas/", invoices.invoices, name="invoices"),
    path("medico/contador/", physician.accountant, name="accountant"),
    path("medico/facturas/nueva/", physician.start, name="start"),
    path("medico/facturas/paquete/", bundles.bundle, name="bundle"),
    path("medico/facturas/paquete/revisar/", bundles.bundle_review, name="bundle_review"),
    path("medico/facturas/paquete/cerrar/", bundles.bundle_close, name="bundle_close"),
    path("medico/facturas/paquete/<uuid:pk>/listo/", bundles.bundle_sent, name="bundle_sent"),
    path("medico/facturas/paquete/sueltos/<int:pk>/quitar/", bundles.remove_stray, name="remove_stray"),
    path("medico/facturas/paquete/sueltos/<int:pk>/devolver/", bundles.put_stray_back, name="put_stray_back"),
    path("medico/facturas/borradores/<uuid:pk>/", invoices.draft, name="draft"),
    path("medico/facturas/borradores/<uuid:pk>/archivos/", invoices.attach, name="attach"),
    path(
        "medico/facturas/borradores/<uuid:pk>/archivos/<uuid:file_id>/quitar/", invoices.remove_file, name="remove_file"
    ),
    path(
        "medico/facturas/borradores/<uuid:pk>/archivos/<uuid:file_id>/devolver/",
        invoices.put_file_back,
        name="put_file_back",
    ),
    path("medico/facturas/borradores/<uuid:pk>/enviar/", invoices.submit, name="submit"),
    path("medico/facturas/borradores/<uuid:pk>/descartar/", invoices.discard, name="discard"),
    path("medico/facturas/borradores/<uuid:pk>/hoja/", invoices.sheet, name="sheet"),
    path("medico/facturas/borradores/<uuid:pk>/datos/<slug:kind>/", invoices.draft_data, name="draft_data"),
    path("medico/facturas/<slug:folio>/", invoices.invoice, name="invoice"),
    path("medico/facturas/<slug:folio>/listo/", invoices.submitted, name="submitted"),
    path("medico/pagos/", payments.payments, name="payments"),
    path("medico/pagos/<uuid:pk>/", payments.payment, name="payment"),
    path("medico/pagos/<uuid:pk>/complemento/", payments.complement, name="complement"),
    path("medico/pagos/<uuid:pk>/complemento/revisar/", payments.check_complement, name="check_complement"),
    path(
        "medico/pagos/<uuid:pk>/complemento/<uuid:complement_id>/enviado/",
        payments.complement_sent,
        name="complement_sent",
    ),
    path(
        "medico/pagos/<uuid:pk>/complemento/guardado/quitar/",
        payments.remove_kept_complement,
        name="remove_kept_complement",
    ),
    path(
        "medico/pagos/<uuid:pk>/complemento/guardado/devolver/",
        payments.put_kept_complement_back,
        name="put_kept_complement_back",
    ),
    path(
        "medico/pagos/<uuid:pk>/complemento/<uuid:complement_id>/quitar/",
        payments.withdraw_complement,
        name="withdraw_complement",
    ),
    path(
        "medico/pagos/<uuid:pk>/complemento/<uuid:complement_id>/devolver/",
        payments.put_complement_back,
        name="put_complement_back",
    ),
    path("mesa/facturas/", desk.reviews, name="reviews"),
    path("mesa/facturas/sin-hallazgos/", desk.clean, name="clean"),
    path("mesa/facturas/<slug:folio>/", desk.review, name="review"),
    path("mesa/facturas/<slug:folio>/aceptar/", desk.accept, name="accept"),
    path("mesa/facturas/<slug:folio>/aceptar-sin-abrir/", desk.accept_unopened, name="accept_unopened"),
    path("mesa/facturas/<slug:folio>/devolver/", desk.give_back, name="give_back"),
    path("mesa/facturas/<slug:folio>/rechazar/", desk.reject, name="reject"),
    path("mesa/facturas/<slug:folio>/cancelada/", desk.cancel, name="cancel"),
    path("mesa/complementos/", desk.complements, name="complements"),
    path("mesa/complementos/vencidos/", desk.overdue, name="overdue"),
    path("mesa/complementos/<uuid:pk>/", desk.complement, name="complement_review"),
    path("mesa/complementos/<uuid:pk>/decidir/", desk.decide_complement, name="decide_complement"),
    path("mesa/ordenes/", desk.orders, name="desk_orders"),
    path("mesa/ordenes/importar/", desk.import_orders, name="import_orders"),
    path("mesa/ordenes/entregas/<uuid:pk>/", desk.delivery, name="delivery"),
    path("mesa/ordenes/<uuid:pk>/", desk.order, name="desk_order"),
    path("mesa/ordenes/<uuid:pk>/retirar/", desk.withdraw, name="withdraw"),
]
