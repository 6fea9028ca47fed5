"""Coterie's tests. Times pass by the programme clock; a missing PostgreSQL fails, never skips."""
