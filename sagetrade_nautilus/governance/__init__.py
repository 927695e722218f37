"""What people have approved, and whether that lets a run go live."""
