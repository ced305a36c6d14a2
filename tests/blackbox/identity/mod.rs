//! Identity through its pages, and the browser's session.

mod sessions;
mod sign_up;
