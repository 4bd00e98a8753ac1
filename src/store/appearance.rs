//! Waiting until a file or a socket comes into being, without looking again and again.
//!
//! Invariant: between two appearances nothing runs. On Linux the kernel tells (inotify); on other systems the wait ends
//! once a minute, and whoever waits looks for himself.

use std::path::PathBuf;

use futures_util::stream::{self, BoxStream, StreamExt as _};

/// Something for each time that `path`, or a folder on the way to it, may have come into being or been replaced. The
/// watch begins at once; a system that cannot watch never tells anything.
#[must_use]
pub fn appearances(path: PathBuf) -> BoxStream<'static, ()> {
    match system::Watch::begin(path) {
        Ok(watch) => stream::unfold(watch, |mut watch| async move {
            watch.next().await?;
            Some(((), watch))
        })
        .boxed(),
        Err(failure) => {
            tracing::info!(%failure, "what appears is found at a refresh only");
            stream::pending().boxed()
        }
    }
}

#[cfg(target_os = "linux")]
mod system {
    use std::io;
    use std::mem::MaybeUninit;
    use std::os::fd::OwnedFd;
    use std::os::unix::ffi::OsStrExt as _;
    use std::path::PathBuf;

    use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
    use rustix::io::Errno;
    use tokio::io::unix::AsyncFd;

    use crate::domain::Failure;

    /// Room for a few events, each with a name of up to 255 bytes.
    const ROOM: usize = 4096;

    /// A watch on the nearest folder above a path that is there.
    pub(super) struct Watch {
        path: PathBuf,
        source: Source,
        /// The watched folder's number, and the name that is waited for in it.
        now: Option<(i32, Vec<u8>)>,
    }

    /// The kernel's events; waiting for them begins inside the runtime.
    enum Source {
        New(OwnedFd),
        Awaited(AsyncFd<OwnedFd>),
        Lost,
    }

    #[expect(deprecated, reason = "what replaces it is unsafe, for descriptors that are not owned")]
    fn awaited(events: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
        AsyncFd::new(events)
    }

    impl Watch {
        pub(super) fn begin(path: PathBuf) -> Result<Self, Failure> {
            let failed = |e: Errno| Failure::io(format!("watching for {}", path.display()), &e.into());
            let events = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).map_err(failed)?;
            let mut watch = Self { path, source: Source::New(events), now: None };
            watch.aim();
            Ok(watch)
        }

        /// Watches the nearest folder that is there.
        fn aim(&mut self) {
            let events = match &self.source {
                Source::New(events) => events,
                Source::Awaited(events) => events.get_ref(),
                Source::Lost => return,
            };
            let flags =
                WatchFlags::CREATE | WatchFlags::MOVED_TO | WatchFlags::DELETE_SELF | WatchFlags::ONLYDIR;
            let mut wanted = self.path.as_path();
            let aimed = loop {
                let (Some(folder), Some(name)) = (wanted.parent(), wanted.file_name()) else { break None };
                if let Ok(number) = inotify::add_watch(events, folder, flags) {
                    break Some((number, name.as_bytes().to_vec()));
                }
                wanted = folder;
            };
            let before = std::mem::replace(&mut self.now, aimed);
            if let Some((old, _)) = before
                && self.now.as_ref().is_none_or(|(number, _)| *number != old)
            {
                // The folder may be gone, and its watch with it.
                inotify::remove_watch(events, old).ok();
            }
        }

        /// Waits until the path may be there; nothing when the system tells no more.
        pub(super) async fn next(&mut self) -> Option<()> {
            if let Source::New(_) = &self.source {
                let Source::New(events) = std::mem::replace(&mut self.source, Source::Lost) else {
                    return None;
                };
                self.source = Source::Awaited(awaited(events).ok()?);
            }
            loop {
                let Source::Awaited(events) = &self.source else { return None };
                let mut ready = events.readable().await.ok()?;
                match ready.try_io(|events| self.read_told(events.get_ref())) {
                    Ok(Ok(())) => {
                        self.aim();
                        return Some(());
                    }
                    Ok(Err(_)) => return None,
                    // Other names: the wait goes on.
                    Err(_) => {}
                }
            }
        }

        /// Reads every event there is; `WouldBlock` unless one is about what is waited for.
        fn read_told(&self, events: &OwnedFd) -> io::Result<()> {
            let mut room = [MaybeUninit::uninit(); ROOM];
            let mut reader = Reader::new(events, &mut room);
            let mut is_told = false;
            loop {
                match reader.next() {
                    Ok(event) => {
                        let is_wanted = |(number, name): &(i32, Vec<u8>)| {
                            event.wd() == *number
                                && (event.events().contains(ReadFlags::DELETE_SELF)
                                    || event.file_name().is_some_and(|found| found.to_bytes() == name))
                        };
                        is_told |= self.now.as_ref().is_none_or(is_wanted);
                    }
                    Err(Errno::WOULDBLOCK) if is_told => return Ok(()),
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::path::PathBuf;
    use std::time::Duration;

    use crate::domain::Failure;

    /// How often to look where the system does not tell.
    const PAUSE: Duration = Duration::from_secs(60);

    /// A wait that ends now and then.
    pub(super) struct Watch;

    impl Watch {
        pub(super) fn begin(_path: PathBuf) -> Result<Self, Failure> {
            Ok(Self)
        }

        pub(super) async fn next(&mut self) -> Option<()> {
            tokio::time::sleep(PAUSE).await;
            Some(())
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs;
    use std::time::Duration;

    use futures_util::FutureExt as _;
    use tempfile::TempDir;

    use super::*;

    /// Longer than any event takes.
    const PATIENCE: Duration = Duration::from_secs(20);

    #[expect(clippy::expect_used, reason = "a test fails by panicking")]
    async fn told(stream: &mut BoxStream<'static, ()>) {
        tokio::time::timeout(PATIENCE, stream.next()).await.expect("it is told").expect("the watch goes on");
    }

    #[tokio::test]
    async fn a_file_is_told_when_it_comes_and_when_another_takes_its_place() {
        let folder = TempDir::new().unwrap();
        let mut stream = appearances(folder.path().join("index.json"));
        fs::write(folder.path().join("other"), "x").unwrap();
        fs::write(folder.path().join("index.json"), "1").unwrap();
        told(&mut stream).await;
        assert!(stream.next().now_or_never().is_none(), "other names are nothing");
        fs::write(folder.path().join("fresh"), "2").unwrap();
        fs::rename(folder.path().join("fresh"), folder.path().join("index.json")).unwrap();
        told(&mut stream).await;
    }

    #[tokio::test]
    async fn the_folders_on_the_way_are_waited_for_too() {
        let folder = TempDir::new().unwrap();
        let socket = folder.path().join("run/engine/s");
        let mut stream = appearances(socket.clone());
        fs::create_dir(folder.path().join("run")).unwrap();
        told(&mut stream).await;
        fs::create_dir(folder.path().join("run/engine")).unwrap();
        told(&mut stream).await;
        drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
        told(&mut stream).await;
        fs::remove_dir_all(folder.path().join("run")).unwrap();
        told(&mut stream).await;
        fs::create_dir_all(folder.path().join("run/engine")).unwrap();
        told(&mut stream).await;
    }
}
