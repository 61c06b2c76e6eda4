"""Networks that think in speaking: the thinker, and how the data's ids and sounds reach it. Needs the `train` extra."""
