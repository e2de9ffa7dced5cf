//! Names and numbers in the place of what differs from run to run, so that two runs of one scenario read the same.

use crate::generate::{CastNaming, principal_name};
use passmuster_contract::domain::{Naming, Region, Timestamp};

/// The accounts and Regions of one run of a scenario, and what was replaced so far.
#[derive(Clone)]
pub(super) struct SymbolicNames {
    naming: CastNaming,
    instants: Vec<String>,
    ids: Vec<String>,
}

impl SymbolicNames {
    pub(super) fn new(naming: CastNaming) -> Self {
        Self { naming, instants: Vec::new(), ids: Vec::new() }
    }

    /// Replaces account ids by the names of the cast, instants, ids of invitations and other long hexadecimal words
    /// by numbered placeholders, the same one for the same value.
    pub(super) fn symbolic(&mut self, text: &str) -> String {
        let mut result = String::with_capacity(text.len());
        for word in words(text) {
            match self.replacement(word) {
                Some(replacement) => result.push_str(&replacement),
                None => result.push_str(word),
            }
        }
        result
    }

    /// Replaces account ids and Regions alone: of a request that was written to be odd nothing else may be lost.
    pub(super) fn symbolic_accounts(&self, text: &str) -> String {
        words(text).map(|word| self.place(word).unwrap_or_else(|| word.to_owned())).collect()
    }

    /// The name of an account or a Region, or an id with the names of accounts in it.
    fn place(&self, word: &str) -> Option<String> {
        if let Some(account) = self.naming.account_from(word) {
            return Some(format!("<{}>", principal_name(account)));
        }
        let named =
            |part: &str| self.naming.account_from(part).map(|account| format!("<{}>", principal_name(account)));
        if word.split('-').any(|part| named(part).is_some()) {
            // Some stand-ins build ids of their own out of account ids.
            let parts: Vec<String> =
                word.split('-').map(|part| named(part).unwrap_or_else(|| part.into())).collect();
            return Some(parts.join("-"));
        }
        let region = self.naming.region_from(word).filter(|region| *region != Region(0));
        region.map(|region| format!("<region-{}>", u16::from(region.0) + 1))
    }

    fn replacement(&mut self, word: &str) -> Option<String> {
        let numbered = |kind: &str, list: &mut Vec<String>| {
            let known = list.iter().position(|known| known == word);
            let index = known.unwrap_or_else(|| {
                list.push(word.to_owned());
                list.len() - 1
            });
            format!("<{kind}-{}>", index + 1)
        };
        if let Some(place) = self.place(word) {
            return Some(place);
        }
        if is_instant(word) {
            let named = numbered("instant", &mut self.instants);
            // A name must not hide the fault.
            let is_whole = Timestamp::parse(word).is_some();
            return Some(if is_whole { named } else { named.replace('>', ", no zone>") });
        }
        let hexadecimal = word.len() >= 16 && word.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        if hexadecimal && word != passmuster_contract::domain::InvitationRef::UNKNOWN {
            return Some(numbered("id", &mut self.ids));
        }
        None
    }
}

/// Splits a text into words and what is between them; put together again they are the text.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let part_of_word = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = if part_of_word(first) { word_end(rest) } else { first.len_utf8() };
        let (word, behind) = rest.split_at(end);
        rest = behind;
        Some(word)
    })
}

/// Where the word at the beginning ends. Colons and dots belong to it where it is an instant.
fn word_end(text: &str) -> usize {
    let instant = text.find(|c: char| !(c.is_ascii_alphanumeric() || "-:.+".contains(c))).unwrap_or(text.len());
    if is_instant(&text[..instant]) {
        return instant;
    }
    text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap_or(text.len())
}

/// Whether it is an instant; some stand-ins forget to say in which zone.
fn is_instant(word: &str) -> bool {
    Timestamp::parse(word).is_some() || Timestamp::parse(&format!("{word}Z")).is_some()
}
