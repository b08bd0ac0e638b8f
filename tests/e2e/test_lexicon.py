"""`katip lexicon`: terms in and out of the database, suggestions decided."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

from conftest import Katip

SUGGESTED = ("insert into lexicon_terms (id, term, normalized_term, language, status, is_active) "
             "values (?, ?, ?, 'tr', 'suggested', 0)")


def test_terms_go_in_and_come_out(katip: Katip) -> None:
    (katip.home / "terms.csv").write_text("term,weight\n\"Yılmaz, Ayşe\",2\nISPARTA,1\n")
    done = katip("lexicon", "import", "terms.csv", "--language", "tr")
    assert done.returncode == 0, done.stderr
    assert "2 terms added" in done.stderr
    listed = katip("lexicon", "list").stdout.splitlines()
    assert listed[0].split()[:4] == ["TERM", "LANGUAGE", "STATE", "WEIGHT"]
    assert listed[1].startswith("Yılmaz, Ayşe  tr        active  2")
    for kind in ("csv", "json", "txt"):
        assert katip("lexicon", "export", "-o", f"out.{kind}").returncode == 0
        again = katip("lexicon", "import", f"out.{kind}", "--language", "tr")
        assert "0 terms added, 2 changed" in again.stderr, kind
    exported = json.loads(katip("lexicon", "export", "--format", "json").stdout)
    assert [term["term"] for term in exported] == ["Yılmaz, Ayşe", "ISPARTA"]


def test_what_is_wrong_is_said_with_its_place(katip: Katip) -> None:
    (katip.home / "bad.csv").write_text("term,weight\ngood,1\nbad,heavy\n")
    done = katip("lexicon", "import", "bad.csv")
    assert done.returncode == 2
    assert "bad.csv: row 3" in done.stderr
    assert katip("lexicon", "import", "none.csv").returncode == 1
    assert json.loads(katip("lexicon", "list", "--json").stdout) == []


def test_suggestions_are_decided_by_name_or_id(katip: Katip) -> None:
    assert katip("lexicon", "list").returncode == 0
    ids = [f"019a0000-0000-7000-8000-00000000000{i}" for i in range(2)]
    with closing(sqlite3.connect(katip.home / ".local/share/katip/katip.db")) as database:
        database.execute(SUGGESTED, (ids[0], "Kubernetes", "kubernetes"))
        database.execute(SUGGESTED, (ids[1], "Angora", "angora"))
        database.commit()
    assert "Kubernetes" in katip("lexicon", "list", "--status", "suggested").stdout
    assert katip("lexicon", "approve", "Kubernetes").returncode == 0
    assert katip("lexicon", "reject", ids[1]).returncode == 0
    assert katip("lexicon", "approve", "Angora").returncode == 1
    states = {term["term"]: term["status"]
              for term in json.loads(katip("lexicon", "list", "--json").stdout)}
    assert states == {"Kubernetes": "active", "Angora": "rejected"}
