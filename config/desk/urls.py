"""The back office's own pages."""

from django.urls import path

from config.desk import views

app_name = "desk"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("personas/", views.people, name="people"),
    path("personas/<uuid:pk>/", views.person, name="person"),
    path("personas/<uuid:pk>/permisos/", views.propose_grant, name="propose_grant"),
    path("personas/<uuid:pk>/permisos/<int:grant>/terminar/", views.end_grant, name="end_grant"),
    path("personas/<uuid:pk>/cuenta/", views.set_account, name="set_account"),
    path("personas/<uuid:pk>/historia/", views.tell, name="story"),
    path("personas/<uuid:pk>/acceso/", views.send_way_in, name="send_way_in"),
    path("permisos/<uuid:pk>/", views.decide_grant, name="decide_grant"),
    path("auditoria/", views.audit, name="audit"),
    path("auditoria/lecturas/", views.readings, name="readings"),
    path("auditoria/permisos/", views.conflicts, name="conflicts"),
    path("auditoria/actos/<int:pk>/", views.act, name="act"),
    path("auditoria/muestra/", views.sample, name="sample"),
    path("auditoria/expediente/", views.dossier, name="dossier"),
    path("auditoria/excepciones/", views.exceptions, name="exceptions"),
    path("auditoria/excepciones/deshechos/", views.undone, name="undone"),
    path("auditoria/excepciones/cuentas/", views.changed, name="changed"),
    path("auditoria/excepciones/lecturas/", views.untasked, name="untasked"),
    path("deshacer/<slug:drain>/<int:pk>/", views.undo, name="undo"),
    path("salud/", views.health, name="health"),
    path("salud/<slug:drain>/<str:pk>/reintentar/", views.retry, name="retry_parked"),
]
