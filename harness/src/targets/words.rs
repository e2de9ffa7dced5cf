//! Splits a command line as a shell would, without running one.

use thiserror::Error;

/// Why a command line can't be split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WordsError {
    /// A quotation mark has no partner.
    #[error("the quotation mark {0} is never closed")]
    Unclosed(char),
    /// It ends in a backslash.
    #[error("it ends in a backslash with nothing to protect")]
    Dangling,
    /// There is no word in it.
    #[error("it is empty; name a program")]
    Empty,
}

/// The words of a command line: blanks separate them, `'…'` and `"…"` hold them together, `\` protects one character.
/// Nothing is expanded.
pub(super) fn split(line: &str) -> Result<Vec<String>, WordsError> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), close) if open == close => quote = None,
            (Some('\''), other) => word.get_or_insert_default().push(other),
            (Some(_), '\\') => {
                let protected = characters.next().ok_or(WordsError::Dangling)?;
                let word = word.get_or_insert_default();
                if !matches!(protected, '"' | '\\' | '$' | '`') {
                    word.push('\\');
                }
                word.push(protected);
            }
            (Some(_), other) => word.get_or_insert_default().push(other),
            (None, open @ ('\'' | '"')) => {
                // Quotes make a word even when there is nothing between them.
                word.get_or_insert_default();
                quote = Some(open);
            }
            (None, '\\') => word.get_or_insert_default().push(characters.next().ok_or(WordsError::Dangling)?),
            (None, blank) if blank.is_whitespace() => words.extend(word.take()),
            (None, other) => word.get_or_insert_default().push(other),
        }
    }
    if let Some(open) = quote {
        return Err(WordsError::Unclosed(open));
    }
    words.extend(word);
    if words.is_empty() { Err(WordsError::Empty) } else { Ok(words) }
}

#[cfg(test)]
mod tests {
    use super::{WordsError, split};

    #[test]
    fn words_are_split_as_a_shell_splits_them() {
        for (line, words) in [
            ("moto_server -H 127.0.0.1 -p 5000", vec!["moto_server", "-H", "127.0.0.1", "-p", "5000"]),
            ("  a \t b\n", vec!["a", "b"]),
            (r#"sh -c 'echo "x y"; exit 3'"#, vec!["sh", "-c", r#"echo "x y"; exit 3"#]),
            (r#""/opt/my server/run" --name=a' 'b"#, vec!["/opt/my server/run", "--name=a b"]),
            (r#"a\ b "\"" "\n" '\' '' """#, vec!["a b", "\"", r"\n", r"\", "", ""]),
            ("echo $HOME *", vec!["echo", "$HOME", "*"]),
        ] {
            assert_eq!(split(line).unwrap(), words, "{line}");
        }
    }

    #[test]
    fn a_line_that_no_shell_would_take_is_refused() {
        for (line, error) in [
            ("", WordsError::Empty),
            (" \n", WordsError::Empty),
            ("a 'b", WordsError::Unclosed('\'')),
            ("a \"b", WordsError::Unclosed('"')),
            ("a \\", WordsError::Dangling),
            ("a \"\\", WordsError::Dangling),
        ] {
            assert_eq!(split(line), Err(error), "{line}");
        }
    }
}
