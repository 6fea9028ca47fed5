"""Sending what waits: who is next, by which address, and what became of it."""

from coterie.webhooks.sending.loop import Sender

__all__ = ["Sender"]
