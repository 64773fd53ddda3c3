"""Billing's pages: the physician's (`physician`, `invoices`, `bundles`, `payments`) and the desk's (`desk`)."""
