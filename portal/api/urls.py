from django.urls import path

from portal.api import floor, views
from portal.api.door import addresses

app_name = "api"
urlpatterns = [
    path("api/schema/", views.schema, name="schema"),
    path("api/docs/", views.docs, name="docs"),
    *addresses(floor.RESOURCES),
]
