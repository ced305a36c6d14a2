//! Times and how they are summed up.

/// Latencies in microseconds.
#[derive(Debug, Default, Clone)]
pub struct Latencies {
    micros: Vec<u32>,
}

impl Latencies {
    /// Notes one.
    pub fn note(&mut self, micros: u64) {
        self.micros.push(u32::try_from(micros).unwrap_or(u32::MAX));
    }

    /// The value below which `per_cent` of all lie, in milliseconds.
    pub fn percentile_ms(&mut self, per_cent: usize) -> f64 {
        self.micros.sort_unstable();
        let last = self.micros.len().saturating_sub(1);
        let at = (self.micros.len() * per_cent / 100).min(last);
        self.micros.get(at).map_or(0.0, |micros| f64::from(*micros) / 1000.0)
    }
}

/// The middle one.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => sorted[count / 2],
        count => f64::midpoint(sorted[count / 2 - 1], sorted[count / 2]),
    }
}

/// A count as a number that can be divided.
#[expect(clippy::cast_precision_loss, reason = "counts of a run are far below 2^52")]
pub fn real(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_percentiles_are_the_middle_and_the_edge() {
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!((median(&[4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-9);
        let mut latencies = Latencies::default();
        (1..=100).rev().for_each(|ms| latencies.note(ms * 1000));
        assert!((latencies.percentile_ms(50) - 51.0).abs() < 1e-9);
        assert!((latencies.percentile_ms(99) - 100.0).abs() < 1e-9);
    }
}
