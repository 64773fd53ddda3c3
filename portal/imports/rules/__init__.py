"""Bytes in, rows and faults out: `tables` finds heading and rows, `cells` reads one value. Pure."""
