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
    "we're looking for {}.", "I want to figure out {}.", "the question is {}.", "we're asked for {}.",
    "let me work out {}.", "the goal is to find {}.", "let's figure out {}.", "I need to find out {}.",
    "what we're after is {}.", "we have to work out {}.", "we'd like to know {}.", "I'll work out {}.",
    "it comes down to {}.", "let me figure out {}.", "we should find out {}.", "the thing to find is {}.",
    "let's think about {}.", "I'm going to work out {}.",
)  # fmt: skip
"""Each takes an indirect question ("how many …") or a noun phrase ("the total cost")."""
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
STARTS = (
    "", "", "", "", "To begin with,", "To start,", "From what we're told,", "To start with,", "Looking at it,",
    "As I see it,", "Going by the problem,",
)  # fmt: skip
NEXTS = (
    "", "", "Then", "After that,", "From there,", "Next,", "And so", "That means", "Now", "And then", "So",
    "With that,", "It follows that", "And that means",
)  # fmt: skip
ENDS = (
    "So", "So in the end,", "That means", "And so", "Putting that together,", "And that means", "That tells us that",
    "So it turns out", "And with that,", "So finally,", "In the end,", "Therefore", "So that means", "So we find that",
    "And from that,", "So we can say", "Taking it all together,", "And that's how we see that",
)  # fmt: skip
ANSWERS = (
    "So the answer is {}.", "That makes the answer {}.", "And so the answer is {}.", "So we end up with {}.",
    "That gives us {}.", "So our answer is {}.", "And that brings us to {}.", "So it comes to {}.",
    "In the end, that's {}.", "So what we get is {}.", "And the answer is {}.", "So that works out to {}.",
    "That leaves us with the answer, {}.", "And there we have it, {}.", "Working it out, we get {}.",
    "So the answer comes out to {}.",
)  # fmt: skip
SUMS = (
    "that's {}.", "we have {}.", "we need {}.", "let's take {}.", "we want {}.", "we're working out {}.",
    "let's do {}.", "the question is {}.", "we start from {}.", "we're looking at {}.", "let's think of {}.",
    "what we need is {}.",
)  # fmt: skip
"""Each takes a sum of two givens, where a question asks for nothing but it."""
FIRSTS = ("", "", "", "To begin with,", "To start,", "To start with,")  # fmt: skip
THENS = ("Then", "After that,", "From there,", "Next,", "And then", "With that,", "Now")
"""What may stand before a plain result: the longer leads of STARTS and NEXTS promise a sentence of its own."""
RESULTS = (
    "that works out to {}", "working that out gives us {}", "we get {}", "a little arithmetic gives us {}",
    "the sums give us {}", "if we work that out, we get {}",
)  # fmt: skip
OPERATIONS = {
    "+": (
        "adding things up gives us {}", "adding those together, we get {}", "added together, that makes {}",
        "if we add those up, we get {}", "the sum comes to {}", "adding up, we have {}",
    ),
    "-": (
        "subtracting gives us {}", "taking that away leaves {}", "if we subtract, we get {}", "the difference is {}",
        "taking away, we're left with {}", "subtracting, we have {}",
    ),
    "*": (
        "multiplying gives us {}", "multiplied out, that's {}", "if we multiply, we get {}",
        "multiplying those, we have {}", "the product is {}", "multiplying that out makes {}",
    ),
    "/": (
        "dividing gives us {}", "if we divide, we get {}", "dividing that up, we have {}",
        "divided out, that's {}", "dividing, we come to {}", "the division gives {}",
    ),
}  # fmt: skip
"""How a result is told whose own sentence does not read aloud, by the operation that gave it."""


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
