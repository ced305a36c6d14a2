//! One range of bytes, as a request asks for it (RFC 9110 section 14).

use std::ops::Range;

use http::{HeaderMap, HeaderValue, StatusCode, header};

/// Which bytes to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Every one: nothing else was asked for, or nothing that this understands.
    All,
    /// These.
    Of(Range<u64>),
    /// None: what was asked for begins behind the end.
    Outside,
}

impl Part {
    /// What `headers` ask for, of `size` bytes; all of them when it is not one range.
    pub fn asked(headers: &HeaderMap, size: u64) -> Self {
        let asked = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
        match asked.and_then(|asked| range(asked, size)) {
            None => Self::All,
            Some(range) if range.is_empty() => Self::Outside,
            Some(range) => Self::Of(range),
        }
    }

    /// Which of `size` bytes these are.
    pub fn range(&self, size: u64) -> Range<u64> {
        match self {
            Self::All => 0..size,
            Self::Of(range) => range.clone(),
            Self::Outside => 0..0,
        }
    }

    /// The status of an answer with these bytes; its `headers` tell which of `size` they are.
    pub fn tell(&self, size: u64, headers: &mut HeaderMap) -> StatusCode {
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        let (status, said) = match self {
            Self::All => return StatusCode::OK,
            Self::Outside => (StatusCode::RANGE_NOT_SATISFIABLE, format!("bytes */{size}")),
            Self::Of(Range { start, end }) => {
                (StatusCode::PARTIAL_CONTENT, format!("bytes {start}-{}/{size}", end - 1))
            }
        };
        if let Ok(value) = HeaderValue::from_str(&said) {
            headers.insert(header::CONTENT_RANGE, value);
        }
        status
    }
}

fn range(asked: &str, size: u64) -> Option<Range<u64>> {
    let (first, last) = asked.strip_prefix("bytes=")?.split_once('-')?;
    if first.is_empty() {
        return Some(size.saturating_sub(last.parse().ok()?)..size);
    }
    let first: u64 = first.parse().ok()?;
    if last.is_empty() {
        return Some(first..size);
    }
    let last: u64 = last.parse().ok()?;
    (first <= last).then(|| first..last.saturating_add(1).min(size))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(asked: &'static str) -> Part {
        let value = HeaderValue::from_static(asked);
        Part::asked(&HeaderMap::from_iter([(header::RANGE, value)]), 10)
    }

    #[test]
    fn a_range_is_what_the_standard_says() {
        assert_eq!(inside("bytes=0-3"), Part::Of(0..4));
        assert_eq!(inside("bytes=4-"), Part::Of(4..10));
        assert_eq!(inside("bytes=-3"), Part::Of(7..10));
        assert_eq!(inside("bytes=0-999"), Part::Of(0..10));
        assert_eq!(inside("bytes=10-"), Part::Outside);
        assert_eq!(inside("bytes=-0"), Part::Outside);
        for not_one in ["bytes=3-1", "bytes=0-1,4-5", "lines=0-1", "bytes=", "bytes=a-b"] {
            assert_eq!(inside(not_one), Part::All, "{not_one}");
        }
        assert_eq!(Part::asked(&HeaderMap::new(), 10), Part::All);
    }

    #[test]
    fn an_answer_tells_which_bytes_it_has() {
        let told = |asked| {
            let mut headers = HeaderMap::new();
            let status = inside(asked).tell(10, &mut headers).as_u16();
            let range =
                headers.get("content-range").map(|value| value.to_str().unwrap().to_owned());
            (status, range.unwrap_or_default())
        };
        assert_eq!(told("bytes=0-3"), (206, "bytes 0-3/10".to_owned()));
        assert_eq!(told("bytes=10-"), (416, "bytes */10".to_owned()));
        assert_eq!(told("lines=1"), (200, String::new()));
    }
}
