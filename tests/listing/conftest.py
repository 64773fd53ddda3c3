"""What the lists of this folder are about."""

import pytest


@pytest.fixture
def calendar():
    from portal.calendars.models import Calendar

    return Calendar.objects.create(code="t", label="Prueba", zone="America/Mexico_City")
