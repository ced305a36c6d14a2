"""Commits rows in SQLite as fast as it can and prints each number once the commit returned.

    commits.py FILE OFF|NORMAL|FULL
"""

import sqlite3
import sys

file, synchronous = sys.argv[1:]
db = sqlite3.connect(file, isolation_level=None)
db.execute("PRAGMA journal_mode = WAL")
db.execute(f"PRAGMA synchronous = {synchronous}")
db.execute("CREATE TABLE IF NOT EXISTS row (number INTEGER PRIMARY KEY, filler BLOB)")
number = db.execute("SELECT coalesce(max(number), 0) FROM row").fetchone()[0]
while True:
    number += 1
    db.execute("INSERT INTO row VALUES (?, zeroblob(500))", (number,))
    print(number, flush=True)
