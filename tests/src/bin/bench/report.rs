//! The report: a table for people and JSON for machines.

use std::collections::BTreeMap;
use std::path::Path;

use blackbox::load::stats::median;
use blackbox::load::{fan_out, posts};
use serde_json::{Value, json};

/// Everything measured so far.
pub(crate) struct Report {
    fan_outs: BTreeMap<String, Vec<(fan_out::Outcome, fan_out::Outcome)>>,
    posts: BTreeMap<String, Vec<posts::Outcome>>,
    idle: Option<(usize, f64, f64)>,
    load_before: String,
}

fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

impl Report {
    pub(crate) fn new() -> Self {
        let (fan_outs, posts) = Default::default();
        Self { fan_outs, posts, idle: None, load_before: load() }
    }

    /// One round of a fan-out: the server and the bare loop.
    pub(crate) fn fan_out(&mut self, name: &str, ours: fan_out::Outcome, floor: fan_out::Outcome) {
        self.fan_outs.entry(name.to_owned()).or_default().push((ours, floor));
    }

    /// One round of durable posts.
    pub(crate) fn posts(&mut self, name: &str, outcome: posts::Outcome) {
        self.posts.entry(name.to_owned()).or_default().push(outcome);
    }

    /// KiB per idle connection of the server and the bare loop.
    pub(crate) fn idle(&mut self, count: usize, ours: f64, floor: f64) {
        self.idle = Some((count, ours, floor));
    }

    /// Prints the tables and writes `bench.md` and `bench.json` into `folder`.
    pub(crate) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let text = self.text();
        println!("{text}");
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("bench.md"), text)?;
        std::fs::write(folder.join("bench.json"), serde_json::to_string_pretty(&self.json())?)?;
        Ok(())
    }

    fn text(&self) -> String {
        let mut lines = vec![format!(
            "Load average before: {}; at the end, with the bench itself: {}.\n",
            self.load_before,
            load()
        )];
        if !self.fan_outs.is_empty() {
            lines.push(
                "| fan-out, 200 B | who | deliveries/s | CPU µs/delivery | × bare loop \
                 | p50 ms | p99 ms | frame B | lost | late |"
                    .into(),
            );
            lines.push(
                "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |".into(),
            );
        }
        for (name, rounds) in &self.fan_outs {
            let ratio = median(&ratios(rounds));
            let (ours, floor): (Vec<_>, Vec<_>) = rounds.iter().cloned().unzip();
            lines.push(row(name, "server", &ours, &format!("**{ratio:.2}**")));
            lines.push(row(name, "bare loop", &floor, "1"));
        }
        if !self.posts.is_empty() {
            lines.push(
                "\n| 64 senders, durable | acknowledged/s | CPU µs/post | p50 ms | p99 ms |".into(),
            );
            lines.push("| --- | ---: | ---: | ---: | ---: |".into());
        }
        for (name, rounds) in &self.posts {
            let of =
                |f: fn(&posts::Outcome) -> f64| median(&rounds.iter().map(f).collect::<Vec<_>>());
            lines.push(format!(
                "| {name} | {:.0} | {:.0} | {:.1} | {:.1} |",
                of(|o| o.per_s),
                of(|o| o.cpu_us),
                of(|o| o.p50_ms),
                of(|o| o.p99_ms)
            ));
        }
        if let Some((count, ours, floor)) = self.idle {
            lines.push("\n| idle connections | who | KiB each |\n| ---: | --- | ---: |".into());
            lines.push(format!("| {count} | server | {ours:.2} |"));
            lines.push(format!("| {count} | bare loop | {floor:.2} |"));
        }
        lines.join("\n") + "\n"
    }

    fn json(&self) -> Value {
        let fan_outs = self.fan_outs.iter().map(|(name, rounds)| {
            let each = rounds.iter().map(|(ours, floor)| json!([plain(ours), plain(floor)]));
            (name.clone(), each.collect::<Value>())
        });
        let posts = self.posts.iter().map(|(name, rounds)| {
            let each = rounds.iter().map(|o| {
                json!({"acknowledged": o.acknowledged, "per_s": o.per_s, "cpu_us": o.cpu_us,
                    "p50_ms": o.p50_ms, "p99_ms": o.p99_ms})
            });
            (name.clone(), each.collect::<Value>())
        });
        json!({
            "fan_out_server_and_bare": fan_outs.collect::<serde_json::Map<_, _>>(),
            "durable_posts": posts.collect::<serde_json::Map<_, _>>(),
            "idle_kib_server_and_bare": self.idle.map(|(n, ours, floor)| json!([n, ours, floor])),
            "load_before": self.load_before,
        })
    }
}

fn ratios(rounds: &[(fan_out::Outcome, fan_out::Outcome)]) -> Vec<f64> {
    rounds.iter().map(|(ours, floor)| ours.cpu_us / floor.cpu_us).collect()
}

fn row(name: &str, who: &str, rounds: &[fan_out::Outcome], ratio: &str) -> String {
    let of = |f: fn(&fan_out::Outcome) -> f64| median(&rounds.iter().map(f).collect::<Vec<_>>());
    let lost: u64 = rounds.iter().map(|outcome| outcome.lost).sum();
    let late: u64 = rounds.iter().map(|outcome| outcome.disordered).sum();
    format!(
        "| {name} | {who} | {:.0} | {:.2} | {ratio} | {:.1} | {:.1} | {} | {lost} | {late} |",
        of(|o| o.deliveries_per_s),
        of(|o| o.cpu_us),
        of(|o| o.p50_ms),
        of(|o| o.p99_ms),
        rounds[0].bytes
    )
}

fn plain(o: &fan_out::Outcome) -> Value {
    json!({"deliveries": o.deliveries, "deliveries_per_s": o.deliveries_per_s,
        "cpu_us": o.cpu_us, "p50_ms": o.p50_ms, "p99_ms": o.p99_ms, "lost": o.lost,
        "late": o.disordered, "bytes": o.bytes})
}
