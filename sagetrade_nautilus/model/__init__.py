"""Pure decisions: numbers in, values out. No engine, no input or output, no clock."""
