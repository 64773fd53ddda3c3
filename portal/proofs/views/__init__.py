"""Screens of proofs: a person's own RFC, and the desk that judges papers and hands RFCs over."""

from portal.proofs.views.desk import ask_move, decide_move, move, moves, paper, papers
from portal.proofs.views.physician import (
    check_paper,
    hand_in,
    keep_file,
    own,
    paper_sent,
    put_file_back,
    remove_file,
    use_code,
)
