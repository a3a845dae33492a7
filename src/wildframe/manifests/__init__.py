"""Station 3: which pictures are examined, with which labels, and why the others are not."""
