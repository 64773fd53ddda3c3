"""Addresses of claims: filing, following and deciding."""

from django.urls import path

from claims import api
from claims.views import assents, desk, filing, following, formats, further, registering, reports, tables, withdrawing
from portal.api.door import addresses

app_name = "claims"
_DRAFT = "tramites/borradores/<uuid:pk>/"
urlpatterns = [
    *addresses(api.RESOURCES),
    path("tramites/", following.claims, name="claims"),
    path("tramites/historial/", following.history, name="history"),
    path("tramites/nuevo/", filing.new, name="new"),
    path(_DRAFT, filing.draft, name="draft"),
    path(f"{_DRAFT}documentos/", filing.papers, name="papers"),
    path(f"{_DRAFT}consentimiento/", filing.consent, name="consent"),
    path("registro/asegurado/", registering.register, name="register"),
    path("registro/asegurado/listo/", registering.register_sent, name="register_sent"),
    path("registro/asegurado/<str:token>/", registering.confirm_policy, name="confirm_policy"),
    path(f"{_DRAFT}permiso/", assents.ask_assent, name="ask_assent"),
    path("tramites/permisos/<uuid:pk>/", assents.assent, name="assent"),
    path("tramites/permisos/<uuid:pk>/retirar/", assents.end_assent, name="end_assent"),
    path(f"{_DRAFT}archivos/<slug:document>/", filing.attach, name="attach"),
    path(f"{_DRAFT}archivos/<uuid:item>/quitar/", filing.remove_file, name="remove_file"),
    path(f"{_DRAFT}archivos/<uuid:item>/devolver/", filing.put_file_back, name="put_file_back"),
    path(f"{_DRAFT}facturas/<uuid:invoice>/", filing.correct_invoice, name="correct_invoice"),
    path(f"{_DRAFT}pago/", filing.payment, name="payment"),
    path(f"{_DRAFT}revisar/", filing.check, name="check"),
    path(f"{_DRAFT}descartar/", filing.discard, name="discard"),
    path("tramites/<str:folio>/", following.claim, name="claim"),
    path("tramites/<str:folio>/listo/", following.done, name="done"),
    path("tramites/<str:folio>/retirar/", following.withdraw, name="withdraw"),
    path("formatos/", formats.formats, name="formats"),
    path("red-medica/", formats.network, name="network"),
    path("mesa/formatos/", formats.publish_format, name="publish_format"),
    path("mesa/red-medica/", formats.set_network, name="set_network"),
    path("mesa/hospitales/importar/", tables.import_hospitals, name="import_hospitals"),
    path("mesa/acumulados/importar/", tables.import_openings, name="import_openings"),
    path("mesa/reportes-de-tramites/abiertos/", reports.open_by_age, name="open_by_age"),
    path("mesa/reportes-de-tramites/tiempos/", reports.decision_times, name="decision_times"),
    path("mesa/reportes-de-tramites/vueltas/", reports.rounds, name="rounds"),
    path("mesa/reportes-de-tramites/importes/", reports.amounts, name="amounts"),
    path("mesa/reportes-de-tramites/segundas-vistas/", reports.looks, name="looks"),
    path("mesa/reportes-de-tramites/acumulados/", reports.accumulators, name="accumulators"),
    path("tramites/<str:folio>/complemento/", further.complement, name="complement"),
    path("tramites/<str:folio>/apelar/", further.appeal, name="appeal"),
    path("mesa/tramites/", desk.claims, name="desk"),
    path("mesa/tramites/<str:folio>/", desk.review, name="review"),
    path("mesa/tramites/<str:folio>/abrir/", desk.open_claim, name="open"),
    path("mesa/tramites/<str:folio>/dictamen/", desk.decide, name="decide"),
    path("mesa/tramites/<str:folio>/segunda-vista/", desk.look, name="look"),
    path("mesa/tramites/<str:folio>/pedir-retiro/", withdrawing.ask_withdrawal, name="ask_withdrawal"),
    path("mesa/tramites/<str:folio>/responder-retiro/", withdrawing.answer_withdrawal, name="answer_withdrawal"),
    path("mesa/tramites/<str:folio>/padecimiento/", desk.register_condition, name="register_condition"),
]
