//! Configuration: defaults, then one TOML file, then the environment, then `--set`.
//!
//! Each layer wins over the one before. Unknown keys are refused with their name, because each
//! section denies unknown fields. The environment is read here and nowhere else.

use std::path::Path;

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why a configuration was refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A key or value is wrong; says which and where it came from.
    #[error("configuration: {0}")]
    Refused(Box<figment::Error>),
    /// `--set` without `=`.
    #[error("--set wants key=value, this is {0:?}")]
    Set(String),
    /// The file named with `--config` is not there.
    #[error("there is no configuration file {0}")]
    NoFile(String),
}

/// Reads a configuration.
/// * `file`: a TOML file, if one was named or found.
/// * `sets`: `section.key=value` from the command line; the value is TOML, else text.
/// * The environment gives `TERTULIA__SECTION__KEY`.
pub fn load<T>(file: Option<&Path>, sets: &[String]) -> Result<T, ConfigError>
where
    T: Default + Serialize + DeserializeOwned,
{
    let mut figment = Figment::from(Serialized::defaults(T::default()));
    if let Some(path) = file {
        if !path.is_file() {
            return Err(ConfigError::NoFile(path.display().to_string()));
        }
        figment = figment.merge(Toml::file_exact(path));
    }
    figment = figment.merge(Env::prefixed("TERTULIA__").split("__"));
    for set in sets {
        let (key, value) = set.split_once('=').ok_or_else(|| ConfigError::Set(set.clone()))?;
        figment = figment.merge(Toml::string(&assignment(key, value)));
    }
    figment.extract().map_err(|error| ConfigError::Refused(Box::new(error)))
}

/// The value of one variable of the environment, for what must be known before a configuration.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn assignment(key: &str, value: &str) -> String {
    let literal = value == "true"
        || value == "false"
        || value.parse::<i64>().is_ok()
        || value.starts_with(['"', '[', '{']);
    if literal { format!("{key} = {value}") } else { format!("{key} = {value:?}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Sample {
        name: String,
        limit: u32,
    }

    impl Default for Sample {
        fn default() -> Self {
            Self { name: "ana".to_owned(), limit: 7 }
        }
    }

    #[test]
    fn set_wins_over_the_default_and_unknown_keys_are_refused() {
        let sets = ["limit=9".to_owned(), "name=b:c".to_owned()];
        let sample: Sample = load(None, &sets).unwrap();
        assert_eq!((sample.limit, sample.name.as_str()), (9, "b:c"));
        let error = load::<Sample>(None, &["limt=9".to_owned()]).err().unwrap().to_string();
        assert!(error.contains("limt"), "{error}");
    }
}
