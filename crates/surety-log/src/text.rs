//! What the text formats of transparency logs share: base64, decimal numbers, excerpts for errors.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// Standard base64 with padding.
pub(crate) fn encode_base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

/// Reads standard base64, in its one canonical form only.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    BASE64_STANDARD.decode(text).ok()
}

/// Lower-case hex digits.
pub(crate) fn encode_hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

/// Reads a decimal number without sign, spaces or leading zeros, at most `max`.
pub(crate) fn parse_decimal(text: &str, max: u64) -> Option<u64> {
    let digits_only = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits_only || (text.len() > 1 && text.starts_with('0')) {
        return None;
    }
    text.parse().ok().filter(|number| *number <= max)
}

/// The start of a text, for an error message: no line breaks, not too long.
pub(crate) fn excerpt(text: &str) -> String {
    const CHARS_MAX: usize = 60;
    let printable = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut short: String = text.chars().take(CHARS_MAX).map(printable).collect();
    if text.chars().nth(CHARS_MAX).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_number_is_written_one_way_only() {
        assert_eq!(parse_decimal("0", 9), Some(0));
        assert_eq!(parse_decimal("20852163", u64::MAX), Some(20_852_163));
        assert_eq!(parse_decimal("18446744073709551615", u64::MAX), Some(u64::MAX));
        for bad in ["", "00", "01", "+1", "-1", " 1", "1 ", "1\n", "１", "18446744073709551616"] {
            assert_eq!(parse_decimal(bad, u64::MAX), None, "{bad:?}");
        }
        assert_eq!(parse_decimal("10", 9), None);
    }

    #[test]
    fn an_excerpt_stays_on_its_line() {
        assert_eq!(excerpt("a\nb"), "a\u{fffd}b");
        assert_eq!(excerpt(&"é".repeat(100)).chars().count(), 61);
    }
}
