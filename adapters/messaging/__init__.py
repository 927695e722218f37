"""Texts between processes, over Redis Streams."""
