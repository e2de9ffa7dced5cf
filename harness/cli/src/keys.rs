//! The keys of accounts: from the environment, or from the files that the AWS tools share.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::{CliError, chain};
use passmuster::targets::Credentials;
use passmuster::targets::keys::KeyOrigin;

/// The profile that is meant where none is named.
const DEFAULT: &str = "default";

/// The settings that say where else the keys of a profile come from.
const ORIGINS: [&str; 6] = [
    "role_arn",
    "sso_session",
    "sso_start_url",
    "credential_process",
    "web_identity_token_file",
    "credential_source",
];

/// The longest file of keys that is read, in bytes.
const MOST_BYTES: u64 = 1 << 20;

/// What the environment says of keys. Shown without their secret part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct KeySources {
    /// The keys in it.
    pub(crate) own: Option<Credentials>,
    /// The file of keys by profile.
    pub(crate) credentials: Option<PathBuf>,
    /// The file of settings by profile, which may hold keys, too.
    pub(crate) config: Option<PathBuf>,
    /// The profile that stands for the keys of whoever calls.
    pub(crate) chosen: Option<String>,
}

/// The settings of profiles, by name.
type Profiles = BTreeMap<String, BTreeMap<String, String>>;

impl KeySources {
    /// Reads what the AWS tools read.
    pub(crate) fn from_variables(set: impl Fn(&str) -> Option<String>) -> Self {
        let home = set("HOME").or_else(|| set("USERPROFILE")).map(|home| PathBuf::from(home).join(".aws"));
        let file = |name: &str, usual: &str| {
            set(name).map(PathBuf::from).or_else(|| home.as_ref().map(|home| home.join(usual)))
        };
        let own = set("AWS_ACCESS_KEY_ID").zip(set("AWS_SECRET_ACCESS_KEY"));
        Self {
            own: own.map(|(access_key, secret_key)| Credentials {
                access_key,
                secret_key,
                session_token: set("AWS_SESSION_TOKEN"),
            }),
            credentials: file("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
            config: file("AWS_CONFIG_FILE", "config"),
            chosen: set("AWS_PROFILE").or_else(|| set("AWS_DEFAULT_PROFILE")),
        }
    }

    /// The keys of a profile.
    ///
    /// # Errors
    ///
    /// When there is no such profile, or it holds no keys, and this build knows no other way to get any.
    pub(crate) fn profile(&self, name: &str) -> Result<KeyOrigin, CliError> {
        let found = self.settings(name)?;
        if found.is_empty() {
            let message = format!("there is no profile {name:?} in {}", self.files());
            return Err(CliError::usage(message, "name profiles that are there: --accounts profiles=NAME,NAME"));
        }
        match written_down(&found) {
            Some(keys) => Ok(keys.into()),
            None => chain::origin(Some(name)).ok_or_else(|| other_origin(name, &found)),
        }
    }

    /// The keys of whoever calls: those of the environment, of its profile, or of what comes after them in the chain that
    /// the AWS tools follow.
    ///
    /// # Errors
    ///
    /// When there are none, and this build knows no other way to get any.
    pub(crate) fn base(&self) -> Result<KeyOrigin, CliError> {
        if let Some(own) = &self.own {
            return Ok(own.clone().into());
        }
        if let Some(name) = &self.chosen {
            return self.profile(name);
        }
        let found = self.settings(DEFAULT)?;
        match written_down(&found) {
            Some(keys) => Ok(keys.into()),
            None => chain::origin(None).ok_or_else(|| match found.is_empty() {
                false => other_origin(DEFAULT, &found),
                true => CliError::usage(
                    format!("whose keys sign? there are none in the environment, nor in {}", self.files()),
                    format!("set AWS_ACCESS_KEY_ID and its kin, or AWS_PROFILE; {}", chain::MISSING),
                ),
            }),
        }
    }

    /// What the files say of a profile.
    fn settings(&self, name: &str) -> Result<Vec<BTreeMap<String, String>>, CliError> {
        let mut credentials = profiles(self.credentials.as_deref(), false)?;
        let mut config = profiles(self.config.as_deref(), true)?;
        Ok([credentials.remove(name), config.remove(name)].into_iter().flatten().collect())
    }

    fn files(&self) -> String {
        let files = [&self.credentials, &self.config].into_iter().flatten();
        let files: Vec<String> = files.map(|path| path.display().to_string()).collect();
        if files.is_empty() { "any file".to_owned() } else { files.join(" or ") }
    }
}

/// The keys that stand in a profile. Where it names a role, they aren't its own.
fn written_down(found: &[BTreeMap<String, String>]) -> Option<Credentials> {
    if found.iter().any(|settings| settings.contains_key("role_arn")) {
        return None;
    }
    found.iter().find_map(|settings| {
        Some(Credentials {
            access_key: settings.get("aws_access_key_id")?.clone(),
            secret_key: settings.get("aws_secret_access_key")?.clone(),
            session_token: settings.get("aws_session_token").cloned(),
        })
    })
}

/// The error of a profile whose keys come from elsewhere.
fn other_origin(name: &str, found: &[BTreeMap<String, String>]) -> CliError {
    let named = |key: &&&str| found.iter().any(|settings| settings.contains_key(**key));
    let message = match ORIGINS.iter().find(named) {
        Some(origin) => format!("profile {name:?} holds no keys, but {origin}"),
        None => format!("profile {name:?} holds no keys: aws_access_key_id and aws_secret_access_key"),
    };
    let fix = format!(
        "{}; or write keys down for a while: `aws configure export-credentials --profile {name}`",
        chain::MISSING
    );
    CliError::usage(message, fix)
}

/// Reads a file of profiles; one that isn't there has none.
fn profiles(path: Option<&Path>, is_config: bool) -> Result<Profiles, CliError> {
    let Some(path) = path.filter(|path| path.exists()) else { return Ok(Profiles::new()) };
    let unreadable = |reason: &str| {
        let message = format!("failed to read profiles from {}: {reason}", path.display());
        CliError::usage(message, "see that it is a text file of sections and settings")
    };
    if !path.is_file() {
        return Err(unreadable("it is no file"));
    }
    let file = std::fs::File::open(path).map_err(|error| unreadable(&error.to_string()))?;
    let mut text = String::new();
    file.take(MOST_BYTES).read_to_string(&mut text).map_err(|error| unreadable(&error.to_string()))?;
    Ok(parse(&text, is_config))
}

/// Reads sections `[name]`, in the file of settings `[profile name]`, with settings `key = value`.
fn parse(text: &str, is_config: bool) -> Profiles {
    let mut profiles = Profiles::new();
    let mut current: Option<String> = None;
    for line in text.lines() {
        // What stands further in belongs to the setting above, and none of those are read here.
        if line.starts_with([' ', '\t', '#', ';']) {
            continue;
        }
        let line = line.split_once(" #").map_or(line, |(before, _)| before).trim();
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let name = name.trim();
            current = match name.strip_prefix("profile ") {
                Some(name) if is_config => Some(name.trim().to_owned()),
                _ if !is_config || name == "default" => Some(name.to_owned()),
                _ => None,
            };
        } else if let (Some(section), Some((key, value))) = (&current, line.split_once('=')) {
            let settings = profiles.entry(section.clone()).or_default();
            settings.insert(key.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    profiles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_sections_in_one_file_and_named_so_in_the_other() {
        let text = "# keys\n[default]\naws_access_key_id=A\naws_secret_access_key = s=1 # old\n\n[ one ]\nAWS_ACCESS_KEY_ID = B\ns3 =\n  max = 1\n";
        let shared = parse(text, false);
        assert_eq!(shared["default"]["aws_secret_access_key"], "s=1");
        assert_eq!((shared["one"]["aws_access_key_id"].as_str(), shared["one"].len()), ("B", 2));
        let config =
            parse("[profile one]\nrole_arn = r\n[one]\naws_access_key_id = C\n[default]\nregion = x\n", true);
        assert_eq!(config.keys().collect::<Vec<_>>(), ["default", "one"]);
        assert!(!config["one"].contains_key("aws_access_key_id"));
    }

    #[test]
    fn the_environment_names_keys_and_files_and_shows_no_secret() {
        let set = |name: &str| match name {
            "AWS_ACCESS_KEY_ID" => Some("AKIA".to_owned()),
            "AWS_SECRET_ACCESS_KEY" => Some("hunter2".to_owned()),
            "AWS_SESSION_TOKEN" => Some("hunter3".to_owned()),
            "HOME" => Some("/home/me".to_owned()),
            "AWS_CONFIG_FILE" => Some("/elsewhere".to_owned()),
            _ => None,
        };
        let sources = KeySources::from_variables(set);
        assert_eq!(sources.credentials.as_deref(), Some(Path::new("/home/me/.aws/credentials")));
        assert_eq!(sources.config.as_deref(), Some(Path::new("/elsewhere")));
        assert!(!format!("{sources:?}").contains("hunter"));
        assert_eq!(KeySources::from_variables(|_| None), KeySources::default());
    }
}
