"""Experiments: changes that a search, a language model or a person proposes, measured before anyone merges."""
