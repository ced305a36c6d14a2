//! The program as a whole: start, crash, power cut, slow readers, other people's clients.

mod apart;
mod bucket;
mod clients;
mod crash;
mod documents;
mod example;
mod functions;
mod journeys;
mod power_cut;
mod program;
mod slow;
