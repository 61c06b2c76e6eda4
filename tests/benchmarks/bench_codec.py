"""How much of speech survives the fitted codec: word errors of an ear before and after, on a build's own responses.

    smp3m build --source simpleop --rows 80 --speak both --set speak.asr=none --out DIR
    python tests/benchmarks/bench_codec.py DIR [N_HEARD]

The codec is fitted on the responses but the last N_HEARD (24 by default), which are then heard as they are, and again
after encoding and decoding, in several sizes of the codec. Word errors are those of `core.wer`; a row's numbers are
heard when each has its value at its place. `bit/s` is frames x layers x log2(codes).
"""

import math
import sys
import time
from dataclasses import replace
from pathlib import Path

from pipeline.backends.asr.moonshine import Moonshine
from pipeline.backends.audio import Clip, decode
from pipeline.core.wer import compare
from pipeline.model.melrvq import MelRvqConfig, fit
from pipeline.train.reader import open_corpus

COLUMNS = ["id", "response", "response_audio"]
N_HEARD = 24
DEFAULT = MelRvqConfig()
SIZES = {
    "default": DEFAULT,
    "4 layers": replace(DEFAULT, n_layers=4),
    "256 codes": replace(DEFAULT, codebook_size=256),
    "2 mel frames a code": replace(DEFAULT, stacked=2),
    "6 mel frames a code": replace(DEFAULT, stacked=6),
    "16 kHz": replace(DEFAULT, sample_rate_hz=16_000, hop=200, window=800),
}


def heard(ear: Moonshine, texts: list[str], clips: list[Clip]) -> str:
    """Columns of the table: word errors per word, rows whose numbers were heard."""
    verdicts = [compare(text, ear.transcribe(clip)) for text, clip in zip(texts, clips, strict=True)]
    wer = sum(verdict.wer for verdict in verdicts) / len(verdicts)
    return f"{wer:.3f} | {sum(verdict.quantities_agree for verdict in verdicts)} of {len(verdicts)}"


def main(arguments: list[str]) -> int:
    """Print the table; 2 where no data set was named."""
    if not arguments or not Path(arguments[0]).is_dir():
        print((__doc__ or "").strip(), file=sys.stderr)
        return 2
    n_heard = int(arguments[1]) if len(arguments) > 1 else N_HEARD
    corpus = open_corpus(arguments[0], "train", COLUMNS)
    rows = [row for piece in corpus.pieces for row in corpus.rows(piece, COLUMNS)]
    texts = [row["response"] for row in rows[-n_heard:]]
    clips = [decode(row["response_audio"]["bytes"]) for row in rows]
    known, unknown = clips[:-n_heard], clips[-n_heard:]
    ear = Moonshine()
    print(f"fitted on {len(known)} responses, {sum(clip.duration_s for clip in known):.0f} s; {n_heard} others heard")
    print("| codec | frames/s | bit/s | fitted in s | word errors | numbers heard |")
    print("| --- | --- | --- | --- | --- | --- |")
    print(f"| none | | | | {heard(ear, texts, unknown)} |")
    for name, config in SIZES.items():
        start = time.process_time()
        codec = fit(known, config)
        fitted_s = time.process_time() - start
        bits = codec.frame_rate_hz * codec.n_layers * math.log2(codec.codebook_size)
        again = [codec.decode(codec.encode(clip)) for clip in unknown]
        print(f"| {name} | {codec.frame_rate_hz:.1f} | {bits:.0f} | {fitted_s:.1f} | {heard(ear, texts, again)} |")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
