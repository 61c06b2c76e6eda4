"""The audio half of a server that speaks OpenAI's protocol: text to speech and back, with patience.

Failures are read as for chat (`backends.llm.failures`): what may pass is tried again, what every request would be
refused for is raised at once. It stores nothing, and threads may share it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import openai
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_random_exponential

from pipeline.backends.llm.failures import FormatRefused, Patience, Transient, Unreachable, translate
from pipeline.backends.llm.protocol import RequestFailed
from pipeline.backends.openai_address import read_address
from pipeline.errors import EngineError

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Impatience:
    """How a server is asked; bears no identity."""

    timeout_s: float = 120.0
    """Longest wait for one answer."""
    connect_timeout_s: float = 10.0
    retries: int = 8
    patience_s: float = 600.0
    """How long one request bears being told that there are too many."""
    backoff_s: float = 0.5
    """First wait after a failure; doubles, with jitter, up to `longest_backoff_s`."""
    longest_backoff_s: float = 60.0


class AudioServer:
    """A client of one server's speech and transcriptions."""

    def __init__(self, model: str, how: Impatience | None = None) -> None:
        """Prepare; nothing is sent.

        Raises:
            EngineError: the address or key in the environment cannot be used.
        """
        self._model = model
        self._how = how or Impatience()
        self._address = read_address()
        self._client = openai.OpenAI(
            base_url=self._address.url,
            api_key=self._address.sent_key,
            max_retries=0,
            timeout=openai.Timeout(self._how.timeout_s, connect=self._how.connect_timeout_s),
        )
        self._reached = False

    def reach(self) -> None:
        """Ask for the list of models, so that a wrong address or key is found before any work.

        Raises:
            EngineError: nobody listens, or the key is refused.
        """

        def send() -> None:
            try:
                self._client.models.list()
            except openai.NotFoundError:
                return  # it has no such list; it listens, and did not mind the key

        self._patiently(send)

    def speech(self, text: str, voice: str, speed: float) -> bytes:
        """A WAV file of the text.

        Raises:
            EngineError: the server refused, or did not answer often enough.
        """

        def send() -> bytes:
            return self._client.audio.speech.create(
                input=text,
                model=self._model,
                voice=voice,
                response_format="wav",
                speed=openai.omit if speed == 1.0 else speed,
            ).read()

        return self._patiently(send)

    def transcription(self, wav: bytes, language: str) -> str:
        """The text of a WAV file.

        Raises:
            EngineError: the server refused, or did not answer often enough.
        """

        def send() -> str:
            heard = self._client.audio.transcriptions.create(
                file=("clip.wav", wav, "audio/wav"), model=self._model, language=language, temperature=0.0
            )
            # The client hands through whatever a server sends under status 200.
            text = getattr(heard, "text", None)
            if not isinstance(text, str):
                raise Transient(f"{self._address.shown} sent a body that is no transcription")
            return text

        return self._patiently(send)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _patiently(self, send: Callable[[], _Answer]) -> _Answer:
        how = self._how
        backoff = wait_random_exponential(how.backoff_s, how.longest_backoff_s)

        def wait_s(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked = error.retry_after_s if isinstance(error, Transient) else None
            return backoff(state) if asked is None else asked

        retrying = Retrying(
            retry=retry_if_exception_type(Transient),
            stop=Patience(how.retries, how.patience_s, self._reached),
            wait=wait_s,
            reraise=True,
        )
        try:
            answer: _Answer = retrying(self._once, send)
        except Unreachable as exc:
            raise EngineError(f"{exc}: start it, or set OPENAI_BASE_URL to where it listens") from exc
        except Transient as exc:
            raise EngineError(f"{exc}; given up after {retrying.statistics['attempt_number']} tries") from exc
        except (RequestFailed, FormatRefused) as exc:
            raise EngineError(str(exc)) from exc
        return answer

    def _once(self, send: Callable[[], _Answer]) -> _Answer:
        try:
            answer = send()
        except openai.APIError as exc:
            self._reached |= isinstance(exc, openai.APIStatusError)
            message = self._address.cleaned(exc.message)
            raise translate(exc, self._address.shown, self._model, message) from exc
        self._reached = True
        return answer
