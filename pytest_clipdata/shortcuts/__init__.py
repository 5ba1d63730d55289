"""Whether the label of a row can be told without looking at the pair: blind baselines in numpy alone."""
