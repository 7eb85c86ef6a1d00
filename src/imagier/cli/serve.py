"""`imagier serve MODEL...`: models answer over HTTP, on this machine unless told otherwise."""

import logging
import sys
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from imagier.cli.decimals import Decimal
from imagier.cli.framework import ImagierCommand, json_option, note, print_json, quiet_option, say
from imagier.errors import UsageError
from imagier.i18n import shell_word, t

if TYPE_CHECKING:
    from imagier.server.served_models import ServedModel

__all__ = ["serve"]

LOGS = {"none": logging.CRITICAL, "errors": logging.WARNING, "requests": logging.INFO}
USUAL = ("port", "host", "token_file", "hosts")
MOST_MEGABYTES = 256


@click.command("serve", cls=ImagierCommand, help=t("cli.serve.help"), usual=USUAL)
@click.argument("models", metavar=t("cli.serve.models_metavar"), nargs=-1, required=True)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    metavar="N",
    help=t("cli.serve.port", default=8000),
)
@click.option(
    "--host", default="127.0.0.1", metavar=t("cli.serve.address"), help=t("cli.serve.host")
)
@click.option("--token-file", metavar=t("cli.predict.file"), help=t("cli.serve.token_file"))
@click.option("--token-env", metavar=t("cli.serve.name"), help=t("cli.serve.token_env"))
@click.option(
    "--allow-host",
    "hosts",
    multiple=True,
    metavar=t("cli.serve.name"),
    help=t("cli.serve.allow_host"),
)
@click.option(
    "--allow-origin",
    "origins",
    multiple=True,
    metavar=t("cli.serve.origin"),
    help=t("cli.serve.allow_origin"),
)
@click.option("--rate", type=Decimal(0, min_open=True), metavar="N", help=t("cli.serve.rate"))
@click.option(
    "--max-size",
    type=click.IntRange(1, MOST_MEGABYTES),
    default=32,
    metavar="N",
    help=t("cli.serve.max_size", default=32),
)
@click.option("--decoders", type=click.IntRange(1, 64), metavar="N", help=t("cli.serve.decoders"))
@click.option("--threads", type=click.IntRange(1, 256), metavar="N", help=t("cli.serve.threads"))
@click.option(
    "--log", "kept", type=click.Choice(list(LOGS)), default="errors", help=t("cli.serve.log")
)
@json_option
@quiet_option
def serve(
    *,
    models: tuple[str, ...],
    port: int,
    host: str,
    token_file: str | None,
    token_env: str | None,
    hosts: tuple[str, ...],
    origins: tuple[str, ...],
    rate: float | None,
    max_size: int,
    decoders: int | None,
    threads: int | None,
    kept: str,
    as_json: bool,
    quiet: bool,
) -> int:
    from imagier.machine import available_cores
    from imagier.server.settings import ServerSettings, read_tokens

    if token_file is not None and token_env is not None:
        raise UsageError("token_twice")
    cores = available_cores()
    settings = ServerSettings(
        host=host,
        port=port,
        tokens=read_tokens(file=token_file, variable=token_env),
        hosts=hosts,
        origins=origins,
        rate=rate,
        max_body=max_size << 20,
        decoders=decoders or cores,
        threads=threads or cores,
    )
    import fastapi  # noqa: F401 - what is missing is named before anything is done
    import httptools  # noqa: F401
    import python_multipart  # noqa: F401

    from imagier.server.served_models import load_models
    from imagier.server.server_process import listen, run_server
    from imagier.server.service import Service

    with listen(settings) as listener:
        loaded = load_models(models, threads=settings.threads)
        service = Service(loaded, settings)
        address = _address(host, listener.getsockname()[1])
        _keep_log(LOGS[kept])

        def ready() -> None:
            if as_json:
                told = [model.to_json() for model in loaded.values()]
                print_json({"address": address, "token": bool(settings.tokens), "models": told})
            else:
                say(t("cli.serve.ready", address=address, models=", ".join(loaded)))
            note(_example(address, list(loaded.values()), token_file or token_env), quiet=quiet)

        run_server(service, listener, ready=ready)
    return 0


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _example(address: str, models: "list[ServedModel]", token: str | None) -> str:
    """Give the line that asks for a first answer."""
    first = models[0]
    url = f"{address}/{'read' if first.reads else 'predict'}"
    if len(models) > 1:
        url = shell_word(f"{url}?model={quote(first.name)}")
    more = '-H "Authorization: Bearer …" ' if token else ""
    return t("cli.serve.try", url=url, more=more, address=address)


def _keep_log(level: int) -> None:
    """Write the log of imagier to the standard error, one event a line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    kept = logging.getLogger("imagier")
    kept.addHandler(handler)
    kept.setLevel(level)
    kept.propagate = False
