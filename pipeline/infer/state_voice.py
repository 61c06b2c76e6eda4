"""The trained talker as a voice: it speaks the states that the thinker chose its response from, not their text."""

from collections.abc import Iterable, Iterator

from torch import Tensor

from pipeline.backends.audio import Clip
from pipeline.errors import EngineError
from pipeline.infer.voice import Spoken
from pipeline.model.talker import Speaking
from pipeline.model.talker_voice import ChunkDecoder, TalkerVoice

CHUNK_S = 0.4


class StateVoice:
    """A `Voice`; a chunk of sound is given out as soon as its frames are there."""

    def __init__(self, voice: TalkerVoice, chunk_s: float = CHUNK_S) -> None:
        """Make it ready.

        Args:
            voice: talker and codec, trained on the thinker whose states it will be given.
            chunk_s: sound given out at once: less is heard sooner, and joined more often.
        """
        self._voice = voice
        self._chunk_s = chunk_s
        self._begin()

    def take(self, spoken: Spoken) -> Iterator[Clip]:
        """Speak on; see `Voice`.

        Raises:
            EngineError: the token came without its state.
        """
        if spoken.state is None:
            raise EngineError(f"token {spoken.token} came without the thinker's state: a talker cannot say it")
        yield from self._chunks(self._speaking.take(spoken.state))

    def end(self) -> Iterator[Clip]:
        """Speak to the end; see `Voice`."""
        yield from self._chunks(self._speaking.end())
        rest = self._decoder.end()
        self._begin()
        if rest is not None:
            yield rest

    def _chunks(self, frames: Iterable[Tensor]) -> Iterator[Clip]:
        for frame in frames:
            chunk = self._decoder.take(frame)
            if chunk is not None:
                yield chunk

    def _begin(self) -> None:
        self._speaking: Speaking = self._voice.talker.speaking()
        self._decoder = ChunkDecoder(self._voice.codec, self._chunk_s)
