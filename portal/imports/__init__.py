"""Tables taken in: one reader for whatever an insurer, a bank or a spreadsheet calls a table. It writes nothing."""
