"""What must hold before anything may trade."""
