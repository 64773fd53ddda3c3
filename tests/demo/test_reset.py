"""A database where real people came in before the demo did belongs to them."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from portal.people.models import User
from tests.factories import people


@pytest.mark.django_db
@pytest.mark.parametrize("options", [(), ("--fresh",)])
def test_database_of_real_people_is_neither_filled_nor_emptied(options: tuple[str, ...]):
    somebody = people.physician()
    with pytest.raises(CommandError, match="ya tiene personas que no son de la demostración"):
        call_command("load_demo", *options)
    assert list(User.objects.all()) == [somebody]
