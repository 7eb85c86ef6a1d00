"""The addresses of the server and what each answers.

    POST /predict   the name of a picture          GET /models    what is served
    POST /batch     the names of several           GET /health    whether it answers
    POST /read      the text of a line, of a page  GET /metrics   what was counted

`/docs` is a page made from the same schema, `/openapi.json`.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Any, Protocol

from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware

from imagier.errors import UsageError
from imagier.files import json_line, version
from imagier.i18n import LANGUAGES, language, t, use_language
from imagier.server.admission import RateLimit
from imagier.server.bodies import MOST_PICTURES, Body, BodyRules, pictures_of, received_body
from imagier.server.docs_page import PAGE_FILES, PAGE_RULES, docs_html, page_file
from imagier.server.gateway import Gateway
from imagier.server.metrics import write_samples
from imagier.server.request_guard import RequestGuard
from imagier.server.schemas import (
    ErrorAnswer,
    HealthAnswer,
    ModelsAnswer,
    NameAnswer,
    TextAnswer,
)
from imagier.server.service import NamingOptions, PictureFile, ReadingOptions, Service

__all__ = ["ROUTES", "create_application"]

ROUTES = ("/predict", "/batch", "/read", "/models", "/health", "/metrics", "/docs", "/openapi.json")
LARGER_BATCH = 2  # times the bytes of one picture
MOST_CHOICES, MOST_TEXTS = 1000, 20
LINES = "application/x-ndjson"
_BINARY = {"type": "string", "format": "binary"}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorAnswer}
    for status in (400, 401, 403, 404, 408, 413, 415, 422, 429, 431, 503, 504)
}

ModelName = Annotated[str | None, Query(max_length=100)]
Top = Annotated[int, Query(ge=1, le=MOST_CHOICES)]
Share = Annotated[float | None, Query(gt=0, lt=1)]


class _Answering(Protocol):
    """Gives the body of a request, counted and in good time."""

    def __call__(
        self, request: Request, *, form_only: bool = False
    ) -> AbstractAsyncContextManager[Body]: ...


def create_application(service: Service) -> Gateway:
    """Make the application of a service, its door included (ASGI)."""
    api = FastAPI(
        title="imagier",
        version=version(),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    _add_answers(api, service)
    _add_state(api, service)
    _add_pages(api, service)
    # what is raised passes on to the gateway, which alone turns it into an answer
    api.middleware_stack = AsyncExitStackMiddleware(api.router)
    settings = service.settings
    return Gateway(
        api,
        guard=RequestGuard.of(settings),
        rate=RateLimit(settings.rate),
        metrics=service.metrics,
        routes=frozenset(ROUTES),
    )


def _add_answers(api: FastAPI, service: Service) -> None:
    body_of = _receiver(service)

    @api.post(
        "/predict",
        responses={200: {"model": NameAnswer}, **_REFUSALS},
        openapi_extra=_body(forms=1),
        summary=t("server.page.route.predict"),
    )
    async def predict(
        request: Request,
        options: Annotated[NamingOptions, Depends(_naming_options)],
        model: ModelName = None,
    ) -> Response:
        async with body_of(request) as body:
            picture = _one(pictures_of(body))
            with service.places.held():
                answer = await service.name(picture, model, options)
        return _json(answer.to_json())

    @api.post(
        "/batch",
        responses={
            200: {
                "content": {LINES: {"schema": {"type": "string"}}},
                "description": t("server.page.route.batch"),
            },
            **_REFUSALS,
        },
        openapi_extra=_body(forms=MOST_PICTURES),
        summary=t("server.page.route.batch"),
        response_class=Response,
    )
    async def batch(
        request: Request,
        options: Annotated[NamingOptions, Depends(_naming_options)],
        model: ModelName = None,
    ) -> Response:
        async with body_of(request, form_only=True) as body:
            pictures = pictures_of(body)
            with service.places.held():
                answers = await service.name_many(pictures, model, options)
        return _json_lines([answer.to_json() for answer in answers])

    @api.post(
        "/read",
        responses={200: {"model": TextAnswer}, **_REFUSALS},
        openapi_extra=_body(forms=1),
        summary=t("server.page.route.read"),
    )
    async def read(
        request: Request,
        model: ModelName = None,
        top: Annotated[int, Query(ge=1, le=MOST_TEXTS)] = 1,
        max_error: Share = None,
        format: Annotated[str | None, Query(max_length=100)] = None,  # noqa: A002
        check: Annotated[str | None, Query(max_length=100)] = None,
        amount: bool = False,
        lines: bool = False,
    ) -> Response:
        options = ReadingOptions(
            top=top, max_error=max_error, format=format, check=check, amount=amount
        )
        async with body_of(request) as body:
            picture = _one(pictures_of(body))
            with service.places.held():
                answers = await service.read(picture, model, options, lines=lines)
        found = [answer.to_json() for answer in answers]
        return _json_lines(found) if lines else _json(found[0])


def _add_state(api: FastAPI, service: Service) -> None:
    @api.get(
        "/models",
        responses={200: {"model": ModelsAnswer}, **_REFUSALS},
        summary=t("server.page.route.models"),
    )
    async def models() -> Response:
        return _json({"models": [model.to_json() for model in service.models.values()]})

    @api.get(
        "/health", responses={200: {"model": HealthAnswer}}, summary=t("server.page.route.health")
    )
    async def health() -> Response:
        return _json({"status": "ok"})

    @api.get("/metrics", response_class=Response, summary=t("server.page.route.metrics"))
    async def metrics() -> Response:
        text = write_samples(service.samples())
        return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


def _add_pages(api: FastAPI, service: Service) -> None:
    @api.get("/docs", include_in_schema=False)
    async def docs(request: Request, lang: str | None = None) -> Response:
        address = f"{request.url.scheme}://{request.headers['host']}"
        needs_token = bool(service.settings.tokens)
        with use_language(lang if lang in LANGUAGES else language()):
            page = docs_html(api.openapi(), address=address, needs_token=needs_token)
        rules = {"content-security-policy": PAGE_RULES}
        return Response(page, media_type="text/html; charset=utf-8", headers=rules)

    @api.get("/docs/{name}", include_in_schema=False)
    async def part(name: str) -> Response:
        if name not in PAGE_FILES:
            raise UsageError("address_unknown")
        return Response(page_file(name), media_type=f"{PAGE_FILES[name]}; charset=utf-8")


async def _naming_options(
    top: Top = 5, max_error: Share = None, coverage: Share = None
) -> NamingOptions:
    return NamingOptions(top=top, max_error=max_error, coverage=coverage)


def _receiver(service: Service) -> _Answering:
    settings = service.settings

    def receive(request: Request, *, form_only: bool = False) -> AbstractAsyncContextManager[Body]:
        most = settings.max_body * (LARGER_BATCH if form_only else 1)
        rules = BodyRules(
            most=most, seconds=settings.read_seconds, room=service.bodies, form_only=form_only
        )
        return received_body(request.receive, request.headers, rules)

    return receive


def _one(pictures: Sequence[PictureFile]) -> PictureFile:
    if len(pictures) != 1:
        raise UsageError("several_pictures_sent", count=len(pictures))
    return pictures[0]


def _body(*, forms: int) -> dict[str, Any]:
    """Describe the body: a picture itself, or a form with so many pictures."""
    files = {"type": "array", "items": _BINARY, "minItems": 1, "maxItems": forms}
    form: dict[str, Any] = {
        "type": "object",
        "properties": {"picture": files if forms > 1 else _BINARY},
        "required": ["picture"],
    }
    content: dict[str, Any] = {"multipart/form-data": {"schema": form}}
    if forms == 1:
        kinds = ("image/png", "image/jpeg", "image/webp", "application/octet-stream")
        content |= {kind: {"schema": _BINARY} for kind in kinds}
    return {"requestBody": {"required": True, "content": content}}


def _json(value: object) -> Response:
    return Response(json_line(value), media_type="application/json")


def _json_lines(values: Sequence[object]) -> Response:
    return Response("".join(f"{json_line(value)}\n" for value in values), media_type=LINES)
