//! Refuses JSON that would cost more to hold than it costs to send.
use crate::Options;

/// Whether `text` stays within the nesting and the number of values that `options` allow.
///
/// It only counts: text that is no JSON at all may pass here and fails in the parser.
pub(crate) fn check(text: &str, options: &Options) -> bool {
    let mut depth = 0_usize;
    let mut values = 1_usize;
    let mut in_text = false;
    let mut escaped = false;
    for byte in text.bytes() {
        if in_text {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_text = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'[' | b'{' => {
                depth += 1;
                values += 1;
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' => values += 1,
            _ => {}
        }
        if depth > options.nesting_max || values > options.values_max {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_and_values_are_counted_outside_of_texts_only() {
        let options = Options { nesting_max: 2, values_max: 5, ..Options::default() };
        assert!(check(r#"["[[[[,,,,,,\"[[[",{}]"#, &options));
        assert!(!check("[[[]]]", &options));
        assert!(!check("[1,2,3,4,5,6]", &options));
        assert!(check("[1,2,3,4]", &options));
    }
}
