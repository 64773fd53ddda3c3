"""Numbers given at a legal act: gapless, one series per prefix, office and year."""
