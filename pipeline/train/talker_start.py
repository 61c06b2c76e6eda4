"""The voice that stage 5 begins with: a codec fitted on the data or loaded by name, and a talker of random weights."""

from dataclasses import asdict, dataclass, field

import torch

from pipeline.errors import ContractError, UsageError
from pipeline.model import codec as codecs
from pipeline.model.codec import Codec, CodecFacts
from pipeline.model.melrvq import MelRvqConfig
from pipeline.model.talker import Talker, TalkerGeometry
from pipeline.model.talker_voice import TalkerVoice
from pipeline.train.reader import Corpus
from pipeline.train.talker_data import fit_codec

FITTED = "melrvq"


@dataclass(frozen=True, slots=True)
class TalkerConfig:
    """What talker is trained, in which codec."""

    geometry: TalkerGeometry = field(default_factory=TalkerGeometry)
    codec: str = FITTED
    """melrvq, which is fitted on the data; else snac, a SNAC by hub name, or the folder of a codec."""
    melrvq: MelRvqConfig = field(default_factory=MelRvqConfig)
    """Sizes of a codec that is fitted."""
    codec_rows: int = 500
    """Responses that it is fitted on at most: the first of the training split."""
    seed: int = 0
    """Of the talker's random weights."""

    def __post_init__(self) -> None:
        """Refuse a codec of nothing."""
        if self.codec_rows < 1:
            raise UsageError(f"talker: codec_rows is {self.codec_rows}: at least 1")


def starting_voice(config: TalkerConfig, corpus: Corpus, state_size: int) -> TalkerVoice:
    """Fit or load the codec and make a talker for it; the same data and settings give the same voice.

    Args:
        config: which.
        corpus: rows of the training split, with their speech.
        state_size: width of the thinker's states.

    Raises:
        ContractError: a row was not spoken, or a codec's files are damaged.
        UsageError: it is too little speech to fit on.
        EngineError: the codec cannot be fetched or read.
    """
    codec = _codec(config, corpus)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        talker = Talker(config.geometry, CodecFacts.of(codec), state_size)
    return TalkerVoice(talker, codec)


def require_voice(voice: TalkerVoice, config: TalkerConfig, *, geometry: bool) -> None:
    """Refuse settings that a voice which was trained before does not have.

    Args:
        voice: that training is to go on with.
        config: what is asked for. A codec that would be fitted asks for none: the voice's own stays.
        geometry: whether the talker's sizes are asked for.

    Raises:
        ContractError: it has another codec or other sizes.
        EngineError: the codec that is asked for cannot be fetched or read.
    """
    if config.codec != FITTED:
        voice.talker.facts.require(codecs.load(config.codec))
    has = asdict(voice.talker.geometry)
    for name, size in asdict(config.geometry).items() if geometry else ():
        if has[name] != size:
            raise ContractError(
                f"talker.geometry.{name}: the checkpoint's talker has {has[name]:g}, asked for is {size:g}: "
                "take its sizes, or go on from a checkpoint without a talker"
            )


def _codec(config: TalkerConfig, corpus: Corpus) -> Codec:
    if config.codec == FITTED:
        return fit_codec(corpus, config.melrvq, config.codec_rows)
    return codecs.load(config.codec)
