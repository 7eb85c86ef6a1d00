"""The parts of a form, `multipart/form-data` (RFC 7578), out of a body that is there as a whole.

The parser is that of python-multipart; how many parts there may be and how long their heads may be
is decided here, while they are read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from imagier.errors import UsageError

__all__ = ["FormPart", "read_parts"]

LONGEST_HEAD = 4096  # bytes of the headers of one part
LONGEST_BOUNDARY = 70


@dataclass(slots=True, kw_only=True)
class FormPart:
    """One part of a form.

    Attributes:
        name: The field it fills in.
        filename: What its file is called; None for a value that is in no file.
        content: Its bytes.
    """

    name: str = ""
    filename: str | None = None
    content: bytes = b""


@dataclass(slots=True)
class _Collector:
    """Collects parts while the parser finds them."""

    most: int
    parts: list[FormPart] = field(default_factory=list)
    is_whole: bool = False
    _data: list[bytes] = field(default_factory=list)
    _field: bytes = b""
    _value: bytes = b""
    _head: int = 0

    def begin(self) -> None:
        if len(self.parts) == self.most:
            raise UsageError("too_many_pictures", most=self.most)
        self.parts.append(FormPart())
        self._data, self._head = [], 0

    def header_field(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._field += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._value += data[start:end]

    def header_end(self) -> None:
        if self._field.lower() == b"content-disposition":
            _, options = parse_options_header(self._value)
            name, filename = options.get(b"name", b""), options.get(b"filename")
            self.parts[-1].name = name.decode("utf-8", "replace")
            if filename is not None:
                self.parts[-1].filename = filename.decode("utf-8", "replace")
        self._field = self._value = b""

    def data(self, data: bytes, start: int, end: int) -> None:
        self._data.append(data[start:end])

    def end(self) -> None:
        self.parts[-1].content = b"".join(self._data)
        self._data = []

    def whole(self) -> None:
        self.is_whole = True

    def _count(self, length: int) -> None:
        self._head += length
        if self._head > LONGEST_HEAD:
            raise UsageError("multipart_malformed")


def read_parts(content: bytes, options: Mapping[bytes, bytes], *, most: int) -> list[FormPart]:
    r"""Take a form apart.

    Args:
        content: The body.
        options: What stands behind `multipart/form-data`, its boundary among it.
        most: How many parts it may have.

    Raises:
        UsageError: `multipart_malformed`, `too_many_pictures`.

    >>> body = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n'
    >>> read_parts(body, {b"boundary": b"x"}, most=1)
    [FormPart(name='a', filename=None, content=b'b')]
    """
    boundary = options.get(b"boundary", b"")
    if not 1 <= len(boundary) <= LONGEST_BOUNDARY:
        raise UsageError("multipart_malformed")
    found = _Collector(most)
    parser = MultipartParser(
        boundary,
        {
            "on_part_begin": found.begin,
            "on_header_field": found.header_field,
            "on_header_value": found.header_value,
            "on_header_end": found.header_end,
            "on_part_data": found.data,
            "on_part_end": found.end,
            "on_end": found.whole,
        },
    )
    try:
        parser.write(content)
        parser.finalize()
    except (FormParserError, ValueError) as error:
        raise UsageError("multipart_malformed") from error
    if not found.is_whole:
        raise UsageError("multipart_malformed")
    return found.parts
