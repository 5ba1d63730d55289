"""What earlier runs measured and judged."""
