"""Runs commands of Alembic on graphs of revisions and writes down what came of each.

usage: alembic_driver.py SCENARIOS RESULTS FOLDER

SCENARIOS, fields separated by tabs:
    graph NAME
    rev ID REVISES DEPENDS_ON LABELS      (lists separated by commas)
    run COMMAND ARGUMENT...
RESULTS, for each graph and run:
    graph NAME
    run ok|failed|crashed MESSAGE         (failed: an error that Alembic explains)
    step TEXT                             (what was run, in order)
    out TEXT                              (a line of standard output)
    rows ID,ID                            (the version table behind it)
"""

import io
import logging
import pathlib
import signal
import sqlite3
import sys
import warnings

from alembic import command
from alembic.config import Config
from alembic.util import CommandError

ENV = """
from alembic import context
from sqlalchemy import create_engine, pool
engine = create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""

REVISION = '''"""message of {id}

Revision ID: {id}
Revises: {revises_text}
"""
revision = {id!r}
down_revision = {revises!r}
depends_on = {depends_on!r}
branch_labels = {labels!r}


def upgrade():
    pass


def downgrade():
    pass
'''


TIME_MAX_S = 10  # some histories make Alembic walk in circles


class TookTooLong(Exception):
    pass


def give_up(signal_number, frame):
    raise TookTooLong


class Steps(logging.Handler):
    def __init__(self):
        super().__init__()
        self.steps = []

    def emit(self, record):
        text = record.getMessage()
        if text.startswith("Running "):
            self.steps.append(text.removeprefix("Running "))


class Graph:
    def __init__(self, folder):
        self.folder = folder
        (folder / "versions").mkdir(parents=True)
        (folder / "env.py").write_text(ENV)
        self.output = io.StringIO()
        self.config = Config(stdout=self.output)
        self.config.set_main_option("script_location", str(folder))
        self.config.set_main_option("sqlalchemy.url", f"sqlite:///{folder}/database")

    def add(self, id_, revises, depends_on, labels):
        def items(text):
            return tuple(text.split(",")) if text else None

        text = REVISION.format(id=id_, revises=items(revises), depends_on=items(depends_on),
                               labels=items(labels), revises_text=revises.replace(",", ", "))
        (self.folder / "versions" / f"{id_}.py").write_text(text)

    def rows(self):
        connection = sqlite3.connect(self.folder / "database")
        try:
            return sorted(row[0] for row in connection.execute("select * from alembic_version"))
        except sqlite3.OperationalError:
            return []
        finally:
            connection.close()

    def run(self, name, arguments):
        config = self.config
        if name == "upgrade":
            command.upgrade(config, arguments[0])
        elif name == "downgrade":
            command.downgrade(config, arguments[0])
        elif name == "stamp":
            command.stamp(config, arguments)
        elif name == "history":
            command.history(config, rev_range=arguments[0] or None, indicate_current=True)
        elif name == "heads":
            command.heads(config, resolve_dependencies=arguments[0] == "all")
        elif name == "branches":
            command.branches(config)
        elif name == "current":
            command.current(config)
        elif name == "show":
            command.show(config, arguments[0])
        else:
            raise SystemExit(f"unknown command {name}")

    def result_of(self, name, arguments, steps):
        steps.steps.clear()
        self.output.seek(0)
        self.output.truncate()
        outcome, message = "ok", ""
        signal.alarm(TIME_MAX_S)
        try:
            self.run(name, arguments)
        except CommandError as error:
            outcome, message = "failed", str(error)
        except Exception as error:  # a bug of Alembic: the test decides what it means
            outcome, message = "crashed", repr(error)
        finally:
            signal.alarm(0)
        yield "\t".join(["run", outcome, " ".join(message.split())])
        yield from (f"step\t{step}" for step in steps.steps)
        yield from (f"out\t{line}" for line in self.output.getvalue().splitlines())
        yield "rows\t" + ",".join(self.rows())


def main():
    scenarios, results, folder = map(pathlib.Path, sys.argv[1:])
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, give_up)
    steps = Steps()
    logger = logging.getLogger("alembic.runtime.migration")
    logger.setLevel(logging.INFO)
    logger.addHandler(steps)
    sys.dont_write_bytecode = True
    graph = None
    with results.open("w") as out:
        for line in scenarios.read_text().splitlines():
            kind, *fields = line.split("\t")
            if kind == "graph":
                graph = Graph(folder / fields[0])
                print(line, file=out)
            elif kind == "rev":
                graph.add(*fields)
            else:
                for text in graph.result_of(fields[0], fields[1:], steps):
                    print(text, file=out)


main()
