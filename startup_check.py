"""Is everything ready to trade? `python startup_check.py CONFIG [--mode paper]`, as `sagetool startup-check`."""

import sys

from sagetrade_nautilus.cli.main import main

if __name__ == "__main__":
    sys.argv[1:1] = ["startup-check"]
    main()
