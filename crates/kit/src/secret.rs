//! A value that never prints.

use std::fmt;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

/// A secret of the configuration: the text itself, or `{ file = "/run/secrets/x" }`.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Secret {
    /// The secret in place.
    Text(String),
    /// The path of a file whose content, without surrounding white space, is the secret.
    File {
        /// Where the file is.
        file: PathBuf,
    },
}

impl Secret {
    /// The secret's text; reads the file when it is one.
    pub fn reveal(&self) -> std::io::Result<String> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::File { file } => Ok(std::fs::read_to_string(file)?.trim().to_owned()),
        }
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        if let Self::Text(text) = self {
            text.zeroize();
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

impl Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}
