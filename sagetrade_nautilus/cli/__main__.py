"""`python -m sagetrade_nautilus.cli` is `sagetool`."""

from sagetrade_nautilus.cli.main import main

main()
