"""Append-only record of every act (AuditEvent) and every reading that must be known (AccessEvent), sealed in a chain."""
