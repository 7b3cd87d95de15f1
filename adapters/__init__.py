"""Everything that touches the outside: the command line, settings, platforms."""
