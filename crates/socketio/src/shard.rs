//! A shard owns connections.
use std::sync::Arc;

use crate::Application;
use crate::core::Shared;

pub(crate) struct Shard<A: Application> {
    shared: Arc<Shared<A>>,
    index: usize,
    poll: mio::Poll,
}

impl<A: Application> Shard<A> {
    pub(crate) const WAKER: mio::Token = mio::Token(usize::MAX);

    pub(crate) fn new(shared: Arc<Shared<A>>, index: usize, poll: mio::Poll) -> Self {
        Self { shared, index, poll }
    }

    pub(crate) fn run(self) {
        drop((self.shared, self.index, self.poll));
    }
}
