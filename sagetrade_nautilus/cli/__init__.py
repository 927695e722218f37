"""The command line, `sagetool`."""
