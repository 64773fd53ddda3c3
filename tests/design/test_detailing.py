"""What the page of one thing says first is the machine's word alone."""

from __future__ import annotations

from portal.design.detailing import told_of
from portal.states import Ball, Stand


def test_whose_turn_it_is_and_what_they_do_comes_from_the_machine() -> None:
    yours = Stand(label="Devuelta", tone="warn", ball=Ball.YOU, next="Corrígela")
    ours = Stand(label="En revisión", tone="info", ball=Ball.US, next="Revísala")
    assert (told_of(yours).ball, told_of(yours).next) == ("Te toca a ti", "Corrígela")
    assert (told_of(ours).ball, told_of(ours).next) == ("Nos toca a nosotros", "")
    assert (told_of(ours, desk=True).ball, told_of(ours, desk=True).next) == ("Nos toca a nosotros", "Revísala")
    assert (told_of(yours, desk=True).ball, told_of(yours, desk=True).next) == ("Le toca a la otra persona", "")
    assert told_of(yours, next="Sube tu complemento", folio="FA-1").next == "Sube tu complemento"
