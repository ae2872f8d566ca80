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
    state: Mutex<State>,
}

enum State {
    Accepting(JoinHandle<()>, Arc<TcpListener>),
    /// Nobody listens, and nobody else gets the port meanwhile.
    Held {
        _port: Option<TcpSocket>,
    },
}

/// Binds to a port of this machine; it may be one that was left a moment ago.
///
/// A process that was being started at that moment has the old socket until it is another program.
pub(crate) fn bind(port: u16) -> io::Result<TcpListener> {
    hold(port)?.listen(BACKLOG)
}

/// Binds to a port at which nobody listens: who connects is refused.
fn hold(port: u16) -> io::Result<TcpSocket> {
    let until = Instant::now() + HELD;
    loop {
        match try_hold(port) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && Instant::now() < until => {
                std::thread::sleep(Duration::from_millis(5));
            }
            bound => return bound,
        }
    }
}

fn try_hold(port: u16) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // Two such sockets may have one port, as long as neither listens.
    socket.set_reuseaddr(true)?;
    socket.bind((Ipv4Addr::LOCALHOST, port).into())?;
    Ok(socket)
}

impl Listening {
    pub(crate) fn new(
        server: Arc<Server>,
        tls: TlsAcceptor,
        runtime: Handle,
        listener: TcpListener,
    ) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let state = accept(&server, &tls, &runtime, listener);
        Ok(Self {
            server,
            tls,
            runtime,
            address,
            state: Mutex::new(state),
        })
    }

    pub(crate) fn stop(&self) {
        let mut state = lock(&self.state);
        let State::Accepting(accepting, listener) = &mut *state else {
            return;
        };
        accepting.abort();
        // On a thread of its own, since the caller may be within a runtime, which must not be blocked.
        std::thread::scope(|scope| {
            scope.spawn(|| self.runtime.block_on(accepting).ok());
        });
        // Whoever else has this socket for the moment does not keep the port open.
        rustix::net::shutdown(&**listener, rustix::net::Shutdown::Read).ok();
        *state = State::Held {
            _port: hold(self.address.port()).ok(),
        };
        drop(state);
        self.server.reset_connections();
    }

    pub(crate) fn start(&self) -> io::Result<()> {
        let mut state = lock(&self.state);
        if let State::Held { .. } = &*state {
            let _guard = self.runtime.enter();
            let listener = bind(self.address.port())?;
            *state = accept(&self.server, &self.tls, &self.runtime, listener);
        }
        Ok(())
    }
}

fn accept(
    server: &Arc<Server>,
    tls: &TlsAcceptor,
    runtime: &Handle,
    listener: TcpListener,
) -> State {
    let listener = Arc::new(listener);
    let accepting = Arc::clone(server).run(Arc::clone(&listener), tls.clone());
    State::Accepting(runtime.spawn(accepting), listener)
}
