"""Many runs at once: on this machine or a cluster, each asked for and answered as plain values."""
