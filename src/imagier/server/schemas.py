"""The shapes of answers, as `/openapi.json` and `/docs` tell them.

They describe and are not what makes the answers: those are `Prediction.to_json` and
`ReadLine.to_json`, the same as the commands print with `--json`.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["ErrorAnswer", "HealthAnswer", "ModelsAnswer", "NameAnswer", "TextAnswer"]


class _Said(BaseModel):
    """What went wrong."""

    code: str = Field(examples=["truncated"])
    message: str = Field(examples=["7.png ends too soon (PNG)."])
    request_id: str = Field(examples=["9f2c1e4b7a60d385"])


class ErrorAnswer(BaseModel):
    """Why there is no answer, in the language of `Accept-Language` (English or French)."""

    error: _Said


class _PictureError(BaseModel):
    """Why a picture among several cannot be used."""

    code: str
    message: str


class NameAnswer(BaseModel):
    """The name of one picture, as `imagier predict --json` prints it."""

    model_config = ConfigDict(extra="allow")

    path: str = Field(examples=["<bytes>"])
    status: Literal["ok", "error"]
    label: str | None = Field(examples=["cat"])
    probability: float | None = Field(examples=[0.987654])
    top: list[tuple[str, float]] = Field(examples=[[["cat", 0.987654], ["dog", 0.012346]]])
    abstained: bool
    stranger: bool | None
    error: _PictureError | None


class TextAnswer(BaseModel):
    """The text of one line, as `imagier read --json` prints it."""

    model_config = ConfigDict(extra="allow")

    path: str
    status: Literal["ok", "error"]
    text: str | None = Field(examples=["75012"])
    probability: float | None
    rejected: bool | None
    reason: str | None
    upside_down: bool | None
    value: str | None
    currency: str | None
    characters: list[dict[str, Any]]
    alternatives: list[tuple[str, float]]
    line: int | None
    box: list[int] | None
    error: _PictureError | None


class _Model(BaseModel):
    """A model that is served."""

    name: str
    reads: bool
    network: str
    classes: list[str]
    input: tuple[int, int, int]
    strangers: bool
    parameters: int


class ModelsAnswer(BaseModel):
    """The models that are served."""

    models: list[_Model]


class HealthAnswer(BaseModel):
    """That the server answers."""

    status: Literal["ok"]
