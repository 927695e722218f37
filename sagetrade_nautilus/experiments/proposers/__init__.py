"""Who makes a change: a search, a language model, or a person. One Protocol for all; see `base`."""
