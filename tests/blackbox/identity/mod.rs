//! Identity through its pages, and the browser's session.

mod console;
mod sessions;
mod sign_up;
