"""What people are told unasked: found, folded and held back for each of them, and summed up by day and week."""
