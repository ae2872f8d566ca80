//! A bare WebSocket client: what is typed goes out, what comes is written, and nothing else is done.
//!
//! It is the least that any client does. It has one thread, knows its container, waits for nothing and
//! looks after nothing: no watch, no pings, no end of a session that is worth its name.

mod access;

use std::{
    ffi::OsString,
    io::{self, Write as _},
    net::TcpStream,
    os::fd::AsFd as _,
    process::ExitCode,
};

use bytes::Bytes;
use rustix::{
    event::{PollFd, PollFlags, poll},
    stdio::{stdin, stdout},
    termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr},
};
use rustls::{ClientConnection, StreamOwned};
use tokio_tungstenite::tungstenite::{
    self, Message, WebSocket, client::IntoClientRequest as _, protocol::WebSocketConfig,
};

use self::access::Access;

/// As much as fits into one message of any other client.
const CHUNK: usize = 32 * 1024;
const STDIN: u8 = 0;
const OUTPUTS: [u8; 2] = [1, 2];
const RESIZE: u8 = 4;
const END_OF_INPUT: [u8; 2] = [255, STDIN];

type Socket = WebSocket<StreamOwned<ClientConnection, TcpStream>>;

/// Attaches to a container of the cluster of `KUBECONFIG` until its stream ends.
pub(crate) fn run(pod: &OsString, container: &OsString, terminal: bool) -> ExitCode {
    let attached = attach(
        &pod.to_string_lossy(),
        &container.to_string_lossy(),
        terminal,
    );
    match attached {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            crate::note(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn attach(pod: &str, container: &str, terminal: bool) -> io::Result<()> {
    let access = Access::read()?;
    let streams = if terminal {
        "stdin=true&stdout=true&tty=true"
    } else {
        "stdin=true&stdout=true&stderr=true"
    };
    let path = format!(
        "/api/v1/namespaces/{}/pods/{pod}/attach?container={container}&{streams}",
        access.namespace
    );
    let mut socket = open(&access, &path)?;
    socket.get_ref().sock.set_nonblocking(true)?;
    if !terminal {
        return carry(&mut socket);
    }
    let usual = tcgetattr(stdin())?;
    let mut raw: Termios = usual.clone();
    raw.make_raw();
    tcsetattr(stdin(), OptionalActions::Now, &raw)?;
    let size = tcgetwinsize(stdin())?;
    let size = format!(r#"{{"Width":{},"Height":{}}}"#, size.ws_col, size.ws_row);
    let carried = send(&mut socket, RESIZE, size.as_bytes()).and_then(|()| carry(&mut socket));
    tcsetattr(stdin(), OptionalActions::Now, &usual)?;
    carried
}

fn open(access: &Access, path: &str) -> io::Result<Socket> {
    let url = format!("wss://{}{path}", access.address);
    let mut request = url.into_client_request().map_err(io::Error::other)?;
    let headers = request.headers_mut();
    let protocol = http::HeaderValue::from_static("v5.channel.k8s.io");
    headers.insert(http::header::SEC_WEBSOCKET_PROTOCOL, protocol);
    if let Some(token) = &access.token {
        let value = http::HeaderValue::try_from(format!("Bearer {token}"));
        headers.insert(
            http::header::AUTHORIZATION,
            value.map_err(io::Error::other)?,
        );
    }
    let tcp = TcpStream::connect(&access.address)?;
    tcp.set_nodelay(true)?;
    let tls = StreamOwned::new(access.connection()?, tcp);
    let config = WebSocketConfig::default().write_buffer_size(0);
    let (socket, _) = tungstenite::client::client_with_config(request, tls, Some(config))
        .map_err(|error| io::Error::other(error.to_string()))?;
    Ok(socket)
}

/// Carries bytes both ways until the stream ends.
fn carry(socket: &mut Socket) -> io::Result<()> {
    let mut typed = vec![0; CHUNK];
    let mut reads_input = true;
    loop {
        if !write_what_came(socket)? {
            return Ok(());
        }
        let stdin = stdin();
        let mut waiting = vec![PollFd::from_borrowed_fd(
            socket.get_ref().sock.as_fd(),
            PollFlags::IN,
        )];
        if reads_input {
            waiting.push(PollFd::new(&stdin, PollFlags::IN));
        }
        poll(&mut waiting, None)?;
        let has_input = waiting
            .get(1)
            .is_some_and(|stdin| !stdin.revents().is_empty());
        drop(waiting);
        if has_input {
            match rustix::io::read(stdin, &mut typed)? {
                0 => {
                    reads_input = false;
                    socket
                        .send(Message::Binary(Bytes::from_static(&END_OF_INPUT)))
                        .map_err(io::Error::other)?;
                }
                length => send(socket, STDIN, &typed[..length])?,
            }
        }
    }
}

fn send(socket: &mut Socket, channel: u8, payload: &[u8]) -> io::Result<()> {
    let message = [&[channel], payload].concat();
    socket
        .send(Message::Binary(message.into()))
        .map_err(io::Error::other)
}

/// Writes all that has come by now; whether more may come.
fn write_what_came(socket: &mut Socket) -> io::Result<bool> {
    loop {
        match socket.read() {
            Ok(Message::Binary(data)) => {
                if let Some((channel, payload)) = data.split_first()
                    && OUTPUTS.contains(channel)
                {
                    write_all(payload)?;
                }
            }
            Ok(Message::Close(_)) => return Ok(false),
            Ok(_) => {}
            Err(tungstenite::Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                return Ok(true);
            }
            Err(error) => return Err(io::Error::other(error)),
        }
    }
}

/// Writes past the buffer of the standard library.
fn write_all(mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        bytes = &bytes[rustix::io::write(stdout(), bytes)?..];
    }
    io::stdout().flush()
}
