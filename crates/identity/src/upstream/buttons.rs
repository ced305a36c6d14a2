//! The ways to other providers, as the pages for signing in and up offer them.

use url::form_urlencoded::Serializer;
use uuid::Uuid;

use super::{Provider, UpstreamWords};
use crate::Identity;
use crate::login::Interaction;
use crate::pages::Lang;

/// One way to a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Button {
    /// What it says.
    pub(crate) text: String,
    /// Where it leads.
    pub(crate) href: String,
}

/// The buttons of a page in an interaction, or of one that leads to `to` afterwards. Where the
/// person is to prove anew who they are, only providers that can be asked for that.
pub(crate) fn buttons(
    identity: &Identity,
    lang: Lang,
    interaction: Option<&Interaction>,
    to: &str,
) -> Vec<Button> {
    let anew = interaction.is_some_and(Interaction::wants_proof_anew);
    let query = query(interaction.map(|interaction| interaction.id), to);
    let fits = |provider: &&Provider| !anew || provider.can_ask_anew();
    let button = |provider: &Provider| Button {
        text: UpstreamWords::of(lang).go_on_with.replace("{}", provider.label()),
        href: identity.path(&format!("{}{query}", start_path(&provider.told.name))),
    };
    identity.upstream.all().filter(fits).map(button).collect()
}

/// Where a sign-in by the provider `name` begins, below the issuer.
pub(super) fn start_path(name: &str) -> String {
    format!("/federation/{name}/start")
}

/// What carries an interaction, or the page to come back to, into the start.
pub(super) fn query(ix: Option<Uuid>, to: &str) -> String {
    let mut query = Serializer::new(String::new());
    match ix {
        Some(ix) => query.append_pair("ix", &ix.to_string()),
        None if !to.is_empty() => query.append_pair("to", to),
        None => return String::new(),
    };
    format!("?{}", query.finish())
}
