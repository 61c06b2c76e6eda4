"""Which parameters a stage trains."""

from collections.abc import Iterator

from torch import nn

from pipeline.errors import UsageError
from pipeline.model.thinker import Thinker
from pipeline.train.curriculum import Part
from pipeline.train.lora import MARK

_NEVER_USED = "audio_bos_eos_token"
"""Part of the audio tower's class that its forward pass leaves out: it has no gradient."""


def named_parameters(thinker: Thinker, part: Part) -> Iterator[tuple[str, nn.Parameter]]:
    """Names within the thinker, and parameters, of one of its parts; of a decoder with adapters, theirs alone.

    Raises:
        UsageError: the thinker has no such part.
    """
    if part in (Part.ADAPTER, Part.ENCODER) and not thinker.hears:
        raise UsageError(f"this network of text alone has no {part}: leave out its audio stages")
    modules: dict[Part, tuple[nn.Module, ...]] = {
        Part.EMBEDDINGS: (thinker.embeddings, thinker.net.lm_head),
        Part.DECODER: (thinker.decoder,),
    }
    if thinker.hears:
        modules[Part.ADAPTER] = (thinker.encoder.proj,)  # type: ignore[assignment]
        modules[Part.ENCODER] = (thinker.encoder,)
    wanted = {id(p) for module in modules.get(part, ()) for p in module.parameters()}
    inner = {Part.DECODER: Part.EMBEDDINGS, Part.ENCODER: Part.ADAPTER}.get(part)
    if inner is not None:
        wanted -= {id(p) for module in modules[inner] for p in module.parameters()}
    found = [(name, p) for name, p in thinker.named_parameters() if id(p) in wanted and _NEVER_USED not in name]
    adapters = [(name, p) for name, p in found if MARK in name] if part is Part.DECODER else []
    yield from adapters or found


def freeze_all_but(thinker: Thinker, parts: frozenset[Part]) -> list[str]:
    """Let only these parts train; returns the names of their parameters.

    Raises:
        UsageError: the thinker has no such part.
    """
    for parameter in thinker.parameters():
        parameter.requires_grad_(False)
    names: list[str] = []
    for part in sorted(parts - {Part.TALKER}):
        for name, parameter in named_parameters(thinker, part):
            parameter.requires_grad_(True)
            names.append(name)
    return names
