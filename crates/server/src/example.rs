//! `tertulia config example`: the documentation of every option, made from the code.

use std::fmt::Write as _;

use anyhow::Result;
use serde_json::Value;

use crate::config::Config;

const HEAD: &str = "# Every option of Tertulia with its default. Nothing here is needed to start.\n\
                    # Made by `tertulia config example`.\n";

/// The example file.
pub(crate) fn example() -> Result<String> {
    let schema = serde_json::to_value(schemars::schema_for!(Config))?;
    let defaults = serde_json::to_value(Config::default())?;
    let mut text = HEAD.to_owned();
    section(&mut text, &schema, &schema, &defaults, "")?;
    Ok(text)
}

fn section(
    text: &mut String,
    root: &Value,
    schema: &Value,
    defaults: &Value,
    path: &str,
) -> Result<()> {
    let properties = schema["properties"].as_object().cloned().unwrap_or_default();
    let (sections, options): (Vec<_>, Vec<_>) =
        properties.into_iter().partition(|(name, _)| defaults[name].is_object());
    let tables = tables(root, schema);
    // A list that is written here could not be added to by a table below.
    let written = |name: &String| tables.iter().all(|(table, _)| table != name);
    for (name, property) in options.into_iter().filter(|(name, _)| written(name)) {
        comment(text, &property)?;
        let value = &defaults[&name];
        if value.is_null() {
            writeln!(text, "# {name} = …")?;
        } else {
            writeln!(text, "{name} = {value}")?;
        }
    }
    for (name, table) in tables {
        let path = if path.is_empty() { name } else { format!("{path}.{name}") };
        described_table(text, (&path, &table))?;
    }
    for (name, property) in sections {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        text.push('\n');
        comment(text, &property)?;
        writeln!(text, "[{path}]")?;
        let schema = resolve(root, &property);
        if schema["properties"].is_object() {
            section(text, root, schema, &defaults[&name], &path)?;
        } else {
            entries(text, &defaults[&name])?;
        }
    }
    Ok(())
}

/// A table whose keys are the operator's own, as it is by default.
fn entries(text: &mut String, defaults: &Value) -> Result<()> {
    for (name, value) in defaults.as_object().into_iter().flatten() {
        writeln!(text, "{name} = {value}")?;
    }
    Ok(())
}

/// Options that are lists of tables, with what one of them has.
fn tables(root: &Value, schema: &Value) -> Vec<(String, Value)> {
    let properties = schema["properties"].as_object().into_iter().flatten();
    let items = properties.map(|(name, list)| (name.clone(), resolve(root, &list["items"])));
    let tables = items.filter(|(_, item)| item["properties"].is_object());
    tables.map(|(name, item)| (name, item.clone())).collect()
}

/// One table of a list, all in comments: there is none unless somebody writes it.
fn described_table(text: &mut String, (path, table): (&str, &Value)) -> Result<()> {
    text.push('\n');
    comment(text, table)?;
    writeln!(text, "#\n# [[{path}]]")?;
    for (name, property) in table["properties"].as_object().into_iter().flatten() {
        for line in property["description"].as_str().unwrap_or_default().lines() {
            writeln!(text, "# # {line}")?;
        }
        match &property["default"] {
            Value::Null => writeln!(text, "# {name} = …")?,
            Value::String(hidden) if hidden == "***" => writeln!(text, "# {name} = …")?,
            Value::Object(entries) if entries.values().all(Value::is_null) => {
                writeln!(text, "# {name} = {{}}")?;
            }
            value => writeln!(text, "# {name} = {value}")?,
        }
    }
    Ok(())
}

fn comment(text: &mut String, property: &Value) -> Result<()> {
    for line in property["description"].as_str().unwrap_or_default().lines() {
        writeln!(text, "# {line}")?;
    }
    Ok(())
}

fn resolve<'s>(root: &'s Value, property: &'s Value) -> &'s Value {
    let reference = property["$ref"].as_str().or_else(|| property["allOf"][0]["$ref"].as_str());
    match reference.and_then(|reference| reference.strip_prefix('#')) {
        Some(pointer) => root.pointer(pointer).unwrap_or(property),
        None => property,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_a_configuration_and_is_the_default_one() {
        let file = std::env::temp_dir().join(format!("{}.toml", kit::clock::uuid_v7()));
        std::fs::write(&file, example().unwrap()).unwrap();
        let config: Config = kit::config::load(Some(&file), &[]).unwrap();
        let default = serde_json::to_value(Config::default()).unwrap();
        assert_eq!(serde_json::to_value(config).unwrap(), default);
    }
}
