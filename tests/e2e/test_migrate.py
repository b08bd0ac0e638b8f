"""`katip migrate` as a tool of its own, on a schema that is not katip's, and on katip's.

What is about a database runs on SQLite and on a PostgreSQL that the tests start.
"""

from __future__ import annotations

import json
import re
import resource
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import postgres
import pytest
from conftest import Katip
from server import Server

SHOP = """-- what a small shop keeps
create table customers (
  id integer primary key,
  name text not null,
  email text
);
create table orders (
  id integer primary key,
  customer_id integer not null references customers (id) on delete cascade,
  total numeric(10, 2) not null default 0 check (total >= 0)
);
create index ix_orders_customer on orders (customer_id);
"""


class Shop:
    """A project with a migrations folder and a SQLite database."""

    dialect = "sqlite"

    def __init__(self, katip: Katip) -> None:
        self.katip = katip
        self.folder = katip.home / "db"
        self.database = katip.home / "shop.db"
        self.env = {"DATABASE_URL": f"sqlite:///{self.database}"}

    def __call__(self, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = self.katip("migrate", *words, env=self.env)
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def declare(self, sql: str) -> None:
        (self.folder / f"schema.{self.dialect}.sql").write_text(sql, encoding="utf-8")

    def query(self, sql: str) -> list[tuple[str, ...]]:
        with closing(sqlite3.connect(self.database)) as connection, connection:
            return [tuple(map(str, row)) for row in connection.execute(sql).fetchall()]

    def run(self, script: str) -> None:
        with closing(sqlite3.connect(self.database)) as connection:
            connection.executescript(script)

    def tables(self) -> list[str]:
        if not self.database.exists():
            return []
        return [name for (name,) in self.query(
            "select name from sqlite_master where type = 'table'")]

    def add(self, id_: str, revises: str, up: str, down: str = "") -> None:
        (self.folder / "versions" / f"{id_}.sql").write_text(
            f"-- revision: {id_}\n-- revises: {revises}\n-- message: {id_} it is\n\n"
            f"-- upgrade\n{up}\n-- downgrade\n{down}\n", encoding="utf-8")


class PostgresShop(Shop):
    """The same on PostgreSQL, named by the other variable."""

    dialect = "postgres"

    def __init__(self, katip: Katip, server: postgres.PostgresServer) -> None:
        super().__init__(katip)
        self.server = server
        self.name = server.create_database()
        self.env = {"POSTGRES_URL": server.url(self.name)}

    def query(self, sql: str) -> list[tuple[str, ...]]:
        return [tuple(line.split("\t")) for line in self.server.psql(self.name, sql).splitlines()]

    def run(self, script: str) -> None:
        self.server.psql(self.name, script)

    def tables(self) -> list[str]:
        return [name for (name,) in self.query(
            "select tablename from pg_tables where schemaname = 'public'")]


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.PostgresServer]:
    folder = postgres.programs()
    if folder is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql-15")
    server = postgres.PostgresServer(folder)
    try:
        server.wait()
        yield server
    finally:
        server.stop()


@pytest.fixture(params=["sqlite", "postgres"])
def shop(katip: Katip, request: pytest.FixtureRequest) -> Shop:
    if request.param == "sqlite":
        shop = Shop(katip)
    else:
        shop = PostgresShop(katip, request.getfixturevalue("server"))
    done = shop("init", "db")
    assert "Creating directory db/versions ...  done\n" in done.stdout
    assert "Generating migrate.ini ...  done\n" in done.stdout
    return shop


def test_a_schema_from_its_first_table_to_a_change_and_back(shop: Shop) -> None:
    shop.declare(SHOP)
    done = shop("revision", "-m", "first tables", "--autogenerate", "--rev-id", "0001")
    assert done.stdout.endswith("db/versions/0001_first_tables.sql ...  done\n")
    assert "Detected added table 'customers'" in done.stderr
    assert shop("upgrade", "head").stderr.count("Running upgrade  -> 0001, first tables") == 1
    assert shop("current").stdout == "0001 (head)\n"
    assert shop("check").stdout == "No new upgrade operations detected.\n"
    shop.run("insert into customers values (1, 'Ayşe', null)")
    shop.run("insert into orders values (1, 1, 5)")

    shop.declare(SHOP.replace("name text not null", "full_name text not null -- renamed_from: name\n")
                 .replace("email text", "email text unique"))
    done = shop("check", code=1)
    assert "rename_column customers.full_name\n" in done.stdout
    assert "New upgrade operations detected" in done.stderr
    shop("revision", "-m", "second", "--autogenerate", "--rev-id", "0002")
    shop("upgrade")
    assert shop.query("select full_name from customers") == [("Ayşe",)]
    assert shop.query("select count(*) from orders") == [("1",)], "no child was deleted"
    assert shop("check").stdout == "No new upgrade operations detected.\n"
    shop("downgrade", "-1", "--allow-destructive")
    assert shop.query("select name from customers") == [("Ayşe",)]
    assert "data" in shop("downgrade", "base", code=1).stderr
    shop("downgrade", "base", "--allow-destructive")
    assert shop("current").stdout == ""


def test_what_scripts_read_is_said_as_alembic_says_it(shop: Shop) -> None:
    shop("revision", "-m", "Initial migration", "--rev-id", "0001")
    shop("revision", "-m", "second thing", "--rev-id", "0002")
    assert shop("history").stdout == ("0001 -> 0002 (head), second thing\n"
                                      "<base> -> 0001, Initial migration\n")
    assert shop("heads").stdout == "0002 (head)\n"
    assert "not a head revision" in shop(
        "revision", "-m", "br", "--rev-id", "0003", "--head", "0001", code=1).stderr
    shop("revision", "-m", "br", "--rev-id", "0003", "--head", "0001", "--splice",
         "--branch-label", "side")
    assert shop("heads").stdout == "0002 (head)\n0003 (side) (head)\n"
    assert ("Multiple head revisions are present for given argument 'head'; please specify a "
            "specific target revision, '<branchname>@head' to narrow to a specific head, or "
            "'heads' for all heads") in shop("upgrade", "head", code=1).stderr
    assert shop("branches").stdout == ("0001 (branchpoint)\n     -> 0002 (head)\n"
                                       "     -> 0003 (side) (head)\n\n")
    shop("upgrade", "side@head")
    assert shop("current").stdout == "0003 (head)\n"
    shop("merge", "heads", "-m", "join", "--rev-id", "0004")
    shop("upgrade", "head")
    assert shop("current").stdout == "0004 (head) (mergepoint)\n"
    assert shop("show", "0004").stdout.startswith("Rev: 0004 (head) (mergepoint)\nMerges: ")
    assert shop("history", "-r", "0001:0002", "-i").stdout == (
        "0001 -> 0002, second thing\n<base> -> 0001 (branchpoint), Initial migration\n")
    assert shop("history", "-r", "5", code=2).stderr.endswith(
        "History range requires [start]:[end], [start]:, or :[end]\n")
    assert "Can't locate revision identified by 'nope'" in shop("upgrade", "nope", code=1).stderr
    assert "Relative revision +5 didn't produce 5 migrations" in shop(
        "upgrade", "+5", code=1).stderr
    assert "Range revision not allowed" in shop("upgrade", "0001:0002", code=2).stderr
    assert "Character(s) '-' not allowed in revision identifier 'a-b'" in shop(
        "revision", "--rev-id", "a-b", code=1).stderr
    assert "downgrade with --sql requires <fromrev>:<torev>" in shop(
        "downgrade", "base", "--sql", code=2).stderr


def test_stamp_takes_a_database_over_and_purge_forgets(shop: Shop) -> None:
    shop.add("5cb311f7ffd7", "", "create table t (x integer);", "drop table t;")
    shop.add("6000", "5cb311f7ffd7", "alter table t add column y integer;")
    # As Alembic left it: the table is there, and so is its row.
    shop.run("create table t (x integer)")
    shop.run("create table alembic_version (version_num varchar(32) not null, "
               "constraint alembic_version_pkc primary key (version_num))")
    assert shop("stamp", "5cb3").stderr.endswith("Running stamp_revision  -> 5cb311f7ffd7\n")
    assert shop("current", "-c", code=1).stderr.endswith("not on all head revisions\n")
    shop("upgrade", "head")
    assert shop("current", "--check-heads").stdout == "6000 (head)\n"
    shop.run("update alembic_version set version_num = 'gone'")
    assert "Can't locate revision identified by 'gone'" in shop("current", code=1).stderr
    shop("stamp", "--purge", "6000")
    assert shop("current").stdout == "6000 (head)\n"


def test_offline_scripts_can_be_run_by_others(shop: Shop) -> None:
    shop.add("01", "", "create table t (x integer);", "drop table t;")
    shop.add("02", "01", "insert into t values (2);", "delete from t where x = 2;")
    script = shop("upgrade", "head", "--sql", "--tag", "release 7").stdout
    assert script.startswith("-- tag: release 7\n")
    assert shop.tables() == [], "nothing is connected to"
    shop.run(script)
    assert shop("current").stdout == "02 (head)\n"
    assert shop.query("select x from t") == [("2",)]
    down = shop("downgrade", "02:base", "--sql").stdout
    shop.run(down)
    assert shop("current").stdout == ""
    other = shop("upgrade", "01:02", "--sql", "--url", "postgresql://u@h/d").stdout
    assert other.startswith("BEGIN;\n") and other.rstrip().endswith("COMMIT;")


def test_faults_are_found_before_they_hurt(shop: Shop) -> None:
    shop.add("01", "", "create table t (x integer);\ninsert into t values (1);", "drop table t;")
    assert shop("upgrade", "head", "--dry-run").stderr.endswith(
        " on a copy; the database is as it was\n")
    assert shop("current").stdout == "" and "t" not in shop.tables()
    shop("upgrade", "head")
    assert "as it was" in shop("verify").stderr
    shop.add("01", "", "create table t (x integer, y integer);\ninsert into t values (1);",
             "drop table t;")
    assert "01.sql: the upgrade of revision 01 was changed" in shop("verify", code=1).stdout
    shop.add("02", "01", "alter table t rename column x to z;")
    lint = json.loads(shop("lint", "02", "--json", code=1).stdout)
    assert [(entry["rule"], entry["line"]) for entry in lint] == [("rename-column", 6)]
    shop.add("02", "01", "-- katip: allow rename-column\nalter table t rename column x to z;")
    shop("lint", "02")
    shop.add("03", "02", "create table half (x integer);\ninsert into nothing values (1);")
    assert "03.sql:7" in shop("upgrade", "head", code=1).stderr
    assert shop("current").stdout == "02\n", "a revision that fails is taken back whole"
    assert "half" not in shop.tables()


def test_a_dry_run_tries_what_an_upgrade_would_do_on_a_copy(shop: Shop) -> None:
    index = "create index if not exists"
    if shop.dialect == "postgres":
        index = "create index concurrently if not exists"
    shop.add("01", "", "create table t (x integer);\ninsert into t values (1);", "drop table t;")
    shop.add("02", "01", f"{index} i on t (x); -- katip: no-transaction")
    shop("upgrade", "01")
    done = shop("upgrade", "head", "--dry-run", "--json")
    report = json.loads(done.stdout)
    assert report["steps"] == ["upgrade 01 -> 02, 02 it is"] and report["revisions"] == ["02"]
    assert report["dry_run"] and report["with_rows"]
    assert shop("current").stdout == "01\n"
    shop("downgrade", "base", "--dry-run")
    shop("stamp", "02", "--dry-run")
    assert shop("current").stdout == "01\n" and shop.query("select x from t") == [("1",)]
    # What only rows show is found as well.
    shop.add("03", "02", "create unique index u on t ((x * 0));")
    shop.run("insert into t values (2)")
    assert "03.sql:6" in shop("upgrade", "head", "--dry-run", code=1).stderr
    assert list(shop.katip.home.glob("*.dry-run*")) in ([], [
        shop.katip.home / "shop.db.dry-run.lock"]), "the copy is gone"
    if isinstance(shop, PostgresShop):
        assert "katip_shadow" not in shop.server.psql(shop.name, "select datname from pg_database")


def test_lint_speaks_after_revision_and_at_check(shop: Shop) -> None:
    shop.declare(SHOP)
    shop("revision", "-m", "first", "--autogenerate", "--rev-id", "0001")
    template = shop.folder / "script.sql.tmpl"
    template.write_text(template.read_text().replace(
        "${upgrade}", "${upgrade}\ndelete from orders;"), encoding="utf-8")
    done = shop("revision", "-m", "second", "--rev-id", "0002")
    assert re.search(r"0002_second.sql:\d+: .* \(delete-all\)\n", done.stderr), done.stderr
    # On a branch, where `head` means nothing, too.
    done = shop("revision", "-m", "aside", "--rev-id", "0003", "--head", "0001", "--splice")
    assert re.search(r"0003_aside.sql:\d+: .* \(delete-all\)\n", done.stderr), done.stderr
    (shop.folder / "versions" / "0003_aside.sql").unlink()
    shop("upgrade", "--allow-destructive")
    done = shop("check")
    assert done.stdout == "No new upgrade operations detected.\n"
    assert "(delete-all)" in done.stderr
    file = shop.folder / "versions" / "0002_second.sql"
    file.write_text(file.read_text().replace("delete", "-- katip: allow delete-all\ndelete"),
                    encoding="utf-8")
    assert "delete-all" not in shop("check").stderr
    shop("verify")  # A comment changes nothing about what was applied.


def test_settings_come_from_ini_toml_environment_and_flags(katip: Katip, tmp_path: Path) -> None:
    folder = tmp_path / "m"
    katip("migrate", "init", folder, "-c", tmp_path / "x.ini")
    ini = tmp_path / "x.ini"
    ini.write_text("[alembic]\nscript_location = %(here)s/m\nsqlalchemy.url = sqlite:///%(file)s\n"
                   "version_table = versions_of_mine\nprepend_sys_path = .\n"
                   "file_template = %%(year)d_%%(slug)s\ntimezone = Europe/Istanbul\n"
                   "[other]\nscript_location = nowhere\n", encoding="utf-8")
    base = ("migrate", "ensure_version", "-c", ini, "-x", f"file={tmp_path / 'x.db'}")
    assert katip(*base).returncode == 0
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        assert connection.execute("select * from versions_of_mine").fetchall() == []
    done = katip("migrate", "revision", "-m", "a b", "-c", ini, "-x", "file=y", "--json")
    made = Path(json.loads(done.stdout)["path"])
    assert made.name.endswith("_a_b.sql") and "+03:00" in made.read_text()
    done = katip("migrate", "heads", "-c", ini)
    assert done.returncode == 2 and "x.ini:3" in done.stderr and "-x file=" in done.stderr
    assert katip("migrate", "heads", "-c", ini, "-n", "other").returncode == 1
    done = katip("migrate", "heads", "-c", ini, "-n", "third")
    assert "no section [third]" in done.stderr
    ini.write_text("[migrate]\nscript_locatoin = m\n", encoding="utf-8")
    assert "Did you mean `script_location`?" in katip("migrate", "heads", "-c", ini).stderr
    toml = tmp_path / "katip.toml"
    toml.write_text(f'[migrate]\ndir = "{folder}"\n', encoding="utf-8")
    assert "a b" in katip("migrate", "history", "-c", toml).stdout
    assert "a b" in katip("migrate", "history", env={"KATIP_MIGRATE_DIR": str(folder)}).stdout
    assert "which database?" in katip("migrate", "current", "--dir", folder).stderr


def test_katips_own_database_is_made_by_upgrade(katip: Katip) -> None:
    assert katip("migrate", "upgrade", "--quiet").returncode == 0
    assert katip("migrate", "current", "--check-heads").returncode == 0
    database = katip.home / ".local" / "share" / "katip" / "katip.db"
    assert database.exists()
    assert katip("migrate", "verify").returncode == 0
    version = katip("--version").stdout.split()[-1]
    (head,) = json.loads(katip("migrate", "current", "--verbose", "--json").stdout)
    assert head["applied"]["version"] == version and "@" in head["applied"]["by"], head
    told = katip("migrate", "history", "-i", "--verbose").stdout
    assert f"{head['revision']} was applied at {head['applied']['at']} in " in told
    assert f" by {head['applied']['by']} with katip {version}\n" in told
    done = katip("migrate", "revision", "-m", "x")
    assert done.returncode == 2 and "part of the program" in done.stderr
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("update alembic_version set version_num = 'newer'")
    assert katip("migrate", "upgrade").returncode == 1


def test_katips_own_schema_comes_and_goes_on_postgres(
        katip: Katip, server: postgres.PostgresServer) -> None:
    name = server.create_database()
    env = {"POSTGRES_URL": server.url(name)}
    assert katip("migrate", "upgrade", "--quiet", env=env).returncode == 0
    assert katip("migrate", "current", "--check-heads", env=env).returncode == 0
    assert katip("migrate", "check", env=env).stdout == "No new upgrade operations detected.\n"
    assert katip("migrate", "verify", env=env).returncode == 0
    done = katip("migrate", "downgrade", "base", "--allow-destructive", env=env)
    assert done.returncode == 0, done.stderr
    assert "jobs" not in server.psql(name, "select tablename from pg_tables")


def test_many_at_once_all_succeed(shop: Shop) -> None:
    shop.add("01", "", "create table t (x integer);\ninsert into t values (1);", "drop table t;")
    outputs = upgrade_at_once(shop.katip, shop.env)
    assert sum("Running upgrade" in output for output in outputs) == 1
    assert shop.query("select count(*) from t") == [("1",)]


def upgrade_at_once(katip: Katip, env: dict[str, str]) -> list[str]:
    """What twenty migrators say that start together; all of them succeed."""
    started = [katip.start("migrate", "upgrade", env=env) for _ in range(20)]
    outputs = [process.communicate(timeout=300)[1].decode() for process in started]
    assert [process.returncode for process in started] == [0] * 20, outputs
    return outputs


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_many_at_once_upgrade_katips_own_database(
        katip: Katip, kind: str, request: pytest.FixtureRequest) -> None:
    env = {}
    if kind == "postgres":
        server = request.getfixturevalue("server")
        env = {"POSTGRES_URL": server.url(server.create_database())}
    assert katip("migrate", "upgrade", "+5", env=env).returncode == 0
    outputs = upgrade_at_once(katip, env)
    assert sum("Running upgrade" in output for output in outputs) == 1, "one applies all of them"
    assert sum("the copy is" in output for output in outputs) == (kind == "sqlite")
    assert katip("migrate", "current", "--check-heads", env=env).returncode == 0
    assert katip("migrate", "check", env=env).returncode == 0


def copies(katip: Katip) -> list[Path]:
    """Those that were made of katip's own database before an upgrade, oldest first."""
    return sorted((katip.home / ".local/share/katip").glob("katip.db.before-upgrade.*"))


def revision_of(katip: Katip, *words: str) -> str:
    return katip("migrate", "current", *words).stdout.split()[0]


def test_katips_own_sqlite_is_copied_before_its_schema_changes(katip: Katip) -> None:
    assert katip("migrate", "upgrade", "+8", "--quiet").returncode == 0
    assert copies(katip) == [], "there was nothing to lose"
    before = revision_of(katip)
    done = katip("queue", "status")  # It upgrades at its start, as the server does.
    assert done.returncode == 0, done.stderr
    (copy,) = copies(katip)
    assert f"the copy is {copy}\n" in done.stderr
    assert copy.name.endswith(f".{before}") and copy.stat().st_mode & 0o777 == 0o600
    assert revision_of(katip, "--url", f"sqlite:///{copy}") == before
    katip("queue", "status")
    katip("migrate", "upgrade")
    assert copies(katip) == [copy], "nothing was to be done"

    # Back again: first by a downgrade, which is copied too, then as the manual says.
    after = revision_of(katip)
    report = json.loads(katip("migrate", "downgrade", "-1", "--allow-destructive", "--json").stdout)
    assert report["backup"].endswith(f".{after}") and Path(report["backup"]) in copies(katip)
    folder = copy.parent
    (folder / "after-upgrade").mkdir()
    for name in ("katip.db", "katip.db-wal", "katip.db-shm"):
        if (folder / name).exists():
            (folder / name).rename(folder / "after-upgrade" / name)
    (folder / "katip.db").write_bytes(copy.read_bytes())
    assert revision_of(katip) == before
    report = json.loads(katip("migrate", "upgrade", "--no-backup", "--json").stdout)
    assert report["backup"] is None and len(copies(katip)) == 2
    assert katip("migrate", "current", "--check-heads").returncode == 0


def test_a_server_copies_an_old_database_and_its_log_says_where(katip: Katip) -> None:
    assert katip("migrate", "upgrade", "+8", "--quiet").returncode == 0
    server = Server(katip, flags=("--workers", "off")).start()
    try:
        said = [line for line in server.log() if line["message"] in (
            "the database was copied before its schema changes", "the schema changes")]
    finally:
        server.stop()
    (copy,) = copies(katip)
    assert said[0]["path"] == str(copy) and said[0]["size"] == copy.stat().st_size
    assert len(said) > 3 and said[1]["step"].startswith("upgrade "), said
    assert katip("migrate", "current", "--check-heads").returncode == 0


def test_without_room_for_the_copy_nothing_changes(katip: Katip) -> None:
    assert katip("migrate", "upgrade", "+8", "--quiet").returncode == 0
    before = revision_of(katip)

    def no_large_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    process = katip.start("migrate", "upgrade", preexec_fn=no_large_files, restore_signals=False)
    said = process.communicate(timeout=60)[1].decode()
    assert process.returncode != 0 and "so nothing was changed: " in said, said
    assert "--no-backup" in said and "KATIP_MIGRATE_BACKUP=off" in said
    assert revision_of(katip) == before and copies(katip) == [], "nothing is left of the copy"
    assert katip("migrate", "upgrade").returncode == 0 and len(copies(katip)) == 1


def test_copies_can_be_switched_off_and_do_not_pile_up(katip: Katip) -> None:
    assert katip("migrate", "upgrade", "+8", "--quiet").returncode == 0
    off = {"KATIP_MIGRATE_BACKUP": "off"}
    assert katip("migrate", "upgrade", "+1", env=off).returncode == 0
    assert copies(katip) == []
    two = {"KATIP_MIGRATE_BACKUP_COUNT": "2"}
    for _ in range(3):
        assert katip("migrate", "upgrade", "+1", env=two).returncode == 0
    assert len(copies(katip)) == 2
    folder = katip.home / "shop"
    katip("migrate", "init", folder, "-c", katip.home / "shop.ini")
    (folder / "versions" / "1.sql").write_text(
        "-- revision: 1\n-- upgrade\ncreate table t (x);\n-- downgrade\n", encoding="utf-8")
    (folder / "versions" / "2.sql").write_text(
        "-- revision: 2\n-- revises: 1\n-- upgrade\ncreate table u (x);\n-- downgrade\n",
        encoding="utf-8")
    for _ in range(2):
        assert katip("migrate", "upgrade", "+1", "-c", katip.home / "shop.ini").returncode == 0
    assert list(katip.home.glob("*before-upgrade*")) == [], "other schemas are not ours to copy"


def test_statements_are_shown_when_asked_and_passwords_never(shop: Shop) -> None:
    shop.add("01", "", "create table t (x integer);", "drop table t;")
    assert "sql (" not in shop("upgrade", "head").stderr
    assert "alembic_version" in shop("current", "--log-level", "debug").stderr
    done = shop("current", "--url", "postgresql://u:geheim@127.0.0.1:1/x", code=1)
    assert "geheim" not in done.stderr + done.stdout


def test_edit_opens_the_editor(shop: Shop) -> None:
    shop.add("01", "", "select 1;")
    shop.env["EDITOR"] = "sh -c 'echo \"-- seen\" >> \"$0\"'"
    shop("edit", "head")
    assert "-- seen" in (shop.folder / "versions" / "01.sql").read_text()
