"""The file field of a page's form: a right file outlives what is wrong beside it and is not chosen again (D24)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from django.forms import Form

from portal.errors import Finding, RuleBroken
from portal.once.services import is_too_late_for_slow_work
from portal.papers import selectors, services

if TYPE_CHECKING:
    from portal.papers.models import DraftFile
    from portal.papers.upload import EncryptedUpload
    from portal.people.models import User

Taken = TypeVar("Taken")


class KeptFile:
    """What one person's form has as its file: the one that is sent with it, else the one that was kept before.

    Made before the form is asked whether it is valid: with a kept file the field may stay empty.
    """

    def __init__(self, form: Form, name: str, *, field: str = "file", by: User, at: datetime) -> None:
        self.form, self.name, self.field, self.by, self.at = form, name, field, by, at
        self.file: DraftFile | None = None
        self._expect(selectors.kept_draft(form=name, by=by, at=at))

    @property
    def rows(self) -> list[DraftFile]:
        """For components/file-upload.html: what waits there already."""
        return [self.file] if self.file else []

    @property
    def removed(self) -> DraftFile | None:
        """What was taken out of the form and can be put back."""
        return selectors.removed_draft(form=self.name, by=self.by, at=self.at)

    @contextmanager
    def upload(self) -> Iterator[EncryptedUpload]:
        """The file of a valid form, as an upload; one made of the kept file is closed when the block ends."""
        sent: EncryptedUpload | None = self.form.cleaned_data[self.field]
        if sent is not None or self.file is None:
            yield sent  # type: ignore[misc]  # without a kept one the field is required
            return
        with closing(services.draft_upload(self.file)) as made:
            yield made

    def done(self) -> None:
        """The form was right: what was kept for it goes."""
        if self.file is not None:
            services.drop_draft(form=self.name, by=self.by, at=self.at)

    def keep(self, act: Callable[[EncryptedUpload], DraftFile]) -> tuple[Finding, ...]:
        """After a refusal: keep the file that was sent, by a service that examines it, unless it is what is wrong.

        A file that is wrong too is told at its field in the same breath, and its findings are given. Refused when rows
        were written or locked already, it is chosen again: nothing is examined in such a transaction.
        """
        sent: Any = self.form.files.get(self.form.add_prefix(self.field))
        if self.field in self.form.errors or self.form.non_field_errors():
            if sent is None and self.field in self.form.errors:
                self._forget()
            return ()
        if sent is None or sent.part is None or sent.part.written or is_too_late_for_slow_work():
            return ()
        try:
            self._expect(act(sent))
        except RuleBroken as broken:
            if broken.message not in {said for told in self.form.errors.values() for said in told}:
                self.form.add_error(self.field, broken.message)
            return broken.findings
        return ()

    def _forget(self) -> None:
        """What was kept is refused now: another one has to be chosen."""
        self.done()
        self.file = None
        self.form.fields[self.field].required = True

    def _expect(self, kept: DraftFile | None) -> None:
        self.file = kept or self.file
        if self.file is not None:
            self.form.fields[self.field].required = False


def send_kept(draft: DraftFile, act: Callable[[EncryptedUpload], Taken], *, at: datetime) -> Taken:
    """Give a kept file to the use case that takes it, from the page that shows it once more; taken, it goes."""
    with closing(services.draft_upload(draft)) as upload:
        taken = act(upload)
    services.drop_draft(form=draft.form, by=draft.by, at=at)
    return taken
