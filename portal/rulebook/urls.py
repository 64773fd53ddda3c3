"""The rulebook's addresses."""

from django.urls import path

from portal.rulebook import views

app_name = "rulebook"
urlpatterns = [
    path("mesa/reglas/", views.rule_list, name="rules"),
    path("mesa/reglas/<str:code>/", views.rule_detail, name="rule"),
    path("mesa/reglas/<str:code>/nueva/", views.new_version, name="new"),
    path("mesa/reglas/<str:code>/publicar/", views.publish, name="publish"),
    path("mesa/reglas/<str:code>/terminar/", views.close, name="close"),
    path("mesa/reglas/<str:code>/activar/", views.activate, name="activate"),
    path("reglas/<str:code>/", views.source, name="source"),
]
