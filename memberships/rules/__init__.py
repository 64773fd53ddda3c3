"""Rules of memberships. Pure: neither Django nor a clock. Ask by module: `references`, `dues`, `imss`, `family`."""
