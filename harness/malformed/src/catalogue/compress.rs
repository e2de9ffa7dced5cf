//! Compressed bodies, in the form of gzip (RFC 1952).

use std::sync::LazyLock;

use miniz_oxide::deflate::compress_to_vec;

/// The magic number, deflate, no flags, no time, no hint about the compression, an unknown system.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
/// The zeros of [`bomb`].
const ZEROS: usize = 10_000_000;

/// These bytes in gzip's form, not any shorter.
pub(super) fn stored(bytes: &[u8]) -> Vec<u8> {
    gzip(bytes, 0)
}

/// Ten megabytes of zeros, a thousandth as long.
pub(super) fn bomb() -> Vec<u8> {
    static BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| gzip(&vec![0; ZEROS], 9));
    BOMB.clone()
}

fn gzip(bytes: &[u8], level: u8) -> Vec<u8> {
    // The length modulo 2^32, as the format has it.
    let length = u32::try_from(bytes.len() & 0xffff_ffff).unwrap_or_default();
    let mut packed = HEAD.to_vec();
    packed.extend(compress_to_vec(bytes, level));
    packed.extend(crc_32(bytes).to_le_bytes());
    packed.extend(length.to_le_bytes());
    packed
}

fn crc_32(bytes: &[u8]) -> u32 {
    let table: [u32; 256] = std::array::from_fn(|index| {
        let step = |value: u32, _| if value & 1 == 1 { 0xedb8_8320 ^ (value >> 1) } else { value >> 1 };
        (0..8).fold(u32::try_from(index).unwrap_or_default(), step)
    });
    let step = |crc: u32, byte: &u8| table[((crc ^ u32::from(*byte)) & 0xff) as usize] ^ (crc >> 8);
    !bytes.iter().fold(u32::MAX, step)
}

#[cfg(test)]
mod tests {
    use miniz_oxide::inflate::decompress_to_vec;

    use super::*;

    /// The text inside, where the checksum and the length at the end are those of it.
    fn unpacked(bytes: &[u8]) -> Vec<u8> {
        let (packed, tail) = bytes[HEAD.len()..].split_at(bytes.len() - HEAD.len() - 8);
        let plain = decompress_to_vec(packed).unwrap();
        let length = u32::try_from(plain.len()).unwrap();
        assert_eq!(tail, [crc_32(&plain).to_le_bytes(), length.to_le_bytes()].concat());
        plain
    }

    #[test]
    fn a_stored_text_is_there_as_it_was_and_comes_out_again() {
        let bytes = stored(b"123456789");
        assert!(bytes.windows(9).any(|window| window == b"123456789"));
        // The check value that RFC 1952's polynomial is published with.
        assert_eq!(bytes[bytes.len() - 8..], [0x26, 0x39, 0xf4, 0xcb, 9, 0, 0, 0]);
        assert_eq!(unpacked(&bytes), b"123456789");
    }

    #[test]
    fn ten_megabytes_of_zeros_fit_into_seventy_kilobytes() {
        let bytes = bomb();
        assert!(bytes.len() < 70_000, "{}", bytes.len());
        assert!(unpacked(&bytes) == vec![0; ZEROS]);
    }
}
