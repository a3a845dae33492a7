"""*Egocentric Data as Natural Adversarial Examples*: one module a table or figure."""
