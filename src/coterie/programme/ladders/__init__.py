"""Ladders as programmes write them: tiers, what reaches and keeps them, scores, and their words.

How members move is the tiers room's; here its questions are answered from metrics.
"""
