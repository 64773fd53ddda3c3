"""The back office's own pages."""

from django.urls import path

from config.desk import audit, health, people, queue, undo

app_name = "desk"
urlpatterns = [
    path("", queue.queue, name="queue"),
    path("personas/", people.people, name="people"),
    path("personas/<uuid:pk>/", people.person, name="person"),
    path("personas/<uuid:pk>/permisos/", people.propose_grant, name="propose_grant"),
    path("personas/<uuid:pk>/permisos/<int:grant>/terminar/", people.end_grant, name="end_grant"),
    path("personas/<uuid:pk>/cuenta/", people.set_account, name="set_account"),
    path("permisos/<uuid:pk>/", people.decide_grant, name="decide_grant"),
    path("auditoria/", audit.audit, name="audit"),
    path("auditoria/lecturas/", audit.readings, name="readings"),
    path("auditoria/permisos/", audit.conflicts, name="conflicts"),
    path("deshacer/<slug:drain>/<int:pk>/", undo.undo, name="undo"),
    path("salud/", health.health, name="health"),
    path("salud/<slug:drain>/<str:pk>/reintentar/", health.retry, name="retry_parked"),
]
