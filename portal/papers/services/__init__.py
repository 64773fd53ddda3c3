"""Every write of papers: files examined and kept, documents issued and voided."""

from portal.papers.services.accepting import require_accepted
from portal.papers.services.documents import issue_document, picture_document, render_document, void_document
from portal.papers.services.drafts import (
    draft_upload,
    drop_draft,
    drop_drafts,
    keep_draft,
    keep_examined,
    put_draft_back,
    remove_draft,
)
from portal.papers.services.envelopes import (
    examine_for_envelope,
    keep_in_envelope,
    put_back,
    remove_from_envelope,
)
from portal.papers.services.examining import (
    AWAY,
    EXAMINED_AT_ONCE,
    Examined,
    check_size,
    examine_bytes,
    examine_stored,
    examine_upload,
    kind_of,
)
from portal.papers.services.exports import ask_export, drop_exports, make_export
from portal.papers.services.files import (
    compare_kept,
    examine_waiting,
    settle_waiting,
    store_bytes,
    store_unexamined,
    store_upload,
)
from portal.papers.services.rotation import reseal_columns, rewrap_files
from portal.papers.services.sweeping import IN_FLIGHT, bring_back, sweep
from portal.papers.services.wanted import (
    allow_wanted,
    answer_wanted,
    decline_wanted,
    end_wanted,
    note_wanted,
    want_documents,
)
