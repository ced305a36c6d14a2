//! Pages: made on the server, working without script, in Spanish and English.
//!
//! Every form is bound to the browser by a cookie and a token in the form, and every page carries
//! a policy that lets it load nothing but its own style sheet, font and pictures.

mod assets;
mod form;
mod lang;
mod root;
mod shell;
mod tabs;
mod words;

pub(crate) use form::{
    COOKIE as BROWSER_COOKIE, FormFields, browser, browser_cookie, browser_hash, check_form,
};
pub(crate) use lang::Lang;
pub(crate) use root::{root_router, router, with_edges};
pub(crate) use shell::{
    Notice, PageError, Shell, message_page, redirect, show, show_sending, show_with_script,
    with_cookie,
};
pub(crate) use words::Words;
