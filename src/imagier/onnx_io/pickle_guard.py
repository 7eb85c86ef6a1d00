"""Names the file formats that can run code when they are opened; imagier opens none of them."""

from pathlib import PurePath

from imagier.errors import ModelError

__all__ = ["check_no_pickle"]

_ENDINGS = {
    ".pt": "PyTorch (pickle)",
    ".pth": "PyTorch (pickle)",
    ".ckpt": "PyTorch (pickle)",
    ".bin": "PyTorch (pickle)",
    ".pkl": "pickle",
    ".pickle": "pickle",
    ".joblib": "joblib (pickle)",
    ".mar": "TorchServe",
    ".keras": "Keras",
    ".h5": "Keras (HDF5)",
    ".hdf5": "Keras (HDF5)",
}
_SIGNATURES = (
    (b"PK\3\4", "zip (PyTorch, Keras)"),
    (b"PK\5\6", "zip (PyTorch, Keras)"),
    (b"\x89HDF", "Keras (HDF5)"),
    (b"cos\n", "pickle"),  # the oldest pickles are text: these names begin them
    (b"cposix\n", "pickle"),
    (b"cbuiltins\n", "pickle"),
    (b"c__builtin__\n", "pickle"),
    (b"ccopy_reg\n", "pickle"),
    (b"(dp", "pickle"),
    (b"(lp", "pickle"),
)


def check_no_pickle(content: bytes, name: str, *, path: str) -> None:
    """Refuse a file that is, by its name or its first bytes, of a format that can run code.

    Args:
        content: The file's bytes.
        name: The file's own name.
        path: What it is called in messages.

    Raises:
        ModelError: `model_pickle`, naming the format.
    """
    kind = _ENDINGS.get(PurePath(name).suffix.lower()) or _format_of_content(content)
    if kind:
        raise ModelError("model_pickle", path=path, format=kind)


def _format_of_content(content: bytes) -> str | None:
    # A safetensors file may begin as a pickle does, by the length of its header: zeros follow.
    if content[:1] == b"\x80" and content[1:2] in b"\2\3\4\5" and any(content[2:8]):
        return "pickle"
    return next((kind for magic, kind in _SIGNATURES if content.startswith(magic)), None)
