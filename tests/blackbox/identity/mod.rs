//! Identity through its pages, and the browser's session.

mod console;
mod other_apps;
mod sessions;
mod sign_up;
