"""What the till says."""
