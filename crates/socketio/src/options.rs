//! Limits and times. Every default is the documented one.
use std::time::Duration;

/// How a [`crate::Server`] behaves. All limits are per connection unless said otherwise.
#[derive(Debug, Clone)]
pub struct Options {
    /// Threads that own connections. Default: the number of cores, at most 4.
    pub shards: usize,
    /// Connections of the whole server; beyond, a handshake is answered 503.
    pub connections_max: usize,
    /// Time between two pings of the server.
    pub ping_interval: Duration,
    /// Time to answer a ping, and to drain anything of what is queued.
    pub ping_timeout: Duration,
    /// Time from the opening of the connection to CONNECT.
    pub connect_timeout: Duration,
    /// Time for the body of a POST to arrive.
    pub body_timeout: Duration,
    /// Largest message, frame or POST body a client may send, in bytes.
    pub payload_bytes_max: usize,
    /// Bytes queued for a client; above, cursors wait. Ephemeral packets are dropped at half. At
    /// twice as much, which only acks and direct packets reach, the client's input is not read.
    pub queue_bytes_max: usize,
    /// Topics a socket may follow.
    pub topics_max: usize,
    /// Events that arrived and whose handling has not begun; beyond, input is not read.
    pub events_waiting_max: usize,
    /// Acks of a socket that may be alive; beyond, its next event waits.
    pub acks_in_flight_max: usize,
    /// Nesting of arrays and objects in what a client sends.
    pub nesting_max: usize,
    /// Values (of any kind) in what a client sends in one packet.
    pub values_max: usize,
    /// Entries kept in memory per topic, for the whole server.
    pub ring_entries_max: usize,
    /// Bytes kept in memory per topic, for the whole server.
    pub ring_bytes_max: usize,
    /// Bytes kept in memory for all topics; beyond, each topic keeps a sixteenth of its own.
    pub rings_bytes_max: usize,
    /// Entries asked for in one [`crate::Application::read`].
    pub read_entries_max: usize,
    /// Reads of logs that run at once in the whole server.
    pub reads_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            shards: cores.min(4),
            connections_max: 50_000,
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            connect_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(10),
            payload_bytes_max: 128 * 1024,
            queue_bytes_max: 256 * 1024,
            topics_max: 2_000,
            events_waiting_max: 64,
            acks_in_flight_max: 64,
            nesting_max: 32,
            values_max: 16_384,
            ring_entries_max: 512,
            ring_bytes_max: 256 * 1024,
            rings_bytes_max: 256 * 1024 * 1024,
            read_entries_max: 128,
            reads_max: 64,
        }
    }
}
