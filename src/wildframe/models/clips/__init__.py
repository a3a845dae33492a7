"""Video models: networks, heads, losses and trainings on clips."""
