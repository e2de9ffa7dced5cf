"""Runs the program `passmuster`, which this package brings along, and reads what it found."""

from ._run import Program, Run

__all__ = ["Program", "Run"]
