"""The talker: a small decoder that speaks a response from the thinker's states of its tokens.

In the way of Mini-Omni (arXiv 2408.16725): one text layer guides the codec's layers, each delayed by one step more
than the one above it, and all of them are predicted in parallel. One step is one frame of the codec:

    step       0    1    2    3    4    5    6
    text      s0    _    _   s1   s2    #    _      a state of the thinker, pad, or the text's end
    layer 0   a0   a1   a2   a3   a4   a5   END     the first frame is predicted where the first state is read
    layer 1    .   b0   b1   b2   b3   b4   b5

The thinker writes the text, so that the text layer predicts only whether the next step reads its next state: that is
the clock, learned from the times of words. It knows states, not tokens, and nothing of the silent reasoning.
"""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from pipeline.backends.torchaudio_cpu import import_torchaudio
from pipeline.errors import ContractError, EngineError, UsageError
from pipeline.model.codec import CodecFacts
from pipeline.model.delay import delayed, undelayed

_NOTE = "talker.json"
_WEIGHTS = "talker.safetensors"
LONGEST_S = 120.0
"""Audio of a response ends there at the latest."""
_PAD, _OVER = 0, 1
"""Rows of the text layer's own embeddings; states follow."""
_N_MARKS = 2
_UNTAUGHT = -100


@dataclass(frozen=True, slots=True)
class TalkerGeometry:
    """Sizes of a talker."""

    hidden: int = 256
    layers: int = 4
    heads: int = 4
    feed_forward: int = 768
    lead_s: float = 0.2
    """A word's tokens are read this long before it is spoken."""

    def __post_init__(self) -> None:
        """Refuse sizes that make no talker."""
        if min(self.hidden, self.layers, self.heads, self.feed_forward) < 1 or self.lead_s < 0:
            raise UsageError("talker: its sizes must be at least 1 and lead_s at least 0")
        if self.hidden % (2 * self.heads):
            raise UsageError(f"talker: hidden {self.hidden} must be a multiple of twice its {self.heads} heads")


@dataclass(frozen=True)
class Utterance:
    """A response to be learned."""

    states: Tensor
    """[n_states, state_size], one of each row of the response, its end left out: the state that chose the row."""
    steps: list[int]
    """[n_states + 1] step that reads each, the text's end last."""
    codes: Tensor
    """[n_layers, n_frames] int64."""


@dataclass(frozen=True)
class TalkerBatch:
    """Utterances step by step: inputs, and what is to be predicted from them."""

    states: Tensor  # [batch, n_states, state_size]
    text: Tensor  # [batch, n_steps] pad, end, or 2 + the state's index
    before: Tensor  # [batch, n_layers, n_steps] codes of the step before
    codes: Tensor  # [batch, n_layers, n_steps] to be predicted, -100 where nothing is learned
    advance: Tensor  # [batch, n_steps] 1 where the next step reads a state, -100 once the text is over

    @property
    def n_learned(self) -> Tensor:
        """Codes of each layer, and ticks of the clock, that are learned, [n_layers + 1]."""
        codes = (self.codes != _UNTAUGHT).sum(dim=(0, 2))
        return torch.cat([codes, (self.advance != _UNTAUGHT).sum()[None]])

    @property
    def n_filled(self) -> int:
        """Frames of all utterances."""
        # Besides them the first layer learns the end of each.
        return int((self.codes[:, 0] != _UNTAUGHT).sum()) - len(self.codes)

    @property
    def n_places(self) -> int:
        """Frames that the tensors have room for."""
        n_utterances, n_layers, n_steps = self.codes.shape
        return n_utterances * (n_steps - n_layers)

    def to(self, device: torch.device | str) -> "TalkerBatch":
        """The same on another device."""
        parts = (self.states, self.text, self.before, self.codes, self.advance)
        return TalkerBatch(*(part.to(device) for part in parts))


def reading_steps(starts_s: Sequence[float], frame_rate_hz: float, lead_s: float) -> list[int]:
    """The step that reads each state of a response, and the one that reads the text's end, [n_states + 1].

    The first is read at once, the others a little before they are spoken, one a step, the end right after them.

    Args:
        starts_s: when each is spoken, in order; rows of one word share its start.
        frame_rate_hz: of the codec.
        lead_s: how long before.
    """
    steps: list[int] = []
    for start_s in starts_s:
        wanted = int(max(0.0, start_s - lead_s) * frame_rate_hz) if steps else 0
        steps.append(max(wanted, steps[-1] + 1) if steps else 0)
    return [*steps, steps[-1] + 1 if steps else 0]


Draw = Callable[[Tensor], Tensor]
"""Takes a code of each layer: scores [n_layers, codebook_size + 1], -inf where forbidden, to codes [n_layers]."""


def likeliest(scores: Tensor) -> Tensor:
    """The likeliest code of each layer."""
    return scores.argmax(dim=-1)


class Talker(nn.Module):
    """A decoder of codec frames."""

    def __init__(self, geometry: TalkerGeometry, facts: CodecFacts, state_size: int) -> None:
        """Make a talker with random weights.

        Args:
            geometry: its sizes.
            facts: of the codec that it speaks in.
            state_size: width of the thinker's states.
        """
        super().__init__()
        import_torchaudio()  # transformers imports it: it must load first
        from transformers import Qwen2Config, Qwen2Model

        self.geometry = geometry
        self.facts = facts
        self.state_size = state_size
        width = geometry.hidden
        config = Qwen2Config(
            vocab_size=1,
            hidden_size=width,
            intermediate_size=geometry.feed_forward,
            num_hidden_layers=geometry.layers,
            num_attention_heads=geometry.heads,
            num_key_value_heads=geometry.heads,
        )
        self.net: Any = Qwen2Model(config)
        self.net.embed_tokens = nn.Identity()  # it is given embeddings
        self.marks = nn.Embedding(_N_MARKS, width)
        self.reading = nn.Linear(state_size, width)
        # Of each layer: its codes, its end, and a pad where it has not begun.
        self.codes = nn.Embedding(facts.n_layers * (facts.codebook_size + 2), width)
        self.heads = nn.Linear(width, facts.n_layers * (facts.codebook_size + 1))
        self.clock = nn.Linear(width, 1)

    @property
    def end(self) -> int:
        """The code that ends a layer."""
        return self.facts.codebook_size

    @property
    def pad(self) -> int:
        """The code where a layer has not begun; never predicted."""
        return self.facts.codebook_size + 1

    def forward(self, batch: TalkerBatch) -> Tensor:
        """Summed losses of each codec layer and of the clock, [n_layers + 1]."""
        text = self._texts(batch.states, batch.text)
        hidden = self._hidden(text, batch.before)
        scores = self._scores(hidden).permute(0, 3, 1, 2)  # [batch, codebook_size + 1, n_layers, n_steps]
        losses = functional.cross_entropy(scores.float(), batch.codes, ignore_index=_UNTAUGHT, reduction="none")
        clocked = batch.advance != _UNTAUGHT
        ticks = functional.binary_cross_entropy_with_logits(
            self.clock(hidden)[..., 0].float()[clocked], batch.advance[clocked].float(), reduction="sum"
        )
        return torch.cat([losses.sum(dim=(0, 2)), ticks[None]])

    def batch(self, utterances: Sequence[Utterance]) -> TalkerBatch:
        """Lay a batch out; shorter utterances are filled up with what is not learned."""
        n_steps = max(one.codes.shape[1] for one in utterances) + self.facts.n_layers
        n_states = max(len(one.states) for one in utterances)
        states = torch.zeros(len(utterances), n_states, self.state_size)
        text = torch.full((len(utterances), n_steps), _PAD)
        codes = torch.full((len(utterances), self.facts.n_layers, n_steps), self.pad)
        advance = torch.full((len(utterances), n_steps), _UNTAUGHT)
        for b, one in enumerate(utterances):
            states[b, : len(one.states)] = one.states
            made = delayed(functional.pad(one.codes, (0, 1), value=self.end), self.pad)
            codes[b, :, : made.shape[1]] = made
            _read(text[b], advance[b], one.steps, made.shape[1])
        before = functional.pad(codes[..., :-1], (1, 0), value=self.pad)
        learned = codes.masked_fill(codes == self.pad, _UNTAUGHT)
        # The layers below the first end with it: nobody asks them.
        learned[:, 1:] = learned[:, 1:].masked_fill(learned[:, 1:] == self.end, _UNTAUGHT)
        return TalkerBatch(states, text, before, learned, advance)

    def speaking(self, draw: Draw = likeliest, longest_s: float = LONGEST_S) -> "Speaking":
        """Begin a response; see `Speaking`."""
        return Speaking(self, draw, longest_s)

    def stream(
        self, states: Iterable[Tensor], draw: Draw = likeliest, longest_s: float = LONGEST_S
    ) -> Iterator[Tensor]:
        """Speak a response while its states come: frames of codes [n_layers], each as soon as it is whole.

        Args:
            states: of the response's rows [state_size], one by one; the next is asked for when it is to be read.
            draw: takes a code of each layer.
            longest_s: the audio ends there at the latest.
        """
        speaking = self.speaking(draw, longest_s)
        for state in states:
            yield from speaking.take(state)
        yield from speaking.end()

    def save(self, folder: Path) -> None:
        """Write sizes, the codec's digest and weights into a folder."""
        from safetensors.torch import save_file

        folder.mkdir(parents=True, exist_ok=True)
        save_file({name: value.contiguous() for name, value in self.state_dict().items()}, folder / _WEIGHTS)
        note = {"geometry": asdict(self.geometry), "codec": asdict(self.facts), "state_size": self.state_size}
        (folder / _NOTE).write_text(json.dumps(note, indent=1, sort_keys=True) + "\n", encoding="utf-8")

    def step(self, text: Tensor, before: Tensor, position: int, cache: Any) -> tuple[Tensor, bool]:  # noqa: ANN401
        """One step: scores [n_layers, codebook_size + 1], and whether the next step reads a state.

        Args:
            text: what the text layer holds, [hidden].
            before: codes of the step before, [n_layers].
            position: of the step.
            cache: transformers' cache of the steps before; filled.
        """
        hidden = self._hidden(text[None, None], before[None, :, None], cache, position)
        return self._scores(hidden)[0, :, 0], bool(self.clock(hidden).item() > 0)

    def read(self, state: Tensor) -> Tensor:
        """What the text layer holds for a state [state_size] of the thinker, [hidden].

        Raises:
            ContractError: a state of another thinker's width.
        """
        if state.shape != (self.state_size,):
            raise ContractError(
                f"a state of shape {tuple(state.shape)}: this talker was trained on states of {self.state_size}; "
                "use it with the thinker that it was trained with"
            )
        weight = self.reading.weight
        made: Tensor = self.reading(state.to(weight.device, weight.dtype))
        return made

    def _texts(self, states: Tensor, text: Tensor) -> Tensor:
        """The text layer, [batch, n_steps, hidden]."""
        read = self.reading(states.to(self.reading.weight.dtype))
        table = torch.cat([self.marks.weight.expand(len(read), -1, -1), read], dim=1)  # [batch, 2 + n_states, hidden]
        return table.gather(1, text[..., None].expand(-1, -1, table.shape[-1]))

    def _hidden(self, text: Tensor, before: Tensor, cache: Any = None, position: int = 0) -> Tensor:  # noqa: ANN401
        """Last hidden states, [batch, n_steps, hidden]."""
        layers = torch.arange(self.facts.n_layers, device=before.device) * (self.facts.codebook_size + 2)
        embedded = text + self.codes(before + layers[:, None]).sum(dim=1)
        positions = torch.arange(position, position + embedded.shape[1], device=embedded.device)[None]
        out = self.net(
            inputs_embeds=embedded, position_ids=positions, past_key_values=cache, use_cache=cache is not None
        )
        hidden: Tensor = out.last_hidden_state
        return hidden

    def _scores(self, hidden: Tensor) -> Tensor:
        """Scores of the codes, [batch, n_layers, n_steps, codebook_size + 1]."""
        scores: Tensor = self.heads(hidden).unflatten(-1, (self.facts.n_layers, -1))
        return scores.transpose(1, 2)


class Speaking:
    """One response under way. It goes on as far as it can with the states that it has been given."""

    def __init__(self, talker: Talker, draw: Draw, longest_s: float) -> None:
        from transformers import DynamicCache

        self._talker = talker
        self._draw = draw
        self._most_frames = max(1, int(longest_s * talker.facts.frame_rate_hz))
        self._cache = DynamicCache()
        self._n_steps = 0
        self._last: deque[Tensor] = deque(maxlen=talker.facts.n_layers)  # codes [n_layers] of the last steps
        self._before = torch.full((talker.facts.n_layers,), talker.pad, device=talker.clock.weight.device)
        self._n_frames: int | None = None

    def take(self, state: Tensor) -> Iterator[Tensor]:
        """Take the state of the response's next row; gives the frames [n_layers] before the next one is needed.

        Raises:
            ContractError: a state of another thinker's width.
        """
        with torch.inference_mode():
            text = self._talker.read(state)
        yield from self._go_on(text, over=False)

    def end(self) -> Iterator[Tensor]:
        """The text is over: gives the frames that are left."""
        yield from self._go_on(self._talker.marks.weight[_OVER], over=True)

    def _go_on(self, text: Tensor, *, over: bool) -> Iterator[Tensor]:
        """Steps until the next state is wanted, or until the audio has ended."""
        wanted = False
        while not self._ended and not wanted:
            wanted = self._step(text, over=over) and not over
            frame = self._n_steps - self._talker.facts.n_layers
            if frame >= 0 and (self._n_frames is None or frame < self._n_frames):
                yield undelayed(torch.stack(tuple(self._last), dim=1))[:, 0]
            text = self._talker.marks.weight[_PAD]

    @property
    def _ended(self) -> bool:
        return self._n_frames is not None and self._n_steps >= self._n_frames + self._talker.facts.n_layers - 1

    @torch.inference_mode()
    def _step(self, text: Tensor, *, over: bool) -> bool:
        """Take one step; whether the next one is to read a state."""
        talker, step = self._talker, self._n_steps
        scores, advance = talker.step(text, self._before, step, self._cache)
        # Audio ends after its text, and as a whole: with its first layer.
        scores[0 if not over else 1 :, talker.end] = -torch.inf
        made = self._draw(scores).to(self._before.device)
        self._last.append(made)
        self._n_steps += 1
        if self._n_frames is None and (int(made[0]) == talker.end or step >= self._most_frames):
            self._n_frames = step
        frames = step - torch.arange(talker.facts.n_layers, device=made.device)  # the frame of each layer
        n_frames = step + 1 if self._n_frames is None else self._n_frames
        made = made.masked_fill(frames == n_frames, talker.end)
        self._before = made.masked_fill((frames < 0) | (frames > n_frames), talker.pad)
        return advance


def load(folder: Path) -> Talker:
    """Read what `Talker.save` wrote.

    Raises:
        EngineError: there is no talker.
        ContractError: its files are damaged or of another version.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if not (folder / _NOTE).is_file():
        raise EngineError(f"{folder}: no talker here: train stage 5 into it")
    try:
        note = json.loads((folder / _NOTE).read_text(encoding="utf-8"))
        talker = Talker(TalkerGeometry(**note["geometry"]), CodecFacts(**note["codec"]), note["state_size"])
        talker.load_state_dict(load_file(folder / _WEIGHTS))
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as exc:
        said = (str(exc).strip().splitlines() or [""])[0][:200]
        raise ContractError(
            f"talker {folder}: not readable ({said}): it is damaged or was written by another version"
        ) from exc
    return talker


def _read(text: Tensor, advance: Tensor, steps: Sequence[int], n_steps: int) -> None:
    """Fill the text layer [n_steps of the batch] and what the clock learns; what comes after the audio is left out."""
    last = min(steps[-1], n_steps - 1)
    advance[:last] = 0
    for k, step in enumerate(steps):
        if step >= n_steps:
            break
        text[step] = _OVER if k == len(steps) - 1 else _N_MARKS + k
        if step > 0:
            advance[step - 1] = 1
