"""Models of clips: networks, their heads and losses, and how they are trained."""
