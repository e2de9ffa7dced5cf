//! Rust source text as the few kinds of tokens that rules about imports need.

/// A word, a path separator, or another character that is not white space.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) text: String,
    /// Counted from 1.
    pub(crate) line: usize,
}

/// The tokens of a source, without comments, strings, characters and lifetimes.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = source;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let skipped = comment(rest).or_else(|| literal(rest));
        let end = skipped.unwrap_or_else(|| token(rest, first));
        let text = &rest[..end];
        if skipped.is_none() && !first.is_whitespace() {
            tokens.push(Token { text: text.to_owned(), line });
        }
        line += text.matches('\n').count();
        rest = &rest[end..];
    }
    tokens
}

/// The length of the token at the beginning.
fn token(text: &str, first: char) -> usize {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    if part_of_word(first) {
        text.find(|c| !part_of_word(c)).unwrap_or(text.len())
    } else if text.starts_with("::") {
        2
    } else {
        first.len_utf8()
    }
}

/// The length of the comment at the beginning.
fn comment(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    if !text.starts_with("/*") {
        return None;
    }
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return Some(at);
            }
        } else {
            at += 1;
        }
    }
    Some(text.len())
}

/// The length of the string, character or lifetime at the beginning.
fn literal(text: &str) -> Option<usize> {
    let bare = text.trim_start_matches(['b', 'c']);
    let prefix = text.len() - bare.len();
    if prefix > 1 {
        return None;
    }
    let raw = bare.strip_prefix('r').map(|rest| rest.trim_start_matches('#')).filter(|rest| rest.starts_with('"'));
    if let Some(quoted) = raw {
        let hashes = "#".repeat(bare.len() - 1 - quoted.len());
        let opening = text.len() - quoted.len() + 1;
        let closing = format!("\"{hashes}");
        let end = text[opening..].find(&closing)?;
        return Some(opening + end + closing.len());
    }
    if let Some(inside) = bare.strip_prefix('"') {
        return Some(prefix + 1 + quoted(inside, '"')?);
    }
    let inside = bare.strip_prefix('\'')?;
    let first = inside.chars().next()?;
    if first == '\\' || inside[first.len_utf8()..].starts_with('\'') {
        return Some(prefix + 1 + quoted(inside, '\'')?);
    }
    // A lifetime.
    Some(prefix + 1 + token(inside, first))
}

/// The length of a text up to the `quote` that closes it, the quote included.
fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return Some(at + quote.len_utf8()),
            _ => {}
        }
    }
    None
}

/// The tokens without items that are compiled for tests alone.
pub(crate) fn without_tests(tokens: &[Token]) -> Vec<Token> {
    const ATTRIBUTE: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let here = tokens[at..].iter().take(ATTRIBUTE.len()).map(|token| &*token.text);
        if here.eq(ATTRIBUTE) {
            at += ATTRIBUTE.len() + item(&tokens[at + ATTRIBUTE.len()..]);
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

/// The length of the item at the beginning: up to its semicolon, or the end of its braces.
fn item(tokens: &[Token]) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" if depth <= 1 && tokens.get(at + 1).is_none_or(|next| next.text != ";") => return at + 1,
            "}" => depth -= 1,
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}
