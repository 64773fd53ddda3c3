"""Files that no browser sent: made here, taken in through the very upload handler of the portal."""

from portal.papers import upload

upload_of = upload.upload_of
