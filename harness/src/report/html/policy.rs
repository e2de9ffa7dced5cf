//! The content security policy of the page: nothing remote, and no script or style but its own.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// The policy under which this script and this style are the only ones.
pub(super) fn policy(script: &str, style: &str) -> String {
    format!(
        "default-src 'none'; script-src '{}'; style-src '{}'; base-uri 'none'; form-action 'none'",
        hash(script),
        hash(style)
    )
}

fn hash(text: &str) -> String {
    let mut hash = String::from("sha256-");
    // Writing to a string does not fail.
    let _ = write!(hash, "{}", Base64(&Sha256::digest(text.as_bytes())));
    hash
}

/// Bytes as base64 writes them.
struct Base64<'a>(&'a [u8]);

impl std::fmt::Display for Base64<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for group in self.0.chunks(3) {
            let bits = (0..3).fold(0_u32, |bits, at| bits << 8 | u32::from(group.get(at).copied().unwrap_or(0)));
            for digit in 0..4 {
                let index = usize::try_from(bits >> (18 - 6 * digit) & 63).unwrap_or(0);
                let is_pad = digit > group.len();
                f.write_char(if is_pad {
                    '='
                } else {
                    DIGITS.get(index).map_or('=', |digit| char::from(*digit))
                })?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_written_as_browsers_read_them() {
        let base64 = |text: &str| Base64(text.as_bytes()).to_string();
        assert_eq!(["", "f", "fo", "foo", "foob"].map(base64), ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]);
        assert_eq!(hash(""), "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }
}
