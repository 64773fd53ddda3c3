"""The renderer: lays out our own documents in a limited process (XP-06), without Django.

`papers.rendering` is its client.
"""
