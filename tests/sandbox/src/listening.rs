//! The API server's port: opened, closed, and opened again.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::lock;
use crate::server::Server;

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

/// The server while it listens, and what it needs to listen again.
pub(crate) struct Listening {
    server: Arc<Server>,
    tls: TlsAcceptor,
    runtime: Handle,
    address: SocketAddr,
    accepting: Mutex<Option<JoinHandle<()>>>,
}

/// Binds to a port of this machine; it may be one that was left a moment ago.
pub(crate) fn bind(port: u16) -> io::Result<TcpListener> {
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
        let accepting = Arc::clone(&self.server).run(listener, self.tls.clone());
        *lock(&self.accepting) = Some(self.runtime.spawn(accepting));
    }

    pub(crate) fn stop(&self) {
        let Some(accepting) = lock(&self.accepting).take() else {
            return;
        };
        accepting.abort();
        // On a thread of its own, since the caller may be within a runtime, which must not be blocked.
        std::thread::scope(|scope| {
            scope.spawn(|| self.runtime.block_on(accepting).ok());
        });
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
