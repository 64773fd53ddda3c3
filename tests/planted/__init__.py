"""A sixth app, as the next story will be one: whole, outside the product's packages, known to nobody.

It is installed by its own settings alone (`tests.planted.settings`), where it needs two lines: its name among the apps
and its addresses. `tests/planted/test_planted.py` starts the portal with it and looks for it everywhere.
"""
