"""The frame of the API: an app's `api.py` says its resources in a few lines (`calls`), `door` answers them all."""
