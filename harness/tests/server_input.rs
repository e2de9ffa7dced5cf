//! The answers of the reference server to inputs that it should not read, or not as they stand: one case a row of the
//! decision table, by every profile.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use passmuster::domain::Profile;
use passmuster::domain::shape::Method;
use passmuster::server::{Reference, ServerSettings};
use passmuster::targets::Caller;
use passmuster::wire::{HttpRequest, HttpResponse};
use serde_json::Value;

/// The outcome of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    /// It can't be read.
    Parse,
    /// It breaks a constraint of the API model.
    Constraint,
    /// It is taken as if nothing were wrong with it.
    Taken,
    /// It is taken, but an account that is named is reported as unprocessed, or the whole is refused.
    Partly,
}
use Expected::{Constraint, Parse, Partly, Taken};

const MEMBER: &str = "222222222222";

fn request(method: Method, path: &str, query: &str, headers: &[(&str, &str)], body: &[u8]) -> HttpRequest {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned().into(), (*value).to_owned())).collect();
    HttpRequest { method, path: path.to_owned().into(), query: query.to_owned(), headers, body: body.to_vec() }
}

/// A server of some profile, at which the caller has a hub.
struct Server(Reference, Caller);

impl Server {
    fn new(profile: Profile) -> Self {
        let caller = Caller::new("111111111111", "us-east-1");
        let mut server = Self(Reference::with(ServerSettings { profile, ..ServerSettings::default() }), caller);
        assert_eq!(server.post("/accounts", b"{}").status, 200);
        server
    }

    fn ask(&mut self, request: &HttpRequest) -> HttpResponse {
        self.0.handle_as(&self.1, request)
    }

    fn post(&mut self, path: &str, body: &[u8]) -> HttpResponse {
        self.ask(&request(Method::Post, path, "", &[("content-type", "application/json")], body))
    }

    fn get(&mut self, path: &str, query: &str) -> HttpResponse {
        self.ask(&request(Method::Get, path, query, &[], b""))
    }

    fn members(&mut self) -> Vec<u8> {
        self.get("/members", "OnlyAssociated=false").body
    }
}

fn code(response: &HttpResponse) -> &str {
    response.header("x-amzn-errortype").unwrap_or_default()
}

fn check(profile: Profile, case: &str, expected: Expected, response: &HttpResponse) {
    let answer = (response.status, code(response));
    let right = match (expected, profile) {
        (Taken, _) => response.status == 200,
        (Parse, Profile::Smithy | Profile::Union) => answer == (400, "SerializationException"),
        (Constraint, Profile::Smithy) => answer == (400, "ValidationException"),
        (Parse | Constraint, _) => answer == (400, "InvalidInputException"),
        (Partly, _) => match response.status {
            200 => String::from_utf8_lossy(&response.body).contains("AccountId"),
            _ => ["ValidationException", "InvalidInputException", "BadRequestException"].contains(&code(response)),
        },
    };
    let body = String::from_utf8_lossy(&response.body);
    assert!(right, "{case} by {profile}: {expected:?}, but {answer:?} {body}");
    let body: Value =
        if body.is_empty() { Value::Object(Default::default()) } else { serde_json::from_str(&body).unwrap() };
    assert!(body.is_object(), "{case}");
    if response.status != 200 {
        assert!(body["Message"].is_string(), "{case}: {body}");
    }
}

/// Bodies of CreateMembers: row, what it is, body, what comes of it.
type Bodies = Vec<(&'static str, Vec<u8>, Expected)>;

/// A body that is read.
const GOOD: &str = r#"{"AccountDetails":[{"AccountId":"222222222222"}]}"#;

/// The good body with an unknown member of this value first.
fn and(unknown: &[u8]) -> Vec<u8> {
    [b"{\"x\":", unknown, b",", &GOOD.as_bytes()[1..]].concat()
}

fn around(before: &[u8], after: &[u8]) -> Vec<u8> {
    [before, GOOD.as_bytes(), after].concat()
}

/// A body with this for an id.
fn id(value: &[u8]) -> Vec<u8> {
    [b"{\"AccountDetails\":[{\"AccountId\":", value, b"}]}"].concat()
}

fn text(value: &str) -> Vec<u8> {
    value.as_bytes().to_vec()
}

fn deep(depth: usize) -> Vec<u8> {
    [b"[".repeat(depth), b"]".repeat(depth)].concat()
}

/// Bodies that are no JSON object.
fn broken() -> Bodies {
    let mut cases = vec![
        ("D39c nothing", text(""), Constraint),
        ("D60 blanks", text(" \n\t"), Parse),
        (
            "D60 a comma at the end",
            around(b"", b"").split_last().map(|(_, most)| [most, b",}"].concat()).unwrap(),
            Parse,
        ),
        ("D60 a comma first", text(r#"{,"a":1}"#), Parse),
        ("D60 a comment", around(b"/*c*/", b""), Parse),
        ("D60 single quotes", text("{'a':1}"), Parse),
        ("D60 no quotes", text("{a:1}"), Parse),
        ("D60 text behind", around(b"", b"abc"), Parse),
        ("D60 another object behind", around(b"", GOOD.as_bytes()), Parse),
        ("D60 another line behind", around(b"", b"\n{}"), Parse),
        ("D60 NUL behind", around(b"", b"\0"), Parse),
        ("D60 text before", around(b")]}',\n", b""), Parse),
        ("D60 a record separator", around(b"\x1e", b""), Parse),
        ("D60 a form feed", around(b"\x0c", b""), Parse),
        ("D60 a no-break space", around("\u{a0}".as_bytes(), b""), Parse),
        ("D60 a bad escape", id(br#""\q""#), Parse),
        ("D60 a bad escape in an unknown member", and(br#""\q""#), Parse),
        ("D60 a short escape", and(br#""\u12""#), Parse),
        ("D60 a control character", and(b"\"1\t2\""), Parse),
        ("D61 a list", text(r#"[{"AccountDetails":[]}]"#), Parse),
        ("D61 an empty list", text("[]"), Parse),
        ("D61 a number", text("10"), Parse),
        ("D61 a string", text("\"x\""), Parse),
        ("D62 null", text("null"), Parse),
    ];
    cases.extend((1..GOOD.len()).map(|end| ("D60 cut short", GOOD.as_bytes()[..end].to_vec(), Parse)));
    cases
}

/// Letters, numbers and nesting that parsers disagree about.
fn disputed() -> Bodies {
    let utf16 = |bytes: fn(u16) -> [u8; 2]| GOOD.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    vec![
        ("D63 a byte in a known string", id(b"\"\xff\""), Parse),
        ("D63 overlong", id(b"\"\xc0\xaf\""), Parse),
        ("D63 a surrogate", id(b"\"\xed\xa0\x80\""), Parse),
        ("D63 in an unknown value", and(b"\"\xff\""), Parse),
        ("D63 in an unknown name", and(b"1,\"\xff\":1"), Parse),
        ("D64 a lone surrogate", and(br#""\ud800""#), Parse),
        ("D64 two surrogates the wrong way round", id(br#""\udc00\ud800""#), Parse),
        ("D65 a byte order mark", around(b"\xef\xbb\xbf", b""), Parse),
        ("D66 UTF-16 LE", utf16(u16::to_le_bytes), Parse),
        ("D66 UTF-16 BE", utf16(u16::to_be_bytes), Parse),
        ("D67 a member twice", and(br#"1,"AccountDetails":[]"#), Taken),
        ("D68 an escaped name", text(&GOOD.replacen('A', "\\u0041", 1)), Taken),
        ("D69 100 deep in an unknown member", and(&deep(100)), Taken),
        ("D69 200 deep in an unknown member", and(&deep(200)), Parse),
        ("D69 1,000,000 deep in an unknown member", and(&deep(1_000_000)), Parse),
        ("D69 100,000 deep and open", b"[".repeat(100_000), Parse),
        (
            "D69 10,000 deep in a known member",
            [b"{\"AccountDetails\":", deep(10_000).as_slice(), b"}"].concat(),
            Parse,
        ),
        ("D70 a number beyond a double", and(b"1e9999"), Parse),
        ("D70 a long number", and(&b"1".repeat(300)), Taken),
        ("D71 NaN", and(b"NaN"), Parse),
        ("D71 Infinity", and(b"-Infinity"), Parse),
        ("D71 a plus sign", and(b"+1"), Parse),
        ("D71 a zero first", and(b"01"), Parse),
        ("D71 hexadecimal", and(b"0x10"), Parse),
        ("D71 a point at the end", and(b"1."), Parse),
        ("D71 a point first", and(b".5"), Parse),
        ("D72 white space", around(b" \r\n\t", b"\r\n\r\n"), Taken),
    ]
}

/// JSON of another shape, or with values that the API model forbids.
fn misshapen() -> Bodies {
    vec![
        ("D75 a list as an object", text(r#"{"AccountDetails":{"0":{}}}"#), Parse),
        ("D75 a list as a string", text(r#"{"AccountDetails":"x"}"#), Parse),
        ("D75 an entry as a string", text(r#"{"AccountDetails":["222222222222"]}"#), Parse),
        ("D75 an id as a number", id(b"222222222222"), Parse),
        ("D75 an id as a boolean", id(b"true"), Parse),
        ("D75 an id as a list", id(br#"["2"]"#), Parse),
        ("D75 an address as a number", id(br#""222222222222","Email":1"#), Parse),
        ("D76 a literal in another case", and(b"True"), Parse),
        ("D78 null in a list", text(r#"{"AccountDetails":[{"AccountId":"222222222222"},null]}"#), Parse),
        ("D79 a null that may be absent", id(br#""222222222222","Email":null"#), Taken),
        ("D80 nothing of what is required", text("{}"), Constraint),
        ("D80 null for what is required", text(r#"{"AccountDetails":null}"#), Constraint),
        ("D80 another operation's input", text(r#"{"AccountIds":["222222222222"]}"#), Constraint),
        ("D80 an entry of nothing", text(r#"{"AccountDetails":[{}]}"#), Partly),
        ("D80 an id of null", id(b"null"), Partly),
        ("D81 unknown members", and(br#"{"__proto__":1}"#), Taken),
        ("D82 a type", and(br#"1,"__type":"x""#), Taken),
        ("D83 a name in another case", text(&GOOD.replace("AccountDetails", "accountDetails")), Constraint),
        ("D84 a structure as a list", text(r#"[[{"AccountId":"222222222222"}]]"#), Parse),
        ("D84 an entry as a list", text(r#"{"AccountDetails":[["222222222222","a@b.co"]]}"#), Parse),
        ("D100 no entries", text(r#"{"AccountDetails":[]}"#), Constraint),
        ("D102 a blank id", id(b"\"   \""), Partly),
        ("D103 eleven digits", id(b"\"22222222222\""), Partly),
        ("D103 digits of another script", id("\"٢٢٢٢٢٢٢٢٢٢٢٢\"".as_bytes()), Partly),
        ("I24 NUL in an id", id(br#""222222222222\u00002""#), Partly),
    ]
}

#[test]
fn every_body_is_read_as_it_stands_or_refused_and_then_changes_nothing() {
    for profile in Profile::ALL {
        for (case, body, expected) in [broken(), disputed(), misshapen()].concat() {
            let mut server = Server::new(profile);
            let before = server.members();
            let response = server.post("/members", &body);
            check(profile, case, expected, &response);
            if response.status != 200 {
                assert_eq!(server.members(), before, "{case}");
            }
        }
    }
}

#[test]
fn the_last_of_two_members_counts_and_only_that() {
    let mut server = Server::new(Profile::Union);
    let entry = |id: &str| format!(r#""AccountDetails":[{{"AccountId":"{id}"}}]"#);
    let body = format!("{{{},{}}}", entry("333333333333"), entry(MEMBER));
    assert_eq!(server.post("/members", body.as_bytes()).status, 200);
    let members = String::from_utf8(server.members()).unwrap();
    assert!(members.contains(MEMBER) && !members.contains("333333333333"), "{members}");
}

#[test]
fn other_inputs_are_read_as_strictly() {
    let cases: &[(&str, &str, &str, Expected)] = &[
        ("D76 a boolean as text", "/accounts", r#"{"EnableDefaultStandards":"true"}"#, Parse),
        ("D76 a boolean as a number", "/accounts", r#"{"EnableDefaultStandards":1}"#, Parse),
        ("D75 tags as a list", "/accounts", r#"{"Tags":[{"Key":"a","Value":"b"}]}"#, Parse),
        ("D78 a tag of null", "/accounts", r#"{"Tags":{"a":null}}"#, Parse),
        ("D75 an enumeration as a number", "/accounts", r#"{"ControlFindingGenerator":1}"#, Parse),
        ("D75 accounts as objects", "/members/invite", r#"{"AccountIds":[{"AccountId":"222222222222"}]}"#, Parse),
        ("D75 accounts as one string", "/members/invite", r#"{"AccountIds":"222222222222"}"#, Parse),
        ("D78 an account of null", "/members/get", r#"{"AccountIds":[null]}"#, Parse),
        ("D80 no accounts", "/members/delete", "{}", Partly),
        ("D80 no accounts", "/members/invite", "{}", Partly),
        ("D80 no accounts", "/members/get", "{}", Constraint),
        ("D80 no accounts", "/members/disassociate", "{}", Partly),
        ("D80 no invitations", "/invitations/decline", "{}", Partly),
        ("D80 no administrator", "/organization/admin/enable", "{}", Constraint),
        ("D80 no standards", "/standards/register", "{}", Constraint),
        ("D80 no findings", "/findings/import", "{}", Constraint),
        ("D80 no setting", "/organization/configuration", "{}", Constraint),
        (
            "D104 another word",
            "/organization/configuration",
            r#"{"AutoEnable":true,"AutoEnableStandards":"none"}"#,
            Constraint,
        ),
        (
            "D104 another feature",
            "/organization/admin/enable",
            r#"{"AdminAccountId":"222222222222","Feature":"x"}"#,
            Constraint,
        ),
        ("D80 one of two", "/administrator", r#"{"AdministratorId":"222222222222"}"#, Constraint),
        ("D80 an older name", "/administrator", r#"{"MasterId":"222222222222","InvitationId":"x"}"#, Constraint),
        ("D102 a blank", "/administrator", r#"{"AdministratorId":" ","InvitationId":"x"}"#, Partly),
    ];
    for profile in Profile::ALL {
        for (case, path, body, expected) in cases {
            check(profile, case, *expected, &Server::new(profile).post(path, body.as_bytes()));
        }
    }
}

#[test]
fn hubs_are_not_enabled_by_inputs_that_break_a_constraint() {
    let long = |letters| "k".repeat(letters);
    let cases = [
        r#"{"ControlFindingGenerator":"security_control"}"#.to_owned(),
        r#"{"Tags":{}}"#.to_owned(),
        r#"{"Tags":{"":"v"}}"#.to_owned(),
        r#"{"Tags":{"aws:x":"v"}}"#.to_owned(),
        r#"{"Tags":{"a b":"v"}}"#.to_owned(),
        r#"{"Tags":{"é":"v"}}"#.to_owned(),
        format!(r#"{{"Tags":{{"{}":"v"}}}}"#, long(129)),
        format!(r#"{{"Tags":{{"k":"{}"}}}}"#, long(257)),
        format!(r#"{{"Tags":{{"{}!":"v"}}}}"#, long(50_000)),
    ];
    for profile in Profile::ALL {
        for body in &cases {
            let caller = Caller::new("111111111111", "us-east-1");
            let server = Reference::with(ServerSettings { profile, ..ServerSettings::default() });
            check(profile, body, Constraint, &Server(server, caller).post("/accounts", body.as_bytes()));
        }
    }
}

#[test]
fn query_parameters_are_read_as_strictly() {
    let cases: &[(&str, &str, Expected)] = &[
        ("D90 a word", "MaxResults=abc", Parse),
        ("D90 hexadecimal", "MaxResults=0x10", Parse),
        ("D90 digits of another script", "MaxResults=%D9%A3", Parse),
        ("D90 a fraction", "MaxResults=1.0", Parse),
        ("D90 a plus sign", "MaxResults=%2B5", Parse),
        ("D90 a plus sign as it stands", "MaxResults=+5", Parse),
        ("D90 a blank", "MaxResults=%205", Parse),
        ("D90 minus zero", "MaxResults=-0", Constraint),
        ("D90 beyond 64 bits", "MaxResults=9223372036854775808", Parse),
        ("D90 beyond 32 bits", "MaxResults=2147483648", Constraint),
        ("D90 zeros first", "MaxResults=005", Taken),
        ("D91 another case", "OnlyAssociated=True", Parse),
        ("D91 a number", "OnlyAssociated=1", Parse),
        ("D92 an empty value", "MaxResults=", Parse),
        ("D92 no value", "MaxResults", Parse),
        ("D92 an empty flag", "OnlyAssociated=", Parse),
        ("D93 the first counts", "MaxResults=5&MaxResults=abc", Taken),
        ("D93 the first counts", "MaxResults=abc&MaxResults=5", Parse),
        ("D94 a bad escape", "NextToken=%zz", Parse),
        ("D94 no UTF-8", "NextToken=%ff%fe", Parse),
        ("D96 another case", "maxresults=abc", Taken),
        ("D96 like an array", "MaxResults[]=abc", Taken),
        ("an escaped name", "%4DaxResults=abc", Parse),
        ("D97 a member of the body", "AccountDetails=x", Taken),
        ("odd separators", "&&MaxResults=5&", Taken),
        ("D101 too few", "MaxResults=0", Constraint),
        ("D101 too many", "MaxResults=51", Constraint),
        ("D101 negative", "MaxResults=-1", Constraint),
    ];
    for profile in Profile::ALL {
        for (case, query, expected) in cases {
            check(profile, case, *expected, &Server::new(profile).get("/members", query));
        }
        let many = "foo=bar&".repeat(10_000);
        check(profile, "ten thousand parameters", Taken, &Server::new(profile).get("/members", &many));
    }
}

#[test]
fn a_token_that_was_never_handed_out_is_refused() {
    for profile in Profile::ALL {
        for token in ["bogus", "%0d%0aSet-Cookie:x", "%00", "%3Cscript%3E", "a+b"] {
            let response = Server::new(profile).get("/members", &format!("NextToken={token}"));
            let codes = ["InvalidInputException", "BadRequestException", "ValidationException"];
            assert!(response.status == 400 && codes.contains(&code(&response)), "{token}: {response:?}");
        }
    }
}

/// A case, its header lines, and the status that smithy and the other profiles answer with.
type Headers<'a> = (&'a str, &'a [(&'a str, &'a str)], u16, u16);

#[test]
fn media_types_are_looked_at_as_the_profile_says() {
    let body = b"{\"AccountIds\":[]}";
    let plain = [("content-type", "text/plain")];
    let cases: &[Headers] = &[
        ("D37 no type", &[], 415, 200),
        ("D38 another type", &plain, 415, 200),
        ("D38 the type of an older protocol", &[("content-type", "application/x-amz-json-1.1")], 415, 200),
        ("D38 a form", &[("content-type", "application/x-www-form-urlencoded")], 415, 415),
        ("D38 parts", &[("content-type", "multipart/form-data; boundary=x")], 415, 415),
        ("D38 garbage", &[("content-type", ";;;")], 415, 200),
        ("D39 a parameter", &[("content-type", "application/json; charset=utf-8")], 200, 200),
        ("D39 another case", &[("content-type", " Application/JSON ")], 200, 200),
        ("D15 gzip", &[("content-type", "application/json"), ("content-encoding", "gzip")], 415, 415),
        ("D15 none", &[("content-type", "application/json"), ("content-encoding", "identity")], 200, 200),
        ("D35 another type", &[("content-type", "application/json"), ("accept", "text/html, image/*")], 406, 200),
        ("D35 none of it", &[("content-type", "application/json"), ("accept", "application/json;q=0")], 406, 200),
        ("D36 anything", &[("content-type", "application/json"), ("accept", "*/*")], 200, 200),
        (
            "D36 a list",
            &[("content-type", "application/json"), ("accept", "text/html, application/json;q=0.1")],
            200,
            200,
        ),
        ("D36 a range", &[("content-type", "application/json"), ("accept", "application/*")], 200, 200),
    ];
    for profile in Profile::ALL {
        for (case, headers, smithy, others) in cases {
            let response = Server::new(profile).ask(&request(Method::Post, "/members/get", "", headers, body));
            let expected = if profile == Profile::Smithy { smithy } else { others };
            assert_eq!(response.status, *expected, "{case} by {profile}: {response:?}");
            let wanted = match expected {
                415 => "UnsupportedMediaTypeException",
                406 => "NotAcceptableException",
                _ => "",
            };
            assert_eq!(code(&response), wanted, "{case}");
        }
        let empty = Server::new(profile).ask(&request(Method::Post, "/accounts", "", &[], b""));
        assert_eq!(empty.status, 409, "D39c: an empty body has no type");
        let typed = request(Method::Delete, "/accounts", "", &[("content-type", "application/json")], b"");
        let expected = if profile == Profile::Smithy { 415 } else { 200 };
        assert_eq!(Server::new(profile).ask(&typed).status, expected, "D39b");
    }
}

#[test]
fn an_answer_repeats_nothing_of_what_could_not_be_read() {
    const CANARY: &str = "canary5f1d";
    for profile in Profile::ALL {
        let mut server = Server::new(profile);
        let broken = server.post("/members", format!("{{\"secret\":\"{CANARY}\"").as_bytes());
        let query = server.get("/members", &format!("MaxResults={CANARY}"));
        let blank =
            server.post("/administrator", format!(r#"{{"AdministratorId":" ","x":"{CANARY}"}}"#).as_bytes());
        for response in [broken, query, blank] {
            assert!(!String::from_utf8_lossy(&response.body).contains(CANARY), "{response:?}");
        }
    }
}
