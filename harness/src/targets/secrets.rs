//! Hides the secrets that people put into addresses and command lines, and those that a target gives back.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Credentials;
use passmuster_contract::wire::HttpResponse;

/// What stands in the place of a secret.
const HIDDEN: &str = "…";

/// Parts of the names of what is secret, without dashes and underscores.
const NAMED: [&str; 16] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "privatekey",
    "secretkey",
    "authorization",
    "credential",
    "signature",
    "cookie",
    "bearer",
    "sessionid",
];

/// Names that are secret as a whole, or behind a dash or underscore.
const WHOLE: [&str; 6] = ["auth", "key", "pass", "sig", "jwt", "pat"];

/// Schemes of authorization, behind which the secret follows.
const SCHEMES: [&str; 5] = ["bearer", "basic", "digest", "token", "aws4-hmac-sha256"];

/// Headers whose value goes on to the end of the line.
const HEADERS: [&str; 4] = ["authorization", "proxy-authorization", "cookie", "set-cookie"];

/// The flags whose value is a name and a password.
const USERS: [&str; 4] = ["-u", "--user", "--proxy-user", "--username-password"];

/// A text that may be shown: names and passwords in addresses, the values of what is called a secret, in a query, an
/// option, a variable, a header or JSON, and what stands behind a scheme of authorization, are hidden.
#[must_use]
pub fn masked(text: &str) -> String {
    let text = without_users(text);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    // The quotation mark that the rest stands in.
    let mut quote = None;
    while let Some(first) = rest.chars().next() {
        if !is_part(first) {
            let before = out.chars().next_back();
            match first {
                '\n' => quote = None,
                '\'' | '"' if quote == Some(first) => quote = None,
                '\'' | '"' if before.is_none_or(|before| !is_part(before)) => quote = quote.or(Some(first)),
                _ => {}
            }
            out.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let is_query = matches!(out.chars().next_back(), Some('?' | '&'));
        let (name, after) = rest.split_at(rest.find(|c| !is_part(c)).unwrap_or(rest.len()));
        out.push_str(name);
        rest = after;
        let Some(gap) = gap(name, after) else { continue };
        out.push_str(&rest[..gap]);
        rest = &rest[gap..];
        // A value in quotation marks of its own ends with them.
        if let (None, Some(own @ ('\'' | '"'))) = (quote, out.chars().next_back()) {
            quote = Some(own);
        }
        let length = match quote {
            _ if is_query => rest.find(|c: char| c.is_whitespace() || "&#'\"`".contains(c)).unwrap_or(rest.len()),
            Some(quote) => rest.find([quote, '\n']).unwrap_or(rest.len()),
            None if HEADERS.contains(&name.to_ascii_lowercase().as_str()) => rest.find('\n').unwrap_or(rest.len()),
            None => value(rest),
        };
        let is_user = USERS.contains(&name);
        let is_none = length == 0 || is_shown(&rest[..length]) || is_user && !rest[..length].contains(':');
        if !is_none {
            out.push_str(HIDDEN);
            rest = &rest[length..];
        }
    }
    out
}

/// An address that may be shown, whether it is one or not: what stands before an `@` is hidden, and what a query holds.
#[must_use]
pub fn masked_address(text: &str) -> String {
    let begin = text.find("://").map_or(0, |scheme| scheme + 3);
    // The last one: a password may hold others, and anything else that ends an address.
    let at = text.rfind('@').filter(|at| begin <= *at);
    let (before, rest) =
        at.map_or((text[..begin].to_owned(), &text[begin..]), |at| (format!("{}…", &text[..begin]), &text[at..]));
    match rest.find(['?', '#']) {
        Some(end) => format!("{before}{}?…", &rest[..end]),
        None => format!("{before}{rest}"),
    }
}

/// A shorter text is no secret of anybody: it stands in answers by chance.
const SHORTEST: usize = 8;

/// The characters that stay in an escaped query.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Hides what a call has given away in its answer: of somebody's keys the secret, the session token and the signature.
pub(super) fn hide_given(response: &mut HttpResponse, keys: &Credentials, authorization: &str) {
    if *keys == Credentials::default() || keys.secret_key == Credentials::default().secret_key {
        return;
    }
    let signature = authorization.rsplit_once("Signature=").map(|(_, signature)| signature);
    let given = [Some(keys.secret_key.as_str()), keys.session_token.as_deref(), signature];
    for secret in given.into_iter().flatten().filter(|secret| secret.len() >= SHORTEST) {
        let escaped = utf8_percent_encode(secret, QUERY).to_string();
        let lower = escaped.replace("%2B", "%2b").replace("%2F", "%2f").replace("%3D", "%3d");
        let json = secret.replace('/', "\\/");
        let java = secret.replace('=', "\\u003d");
        for form in [secret, &escaped, &lower, &json, &java] {
            without(&mut response.body, form.as_bytes());
            for (_, value) in &mut response.headers {
                *value = value.replace(form, HIDDEN);
            }
        }
    }
}

/// Takes a text out of bytes, wherever it stands.
fn without(bytes: &mut Vec<u8>, text: &[u8]) {
    let mut from = 0;
    while let Some(at) = bytes.get(from..).and_then(|rest| rest.windows(text.len()).position(|one| one == text)) {
        let at = from + at;
        bytes.splice(at..at + text.len(), HIDDEN.bytes());
        from = at + HIDDEN.len();
    }
}

/// Whether a value is hidden already, or stands for one in the words of a usage.
fn is_shown(value: &str) -> bool {
    let usage = value.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
    value.starts_with(HIDDEN)
        || usage.is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_uppercase() || b"_-".contains(&byte)))
}

/// The bytes between a name and its secret; none where no secret follows.
fn gap(name: &str, after: &str) -> Option<usize> {
    let is_value_next = after.starts_with([' ', '\t']) && !after.trim_start().starts_with("--");
    let blanks = || {
        let value = after.trim_start_matches([' ', '\t']).trim_start_matches(['"', '\'']);
        after.len() - value.len()
    };
    // In prose these are ordinary words.
    if name.eq_ignore_ascii_case("bearer") || name == "Basic" || USERS.contains(&name) {
        return is_value_next.then(blanks);
    }
    if !is_secret(&name.to_ascii_lowercase()) {
        return None;
    }
    // `name=`, `name: `, `"name": "`, also where that stands in quotes itself.
    let mark = after.trim_start_matches(['\\', '"', '\'']).trim_start_matches(' ');
    if let Some(value) = mark.strip_prefix(['=', ':']) {
        let value = value.trim_start_matches([' ', '\\']).trim_start_matches(['"', '\'']);
        return Some(after.len() - value.len());
    }
    (name.starts_with('-') && is_value_next).then(blanks)
}

/// The bytes of a value that stands in no quotation marks, as a shell takes it: parts of it may stand in some. Behind a
/// scheme of authorization it goes on.
fn value(text: &str) -> usize {
    let first = text.split([' ', '\t']).next().unwrap_or_default();
    let begin = match SCHEMES.contains(&first.to_ascii_lowercase().as_str()) {
        true if first.len() < text.len() => first.len() + 1,
        _ => 0,
    };
    let mut quote = None;
    let mut characters = text[begin..].char_indices();
    while let Some((at, c)) = characters.next() {
        match (quote, c) {
            (_, '\n') => return begin + at,
            (Some(open), close) if open == close => quote = None,
            (Some(_), _) => {}
            (None, '\\') => {
                characters.next();
            }
            (None, '\'' | '"') if text[begin + at + 1..].contains(c) => quote = Some(c),
            (None, '\'' | '"' | '`') => return begin + at,
            (None, blank) if blank.is_whitespace() => return begin + at,
            (None, _) => {}
        }
    }
    text.len()
}

/// Whether a name has a part that makes its value a secret.
fn is_secret(lower: &str) -> bool {
    let bare: String = lower.chars().filter(|c| !matches!(c, '-' | '_' | '.')).collect();
    NAMED.iter().any(|part| bare.contains(part))
        || lower.rsplit(['-', '_', '.']).next().is_some_and(|last| WHOLE.contains(&last))
}

const fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// A text without what stands before the `@` of an address.
fn without_users(text: &str) -> String {
    let is_end = |c: char| c.is_whitespace() || matches!(c, '\'' | '"' | '`' | '<' | '>');
    let word = |word: &str| {
        let at = word.rfind('@')?;
        let scheme = word[..at].find("://").map(|scheme| scheme + 3);
        // A variable before an address is none of it.
        let begin = scheme.or_else(|| word[..at].rfind('=').map(|equals| equals + 1)).unwrap_or_default();
        let user = &word[begin..at];
        // Behind a colon stands a port, or a password; `git@host:path` and `image@sha256:…` have neither before the `@`.
        let has_password = user.split(':').skip(1).any(|part| {
            let port = part.split(['/', '?', '#']).next().unwrap_or_default();
            !part.is_empty() && (port.len() == part.len() || !port.bytes().all(|byte| byte.is_ascii_digit()))
        });
        let is_user = has_password || scheme.is_some() && !user.contains(['/', '?', '#']);
        is_user.then(|| format!("{}{HIDDEN}{}", &word[..begin], &word[at..]))
    };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(is_end).unwrap_or(rest.len());
        let one = &rest[..end];
        out.push_str(&word(one).unwrap_or_else(|| one.to_owned()));
        let gap = rest[end..].chars().next().map_or(0, char::len_utf8);
        out.push_str(&rest[end..end + gap]);
        rest = &rest[end + gap..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{hide_given, masked};
    use crate::targets::Credentials;
    use passmuster_contract::wire::HttpResponse;

    #[test]
    fn what_is_called_a_secret_is_hidden_wherever_it_stands() {
        for (text, shown) in [
            ("http://me:hunter2@127.0.0.1:5000/x", "http://…@127.0.0.1:5000/x"),
            ("http://hunter2@127.0.0.1", "http://…@127.0.0.1"),
            ("run --db postgres://me:hun/ter?2@db/x -p 1", "run --db postgres://…@db/x -p 1"),
            ("http:/me:hunter2@h", "…@h"),
            ("http//me:123@h", "…@h"),
            ("//me:hunter2@h", "…@h"),
            ("http:me:hunter2@h", "…@h"),
            ("me:hunter2@127.0.0.1:5000", "…@127.0.0.1:5000"),
            ("DB=me:hunter2@db run", "DB=…@db run"),
            ("env 'URL=http://a:hunter2@b' run", "env 'URL=http://…@b' run"),
            ("POST /reset?token=hunter2&all=1", "POST /reset?token=…&all=1"),
            ("GET /x?a=1&X-Amz-Signature=hunter2", "GET /x?a=1&X-Amz-Signature=…"),
            ("serve --api-key hunter2 --port 1", "serve --api-key … --port 1"),
            ("serve --api-key=hunter2 --port 1", "serve --api-key=… --port 1"),
            ("serve --password 'hunter2 hunter3' -p 1", "serve --password '…' -p 1"),
            ("AWS_SECRET_ACCESS_KEY=hunter2 serve", "AWS_SECRET_ACCESS_KEY=… serve"),
            ("MY_KEY='hunter2 hunter3' serve", "MY_KEY='…' serve"),
            ("curl -H 'Authorization: Bearer hunter2' u", "curl -H 'Authorization: …' u"),
            ("curl -H \"x-api-key: hunter2\" u", "curl -H \"x-api-key: …\" u"),
            ("curl -H 'Cookie: a=hunter2; b=hunter3' u", "curl -H 'Cookie: …' u"),
            ("curl -H X-Api-Key:hunter2 u", "curl -H X-Api-Key:… u"),
            ("curl -u me:hunter2 u", "curl -u … u"),
            ("sent Bearer hunter2 to it", "sent Bearer … to it"),
            (r#"{"password":"hunter2","a":1}"#, r#"{"password":"…","a":1}"#),
            (r#"{"apiKey": "hunter2"}"#, r#"{"apiKey": "…"}"#),
            ("password: hunter2\nready", "password: …\nready"),
            ("PASSMUSTER_TOKEN=hünter2", "PASSMUSTER_TOKEN=…"),
            ("serve --password 'hunter2&hunter3,4' -p 1", "serve --password '…' -p 1"),
            ("PASSWORD=hun'ter2 hunter3'\\ 4,5 serve", "PASSWORD=… serve"),
            ("Cookie: a=hunter2; b=hunter3\nready", "Cookie: …\nready"),
            ("Authorization: AWS4-HMAC-SHA256 Credential=hunter2, Signature=hunter3", "Authorization: …"),
            ("unexpected argument '--token=hunter2' found", "unexpected argument '--token=…' found"),
        ] {
            assert_eq!(masked(text), shown, "{text}");
            let wrapped = format!("failed to start `{shown}`; see `run --help`");
            assert_eq!(masked(&wrapped), wrapped);
        }
    }

    #[test]
    fn what_is_none_stays_as_it_is() {
        for text in [
            "",
            "moto_server -H 127.0.0.1 -p {port}",
            "http://127.0.0.1:5000/a@b",
            "git@host:path/x",
            "docker run -p 127.0.0.1:{port}:4566 localstack/localstack@sha256:0a1b",
            "sh -c 'echo \"the disk is on fire\"; exit 7' {port}",
            "POST /moto-api/reset",
            "--accounts profiles=a,b --account-header x-moto-account-id",
            "the access key id is no account id",
            "keys: aws_access_key_id and aws_secret_access_key",
            "passmuster serve --verify-signatures --port {port}",
            "no token was given; name one",
            "Usage: passmuster serve --secret-key <SECRET> --port <PORT>",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    #[test]
    fn what_a_call_has_given_away_is_hidden_in_its_answer_in_any_form() {
        let keys = Credentials {
            access_key: "AKIAEXAMPLE".to_owned(),
            secret_key: "hunter2/hunter2".to_owned(),
            session_token: Some("hunter3+/hunter3==".to_owned()),
        };
        let authorization =
            "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/x, SignedHeaders=host, Signature=hunter4hunter4";
        let mut response = HttpResponse {
            status: 403,
            headers: vec![("x-echo".into(), "a hunter3+/hunter3== b".to_owned())],
            body: b"\xffhunter2\\/hunter2 hunter3%2B%2Fhunter3%3D%3D hunter3%2b%2fhunter3%3d%3d hunter4hunter4, hunter3+/hunter3\\u003d\\u003d, \
                    hunter3+/hunter3==hunter3+/hunter3=="
                .to_vec(),
        };
        hide_given(&mut response, &keys, authorization);
        let shown = format!("{:?} {}", response.headers, String::from_utf8_lossy(&response.body));
        assert!(!shown.contains("hunter") && shown.contains("a … b") && shown.ends_with("……"), "{shown}");
        // The keys of stand-ins are no secret, and stand in words.
        let mut response = HttpResponse { status: 200, headers: Vec::new(), body: b"tested".to_vec() };
        hide_given(&mut response, &Credentials::default(), authorization);
        assert_eq!(response.body, b"tested");
    }
}
