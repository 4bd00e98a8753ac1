//! A way to a registry that counts the bytes that come back over it, and may be narrow.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const PIECE: usize = 16 * 1024;

/// A proxy for bytes. Its threads end with their connections.
pub(crate) struct Proxy {
    /// Where it listens, `127.0.0.1:PORT`.
    pub(crate) host: String,
    way: Arc<Way>,
}

struct Way {
    to: String,
    /// Bytes a second; 0 for no limit.
    speed: AtomicU64,
    came_back: AtomicU64,
}

impl Proxy {
    /// A way to `to`.
    pub(crate) fn start(to: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let way = Arc::new(Way { to: to.to_owned(), speed: AtomicU64::new(0), came_back: AtomicU64::new(0) });
        let shared = Arc::clone(&way);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let way = Arc::clone(&shared);
                thread::spawn(move || way.carry(client));
            }
        });
        Self { host, way }
    }

    /// From now on, so many bytes a second on each connection.
    pub(crate) fn narrow(&self, speed: u64) {
        self.way.speed.store(speed, Ordering::Relaxed);
    }

    /// The bytes that came back so far, headers included.
    pub(crate) fn came_back(&self) -> u64 {
        self.way.came_back.load(Ordering::Relaxed)
    }

    /// Waits until so many bytes came back.
    pub(crate) fn wait_for(&self, bytes: u64) {
        let until = Instant::now() + Duration::from_secs(60);
        while self.came_back() < bytes {
            assert!(Instant::now() < until, "only {} of {bytes} bytes came", self.came_back());
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Way {
    fn carry(self: &Arc<Self>, client: TcpStream) {
        let server = TcpStream::connect(&self.to).unwrap();
        let (mut up_from, mut up_to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        thread::spawn(move || {
            // Either side may go away at any time.
            drop(std::io::copy(&mut up_from, &mut up_to));
            drop(up_to.shutdown(Shutdown::Write));
        });
        drop(self.bring_back(server, client));
    }

    fn bring_back(&self, mut from: TcpStream, mut to: TcpStream) -> std::io::Result<()> {
        let mut piece = vec![0; PIECE];
        loop {
            let length = from.read(&mut piece)?;
            if length == 0 {
                return to.shutdown(Shutdown::Write);
            }
            to.write_all(&piece[..length])?;
            self.came_back.fetch_add(length as u64, Ordering::Relaxed);
            let speed = self.speed.load(Ordering::Relaxed);
            if let Some(pause) = (length as u64 * 1_000_000).checked_div(speed) {
                thread::sleep(Duration::from_micros(pause));
            }
        }
    }
}
