"""One limited process per file or document: a long-lived server, started with `subprocess`, that forks per job.

`client` talks to it over socket pairs, `server` forks and watches, `cage` sets the limits of a child, `wire` frames
the messages. Nothing here imports Django: the server never has settings, keys or a database.
"""
