"""The roof: settings, addresses and processes. Each of its processes loads it first.

How often Python looks for garbage is said here: with its own numbers it does so every 700 new objects, which takes a
sixth of the time that a process needs to load the portal, and never finds any there.
"""

import gc

gc.set_threshold(50_000, 20, 100)
