//! What can go wrong on our side of the API.

/// The server could not start its shards.
#[derive(Debug, thiserror::Error)]
#[error("the threads that own connections could not start")]
pub struct StartError(#[from] pub(crate) std::io::Error);

/// A socket follows as many topics as it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a socket follows at most {max} topics")]
pub struct TooManyTopics {
    /// The limit in force.
    pub max: usize,
}
