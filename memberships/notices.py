"""What memberships tell people, as their preferences say it; what guards cover or money always comes by mail."""

from __future__ import annotations

GROUP = "Membresía"
NOTICES: dict[str, str] = {
    "memberships/payment_received": "Recibimos un pago",
    "memberships/dues_reminder": "Se acerca una mensualidad",
    "memberships/dues_late": "Falta una mensualidad",
    "memberships/turns_adult": "Alguien de tu familia está por cumplir 18 años",
    "memberships/turned_adult": "Alguien de tu familia cumplió 18 años",
}
MAILS = (
    "memberships/account_link",
    "memberships/account_named",
    "memberships/activated",
    "memberships/cancel_asked",
    "memberships/card",
    "memberships/cancelled",
    "memberships/draft_falls",
    "memberships/imss_constancia",
    "memberships/member_papers",
    "memberships/new_price",
    "memberships/payment_taken_back",
    "memberships/refund_asked",
    "memberships/refund_declined",
    "memberships/refund_done",
    "memberships/reinstated",
    "memberships/suspended",
    "memberships/undone",
)
