from django.urls import path

from portal.api.door import addresses
from portal.treasury import api, views

app_name = "treasury"
urlpatterns = [
    *addresses(api.RESOURCES),
    path("cuenta/bancaria/", views.my_account, name="my_account"),
    path("cuenta/bancaria/nueva/", views.capture_account, name="capture_account"),
    path("cuenta/bancaria/<uuid:pk>/enviar/", views.submit_account, name="submit_account"),
    path("cuenta/bancaria/<uuid:pk>/enviada/", views.account_sent, name="account_sent"),
    path("cuenta/bancaria/<uuid:pk>/detener/", views.cancel_change, name="cancel_change"),
    path("mesa/cuentas/", views.account_reviews, name="account_reviews"),
    path("mesa/cuentas/<uuid:pk>/", views.account_review, name="account_review"),
    path("mesa/cobranza/", views.deposits, name="deposits"),
    path("mesa/cobranza/antiguedad/", views.deposits_by_age, name="deposits_by_age"),
    path("mesa/cobranza/archivos/", views.movement_files, name="movement_files"),
    path("mesa/cobranza/archivos/nuevo/", views.read_movements, name="read_movements"),
    path("mesa/cobranza/archivos/<uuid:pk>/", views.movement_file, name="movement_file"),
    path("mesa/cobranza/archivos/<uuid:pk>/aplicar/", views.apply_movements, name="apply_movements"),
    path("mesa/cobranza/<uuid:pk>/", views.deposit, name="deposit"),
    path("mesa/cobranza/<uuid:pk>/asignar/", views.match_deposit, name="match_deposit"),
    path("mesa/cobranza/<uuid:pk>/apartar/", views.discard_deposit, name="discard_deposit"),
    path("mesa/cobranza/<uuid:pk>/liquidar/", views.settle_channel, name="settle_channel"),
    path("mesa/cobranza/<uuid:pk>/deshacer/", views.undo_deposit, name="undo_deposit"),
    path("mesa/pagos/", views.batches, name="batches"),
    path("mesa/pagos/agenda/", views.agenda, name="agenda"),
    path("mesa/pagos/nuevo/", views.new_batch, name="new_batch"),
    path("mesa/pagos/por-pagar/", views.payables, name="payables"),
    path("mesa/pagos/por-pagar/por-dia/", views.payables_by_day, name="payables_by_day"),
    path("mesa/pagos/por-pagar/<uuid:pk>/", views.payable, name="payable"),
    path("mesa/pagos/<uuid:pk>/", views.batch, name="batch"),
    path("mesa/pagos/<uuid:pk>/autorizar/", views.approve_batch, name="approve_batch"),
    path("mesa/pagos/transferencias/<uuid:pk>/quitar/", views.withdraw_transfer, name="withdraw_transfer"),
    path("mesa/pagos/<uuid:pk>/cancelar/", views.cancel_batch, name="cancel_batch"),
    path("mesa/pagos/<uuid:pk>/archivo/", views.export_bank_file, name="export_bank_file"),
    path("mesa/pagos/<uuid:pk>/archivo/descargar/", views.download_bank_file, name="download_bank_file"),
    path("mesa/pagos/<uuid:pk>/archivo/enviado/", views.note_sent, name="note_sent"),
    path("mesa/pagos/<uuid:pk>/respuesta/", views.read_result, name="read_result"),
    path("mesa/pagos/<uuid:pk>/respuesta/<uuid:result>/", views.bank_result, name="bank_result"),
]
