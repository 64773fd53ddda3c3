"""What the lists of this folder are about."""

import pytest

from portal.calendars.models import Calendar


@pytest.fixture
def calendar():
    return Calendar.objects.create(code="t", label="Prueba", zone="America/Mexico_City")
