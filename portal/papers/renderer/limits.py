"""How much one document may cost (XP-06); apart, because the server must not import Django."""

from portal.papers.limited.cage import Limits

LIMITS = Limits(cpu_seconds=30, wall_seconds=30, memory_bytes=768 * 1024 * 1024)
