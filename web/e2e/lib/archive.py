"""Makes a room large, straight in the database of a server that is stopped.

archive.py DATABASE ROOM AUTHOR COUNT: so many messages of 200 bytes after the room's last one, all
of them deleted, since nobody here has the key to seal their texts with.
"""

import os
import sqlite3
import sys
import uuid

database, room, author, count = sys.argv[1:]
room, author = uuid.UUID(room).bytes, uuid.UUID(author).bytes

db = sqlite3.connect(database, isolation_level=None)
db.execute("BEGIN")
(last, at) = db.execute(
    "SELECT last_seq, last_message_at FROM rooms WHERE id = ?", (room,)
).fetchone()
body = os.urandom(200)
for seq in range(last + 1, last + 1 + int(count)):
    # As version 7 would, they grow with time; the indexes fill as they do in life.
    message = uuid.UUID(int=(at << 80) | (7 << 76) | (2 << 62) | seq).bytes
    db.execute(
        "INSERT INTO messages (id, room_id, seq, author_id, client_message_id, body_mac, revision, "
        "created_at, deleted_at) VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?)",
        (message, room, seq, author, message, body[:32], at, at),
    )
    db.execute(
        "INSERT INTO revisions (message_id, revision, kind, actor_id, body, created_at) "
        "VALUES (?, 1, 'posted', ?, ?, ?)",
        (message, author, body, at),
    )
    db.execute(
        "INSERT INTO events (room_id, seq, id, kind, message_id, revision, actor_id, at) "
        "VALUES (?, ?, ?, 'message', ?, 1, ?, ?)",
        (room, seq, message, message, author, at),
    )
db.execute(
    "UPDATE rooms SET last_seq = last_seq + ?, last_message_at = ? WHERE id = ?",
    (int(count), at, room),
)
db.execute("COMMIT")
