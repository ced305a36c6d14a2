//! The floor: a loop that broadcasts pre-encoded frames and does nothing else.
use std::io::{ErrorKind, Read, Write};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

const LISTENER: Token = Token(usize::MAX);

/// Every text frame of a client is sent to all, also to itself.
pub(crate) fn serve(address: &str) -> std::io::Result<()> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(1024);
    let mut listener = TcpListener::bind(address.parse().map_err(std::io::Error::other)?)?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut members: Vec<(TcpStream, bool)> = Vec::new();
    let mut buffer = vec![0; 65_536];
    let mut out = Vec::new();
    loop {
        poll.poll(&mut events, None)?;
        for event in &events {
            if event.token() == LISTENER {
                while let Ok((mut stream, _)) = listener.accept() {
                    stream.set_nodelay(true)?;
                    let token = Token(members.len());
                    poll.registry().register(&mut stream, token, Interest::READABLE)?;
                    members.push((stream, false));
                }
                continue;
            }
            let (stream, open) = &mut members[event.token().0];
            loop {
                match stream.read(&mut buffer) {
                    Ok(0) => break,
                    Ok(_) if !*open => {
                        *open = true;
                        stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")?;
                    }
                    Ok(count) => take_frames(&mut buffer[..count], &mut out),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(_) => break,
                }
            }
        }
        if !out.is_empty() {
            for (stream, open) in &mut members {
                if *open {
                    // The load reads as fast as it can: its buffers never fill.
                    stream.write_all(&out)?;
                }
            }
            out.clear();
        }
    }
}

/// Unmasks whole frames of 126 to 65,535 bytes, which is all the load sends.
fn take_frames(mut bytes: &mut [u8], out: &mut Vec<u8>) {
    while bytes.len() > 8 {
        let length = usize::from(u16::from_be_bytes([bytes[2], bytes[3]]));
        let (frame, rest) = bytes.split_at_mut(8 + length);
        let mask = [frame[4], frame[5], frame[6], frame[7]];
        out.extend_from_slice(&[0x81, 126, frame[2], frame[3]]);
        out.extend(frame[8..].iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
        bytes = rest;
    }
}
