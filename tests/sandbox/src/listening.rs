//! The API server's port: opened, closed, and opened again.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::lock;
use crate::server::Server;

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

/// How long a port may still be held by what is about to let go of it.
const HELD: Duration = Duration::from_secs(2);

/// The server while it listens, and what it needs to listen again.
pub(crate) struct Listening {
    server: Arc<Server>,
    tls: TlsAcceptor,
    runtime: Handle,
    address: SocketAddr,
    accepting: Mutex<Option<(JoinHandle<()>, Arc<TcpListener>)>>,
}

/// Binds to a port of this machine; it may be one that was left a moment ago.
///
/// A process that was being started at that moment has the old socket until it is another program.
pub(crate) fn bind(port: u16) -> io::Result<TcpListener> {
    let until = Instant::now() + HELD;
    loop {
        match try_bind(port) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && Instant::now() < until => {
                std::thread::sleep(Duration::from_millis(5));
            }
            bound => return bound,
        }
    }
}

fn try_bind(port: u16) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind((Ipv4Addr::LOCALHOST, port).into())?;
    socket.listen(BACKLOG)
}

impl Listening {
    pub(crate) fn new(
        server: Arc<Server>,
        tls: TlsAcceptor,
        runtime: Handle,
        listener: TcpListener,
    ) -> io::Result<Self> {
        let listening = Self {
            server,
            tls,
            runtime,
            address: listener.local_addr()?,
            accepting: Mutex::default(),
        };
        listening.accept(listener);
        Ok(listening)
    }

    fn accept(&self, listener: TcpListener) {
        let listener = Arc::new(listener);
        let accepting = Arc::clone(&self.server).run(Arc::clone(&listener), self.tls.clone());
        *lock(&self.accepting) = Some((self.runtime.spawn(accepting), listener));
    }

    pub(crate) fn stop(&self) {
        let Some((accepting, listener)) = lock(&self.accepting).take() else {
            return;
        };
        accepting.abort();
        // On a thread of its own, since the caller may be within a runtime, which must not be blocked.
        std::thread::scope(|scope| {
            scope.spawn(|| self.runtime.block_on(accepting).ok());
        });
        // Whoever else has this socket for the moment does not keep the port open.
        rustix::net::shutdown(&*listener, rustix::net::Shutdown::Read).ok();
        self.server.reset_connections();
    }

    pub(crate) fn start(&self) -> io::Result<()> {
        if lock(&self.accepting).is_some() {
            return Ok(());
        }
        let _guard = self.runtime.enter();
        self.accept(bind(self.address.port())?);
        Ok(())
    }
}
