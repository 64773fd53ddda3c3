from django.urls import path

from portal.api.door import addresses
from portal.papers import api, views

app_name = "papers"
urlpatterns = [
    *addresses(api.RESOURCES),
    path("archivos/<uuid:file_id>/", views.download, name="download"),
    path("archivos/<uuid:file_id>/ver/", views.file, name="file"),
    path("archivos/<uuid:file_id>/pagina/<int:number>/", views.page, name="page"),
    path("documentos/<uuid:document_id>/", views.document, name="document"),
    path("documentos/<uuid:document_id>/imagen/", views.picture, name="picture"),
    path("descargas/", views.exports, name="exports"),
    path("verificar/", views.checks, name="checks"),
    path("verificar/<slug:code>/", views.check, name="check"),
]
