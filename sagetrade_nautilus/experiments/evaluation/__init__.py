"""Measuring a change: which days, which runs, and the figures that are worked out of what they leave."""
