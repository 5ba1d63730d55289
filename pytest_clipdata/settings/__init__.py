"""What a dataset wants to be judged by, and what the command line says about a run."""
