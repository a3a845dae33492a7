"""Station 1: a publisher's own files, read and normalised; nothing is filtered here."""
