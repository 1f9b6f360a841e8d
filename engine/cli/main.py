"""The ``bert-frontier`` command: its subcommands, and how errors reach the person who typed it."""

from __future__ import annotations

import sys

import click

from engine.cli.adopt import adopt
from engine.cli.agora import agora
from engine.cli.confirm import confirm
from engine.cli.demo import demo
from engine.cli.doctor import doctor
from engine.cli.early_stopping import early_stopping
from engine.cli.export import export
from engine.cli.extraction import extraction
from engine.cli.frontier import frontier
from engine.cli.import_study import import_command
from engine.cli.printed_report import report
from engine.cli.replay import replay
from engine.cli.resume import resume
from engine.cli.run import run
from engine.cli.sample import sample
from engine.cli.sql import sql
from engine.cli.up import up
from engine.cli.whatif import whatif
from engine.errors import BertFrontierError

EXIT_ERROR = 1
EXIT_INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="bert-frontier")
def cli() -> None:
    """Find the smaller BERT your task needs.

    Exit status: 0 when all went well, 1 for an error that is explained, 2 for a wrong command line, 3 when an
    experiment failed or was stopped, 130 after Ctrl-C.
    """


for command in (
    demo,
    up,
    run,
    resume,
    frontier,
    sql,
    whatif,
    confirm,
    report,
    extraction,
    adopt,
    agora,
    import_command,
    export,
    replay,
    early_stopping,
    sample,
    doctor,
):
    cli.add_command(command)


def main() -> None:
    """Entry point of the console script."""
    try:
        status = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except BertFrontierError as error:
        click.echo(f"bert-frontier: {error}", err=True)
        sys.exit(EXIT_ERROR)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output has gone, as in `bert-frontier sql ... | head`.
        sys.stderr.close()
        sys.exit(EXIT_ERROR)
    sys.exit(status if isinstance(status, int) else 0)


if __name__ == "__main__":
    main()
