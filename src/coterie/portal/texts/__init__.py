"""What the portal says."""
