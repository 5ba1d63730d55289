"""Findings that are known and do not fail, and pairs of pictures that a person judged different."""
