"""Snapshots: what runs, how it is set up and what it has written, kept whole, and brought back.

A version (code, configuration, models) can be rolled back. State, journal and approvals are facts: they are kept, and
come back only where they were lost. The kill switch's file, passwords and secrets are in no snapshot.
"""
