"""What the commands in bin/ share. Standard library only, Python 3.11 or later, Linux and macOS."""
