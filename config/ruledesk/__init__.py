"""The rule desk: what the product thinks of an identifier, a file, an amount or a date, asked from a shell.

Commands only. Every judgement is made by the rooms that the screens ask; here are words in and JSON lines out.
"""
