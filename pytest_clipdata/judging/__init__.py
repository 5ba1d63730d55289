"""Checks become one Great Expectations suite for each source; its answers become findings."""
