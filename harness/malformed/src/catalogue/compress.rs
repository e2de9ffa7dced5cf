//! As much of gzip (RFC 1952) and deflate (RFC 1951) as malformed requests need.

const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
/// The longest stored block.
const BLOCK: usize = 65_535;
/// The longest match.
const MATCH: usize = 258;

/// Bytes in gzip's form, not any shorter.
pub(super) fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut out = HEAD.to_vec();
    let blocks = bytes.len().div_ceil(BLOCK).max(1);
    for (index, block) in bytes.chunks(BLOCK).enumerate() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        out.push(u8::from(index + 1 == blocks));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend_from_slice(block);
    }
    out.extend(tail(bytes.iter().copied(), bytes.len()));
    out
}

/// So many zeros, a thousandth as long.
pub(super) fn zeros(count: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    // The last block, with fixed codes.
    bits.push(0b1, 1);
    bits.push(0b01, 2);
    let matches = count.saturating_sub(1) / MATCH;
    // Code 0 is a byte of zero; 285 a match of 258 bytes, and 0 the distance of one byte.
    for _ in 0..count - matches * MATCH {
        bits.push_code(0b0011_0000, 8);
    }
    for _ in 0..matches {
        bits.push_code(0b1100_0101, 8);
        bits.push_code(0, 5);
    }
    bits.push_code(0, 7);
    let mut out = HEAD.to_vec();
    out.append(&mut bits.bytes);
    out.extend(tail(std::iter::repeat_n(0, count), count));
    out
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    /// Appends the lowest bits of a value, the lowest first.
    fn push(&mut self, value: u16, count: u32) {
        for bit in 0..count {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= u8::from(value >> bit & 1 == 1) << (self.used % 8);
            }
            self.used += 1;
        }
    }

    /// Appends a Huffman code, the highest bit first.
    fn push_code(&mut self, code: u16, count: u32) {
        self.push(code.reverse_bits() >> (16 - count), count);
    }
}

/// The checksum and the length.
fn tail(bytes: impl Iterator<Item = u8>, length: usize) -> [u8; 8] {
    let table: [u32; 256] = std::array::from_fn(|index| {
        let mut value = u32::try_from(index).unwrap_or_default();
        for _ in 0..8 {
            value = if value & 1 == 1 { 0xedb8_8320 ^ (value >> 1) } else { value >> 1 };
        }
        value
    });
    let step = |crc: u32, byte: u8| table[((crc ^ u32::from(byte)) & 0xff) as usize] ^ (crc >> 8);
    let crc = !bytes.fold(u32::MAX, step);
    // The length modulo 2^32, as the format has it.
    let length = u32::try_from(length & 0xffff_ffff).unwrap_or_default();
    let mut tail = [0; 8];
    tail[..4].copy_from_slice(&crc.to_le_bytes());
    tail[4..].copy_from_slice(&length.to_le_bytes());
    tail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_text_is_what_gzip_makes_of_it_without_compression() {
        // CRC-32 of "123456789" is the check value that RFC 1952's polynomial is published with.
        let bytes = stored(b"123456789");
        assert_eq!(bytes[10..15], [1, 9, 0, 0xf6, 0xff]);
        assert_eq!(bytes[15..24], *b"123456789");
        assert_eq!(bytes[24..], [0x26, 0x39, 0xf4, 0xcb, 9, 0, 0, 0]);
    }

    #[test]
    fn ten_megabytes_of_zeros_fit_into_seventy_kilobytes() {
        let bytes = zeros(10_000_000);
        assert!(bytes.len() < 70_000, "{}", bytes.len());
        assert_eq!(bytes[bytes.len() - 4..], 10_000_000_u32.to_le_bytes());
    }
}
