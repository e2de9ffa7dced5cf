//! The words of a client to its user.

use std::fmt;

/// A client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sdk {
    /// botocore, and with it boto3 and the AWS CLI.
    Botocore,
    /// aws-sdk-rust.
    Rust,
    /// aws-sdk-go-v2 as generated until early 2023: the body is asked before the header.
    GoA,
    /// aws-sdk-go-v2 as generated after its pull request 2012: the header is asked first.
    GoB,
    /// aws-sdk-go-v2 on the schema-based restJson1 of smithy-go, which was measured without a transport.
    GoC,
    /// aws-sdk-java-v2.
    Java,
    /// aws-sdk-js-v3.
    JavaScript,
}

impl Sdk {
    /// Every client.
    pub const ALL: [Self; 7] =
        [Self::Botocore, Self::Rust, Self::GoA, Self::GoB, Self::GoC, Self::Java, Self::JavaScript];

    /// The name used in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Botocore => "botocore",
            Self::Rust => "aws-sdk-rust",
            Self::GoA => "aws-sdk-go-v2 (a)",
            Self::GoB => "aws-sdk-go-v2 (b)",
            Self::GoC => "aws-sdk-go-v2 (c)",
            Self::Java => "aws-sdk-java-v2",
            Self::JavaScript => "aws-sdk-js-v3",
        }
    }
}

impl fmt::Display for Sdk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The reading of one answer by a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The client.
    pub sdk: Sdk,
    /// The words to its user.
    pub verdict: SdkVerdict,
    /// Whether it would send the request again, unless told not to.
    pub retried: bool,
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let retried = if self.retried { ", retried" } else { "" };
        write!(f, "{}{retried}", self.verdict)
    }
}

/// The words of a client to its user.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SdkVerdict {
    /// No error.
    Success,
    /// No error, but in the output there is something that the API doesn't have.
    Odd(&'static str),
    /// The modelled error of this code.
    Typed(String),
    /// An error of no type of its own, with this code; may be a word of the client's for "no code".
    Generic(String),
    /// An error with this code; whether it has a type was not observed.
    Code(String),
    /// An error without a code.
    NoCode,
    /// The answer could not be decoded, says the client.
    DecodeError,
    /// An error of the language, of this type, that the client was not prepared for.
    Crash(&'static str),
    /// Neither measured nor to be read off the sources.
    NotPredicted,
}

impl SdkVerdict {
    /// The kind of verdict, in a word.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Success | Self::Odd(_) => "success",
            Self::Typed(_) => "typed",
            Self::Generic(_) => "generic",
            Self::Code(_) => "code",
            Self::NoCode => "no-code",
            Self::DecodeError => "decode-error",
            Self::Crash(_) => "crash",
            Self::NotPredicted => "not-predicted",
        }
    }

    /// The code that the user sees.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Typed(code) | Self::Generic(code) | Self::Code(code) => Some(code),
            Self::Success
            | Self::Odd(_)
            | Self::NoCode
            | Self::DecodeError
            | Self::Crash(_)
            | Self::NotPredicted => None,
        }
    }
}

impl fmt::Display for SdkVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Success => f.write_str("success"),
            Self::Odd(what) => write!(f, "success, with {what}"),
            Self::Typed(code) => write!(f, "{code} (typed)"),
            Self::Generic(code) | Self::Code(code) if stands_for_none(code) => write!(f, "{code}: no code"),
            Self::Generic(code) => write!(f, "{code} (not typed)"),
            Self::Code(code) => f.write_str(code),
            Self::NoCode => f.write_str("no code"),
            Self::DecodeError => f.write_str("fails to decode the answer"),
            Self::Crash(error) => write!(f, "crashes with {error}"),
            Self::NotPredicted => f.write_str("not predicted"),
        }
    }
}

/// Whether a client says so for want of a code: botocore the status, JavaScript and Go a word.
fn stands_for_none(code: &str) -> bool {
    matches!(code, "" | "Unknown" | "UnknownError") || code.bytes().all(|byte| byte.is_ascii_digit())
}
