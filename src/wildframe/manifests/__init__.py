"""Station 3: which images are examined, with which labels, and why the others are not."""
