"""Station 3: which images are evaluated, with which labels, and why the others are not."""
