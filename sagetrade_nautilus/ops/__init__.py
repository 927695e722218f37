"""A node that runs for months: what it measures and tells, how its logs are kept, how it is saved and rolled back."""
