"""What makes facts tables: on this machine, with worker processes."""
