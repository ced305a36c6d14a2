//! Rows of files.

use kit::db::{DbResult, Row, Sql, Tx, Value, all, exec, for_update, one, params, scalar, tuples};
use uuid::Uuid;

/// A file, whole or still coming.
#[derive(Debug, Row)]
pub(super) struct FileRow {
    pub(super) id: Uuid,
    pub(super) room_id: Uuid,
    pub(super) name: Vec<u8>,
    pub(super) bytes: i64,
    pub(super) media_type: Option<String>,
    pub(super) width: Option<i32>,
    pub(super) height: Option<i32>,
    pub(super) blurhash: Option<String>,
    pub(super) expires_at: i64,
    pub(super) message_id: Option<Uuid>,
    /// Name of the blob, as soon as there may be one.
    pub(super) blob: Option<String>,
    /// Name of the blob of the small version.
    pub(super) small: Option<String>,
    pub(super) small_type: Option<String>,
    pub(super) small_bytes: Option<i64>,
    pub(super) room_kind: String,
}

const SELECT: &str = "SELECT f.id, f.room_id, f.name, f.bytes, f.media_type, f.width, f.height, \
     f.blurhash, f.expires_at, f.message_id, f.blob, f.small, f.small_type, \
     f.small_bytes, r.kind AS room_kind FROM files f JOIN rooms r ON r.id = f.room_id";

/// An upload that begins.
pub(super) struct NewFile {
    pub(super) id: Uuid,
    pub(super) room_id: Uuid,
    pub(super) owner_id: Uuid,
    pub(super) name: Vec<u8>,
    pub(super) bytes: i64,
    pub(super) expires_at: i64,
}

pub(super) async fn insert(tx: &Tx, row: &NewFile) -> DbResult<()> {
    let sql = "INSERT INTO files (id, room_id, owner_id, name, bytes, expires_at) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    let name = row.name.clone();
    exec(tx, sql, params![row.id, row.room_id, row.owner_id, name, row.bytes, row.expires_at])
        .await?;
    Ok(())
}

/// Bytes of all files of `person`, and how many of them no message has; locks the person.
pub(super) async fn owned(tx: &Tx, person: Uuid) -> DbResult<(i64, i64)> {
    let sql = format!("SELECT id FROM people WHERE id = $1{}", for_update(tx));
    scalar::<Uuid>(tx, &sql, params![person]).await?;
    let sql = "SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM files WHERE owner_id = $1";
    let bytes = scalar(tx, sql, params![person]).await?.unwrap_or(0);
    let sql = "SELECT COUNT(*) FROM files WHERE owner_id = $1 AND message_id IS NULL";
    Ok((bytes, scalar(tx, sql, params![person]).await?.unwrap_or(0)))
}

/// An upload of `owner` that no message has and that has not expired.
pub(super) async fn waiting(
    c: &impl Sql,
    owner: Uuid,
    id: Uuid,
    now: i64,
) -> DbResult<Option<FileRow>> {
    let sql = format!(
        "{SELECT} WHERE f.id = $1 AND f.owner_id = $2 AND f.message_id IS NULL \
         AND f.expires_at > $3"
    );
    one(c, &sql, params![id, owner, now]).await
}

/// Says where the blobs of a file are; before they are put, so that nothing is ever left behind.
pub(super) async fn place(tx: &Tx, id: Uuid, blob: &str, small: Option<&str>) -> DbResult<()> {
    let sql = "UPDATE files SET blob = $2, small = $3 WHERE id = $1";
    exec(tx, sql, params![id, blob, small.map(str::to_owned)]).await?;
    Ok(())
}

/// What an upload became.
pub(super) struct Finished {
    pub(super) name: Vec<u8>,
    pub(super) bytes: i64,
    pub(super) media_type: String,
    /// Present of a picture.
    pub(super) shown: Option<Shown>,
}

/// What is known of a picture.
pub(super) struct Shown {
    pub(super) width: i32,
    pub(super) height: i32,
    pub(super) blurhash: String,
    pub(super) small_type: String,
    pub(super) small_bytes: i64,
}

pub(super) async fn finish(tx: &Tx, id: Uuid, file: &Finished) -> DbResult<()> {
    let sql = "UPDATE files SET name = $2, bytes = $3, media_type = $4 WHERE id = $1";
    exec(tx, sql, params![id, file.name.clone(), file.bytes, file.media_type.clone()]).await?;
    if let Some(Shown { width, height, blurhash, small_type, small_bytes }) = &file.shown {
        let sql = "UPDATE files SET width = $2, height = $3, blurhash = $4, small_type = $5, \
                   small_bytes = $6 WHERE id = $1";
        let (blurhash, small_type) = (blurhash.clone(), small_type.clone());
        exec(tx, sql, params![id, *width, *height, blurhash, small_type, *small_bytes]).await?;
    }
    Ok(())
}

/// A file as `person`, who is not blocked, may see it: a member's in a message that stands, or
/// their own before that.
pub(super) async fn visible(c: &impl Sql, person: Uuid, id: Uuid) -> DbResult<Option<FileRow>> {
    let sql = format!(
        "{SELECT} JOIN members m ON m.room_id = f.room_id AND m.person_id = $2 \
         JOIN people p ON p.id = m.person_id AND NOT p.blocked \
         LEFT JOIN messages g ON g.id = f.message_id \
         WHERE f.id = $1 AND f.media_type IS NOT NULL AND g.deleted_at IS NULL \
         AND (f.message_id IS NOT NULL OR f.owner_id = $2)"
    );
    one(c, &sql, params![id, person]).await
}

/// The file of a public room whose blob that is, if its message is there.
pub(super) async fn public(c: &impl Sql, blob: &str) -> DbResult<Option<FileRow>> {
    let sql = format!(
        "{SELECT} JOIN messages g ON g.id = f.message_id \
         WHERE (f.blob = $1 OR f.small = $1) AND f.media_type IS NOT NULL \
         AND g.deleted_at IS NULL AND r.kind = 'public'"
    );
    one(c, &sql, params![blob]).await
}

/// Files that are kept as they are, and of which the public may not know any more.
pub(super) async fn no_longer_public(c: &impl Sql, limit: i64) -> DbResult<Vec<FileRow>> {
    let sql = format!(
        "{SELECT} JOIN messages g ON g.id = f.message_id WHERE f.blob LIKE 'public/%' \
         AND f.media_type IS NOT NULL AND (g.deleted_at IS NOT NULL OR r.kind <> 'public') \
         ORDER BY f.id LIMIT $1"
    );
    all(c, &sql, params![limit]).await
}

/// The files of `messages`, in the order in which their authors put them.
pub(super) async fn of(c: &impl Sql, messages: &[Uuid]) -> DbResult<Vec<FileRow>> {
    let sql = format!(
        "{SELECT} WHERE f.message_id IN {} ORDER BY f.message_id, f.place",
        tuples(1, messages.len(), 0)
    );
    all(c, &sql, messages.iter().copied().map(Value::from).collect()).await
}

/// Removes a file that no message has; answers the names of its blobs, or nothing when there is
/// no such file.
pub(super) async fn forget(tx: &Tx, id: Uuid) -> DbResult<Option<[Option<String>; 2]>> {
    #[derive(Row)]
    struct Gone {
        blob: Option<String>,
        small: Option<String>,
    }
    let sql = "DELETE FROM files WHERE id = $1 AND message_id IS NULL RETURNING blob, small";
    let gone: Option<Gone> = one(tx, sql, params![id]).await?;
    Ok(gone.map(|Gone { blob, small }| [blob, small]))
}

/// Uploads that expired before `at`.
pub(super) async fn expired(c: &impl Sql, at: i64, limit: i64) -> DbResult<Vec<FileRow>> {
    let sql =
        format!("{SELECT} WHERE f.expires_at < $1 AND f.message_id IS NULL ORDER BY f.id LIMIT $2");
    all(c, &sql, params![at, limit]).await
}

/// A file that a message may take, with whose it is and where.
#[derive(Debug, Row)]
pub(crate) struct Attachable {
    pub(crate) id: Uuid,
    pub(crate) room_id: Uuid,
    pub(crate) owner_id: Uuid,
}

/// Those of `ids` that are whole and that no message has; locks them.
pub(crate) async fn attachable(tx: &Tx, ids: &[Uuid], now: i64) -> DbResult<Vec<Attachable>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT id, room_id, owner_id FROM files WHERE message_id IS NULL \
         AND media_type IS NOT NULL AND expires_at > $1 AND id IN {} ORDER BY id{}",
        tuples(1, ids.len(), 1),
        for_update(tx)
    );
    let values = std::iter::once(Value::from(now)).chain(ids.iter().copied().map(Value::from));
    all(tx, &sql, values.collect()).await
}

/// Gives files to messages: which file, to which message, at which place.
pub(crate) async fn attach(tx: &Tx, taken: &[(Uuid, Uuid, i32)]) -> DbResult<()> {
    if taken.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "UPDATE files SET message_id = v.column2, place = v.column3 \
         FROM (VALUES {}) AS v WHERE files.id = v.column1",
        tuples(taken.len(), 3, 0)
    );
    let values = taken.iter().flat_map(|(file, message, at)| params![*file, *message, *at]);
    exec(tx, &sql, values.collect()).await?;
    Ok(())
}
