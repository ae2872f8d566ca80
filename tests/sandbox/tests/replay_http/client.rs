//! Speaks HTTP with a sandbox as one of its users.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use sandbox::Sandbox;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// The users of a sandbox, with what each speaks TLS with; nobody is `anonymous`.
pub(crate) struct Client {
    address: String,
    users: HashMap<String, Arc<ClientConfig>>,
}

impl Client {
    pub(crate) fn new(sandbox: &Sandbox) -> Self {
        let text = std::fs::read_to_string(sandbox.kubeconfig()).unwrap();
        let mut roots = RootCertStore::empty();
        let authority = value(&text, "certificate-authority-data").unwrap();
        let authority = CertificateDer::from_pem_slice(&STANDARD.decode(authority).unwrap());
        roots.add(authority.unwrap()).unwrap();
        let builder = || {
            let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
            let builder = ClientConfig::builder_with_provider(provider);
            let builder = builder.with_safe_default_protocol_versions().unwrap();
            builder.with_root_certificates(roots.clone())
        };
        let nobody = Arc::new(builder().with_no_client_auth());
        let mut users = HashMap::from([("anonymous".to_owned(), nobody)]);
        let (_, list) = text.split_once("\nusers:\n").unwrap();
        for user in list.split("- name: ").skip(1) {
            let (name, rest) = user.split_once('\n').unwrap();
            let pem = |field| STANDARD.decode(value(rest, field).unwrap()).unwrap();
            let certificate = CertificateDer::from_pem_slice(&pem("client-certificate-data"));
            let key = PrivateKeyDer::from_pem_slice(&pem("client-key-data"));
            let config = builder()
                .with_client_auth_cert(vec![certificate.unwrap()], key.unwrap())
                .unwrap();
            users.insert(name.to_owned(), Arc::new(config));
        }
        let address = sandbox.url().trim_start_matches("https://").to_owned();
        Self { address, users }
    }

    pub(crate) async fn send(&self, user: &str, request: http::Request<Bytes>) -> Answer {
        let response = self.open(user, request).await;
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes(),
        }
    }

    /// Sends a request whose answer is read bit by bit, such as a watch.
    pub(crate) async fn open(
        &self,
        user: &str,
        request: http::Request<Bytes>,
    ) -> http::Response<Incoming> {
        let tcp = TcpStream::connect(&self.address).await.unwrap();
        let connector = TlsConnector::from(Arc::clone(&self.users[user]));
        let name = ServerName::try_from("127.0.0.1").unwrap();
        let tls = connector.connect(name, tcp).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(tls))
            .await
            .unwrap();
        tokio::spawn(connection);
        sender.send_request(request.map(Full::new)).await.unwrap()
    }

    /// POSTs an object as admin, with a client that calls itself `agent`.
    pub(crate) async fn create(&self, path: &str, agent: &str, object: &Value) {
        let request = http::Request::post(path)
            .header("content-type", "application/json")
            .header("user-agent", agent)
            .body(Bytes::from(object.to_string()))
            .unwrap();
        let answer = self.send("admin", request).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }

    /// Watches the pods of a namespace until the whole lot of them is as wanted.
    pub(crate) async fn wait_for_pods(&self, namespace: &str, wanted: impl Fn(&[Value]) -> bool) {
        let path = format!("/api/v1/namespaces/{namespace}/pods?watch=true&timeoutSeconds=60");
        let request = http::Request::get(path).body(Bytes::new()).unwrap();
        let mut body = self.open("admin", request).await.into_body();
        let mut pods: HashMap<String, Value> = HashMap::new();
        let mut text = Vec::new();
        while let Some(frame) = body.frame().await {
            text.extend_from_slice(&frame.unwrap().into_data().unwrap_or_default());
            while let Some(end) = text.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = text.drain(..=end).collect();
                let event: Value = serde_json::from_slice(&line).unwrap();
                let name = event["object"]["metadata"]["name"].to_string();
                if event["type"] == "DELETED" {
                    pods.remove(&name);
                } else {
                    pods.insert(name, event["object"].clone());
                }
            }
            let all: Vec<Value> = pods.values().cloned().collect();
            if wanted(&all) {
                return;
            }
        }
        let states: Vec<&Value> = pods.values().map(|pod| &pod["status"]).collect();
        panic!(
            "the pods never came to be as wanted: {}",
            serde_json::json!(states)
        );
    }
}

fn value<'a>(text: &'a str, field: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("{field}: "))?;
    rest.lines().next()
}
