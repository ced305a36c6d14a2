//! Why a transaction was rolled back although nothing broke.

use kit::db::DbErr;

/// Rolling back gives the `seq` back that a permit took, so a repeated command leaves no trace.
pub(crate) enum Undone<E> {
    /// It is so already; there is nothing to write and nothing to tell.
    Already,
    /// It was refused.
    Refused(E),
}

impl<E> Undone<E> {
    /// What was written, or nothing if it is so already.
    pub(crate) fn written<T>(result: Result<T, Self>) -> Result<Option<T>, E> {
        match result {
            Ok(written) => Ok(Some(written)),
            Err(Self::Already) => Ok(None),
            Err(Self::Refused(error)) => Err(error),
        }
    }
}

impl<E: From<DbErr>> From<DbErr> for Undone<E> {
    fn from(error: DbErr) -> Self {
        Self::Refused(error.into())
    }
}
