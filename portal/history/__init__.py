"""Append-only record of every act (AuditEvent) and every reading (AccessEvent), sealed in a chain."""
