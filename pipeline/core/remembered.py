"""How much of what was read a process remembers, so that no stage reads a text again that an earlier one has read.

Readings are pure functions of their text: a remembered one is the one that would be made, and every check is made of
it anew. What is remembered is bounded in number, and texts are: a row's are some hundred characters.
"""

OF_A_SHARD = 2048
"""Texts: the three of each row of a shard (`collect.shard_rows`), from the stage that first reads them to the last."""
ROWS_OF_A_SHARD = 1024
"""What is found of a whole row."""
