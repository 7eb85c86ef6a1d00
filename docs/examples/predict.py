"""Name pictures with an imagier model, without imagier: python predict.py model.onnx PICTURE..."""

import json
import sys

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

session = onnxruntime.InferenceSession(sys.argv[1])
card = json.loads(session.get_modelmeta().custom_metadata_map["imagier"])
settings = card["prepare"]
height, width = settings["height"], settings["width"]


def decoded(path):
    image = Image.open(path)
    if settings["ink"] is None:
        image.draft(None, (max(height, width, 512),) * 2)  # JPEG: a half, a quarter, an eighth
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I;16"):
        white = settings.get("deep_white") or 65535
        levels = np.minimum(np.asarray(image), white) * np.float32(255 / white)
        return Image.fromarray(np.rint(levels).astype(np.uint8))
    if image.has_transparency_data:
        coloured = image.convert("RGBA")
        image, alpha = Image.new("RGB", image.size, "white"), coloured.getchannel("A")
        image.paste(coloured.convert("RGB"), mask=alpha)
        lowest, highest = alpha.getextrema()
        if min(low for low, _ in image.getextrema()) >= 224 and lowest < 128 <= highest:
            image = ImageOps.invert(alpha)
    return image if image.mode == "L" else image.convert("RGB")


def resized(image, size, box):
    left, top, right, bottom = box  # rows first: the order differs with Pillow's versions
    image = image.resize((size[0], image.height), Image.BILINEAR, (left, 0, right, image.height))
    return np.atleast_3d(np.asarray(image.resize(size, Image.BILINEAR, (0, top, size[0], bottom))))


def prepared(path):
    image = decoded(path).convert("L" if settings["channels"] == 1 else "RGB")
    pixels = np.atleast_3d(np.asarray(image))
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    if settings["ink"]:
        if image.size != (width, height) or 10 < np.median(border) < 245:
            sys.exit(f"{path}: cut the sign out with imagier first")
        return pixels if np.median(border) <= 10 else 255 - pixels
    if image.size == (width, height):
        return pixels
    if settings["fit"] == "stretch":
        return resized(image, (width, height), (0, 0, *image.size))
    factors = width / image.width, height / image.height
    part = {"crop": 0, "crop-pad": 1 / 3, "pad": 1}[settings["fit"]]
    factor = max(factors) ** (1 - part) * min(factors) ** part
    size = [
        min(whole, max(1, int(side * factor + 0.5)))
        for side, whole in zip(image.size, (width, height))
    ]
    left, top = max(0, image.width - width / factor) / 2, max(0, image.height - height / factor) / 2
    box = (left, top, image.width - left, image.height - top)
    small = resized(image, size, box)
    field = np.empty((height, width, small.shape[2]), np.uint8)
    field[:] = np.median(border, axis=0).astype(np.uint8)
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    field[top : top + size[1], left : left + size[0]] = small
    return field


for path in sys.argv[2:]:
    levels = np.rint(np.arange(256) * (settings["full_scale"] / 255)).astype(np.uint8)
    answers = session.run(None, {"pixels": levels[prepared(path)][np.newaxis]})[0][0]
    print(json.dumps({"path": path, **dict(zip(card["classes"], answers.tolist()))}))
