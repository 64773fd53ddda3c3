"""Addresses of the room."""

from django.urls import path

from portal.work import views

app_name = "work"
urlpatterns = [
    path("trabajo/tomar/", views.take_next, name="take_next"),
    path("trabajo/tomar-varios/", views.take_several, name="take_several"),
    path("trabajo/devolver-varios/", views.give_back_several, name="give_back_several"),
    path("trabajo/<str:queue>/<uuid:pk>/tomar/", views.take, name="take"),
    path("trabajo/<str:queue>/<uuid:pk>/devolver/", views.give_back, name="give_back"),
    path("trabajo/<str:queue>/<uuid:pk>/relevar/", views.take_over, name="take_over"),
    path("trabajo/<str:queue>/<uuid:pk>/mirando/", views.looking, name="looking"),
]
