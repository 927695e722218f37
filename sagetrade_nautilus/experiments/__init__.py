"""Experiments: changes that are proposed by a search, a language model or a person, and measured before anyone merges."""
