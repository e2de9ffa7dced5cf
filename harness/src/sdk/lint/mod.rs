//! The properties of an answer that mislead clients, as rules.
//!
//! No client misreads an error that has: the header `x-amzn-errortype` once, with the bare name; `x-amzn-requestid`;
//! the content type `application/json`; and for a body one JSON object whose `Message` is a string and whose `Code` is
//! the same name again. `__type` and `code` with that name help where a proxy takes headers away.

mod condition;
#[cfg(test)]
mod tests;

use super::answer::SdkAnswer;
use super::verdict::Sdk;
use Sdk::{Botocore, GoA, GoB, GoC, Java, JavaScript, Rust};

/// A rule on answers that some client does not read as they are meant.
#[derive(Debug)]
pub struct Lint {
    /// `L` and two digits.
    pub id: &'static str,
    /// The fault, in words that fit after "the answer has".
    pub what: &'static str,
    /// The clients that it misleads.
    pub who: &'static [Sdk],
    /// The clients' reading of it.
    pub misread: &'static str,
    /// One sentence: how to mend it.
    pub mend: &'static str,
    condition: fn(&SdkAnswer<'_>) -> bool,
}

impl Lint {
    /// The rule of this id, in whatever case it is written.
    #[must_use]
    pub fn find(id: &str) -> Option<&'static Self> {
        LINTS.iter().find(|lint| lint.id.eq_ignore_ascii_case(id))
    }

    /// Whether the answer is misread: one rule only says that clients try again.
    #[must_use]
    pub fn is_misleading(&self) -> bool {
        self.id != RETRIED
    }

    pub(super) fn fires(&self, answer: &SdkAnswer<'_>) -> bool {
        (self.condition)(answer)
    }
}

/// The rule that is no more than a hint.
const RETRIED: &str = "L23";

/// Every rule.
pub const LINTS: &[Lint] = &[
    Lint {
        id: "L01",
        what: "no header, and the code in Code alone",
        who: &[Rust, Java],
        misread: "Rust and Java see no code",
        mend: "Send the code in the header x-amzn-errortype.",
        condition: condition::code_in_capitals_alone,
    },
    Lint {
        id: "L02",
        what: "no header, and different codes in __type and in code or Code",
        who: &Sdk::ALL,
        misread: "botocore, JavaScript and Go (a, b) take code or Code, Go (c) and Java __type, Rust code and never Code",
        mend: "Send the header x-amzn-errortype, and one code in all places.",
        condition: condition::places_disagree,
    },
    Lint {
        id: "L03",
        what: "one code in the header and another in the body",
        who: &[GoA],
        misread: "Go (a) takes that of the body, all others that of the header",
        mend: "Send the same code in the header and in the body.",
        condition: condition::header_and_body_disagree,
    },
    Lint {
        id: "L04",
        what: "a code in the header over a body that is not JSON",
        who: &[Rust, GoA, GoB, GoC, JavaScript],
        misread: "Rust and Go lose the code, JavaScript crashes; Go takes blanks for nothing",
        mend: "Send a JSON object, or no body at all.",
        condition: condition::not_json,
    },
    Lint {
        id: "L05",
        what: "a list, a string, a number or a boolean where an object belongs",
        who: &[Botocore, Rust, GoA, GoB, GoC],
        misread: "botocore crashes, Go fails to decode it, Rust sees no code",
        mend: "Send a JSON object.",
        condition: condition::no_object,
    },
    Lint {
        id: "L06",
        what: "null where an object belongs",
        who: &[Botocore, Rust],
        misread: "botocore crashes, Rust sees no code",
        mend: "Send a JSON object.",
        condition: condition::null_body,
    },
    Lint {
        id: "L07",
        what: "a Code or code that is no string",
        who: &[Botocore, Rust, GoA, GoB, JavaScript],
        misread: "Go (a, b) fails to decode it, Rust sees no code; without a header, botocore and JavaScript take it for \
                  the code or crash",
        mend: "Send the name of the error there, or leave the member out.",
        condition: condition::code_is_no_string,
    },
    Lint {
        id: "L08",
        what: "no header, and null for a code",
        who: &[JavaScript],
        misread: "JavaScript crashes",
        mend: "Leave the member out, or send the code there.",
        condition: condition::code_is_null,
    },
    Lint {
        id: "L09",
        what: "a __type that is no string",
        who: &[Botocore, GoA, GoB, GoC],
        misread: "botocore crashes, Go fails to decode it",
        mend: "Send the name of the error there, or leave the member out.",
        condition: condition::type_is_no_string,
    },
    Lint {
        id: "L10",
        what: "an empty header x-amzn-errortype",
        who: &[Botocore, Rust, Java, JavaScript],
        misread: "they take the empty text for the code",
        mend: "Send the code in the header, or no such header.",
        condition: condition::empty_header,
    },
    Lint {
        id: "L11",
        what: "the header x-amzn-errortype twice, or with a comma in it",
        who: &[Botocore, Rust, GoA, GoB, GoC],
        misread: "botocore joins the lines to one wrong code; with a comma, Rust and Go take all of it, too",
        mend: "Send the header once, with one name.",
        condition: condition::several_codes,
    },
    Lint {
        id: "L12",
        what: "a namespace before the code in the header",
        who: &[Java],
        misread: "Java keeps it, and finds no error of that name",
        mend: "Send the bare name.",
        condition: condition::namespace_in_header,
    },
    Lint {
        id: "L13",
        what: "blanks behind the code in the header",
        who: &[Botocore],
        misread: "botocore keeps them, and finds no error of that name",
        mend: "Send the bare name.",
        condition: condition::blanks_behind,
    },
    Lint {
        id: "L14",
        what: "the name of a modelled error in another case",
        who: &[Botocore, Rust, GoC, Java, JavaScript],
        misread: "only Go (a, b) finds the error of that name",
        mend: "Spell the code as the API does.",
        condition: condition::wrong_case,
    },
    Lint {
        id: "L15",
        what: "no code anywhere",
        who: &Sdk::ALL,
        misread: "botocore says the status, JavaScript Unknown, Go UnknownError, Rust and Java nothing; where the body is \
                  not JSON, JavaScript crashes and Go fails to decode it",
        mend: "Send the code in the header x-amzn-errortype.",
        condition: condition::no_code,
    },
    Lint {
        id: "L16",
        what: "a message that is missing or no string",
        who: &Sdk::ALL,
        misread: "users see an empty text, None or [object Object]; Go and Rust fail to decode what is no string",
        mend: "Send a string in Message.",
        condition: condition::no_message,
    },
    Lint {
        id: "L17",
        what: "message, but no Message, on an error that the operation declares",
        who: &[GoA, GoB],
        misread: "the typed error of Go (a, b) has no message",
        mend: "Send the text in Message.",
        condition: condition::message_in_small_letters,
    },
    Lint {
        id: "L18",
        what: "a status from 500 on and a code in the header, over a body that is empty or begins with <html>",
        who: &[Botocore],
        misread: "botocore takes the status for the code, and loses the request id",
        mend: "Send a JSON object for a body.",
        condition: condition::lost_behind_5xx,
    },
    Lint {
        id: "L19",
        what: "no header x-amzn-requestid",
        who: &[Botocore],
        misread: "botocore has no request id to show",
        mend: "Send an id of the request in x-amzn-requestid.",
        condition: condition::no_request_id,
    },
    Lint {
        id: "L20",
        what: "an error under a status that says success",
        who: &Sdk::ALL,
        misread: "every client reports success",
        mend: "Send the error with the status that the API gives it.",
        condition: condition::error_as_success,
    },
    Lint {
        id: "L21",
        what: "the status 300",
        who: &[Botocore],
        misread: "botocore reads an output, and raises an error without a code",
        mend: "Send the error with the status that the API gives it.",
        condition: condition::status_300,
    },
    Lint {
        id: "L22",
        what: "a body that is JSON to some: with a byte order mark, NaN, half a surrogate pair, bytes that are not UTF-8, \
               or something behind the object",
        who: &[Botocore, Rust, GoA, GoB, GoC, JavaScript],
        misread: "as the case may be, the code is lost, decoding fails, or the client crashes",
        mend: "Send one JSON object in UTF-8 and nothing else.",
        condition: condition::odd_json,
    },
    Lint {
        id: RETRIED,
        what: "a code or a status for which clients send the request again",
        who: &[],
        misread: "nobody misreads it, but a test that counts calls will count the further ones",
        mend: "Switch retries off in tests, or count attempts.",
        condition: condition::is_retried,
    },
    Lint {
        id: "L24",
        what: "a successful status over a body that is no such output",
        who: &Sdk::ALL,
        misread: "as the case may be, the client crashes, fails to decode it, shows an error without a code, or hands on \
                  null and values of other types",
        mend: "Send one JSON object whose members have the types of the API, and no null in a list.",
        condition: condition::no_output,
    },
];
