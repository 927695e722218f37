"""Where proposed code runs, and what is read of it before: the static guard, isolation, what comes out."""
