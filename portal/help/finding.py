"""What of the help desk is found in the search: a message by its folio, by who wrote it or by what it is about."""

from __future__ import annotations

from django.urls import reverse

from portal.help.models import ContactMessage
from portal.listing.search import Findable, Found, How, Name, as_email, as_words

FINDABLES = (
    Findable(
        "help.contactmessage",
        "Mensajes",
        (
            Name("folio"),
            Name("subject_folio"),
            Name("email", How.START, as_email),
            Name("name", How.WORDS, as_words),
        ),
        ContactMessage.objects.visible_to,
        lambda row: Found(row.folio, row.name, reverse("help:message", args=[row.folio])),
        folio="folio",
    ),
)
