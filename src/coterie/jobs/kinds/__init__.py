"""Kinds of jobs: one small file each, and one line in the registry."""
