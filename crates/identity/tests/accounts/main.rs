//! Accounts from the outside: a real listener, a browser without script, mails in a folder.

mod command_line;
mod forms;
mod passwords;
mod sessions;
mod sign_in;
mod sign_up;
mod world;
