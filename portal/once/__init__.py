"""Doing a thing once: idempotency keys for every money POST (MO-04), and throttles (AU-10)."""
