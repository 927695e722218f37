"""The journal: the chain of lines, who writes them, and what can be read from them again."""
