"""The ways in: password, second factor, PIN, a demo's door; and who stands inside."""
