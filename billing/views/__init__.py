"""Billing's pages: the physician's (`physician`, `invoices`, `payments`) and the desk's (`desk`)."""
