//! A configuration file: its layers, and what they say of each flag.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::error::CliError;
use passmuster::domain::{printable, suggestion};
use passmuster::files::read_text;

/// The name of the file.
pub(super) const NAME: &str = "passmuster.toml";

/// The largest file that is read, in bytes.
const LIMIT: u64 = 1 << 20;

/// The most folders that are looked into on the way up.
const MOST_FOLDERS: usize = 64;

/// The most profiles that one may be made of.
const MOST_PROFILES: usize = 16;

/// The flags whose values are paths, which are meant from the folder of the file.
const PATHS: [&str; 7] = ["baseline", "ca", "answers", "journal", "record", "learn", "report"];

/// The key under which a profile names the one that it adds to.
const INHERITS: &str = "inherits";

/// A configuration file, with the profile that was chosen.
pub(super) struct ConfigFile {
    path: PathBuf,
    top: Table,
    targets: Table,
    /// The profile that was chosen and those that it adds to, the weakest first.
    profiles: Vec<(String, Table)>,
}

/// What a file says of a flag.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Configured {
    /// The name of the flag.
    pub(super) name: String,
    /// Its value.
    pub(super) value: Value,
    /// The part of the file that says so, as it is written there; empty for its top.
    pub(super) section: String,
}

impl ConfigFile {
    /// Reads the file that was chosen, or the nearest one in this folder and above it in the same repository; none where
    /// there is none. `names` are the flags that it may hold.
    ///
    /// # Errors
    ///
    /// When it can't be read, or holds a name that is none, or has no such profile.
    pub(super) fn open(
        chosen: Option<PathBuf>,
        profile: Option<&str>,
        names: &BTreeSet<String>,
    ) -> Result<Option<Self>, CliError> {
        let Some(path) = chosen.or_else(|| nearest(Path::new("."))) else {
            return match profile {
                Some(name) => {
                    let message = format!("there is no {NAME} that could have the profile {name:?}");
                    Err(CliError::usage(message, "write one, or name it with --config FILE"))
                }
                None => Ok(None),
            };
        };
        let text = read(&path)?;
        Self::parse(path, &text, profile, names).map(Some)
    }

    fn parse(
        path: PathBuf,
        text: &str,
        profile: Option<&str>,
        names: &BTreeSet<String>,
    ) -> Result<Self, CliError> {
        let wrong = |what: String, fix: String| CliError::usage(format!("{}: {what}", path.display()), fix);
        let mut top: Table = toml::from_str(text).map_err(|error| {
            let place = error.span().map_or(0, |span| text.get(..span.start).unwrap_or_default().lines().count());
            wrong(
                format!("line {}: {}", place.max(1), error.message()),
                "write it as TOML: name = value".to_owned(),
            )
        })?;
        let targets =
            tables(&mut top, "targets").map_err(|what| wrong(what, "write [targets.NAME]".to_owned()))?;
        // A text of this name is the flag.
        let profiles = match top.get("profile") {
            Some(Value::Table(_)) => tables(&mut top, "profile"),
            _ => Ok(Table::new()),
        };
        let profiles = profiles.map_err(|what| wrong(what, "write [profile.NAME]".to_owned()))?;
        check(&top, "", &[], names).map_err(|(what, fix)| wrong(what, fix))?;
        for (of, tables, also) in [("targets", &targets, &[][..]), ("profile", &profiles, &[INHERITS])] {
            for (name, table) in tables {
                let section = format!("[{of}.{name}]");
                let table = table.as_table().ok_or_else(|| {
                    wrong(
                        format!("{of}.{name} is no table"),
                        format!("write {section}, and below it name = value"),
                    )
                })?;
                check(table, &section, also, names).map_err(|(what, fix)| wrong(what, fix))?;
            }
        }
        let profiles = chain(&profiles, profile).map_err(|(what, fix)| wrong(what, fix))?;
        Ok(Self { path, top, targets, profiles })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What it says of each flag, the profile before the target before its top. `typed` is the target that was named
    /// otherwise: what the top says of another one is not meant.
    pub(super) fn values(&self, typed: Option<&str>) -> BTreeMap<String, Configured> {
        let of_profile = self.profiles.iter().rev().find_map(|(_, table)| table.get("target")?.as_str());
        let of_top = self.top.get("target").and_then(Value::as_str);
        let target = typed.or(of_profile).or(of_top);
        let mut values = BTreeMap::new();
        let mut lay = |table: &Table, section: &str, is_meant: &dyn Fn(&str) -> bool| {
            for (name, value) in table.iter().filter(|(name, _)| *name != INHERITS && is_meant(name)) {
                let value = self.led_from_here(name, value);
                let configured = Configured { name: name.clone(), value, section: section.to_owned() };
                values.insert(name.clone(), configured);
            }
        };
        let is_other = target.is_some() && of_top.is_some() && target != of_top;
        lay(&self.top, "", &|name| !is_other || !OF_TARGETS.contains(&name));
        if let Some((name, table)) = target.and_then(|name| Some((name, self.targets.get(name)?.as_table()?))) {
            lay(table, &format!("[targets.{name}]"), &|_| true);
        }
        for (name, table) in &self.profiles {
            lay(table, &format!("[profile.{name}]"), &|_| true);
        }
        values
    }

    /// The error of a value.
    pub(super) fn error(&self, configured: &Configured, what: &str) -> CliError {
        let section =
            if configured.section.is_empty() { String::new() } else { format!("{} ", configured.section) };
        let message = format!("{}: {section}{} {what}", self.path.display(), configured.name);
        CliError::usage(message, format!("`passmuster run --help` has what --{} takes", configured.name))
    }

    /// A value whose paths lead from the folder of the file, wherever the program is called.
    fn led_from_here(&self, name: &str, value: &Value) -> Value {
        if !PATHS.contains(&name) {
            return value.clone();
        }
        match value {
            Value::String(text) => Value::String(self.path_from_here(text)),
            Value::Array(all) => Value::Array(all.iter().map(|one| self.led_from_here(name, one)).collect()),
            other => other.clone(),
        }
    }

    fn path_from_here(&self, text: &str) -> String {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        // A report has its format before its path, or no path.
        match text.split_once('=') {
            Some((format, path)) => format!("{format}={}", folder.join(path).display()),
            None if passmuster::report::format(text).is_some() => text.to_owned(),
            None => folder.join(text).display().to_string(),
        }
    }
}

/// The flags that speak of one target.
const OF_TARGETS: [&str; 16] = [
    "endpoint",
    "target-version",
    "accounts",
    "external-id",
    "account-header",
    "organization",
    "given",
    "region",
    "spawn",
    "wait",
    "request-timeout",
    "reset",
    "ca",
    "fault",
    "allow-accounts",
    "journal",
];

/// The nearest file, from a folder up to the root of its repository; outside of one, of this folder alone.
fn nearest(folder: &Path) -> Option<PathBuf> {
    let here = folder.join(NAME);
    if here.is_file() {
        return Some(PathBuf::from(NAME));
    }
    let whole = fs::canonicalize(folder).ok()?;
    let above: Vec<&Path> = whole.ancestors().take(MOST_FOLDERS).collect();
    let root = above.iter().position(|folder| folder.join(".git").exists())?;
    above.iter().take(root + 1).map(|folder| folder.join(NAME)).find(|path| path.is_file())
}

fn read(path: &Path) -> Result<String, CliError> {
    read_text(path, LIMIT).map_err(|error| {
        let fix = match error.kind() {
            ErrorKind::InvalidData => "write it as UTF-8",
            _ => "name another file with --config",
        };
        CliError::usage(format!("failed to read {}: {error}", path.display()), fix)
    })
}

/// The tables below a name, taken out.
fn tables(top: &mut Table, name: &str) -> Result<Table, String> {
    match top.remove(name) {
        None => Ok(Table::new()),
        Some(Value::Table(tables)) => Ok(tables),
        Some(_) => Err(format!("{name} is no table")),
    }
}

/// Refuses names that are none; gives what is wrong, and the nearest.
fn check(table: &Table, section: &str, also: &[&str], names: &BTreeSet<String>) -> Result<(), (String, String)> {
    let known = |name: &str| names.contains(name) || also.contains(&name);
    let Some(unknown) = table.keys().find(|name| !known(name)) else { return Ok(()) };
    let tables: &[&str] = if section.is_empty() { &["targets", "profile"] } else { also };
    let all: Vec<&str> = names.iter().map(String::as_str).chain(tables.iter().copied()).collect();
    let section = if section.is_empty() { String::new() } else { format!("{section} ") };
    Err((format!("{section}{} is no name of a flag", printable(unknown)), suggestion(unknown, &all)))
}

/// The profile of this name and those that it adds to, the weakest first.
fn chain(profiles: &Table, name: Option<&str>) -> Result<Vec<(String, Table)>, (String, String)> {
    let mut chain: Vec<(String, Table)> = Vec::new();
    let mut next = name;
    while let Some(name) = next {
        if chain.len() >= MOST_PROFILES || chain.iter().any(|(known, _)| known == name) {
            let message = format!("the profile {name:?} inherits from itself, or from too many");
            return Err((message, format!("name at most {MOST_PROFILES} with {INHERITS}, each once")));
        }
        let all: Vec<&str> = profiles.keys().map(String::as_str).collect();
        let Some(Value::Table(table)) = profiles.get(name) else {
            let fix = if all.is_empty() { format!("write [profile.{name}]") } else { suggestion(name, &all) };
            return Err((format!("there is no profile {name:?}"), fix));
        };
        chain.push((name.to_owned(), table.clone()));
        next = match table.get(INHERITS) {
            None => None,
            Some(Value::String(other)) => Some(other),
            Some(_) => {
                return Err((
                    format!("[profile.{name}] {INHERITS} is no name"),
                    "name one other profile".to_owned(),
                ));
            }
        };
    }
    chain.reverse();
    Ok(chain)
}
