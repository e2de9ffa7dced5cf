//! Values in the print of Python and JavaScript, where they were given a value in the place of a string.

use super::json::LenientJson;

/// A language's form of floating-point numbers: shortest digits in both, but not in the same form.
struct Floats {
    /// Exponents of ten between these, both included, are written out.
    written_out: std::ops::RangeInclusive<i32>,
    /// The ending of a whole number.
    behind_whole: &'static str,
    /// Digits that an exponent has at least.
    exponent_digits: usize,
    infinity: &'static str,
}

const PYTHON: Floats = Floats { written_out: -4..=15, behind_whole: ".0", exponent_digits: 2, infinity: "inf" };
const JAVASCRIPT: Floats =
    Floats { written_out: -6..=20, behind_whole: "", exponent_digits: 1, infinity: "Infinity" };

impl LenientJson {
    /// The result of Python's `str` for a value that can be the key of a dictionary.
    pub(super) fn python_text(&self) -> Option<String> {
        match self {
            Self::Null => Some("None".to_owned()),
            Self::Bool(true) => Some("True".to_owned()),
            Self::Bool(false) => Some("False".to_owned()),
            Self::Number(number) if number == "NaN" => Some("nan".to_owned()),
            // Whole numbers have as many digits as they need.
            Self::Number(number) if number == "-0" => Some("0".to_owned()),
            Self::Number(number) if !number.contains(['.', 'e', 'E', 'I']) => Some(number.clone()),
            Self::Number(number) => Some(PYTHON.text(number)),
            Self::String(text) => Some(text.text.clone()),
            Self::Array(_) | Self::Object(_) => None,
        }
    }

    /// The result of JavaScript's `String` for a value.
    pub(super) fn javascript_text(&self) -> String {
        let inside = |item: &Self| if *item == Self::Null { String::new() } else { item.javascript_text() };
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(flag) => flag.to_string(),
            Self::Number(number) => JAVASCRIPT.text(number),
            Self::String(text) => text.text.clone(),
            Self::Array(items) => items.iter().map(inside).collect::<Vec<_>>().join(","),
            Self::Object(_) => "[object Object]".to_owned(),
        }
    }
}

impl Floats {
    fn text(&self, number: &str) -> String {
        let value = number.parse::<f64>().unwrap_or(f64::NAN);
        if value.is_infinite() {
            return format!("{}{}", if value < 0.0 { "-" } else { "" }, self.infinity);
        }
        // JavaScript knows no negative zero when it prints.
        let value = if value == 0.0 && self.behind_whole.is_empty() { 0.0 } else { value };
        let scientific = format!("{value:e}");
        let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
        let exponent = exponent.parse::<i32>().unwrap_or_default();
        if self.written_out.contains(&exponent) {
            let behind = if value.fract() == 0.0 { self.behind_whole } else { "" };
            return format!("{value}{behind}");
        }
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{digits}e{sign}{:0width$}", exponent.unsigned_abs(), width = self.exponent_digits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_printed_as_each_language_prints_them() {
        for (number, python, javascript) in [
            ("400", "400", "400"),
            ("-0", "0", "0"),
            ("-0.0", "-0.0", "0"),
            ("4e2", "400.0", "400"),
            ("0.5", "0.5", "0.5"),
            ("0.00001", "1e-05", "0.00001"),
            ("1e-7", "1e-07", "1e-7"),
            ("1e16", "1e+16", "10000000000000000"),
            ("1.25e21", "1.25e+21", "1.25e+21"),
            ("123456789012345678901", "123456789012345678901", "123456789012345680000"),
            ("1e999", "inf", "Infinity"),
        ] {
            let value = LenientJson::Number(number.to_owned());
            assert_eq!(value.python_text().as_deref(), Some(python), "{number}");
            assert_eq!(value.javascript_text(), javascript, "{number}");
        }
    }
}
