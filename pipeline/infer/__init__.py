"""A trained thinker at work: decoding within the slots, voice, traces and latency. Needs the `train` extra."""
