"""Text models: hostile text in, bounded numbers out. Nothing here reads a file, a network or a clock."""
