"""What it costs, how fast it is and what it withstands: `python -m benchmarks.NAME --help` says what each measures.

They run from a checkout, in which the tests stand beside them, and take from `tests.support` what both need: real nodes
in processes of their own, servers that speak a broker's language, attacks. One and the same is measured and tested.
"""
