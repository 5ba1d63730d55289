"""Datasets, their sources and rows, and the files that the rows name."""
