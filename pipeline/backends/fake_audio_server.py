"""The fake server with a voice and an ear: speech by nanotts, transcriptions by moonshine, both for real.

No key, no cost, and the troubles of `backends.llm.fake_server`, which it is besides. From the command line:

    python -m pipeline.backends.fake_audio_server --port 8080, then OPENAI_BASE_URL=http://127.0.0.1:8080/v1
"""

import argparse
import asyncio
import sys
from types import TracebackType

from aiohttp import web

from pipeline.backends.asr.moonshine import Moonshine
from pipeline.backends.audio import decode, encode
from pipeline.backends.llm.fake_server import Behaviour, FakeServer, Trouble, refusal, serve
from pipeline.backends.tts.nanotts import NanoTTS
from pipeline.backends.tts.protocol import Voice
from pipeline.errors import EngineError


class FakeAudioServer(FakeServer):
    """The server in a thread; a context manager. Voices are nanotts's, other names speak as en-US."""

    def __init__(self, behaviour: Behaviour | None = None, port: int = 0) -> None:
        super().__init__(behaviour, port)
        self._voice = NanoTTS()
        self._ear: Moonshine | None = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        self._voice.close()

    def _add_routes(self, app: web.Application) -> None:
        super()._add_routes(app)
        app.router.add_post("/v1/audio/speech", self._speech)
        app.router.add_post("/v1/audio/transcriptions", self._transcription)

    async def _speech(self, request: web.Request) -> web.Response:
        refused = await self._refused(request)
        if refused is not None:
            return refused
        asked = await request.json()
        name = asked["voice"] if asked["voice"] in NanoTTS.voices else NanoTTS.voices[0]
        voice = Voice(name, asked.get("speed", 1.0))
        try:
            clip = await asyncio.to_thread(self._voice.synthesize, asked["input"], voice, 0)
        except EngineError as exc:
            return refusal(400, str(exc), "invalid_value")
        return web.Response(body=encode(clip, "wav"), content_type="audio/wav")

    async def _transcription(self, request: web.Request) -> web.Response:
        refused = await self._refused(request)
        if refused is not None:
            return refused
        part = (await request.post())["file"]
        if not isinstance(part, web.FileField):
            return refusal(400, "file is no file", "invalid_value")
        text = await asyncio.to_thread(self._hear, part.file.read())
        return web.json_response({"text": text})

    def _hear(self, wav: bytes) -> str:
        self._ear = self._ear or Moonshine()
        return self._ear.transcribe(decode(wav))

    async def _refused(self, request: web.Request) -> web.Response | None:
        """Count the request, and answer it where it meets with trouble."""
        number = self.requests
        self.requests += 1
        wrong = self._wrong_key(request)
        if wrong is not None:
            return wrong
        await asyncio.sleep(self.behaviour.latency_s)
        trouble = self.behaviour.troubles(number)
        if trouble is Trouble.EMPTY:
            return web.Response(body=b"", content_type="audio/wav")
        return self._turned_away(trouble, self.behaviour.key or "")


def main() -> int:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="An OpenAI-compatible server that speaks, hears and answers.")
    parser.add_argument("--port", type=int, default=8080)
    given = parser.parse_args()
    return serve(FakeAudioServer(port=given.port), given.port)


if __name__ == "__main__":
    sys.exit(main())
