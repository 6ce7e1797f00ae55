"""The command line: parse, call one function, print; errors become exit codes."""

from pipeline.cli.main import main

__all__ = ["main"]
