"""The trainer: from published rows to a model that thinks in speaking. Needs the `train` extra."""
