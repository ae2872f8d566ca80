//! Small servers for tests, which record what they saw: a proxy, and a server that knows no pod.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
};
use tokio_rustls::{TlsAcceptor, rustls};

/// What a listener does with those who connect.
#[derive(Clone)]
pub(crate) enum Role {
    /// Answers each request with 404, as an API server without the pod would.
    NoPod,
    /// Answers whatever comes first in plain HTTP, as a Go server does that wants no TLS.
    PlainOnly,
    /// Answers each request, head and body, with what this returns.
    Http(fn(&str) -> String),
    /// HTTP `CONNECT`.
    HttpProxy,
    /// SOCKS5, with credentials.
    SocksProxy,
}

/// A server on a thread of its own, gone when it is dropped.
pub(crate) struct Listener {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
    _runtime: Runtime,
}

impl Listener {
    /// Listens, with TLS where there is a certificate. A proxy leads to `target`, whatever it is
    /// asked for.
    pub(crate) fn start(role: Role, tls: Option<TlsAcceptor>, target: Option<&str>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let (record, target) = (seen.clone(), target.map(str::to_owned));
        runtime.spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let (role, tls) = (role.clone(), tls.clone());
                let (record, target) = (record.clone(), target.clone());
                tokio::spawn(async move {
                    match tls {
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(tcp).await {
                                serve(role, stream, &record, target).await;
                            }
                        }
                        None => serve(role, tcp, &record, target).await,
                    }
                });
            }
        });
        Self {
            address,
            seen,
            _runtime: runtime,
        }
    }

    /// Listens with TLS, and a certificate that nobody knows.
    pub(crate) fn secured(role: Role) -> Self {
        let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        Self::start(role, Some(tls(&own.cert, &own.signing_key)), None)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What was seen so far.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

/// Builds the TLS side of a listener.
pub(crate) fn tls(certificate: &rcgen::Certificate, key: &rcgen::KeyPair) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(key.serialize_der());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.into())
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// A client that goes away has its reasons.
async fn serve<S>(role: Role, stream: S, seen: &Mutex<Vec<String>>, target: Option<String>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    match role {
        Role::NoPod => no_pod(stream, seen).await,
        Role::PlainOnly => plain_only(stream).await,
        Role::Http(answer) => http_server(stream, seen, answer).await,
        Role::HttpProxy => http_proxy(stream, seen, target).await,
        Role::SocksProxy => socks_proxy(stream, seen, target).await,
    }
    .ok();
}

async fn head<S: AsyncRead + Unpin>(stream: &mut S) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

async fn no_pod<S>(mut stream: S, seen: &Mutex<Vec<String>>) -> std::io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    const BODY: &str = r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods \"app\" not found","reason":"NotFound","details":{"name":"app","kind":"pods"},"code":404}"#;
    loop {
        let head = head(&mut stream).await?;
        seen.lock().unwrap().push(head);
        let answer = format!(
            "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{BODY}",
            BODY.len()
        );
        stream.write_all(answer.as_bytes()).await?;
    }
}

async fn plain_only<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S) -> std::io::Result<()> {
    stream.read_u8().await?;
    let answer = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n400 Bad Request";
    stream.write_all(answer).await?;
    // Closed at once, with bytes unread, it would be reset, and the answer lost.
    let mut rest = [0; 4096];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}

async fn http_server<S>(
    mut stream: S,
    seen: &Mutex<Vec<String>>,
    answer: fn(&str) -> String,
) -> std::io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        let mut request = head(&mut stream).await?;
        let length = request.to_lowercase();
        let length = length.split("content-length: ").nth(1);
        let length = length.and_then(|rest| rest.split("\r\n").next()?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        stream.read_exact(&mut body).await?;
        request.push_str(&String::from_utf8_lossy(&body));
        seen.lock().unwrap().push(request.clone());
        stream.write_all(answer(&request).as_bytes()).await?;
    }
}

async fn http_proxy<S>(
    mut stream: S,
    seen: &Mutex<Vec<String>>,
    target: Option<String>,
) -> std::io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let head = head(&mut stream).await?;
    seen.lock().unwrap().push(head);
    let Some(target) = target else {
        let refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
        return stream.write_all(refusal).await;
    };
    let mut server = TcpStream::connect(target).await?;
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    copy_bidirectional(&mut stream, &mut server).await?;
    Ok(())
}

/// RFC 1928 and 1929, as far as a client of ours goes.
async fn socks_proxy<S>(
    mut stream: S,
    seen: &Mutex<Vec<String>>,
    target: Option<String>,
) -> std::io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut offer = [0; 2];
    stream.read_exact(&mut offer).await?;
    let mut methods = vec![0; usize::from(offer[1])];
    stream.read_exact(&mut methods).await?;
    let mut login = String::new();
    if methods.contains(&2) {
        stream.write_all(&[5, 2]).await?;
        stream.read_u8().await?;
        let user = text(&mut stream).await?;
        login = format!(" as {user}:{}", text(&mut stream).await?);
        stream.write_all(&[1, 0]).await?;
    } else {
        stream.write_all(&[5, 0]).await?;
    }
    let mut request = [0; 4];
    stream.read_exact(&mut request).await?;
    let host = match request[3] {
        3 => format!("name {}", text(&mut stream).await?),
        1 => {
            let mut address = [0; 4];
            stream.read_exact(&mut address).await?;
            format!("address {}", std::net::Ipv4Addr::from(address))
        }
        other => format!("kind {other}"),
    };
    stream.read_u16().await?;
    seen.lock().unwrap().push(format!("{host}{login}"));
    let mut server = TcpStream::connect(target.unwrap_or_default()).await?;
    stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    copy_bidirectional(&mut stream, &mut server).await?;
    Ok(())
}

async fn text<S: AsyncRead + Unpin>(stream: &mut S) -> std::io::Result<String> {
    let mut text = vec![0; usize::from(stream.read_u8().await?)];
    stream.read_exact(&mut text).await?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
