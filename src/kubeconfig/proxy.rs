//! Through which proxy the server is reached: the cluster's `proxy-url`, else the environment's by
//! Go's rules (`golang.org/x/net/http/httpproxy`).

use std::{env, fmt, net::IpAddr};

use http::{Uri, uri::Authority};

use super::failed;
use crate::error::Error;

/// A proxy.
#[derive(Clone, Eq, PartialEq)]
pub struct Proxy {
    /// How it is spoken to.
    pub kind: ProxyKind,
    /// Where it is, without credentials.
    pub address: Uri,
    /// User name and password.
    pub login: Option<(String, String)>,
    /// Who named it: a field or a variable.
    pub named_by: String,
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The password stays here.
        f.debug_struct("Proxy")
            .field("kind", &self.kind)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.kind {
            ProxyKind::Http => "http",
            ProxyKind::Https => "https",
            ProxyKind::Socks5 => "socks5",
        };
        let place = self.address.authority().map_or("", Authority::as_str);
        write!(f, "{scheme}://{place}")
    }
}

/// How a proxy is spoken to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ProxyKind {
    /// HTTP `CONNECT`.
    Http,
    /// HTTP `CONNECT` over TLS.
    Https,
    /// SOCKS5; the proxy looks names up.
    Socks5,
}

/// Returns the proxy for a server. One that the cluster names counts whatever the environment says.
pub(super) fn of(
    server: &Uri,
    proxy_url: Option<&str>,
    cluster: &str,
) -> Result<Option<Proxy>, Error> {
    if let Some(url) = proxy_url.filter(|url| !url.is_empty()) {
        let named_by = format!("proxy-url of cluster \"{cluster}\"");
        return parsed(url, named_by).map(Some);
    }
    let (name, value) = match server.scheme_str() {
        Some("http") => either("HTTP_PROXY", "http_proxy"),
        _ => either("HTTPS_PROXY", "https_proxy"),
    };
    let host = server.host().unwrap_or_default();
    let host = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_lowercase();
    let port = server.port_u16().unwrap_or(match server.scheme_str() {
        Some("http") => 80,
        _ => 443,
    });
    if value.is_empty() || is_excepted(&host, port, &either("NO_PROXY", "no_proxy").1) {
        return Ok(None);
    }
    // As in Go, an address in the environment may lack its scheme.
    let url = if value.contains("://") {
        value
    } else {
        format!("http://{value}")
    };
    parsed(&url, name.to_owned()).map(Some)
}

fn either(name: &'static str, other: &'static str) -> (&'static str, String) {
    let value = |name| env::var(name).unwrap_or_default();
    match value(name) {
        empty if empty.is_empty() => (other, value(other)),
        value => (name, value),
    }
}

fn parsed(url: &str, named_by: String) -> Result<Proxy, Error> {
    // What is wrong may be the password: nothing of it is shown.
    let bad = |what: &str| {
        failed(
            format!("{named_by} {what}"),
            Some("a proxy is written like http://proxy:3128, https://… or socks5://…"),
        )
    };
    let uri: Uri = url.parse().map_err(|_| bad("is no URL"))?;
    let kind = match uri.scheme_str() {
        Some("http") => ProxyKind::Http,
        Some("https") => ProxyKind::Https,
        Some("socks5" | "socks5h") => ProxyKind::Socks5,
        _ => return Err(bad("is of a kind that is not known")),
    };
    let authority = uri.authority().ok_or_else(|| bad("is no URL"))?.as_str();
    let (login, place) = match authority.rsplit_once('@') {
        Some((login, place)) => (Some(login), place),
        None => (None, authority),
    };
    let (scheme, port) = match kind {
        ProxyKind::Http => ("http", 80),
        ProxyKind::Https => ("https", 443),
        // The connector below knows where to dial by `http` only.
        ProxyKind::Socks5 => ("http", 1080),
    };
    let named_port = place.rsplit_once(':').filter(|(_, end)| !end.contains(']'));
    if named_port.is_some() && uri.port_u16().is_none_or(|port| port == 0) {
        return Err(bad("has a port that is none"));
    }
    let port = uri.port_u16().unwrap_or(port);
    let host = uri
        .host()
        .filter(|host| !host.is_empty() && !place.is_empty());
    let address = host.and_then(|host| format!("{scheme}://{host}:{port}/").parse().ok());
    Ok(Proxy {
        kind,
        address: address.ok_or_else(|| bad("names no host"))?,
        login: login.map(|login| {
            let (user, password) = login.split_once(':').unwrap_or((login, ""));
            (unescaped(user), unescaped(password))
        }),
        named_by,
    })
}

/// Undoes percent-encoding, without which a password could not hold an `@`.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match part
            .get(..2)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok())
        {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend_from_slice(&part.as_bytes()[2..]);
            }
            None => {
                bytes.push(b'%');
                bytes.extend_from_slice(part.as_bytes());
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Tells whether a server is reached without the proxy of the environment.
fn is_excepted(host: &str, port: u16, no_proxy: &str) -> bool {
    let address: Option<IpAddr> = host.parse().ok();
    if host == "localhost" || address.is_some_and(|address| address.is_loopback()) {
        return true;
    }
    let no_proxy = no_proxy.to_lowercase();
    let mut entries = no_proxy.split(',').map(str::trim);
    entries.any(|entry| match entry {
        "" => false,
        "*" => true,
        entry => is_meant(entry, host, address, port),
    })
}

fn is_meant(entry: &str, host: &str, address: Option<IpAddr>, port: u16) -> bool {
    if let Some((network, bits)) = entry.split_once('/')
        && let (Ok(network), Ok(bits)) = (network.parse(), bits.parse())
    {
        return address.is_some_and(|address| is_within(address, network, bits));
    }
    let (name, only_port) = with_port(entry);
    if only_port.is_some_and(|only| only != port) {
        return false;
    }
    let name = name.trim_start_matches('[').trim_end_matches(']');
    if let Ok(named) = name.parse::<IpAddr>() {
        return address == Some(named);
    }
    // `.x.org` and `*.x.org` mean what is below, `x.org` itself too.
    let below = name.strip_prefix('*').unwrap_or(name);
    if below.starts_with('.') {
        host.ends_with(below)
    } else {
        host == below || host.ends_with(&format!(".{below}"))
    }
}

fn with_port(entry: &str) -> (&str, Option<u16>) {
    let bare_address = entry.parse::<IpAddr>().is_ok();
    match entry.rsplit_once(':') {
        Some((name, port)) if !bare_address => match port.parse() {
            Ok(port) => (name, Some(port)),
            Err(_) => (entry, None),
        },
        _ => (entry, None),
    }
}

fn is_within(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    let (address, network, width) = match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => (
            u128::from(address.to_bits()),
            u128::from(network.to_bits()),
            32,
        ),
        (IpAddr::V6(address), IpAddr::V6(network)) => (address.to_bits(), network.to_bits(), 128),
        _ => return false,
    };
    let rest: u32 = match u32::checked_sub(width, bits) {
        Some(rest) => rest,
        None => return false,
    };
    address.checked_shr(rest).unwrap_or(0) == network.checked_shr(rest).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reached_without_a_proxy_is_decided_as_in_go() {
        for (host, no_proxy, expected) in [
            ("api.corp.org", "", false),
            ("localhost", "", true),
            ("127.0.0.1", "", true),
            ("127.9.9.9", "", true),
            ("::1", "", true),
            ("api.corp.org", "*", true),
            ("api.corp.org", "localhost,", false),
            ("api.corp.org", "corp.org", true),
            ("corp.org", "corp.org", true),
            ("corp.org", ".corp.org", false),
            ("api.corp.org", " .CORP.org ", true),
            ("api.corp.org", "*.corp.org", true),
            ("notcorp.org", "corp.org", false),
            ("api.corp.org", "api.corp.org:6443", true),
            ("api.corp.org", "api.corp.org:443", false),
            ("10.1.2.3", "10.0.0.0/8", true),
            ("11.1.2.3", "10.0.0.0/8", false),
            ("10.1.2.3", "0.0.0.0/0", true),
            ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.3:443", false),
            ("fd00::1", "fd00::/8", true),
            ("fd00::1", "fd00::1", true),
            ("api.corp.org", "10.0.0.0/8", false),
        ] {
            assert_eq!(
                is_excepted(host, 6443, no_proxy),
                expected,
                "{host} {no_proxy}"
            );
        }
    }

    #[test]
    fn an_address_of_a_proxy_is_taken_apart() {
        let at = |url: &str| {
            let proxy = parsed(url, "x".to_owned()).map_err(|error| error.to_string())?;
            Ok((proxy.kind, proxy.address.to_string(), proxy.login))
        };
        let login = Some(("me".to_owned(), "p@ss:word".to_owned()));
        for (url, expected) in [
            ("http://p:3128", (ProxyKind::Http, "http://p:3128/", None)),
            ("https://p", (ProxyKind::Https, "https://p:443/", None)),
            ("socks5://p", (ProxyKind::Socks5, "http://p:1080/", None)),
            (
                "socks5h://[::1]:9",
                (ProxyKind::Socks5, "http://[::1]:9/", None),
            ),
            (
                "http://me:p%40ss%3Aword@p:1/x",
                (ProxyKind::Http, "http://p:1/", login),
            ),
        ] {
            let (kind, address, login) = expected;
            assert_eq!(at(url), Ok((kind, address.to_owned(), login)), "{url}");
        }
        for (url, expected) in [
            ("ftp://p", "x is of a kind that is not known"),
            ("http://a b", "x is no URL"),
            ("http://p:99999", "x has a port that is none"),
            ("p:3128", "x is of a kind that is not known"),
        ] {
            assert_eq!(at(url), Err(expected.to_owned()), "{url}");
        }
    }
}
