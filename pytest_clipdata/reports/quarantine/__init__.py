"""Copies of the sources without the rows of critical findings, and those rows with their reasons."""
