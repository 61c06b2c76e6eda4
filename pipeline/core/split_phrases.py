"""Ways to open, join and close a spoken answer, chosen by a row's key.

No phrase states a quantity: a numeral, an ordinal or "half" in here would be a claim that no step derives. The key's
digest chooses, so that a row sounds the same in every run and neighbours sound different.
"""

from hashlib import blake2b

INTERJECTIONS = (
    "Okay,", "All right,", "Let's see,", "Hmm,", "Right,", "Well,", "Sure,", "So,", "Good question,", "Okay, so",
    "All right, so", "Let me think,", "Hmm, okay,", "Let me see,", "Right, so", "Well, okay,", "Hmm, let's see,",
    "Sure thing,", "Got it,", "I see,", "Okay, let me think,", "Alright,", "Fine,", "Now,", "Hmm, let me think,",
    "Okay then,", "Sure, let's see,", "Nice problem,",
)  # fmt: skip
AIMS = (
    "let's work out {}.", "we need to figure out {}.", "we want to know {}.", "let's find out {}.",
    "I want to figure out {}.", "the question is {}.", "let me work out {}.", "the goal is to find out {}.",
    "let's figure out {}.", "I need to find out {}.", "we have to work out {}.", "we'd like to know {}.",
    "I'll work out {}.", "let me figure out {}.", "we should find out {}.", "I'm going to work out {}.",
    "let's see if we can tell {}.", "what we want to know is {}.", "we need to know {}.", "let's try to find out {}.",
)  # fmt: skip
"""Each takes an indirect question: "how many badges she sold"."""
AIMS_AT = (
    "let's work out {}.", "we need to figure out {}.", "we're looking for {}.", "let's find {}.", "we're asked for {}.",
    "what we're after is {}.", "let me work out {}.", "the goal is to find {}.", "I need to find {}.",
    "we have to work out {}.", "the thing to find is {}.", "I'll work out {}.", "let me figure out {}.",
    "what we need is {}.", "I'm going to work out {}.", "let's figure out {}.", "we want to find {}.",
)  # fmt: skip
"""Each takes a noun phrase: "the total cost"."""
PLAINS = (
    "let's go through this step by step.", "let me work through it carefully.", "let's take this slowly.",
    "let's put the pieces together.", "let me think this through.", "let's look at what we know.",
    "let's start from what we're given.", "I'll talk through how this goes.", "let's break this down.",
    "let me walk you through it.", "let's follow the story along.", "we can build this up bit by bit.",
    "let's think about what's going on here.", "I'll take it piece by piece.", "let's reason it out together.",
    "this needs a little working out.", "let me go over the facts.", "let's keep track of everything as we go.",
    "we just have to put the facts in order.", "let's use what the problem tells us.",
    "it helps to go in order here.", "let me sort out what's what.",
)  # fmt: skip
PLAINS_WITHOUT_STORY = tuple(phrase for phrase in PLAINS if "story" not in phrase and "going on" not in phrase)
PATIENCE = (
    "There are quite a few steps to it, so let's take them in order.",
    "It takes a little while to get there, so bear with me.",
    "There's a fair bit to work through here, so let's not rush it.",
    "This takes some careful working, so give me a moment.",
    "There's quite some working in between, so let me go through it in my head.",
    "It's a bit of a journey from what we know to what we want, so let's go along slowly.",
)
"""Said where the thought behind an answer is long."""
STARTS = ("", "", "", "", "", "To begin with,", "To start with,", "To start,", "For a start,")
THENS = ("Then", "And then", "From there,", "Next,", "After that,", "Now", "Going on,")
"""Before a step that goes on from the number just said."""
NEXTS = ("", "", "", "And", "Then", "Next,", "Now", "Also,", "And then")
"""Before a result that does not rest on the one just told."""
FOLLOWS = ("So", "That means", "And so", "And that means", "With that,", "This means", "From there,")
"""Before a result that does."""
ENDS = (
    "So", "So in the end,", "That means", "And so", "Putting that together,", "And that means", "That tells us that",
    "So it turns out", "And with that,", "So finally,", "In the end,", "Therefore", "So that means", "So we find that",
    "So we can say", "So we see that", "And that tells us", "So now we know that",
)  # fmt: skip
ANSWERS = (
    "So the answer is {}.", "That makes the answer {}.", "And so the answer is {}.", "So we end up with {}.",
    "That gives us {}.", "So our answer is {}.", "And that brings us to {}.", "So it comes to {}.",
    "In the end, that's {}.", "So what we get is {}.", "And the answer is {}.", "So that works out to {}.",
    "And that leaves us with {}.", "And there we have it, {}.", "So the answer comes out to {}.",
)  # fmt: skip
SETUPS = (
    "That's {}.",
    "We need {}.",
    "For that we take {}.",
    "We just take {}.",
    "It's {}.",
    "So we do {}.",
    "That comes down to {}.",
    "What we have is {}.",
    "We work out {}.",
    "So that's {}.",
    "That calls for {}.",
)
"""Each takes the sum of two givens that answers a question."""
SUMS = (
    "that's {}.", "we have {}.", "we need {}.", "let's take {}.", "we want {}.", "we're working out {}.",
    "let's do {}.", "the question is {}.", "we start from {}.", "we're looking at {}.", "let's think of {}.",
    "what we need is {}.",
)  # fmt: skip
"""Each takes a sum of two givens, where a question asks for nothing but it."""


class Chooser:
    """Picks phrases by the digest of a key; each pick has a purpose, so that picks do not move together."""

    def __init__(self, key: str) -> None:
        self.key = key.encode()

    def number(self, purpose: str, below: int) -> int:
        """A number from 0 to below - 1 that key and purpose fix."""
        digest = blake2b(self.key, digest_size=8, person=purpose.encode()[:16]).digest()
        return int.from_bytes(digest, "big") % below

    def pick(self, purpose: str, bank: tuple[str, ...], avoid: str = "") -> str:
        """One phrase of a bank; not one that begins like `avoid`, so that sentences in a row differ."""
        at = self.number(purpose, len(bank))
        for step in range(len(bank)):
            phrase = bank[(at + step) % len(bank)]
            if not avoid or not phrase or _stem(phrase) != _stem(avoid):
                return phrase
        return bank[at]


def _stem(phrase: str) -> str:
    """What the ear takes a phrase by: "And so" and "So that means" are both "so"."""
    words = [word for word in phrase.lower().replace(",", "").split() if word not in ("and", "well", "okay")]
    return words[0] if words else ""
