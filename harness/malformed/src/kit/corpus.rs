//! The seeds as files, for fuzzers of any kind. Nothing here writes them.

use std::collections::BTreeSet;

use super::message;
use super::seeds::seeds;
use passmuster_contract::domain::Operation;
use passmuster_contract::domain::shape::{MemberShape, ShapeKind};

/// A file of the corpus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path below the folder of the corpus, parted by `/`.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Words of the protocol that the API model doesn't have.
const WORDS: &[&str] = &[
    "__type",
    "__proto__",
    "constructor",
    "$ref",
    "code",
    "Code",
    "message",
    "Message",
    "application/json",
    "application/x-amz-json-1.1",
    "content-type: ",
    "accept: ",
    "charset=utf-8",
    "000000000000",
    "111111111111",
    "222222222222",
    "12345678901",
    "1234567890123",
    "arn:aws:securityhub:us-east-1:111111111111:hub/default",
    "null",
    "true",
    "false",
    "-0",
    "-1",
    "0",
    "1",
    "50",
    "51",
    "100",
    "101",
    "2147483648",
    "9007199254740993",
    "9223372036854775808",
    "18446744073709551616",
    "1.0",
    "1e0",
    "1e400",
    "1e-400",
    "01",
    "+1",
    "0x10",
    "NaN",
    "Infinity",
    "-Infinity",
    "\\u0000",
    "\\ud800",
    "\\udc00",
    "\\ud83d\\ude00",
    "\\u005c",
    "\\/",
    "\\q",
    "/*",
    "//",
    ",]",
    ",}",
    "[[[[",
    "{\"a\":",
    "[]",
    "{}",
    "\"\"",
    "%00",
    "%0a",
    "%0d%0a",
    "%20",
    "%25",
    "%2e",
    "%2f",
    "%ff%fe",
    "%zz",
    "?",
    "&",
    "+",
    ";",
    "..",
];
/// Bytes of the protocol that are no words.
const BYTES: &[&[u8]] = &[
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xc0\xaf",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\x80",
    b"\xc3",
    b"\0",
    b"\x1e",
    b"\x7f",
    b"\xc2\x85",
    b"\xe2\x80\xa8",
    b"\r\n\r\n",
];

/// A dictionary of the protocol, in the form that libFuzzer and AFL++ read.
#[must_use]
pub fn dictionary() -> String {
    let mut words: BTreeSet<Vec<u8>> = WORDS.iter().map(|word| word.as_bytes().to_vec()).collect();
    words.extend(BYTES.iter().map(|bytes| bytes.to_vec()));
    for operation in Operation::ALL {
        let shape = operation.shape();
        words.insert(format!("{} {}", shape.method.name(), shape.path).into_bytes());
        names(shape.input, &mut words);
        names(shape.output, &mut words);
    }
    let mut text = "# Words of AWS restJson1 and of the Security Hub membership API.\n".to_owned();
    for word in words {
        text.push('"');
        for byte in word {
            match byte {
                b'"' | b'\\' => text.extend(['\\', char::from(byte)]),
                b' '..=b'~' => text.push(char::from(byte)),
                _ => text.push_str(&format!("\\x{byte:02x}")),
            }
        }
        text.push_str("\"\n");
    }
    text
}

fn names(members: &[MemberShape], words: &mut BTreeSet<Vec<u8>>) {
    for member in members {
        words.insert(member.name.as_bytes().to_vec());
        kind(&member.kind, words);
    }
}

fn kind(of: &ShapeKind, words: &mut BTreeSet<Vec<u8>>) {
    match of {
        ShapeKind::Enum(allowed) => words.extend(allowed.iter().map(|word| word.as_bytes().to_vec())),
        ShapeKind::List { item, .. } => kind(item, words),
        ShapeKind::Structure(known) => names(known, words),
        _ => {}
    }
}

/// Every file of the corpus: requests as they travel, bodies by themselves, and the dictionary.
#[must_use]
pub fn files() -> Vec<File> {
    let mut files = vec![File { path: "restjson.dict".to_owned(), bytes: dictionary().into_bytes() }];
    for seed in seeds() {
        if !seed.request.body.is_empty() {
            files.push(File { path: format!("bodies/{}.json", seed.name), bytes: seed.request.body.clone() });
        }
        files.push(File { path: format!("requests/{}.http", seed.name), bytes: message::write(&seed.request) });
    }
    files
}
