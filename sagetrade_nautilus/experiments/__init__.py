"""Experiments: proposals measured in a sandbox, judged by figures, and put before a person."""
