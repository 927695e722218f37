"""What a run amounts to: metrics, the trade log, tables and the HTML report, from plain values alone."""
