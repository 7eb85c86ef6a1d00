"""What the tests of batch labelling share: pictures of thirds, in folders and in archives."""

import tarfile
import zipfile
from io import BytesIO

from PIL import Image

from tests.recognizer import tiny_models as tiny


def png(third):
    """A picture of which a third is bright: the tiny model knows which."""
    file = BytesIO()
    Image.fromarray(tiny.bright(third)[:, :, 0]).save(file, "PNG")
    return file.getvalue()


PNGS = [png(third) for third in range(3)]


def write_folder(folder, n, *, start=0):
    """Write n pictures, 100 in a folder."""
    for number in range(start, start + n):
        path = folder / f"{number // 100:03}" / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PNGS[number % 3])


def write_tar(path, contents, **settings):
    """Write a tar archive, as Python's own writer does."""
    with tarfile.open(path, "w", **settings) as archive:
        for name, content in contents.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, BytesIO(content))


def write_zip(path, contents):
    """Write a zip archive, the first member stored and the others packed."""
    with zipfile.ZipFile(path, "w") as archive:
        for number, (name, content) in enumerate(contents.items()):
            way = zipfile.ZIP_DEFLATED if number else zipfile.ZIP_STORED
            archive.writestr(name, content, way)
