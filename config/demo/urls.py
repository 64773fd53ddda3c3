"""The demo's own pages under /_demo/."""

from django.urls import path

from config.demo import views

app_name = "demo"
urlpatterns = [
    path("", views.index, name="index"),
    path("entrar/<slug:slug>/", views.enter, name="enter"),
    path("reloj/", views.move_clock, name="clock"),
    path("reloj/reintentar/", views.retry_clock, name="retry_clock"),
    path("buzon/", views.mailbox, name="mailbox"),
    path("buzon/<int:pk>/", views.mail, name="mail"),
    path("buzon/<int:pk>/html/", views.mail_html, name="mail_html"),
    path("archivos/", views.files, name="files"),
    path("archivos/factura/<uuid:pk>/<slug:what>/", views.invoice_file, name="invoice_file"),
    path("archivos/complemento/<uuid:pk>/<slug:what>/", views.complement_file, name="complement_file"),
    path("archivos/estado-de-cuenta/<slug:slug>/<slug:what>/", views.statement_file, name="statement_file"),
    path("archivos/banco/<uuid:pk>/<slug:what>/", views.bank_file, name="bank_file"),
    path("archivos/tramite/<slug:what>/", views.claim_file, name="claim_file"),
    path("archivos/personas/<slug:what>/", views.people_file, name="people_file"),
    path("archivos/movimientos/<slug:what>/", views.movements_file, name="movements_file"),
    path("de-cero/", views.start_over, name="start_over"),
]
