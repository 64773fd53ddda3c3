"""Tables taken in: read and judged first, applied by a second act; one reader and one run for every kind of import."""
