"""English verb forms that turn a question about an amount into a statement: "did she sell" -> "she sold".

A small table for the language of word problems; a verb it does not know is refused, not guessed.
"""

from pipeline.core.wordset import wordset

_IRREGULAR = {
    "be": "was", "beat": "beat", "begin": "began", "bite": "bit", "blow": "blew", "break": "broke", "bring": "brought",
    "build": "built", "burn": "burned", "buy": "bought", "catch": "caught", "choose": "chose", "come": "came",
    "cost": "cost", "cut": "cut", "deal": "dealt", "dig": "dug", "do": "did", "draw": "drew", "drink": "drank",
    "drive": "drove", "eat": "ate", "fall": "fell", "feed": "fed", "feel": "felt", "find": "found", "fit": "fit",
    "fly": "flew", "get": "got", "give": "gave", "go": "went", "grow": "grew", "hang": "hung", "have": "had",
    "hear": "heard", "hit": "hit", "hold": "held", "keep": "kept", "know": "knew", "lay": "laid", "lead": "led",
    "leave": "left", "lend": "lent", "lose": "lost", "make": "made", "meet": "met", "mow": "mowed", "owe": "owed",
    "pay": "paid", "put": "put", "read": "read", "ride": "rode", "ring": "rang", "rise": "rose", "run": "ran",
    "see": "saw", "sell": "sold", "send": "sent", "set": "set", "sew": "sewed", "shoot": "shot", "sing": "sang",
    "sit": "sat", "sleep": "slept", "speak": "spoke", "spend": "spent", "spit": "spat", "stand": "stood",
    "steal": "stole", "sweep": "swept", "swim": "swam", "take": "took", "teach": "taught", "tell": "told",
    "think": "thought", "throw": "threw", "wear": "wore", "weigh": "weighed", "win": "won", "write": "wrote",
}  # fmt: skip
_REGULAR = wordset(
    """
    accommodate accumulate add afford allocate allow answer arrange attempt attend average bake bathe bike boil
    borrow bounce bowl brush call carry celebrate charge chase chew chop clean climb collect color combine
    complete compose consume contain contribute cook count cover create cross deduct deliver deposit discover
    distribute donate double drain drop earn encounter end enjoy enter exceed exercise expect experience fill
    film finish fold gain gather generate handle harvest help hike hire hunt increase inherit install invest
    iron jog join juggle jump knit last learn lift like listen live load lower manage manufacture measure
    memorize miss mix mount move need offer open order own pack paint participate pass perform pick place plan
    plant play polish pour practice prepare print produce profit pull purchase push raise rain reach receive
    record recycle redeem release remain remember remove rent replace require return roll rotate save scoop
    score serve share ship shop shovel shred sign skate skip slice smell smoke sneeze sort start stack stay
    stock stop store study supply surround talk tan taste tile tip toss total train transport travel tutor twist
    type use vacuum visit volunteer wait walk want wash waste watch water wear work wrap yell
    """
)
_DOUBLES = wordset(
    """
    chop drop jog plan rip scrub ship shop shred skip stop tan tip wrap
    """
)
_VOWELS = "aeiou"


def known(verb: str) -> bool:
    """Whether this is a base form the table can inflect."""
    return verb in _IRREGULAR or verb in _REGULAR


def past(verb: str) -> str:
    """Simple past of a known base form."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return verb[:-1] + "ied"
    return verb + verb[-1] + "ed" if verb in _DOUBLES else verb + "ed"


def third_person(verb: str) -> str:
    """Present tense after "she" of a known base form."""
    if verb in ("be", "have"):
        return {"be": "is", "have": "has"}[verb]
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return verb[:-1] + "ies"
    return verb + ("es" if verb.endswith(("s", "sh", "ch", "x", "z", "o")) else "s")


_FORMS = frozenset(
    form for verb in (*_IRREGULAR, *_REGULAR) for form in (verb, past(verb), third_person(verb)) if verb != "total"
)


def is_form(word: str) -> bool:
    """Whether a lower-case word is a base, past or third-person form of a known verb."""
    return word in _FORMS
