"""The command line: parse, call one action or view, print.

Owns nothing. Promises that a refusal is one line on the error stream and exit code 1, that Ctrl-C
is exit code 130, and that ``--help`` loads no database driver: every command is a module of its own
that is imported when it is called.
"""

from coterie.cli.root import main

__all__ = ["main"]
