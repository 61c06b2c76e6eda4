"""Everything that can go wrong, in two kinds: a run that must stop, and a row that is refused.

A run that must stop raises:

    Smp3mError
    ├── UsageError            exit 2   a flag, a name, a config value, or a file named on the command line
    └── RunError              exit 1   the environment, or nothing was accepted
        ├── StoreError                 the output directory: locked, of another format, damaged
        ├── SourceError                a Hub or generator that does not deliver
        ├── EngineError                a TTS, ASR, tokenizer or LLM that does not load or answer
        │   └── EngineDown             one that will answer no other text either
        └── ContractError              data that another tokenizer or schema has made

A row that is refused never raises: it becomes a row of the `rejected` table with a `Reason`.
"""

from enum import StrEnum


class Smp3mError(Exception):
    """Base of all errors whose message is meant for the user: what, which value, what to do."""

    exit_code = 1


class UsageError(Smp3mError):
    """A flag, name, config value or input file the user gave cannot be used."""

    exit_code = 2


class RunError(Smp3mError):
    """The run cannot go on, though it was asked for rightly."""


class StoreError(RunError):
    """The output directory is locked, incompatible or damaged."""


class SourceError(RunError):
    """A source could not be read."""


class EngineError(RunError):
    """A TTS, ASR, tokenizer or LLM engine could not be loaded or used."""


class EngineDown(EngineError):
    """An engine that nothing can be had of any more: no row is refused for it, the run stops."""


class ContractError(RunError):
    """Data made with another tokenizer or schema was handed in."""


class Reason(StrEnum):
    """Why a row was refused. The value is what people filter on: never rename one lightly."""

    # collect
    MALFORMED = "malformed"
    """The raw row cannot be parsed (broken JSON, missing field, wrong type)."""
    SCHEMA = "schema"
    """A column of a stage's output violates its schema; the detail names column and value."""
    FAILED = "failed"
    """The row made the program raise; the detail says what. A bug worth reporting, but of one row."""
    EMPTY = "empty"
    """Question or solution is empty."""
    NO_ANSWER = "no_answer"
    """No final answer can be found in the source's conventions."""
    # rewrite
    NEEDS_FIGURE = "needs_figure"
    """The problem cannot be understood without a picture."""
    UNREADABLE = "unreadable"
    """A character, command or construction has no spoken form; the detail names it."""
    RESIDUE = "residue"
    """A digit or symbol is left in text that is to be spoken."""
    QUANTITIES_CHANGED = "quantities_changed"
    """The spoken question does not state the quantities of the written one."""
    WORDS_CHANGED = "words_changed"
    """A model's spoken question tells another story than the written one."""
    NOT_ENGLISH = "not_english"
    """A model's response is in another language."""
    COPIED = "copied"
    """A model took its response from the example in its instructions."""
    WRONG_ARITHMETIC = "wrong_arithmetic"
    """A step of the solution is false; the detail holds the equation."""
    NO_STEPS = "no_steps"
    """The solution holds no step that can be checked."""
    WRONG_ANSWER = "wrong_answer"
    """The response or the last step does not end with the answer."""
    TOO_LONG = "too_long"
    """The response has too many words, or the reasoning is too long for it."""
    STATEMENT_ORDER = "statement_order"
    """The response states results in another order than they are derived in."""
    UNGROUNDED = "ungrounded"
    """The response states a quantity that occurs nowhere before."""
    LLM_FAILED = "llm_failed"
    """The model's answers never passed; the payload holds them."""
    # synthesize
    SPEECH_FAILED = "speech_failed"
    """The speech engine gave nothing or raised."""
    SPEECH_DURATION = "speech_duration"
    """The audio is too short, too long, or spoken implausibly fast or slow."""
    MISHEARD = "misheard"
    """No voice was understood: WER too high or other quantities heard."""
    TAIL = "tail"
    """Reasoning is left over at the response's end and no lead-in makes room."""
    DRIFT = "drift"
    """A result is spoken before it is reasoned and no lead-in defers it enough."""
    # verify
    JUDGED_DRIFT = "judged_drift"
    JUDGED_UNFOUNDED = "judged_unfounded"
    """The judge heard a number or result that is neither given nor thought anywhere."""
    JUDGED_COLLOQUIAL = "judged_colloquial"
    JUDGED_TRANSCRIPT = "judged_transcript"
    ROUND_TRIP = "round_trip"
    """The token stream does not de-serialise to what was put in."""
    # build
    CONTAMINATED = "contaminated"
    """It is an item of an evaluation set; the payload holds the evidence."""
    NEAR_DUPLICATE = "near_duplicate"
    """Another row asks nearly the same with the same numbers; the detail is its id."""
    REVIEW = "review"
