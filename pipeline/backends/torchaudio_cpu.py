"""Import torchaudio beside a CPU build of torch.

torchaudio 2.11's wheel is built against CUDA: its extension links libc10_cuda.so, which a CPU torch has not,
so that `import torchaudio` raises OSError. What is needed of it (resampling, spectrograms) is plain torch.
When the real import fails, a stand-in for the extension module that says "not available" lets the rest load.
Beside a CUDA torch nothing is touched.
"""

import importlib
import sys
from types import ModuleType
from typing import Any

_EXTENSION = "torchaudio._extension"


def import_torchaudio() -> ModuleType:
    """Return torchaudio, without its compiled extension where that cannot load.

    Raises:
        ImportError: torchaudio is not installed.
    """
    try:
        return importlib.import_module("torchaudio")
    except OSError:
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchaudio"]:
            del sys.modules[name]
        sys.modules[_EXTENSION] = _no_extension()
        return importlib.import_module("torchaudio")


def _no_extension() -> ModuleType:
    extension: Any = ModuleType(_EXTENSION)
    extension._IS_TORCHAUDIO_EXT_AVAILABLE = False
    extension._IS_ALIGN_AVAILABLE = False
    extension._IS_RIR_AVAILABLE = False
    extension._check_cuda_version = lambda: None
    extension.fail_if_no_align = lambda function: function
    stand_in: ModuleType = extension
    return stand_in
