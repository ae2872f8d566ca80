//! Why a server is not trusted: the wrong authority, the wrong host and the wrong clock are three
//! things, with three cures.

use std::error::Error as StdError;

use jiff::Timestamp;
use rustls::{AlertDescription, CertificateError, Error as TlsError, pki_types::UnixTime};

use super::refusal;

/// Tells whether the server broke off because of the certificate that we showed, or did not show.
pub(super) fn refuses_ours(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(TlsError::AlertReceived(alert)) = error.downcast_ref() {
            return matches!(
                alert,
                AlertDescription::BadCertificate
                    | AlertDescription::UnsupportedCertificate
                    | AlertDescription::CertificateRevoked
                    | AlertDescription::CertificateExpired
                    | AlertDescription::CertificateUnknown
                    | AlertDescription::CertificateRequired
                    | AlertDescription::UnknownCA
            );
        }
        next = refusal::below(error);
    }
    false
}

/// Returns what is wrong with the server's certificate, if that is the cause of an error, and what
/// to do about it.
pub(super) fn reason(error: &(dyn StdError + 'static)) -> Option<(String, String)> {
    let mut next = Some(error);
    while let Some(error) = next {
        match error.downcast_ref() {
            Some(TlsError::InvalidCertificate(error)) => return Some(wrong(error)),
            Some(TlsError::InvalidMessage(_)) => {
                return Some((
                    "it does not speak TLS".to_owned(),
                    "is its address http:// and not https://, or does a proxy answer in its place?"
                        .to_owned(),
                ));
            }
            _ => next = refusal::below(error),
        }
    }
    None
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library has thirty more, which its own words tell"
)]
fn wrong(error: &CertificateError) -> (String, String) {
    match error {
        // A bad signature is that of another authority of the same name.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => (
            "its certificate is signed by an unknown authority".to_owned(),
            "the kubeconfig names another authority, or something in between inspects TLS; \
             --certificate-authority names one"
                .to_owned(),
        ),
        CertificateError::NotValidForNameContext {
            expected,
            presented,
        } => (
            format!(
                "its certificate is for {}, not for {}",
                names(presented),
                expected.to_str()
            ),
            "if it is the right server, --tls-server-name takes one of its names".to_owned(),
        ),
        CertificateError::ExpiredContext { time, not_after } => (
            format!("its certificate expired on {}", date(*not_after)),
            format!(
                "it is {} by the clock of this machine; if that is right, the cluster needs a new certificate",
                date(*time)
            ),
        ),
        CertificateError::NotValidYetContext { time, not_before } => (
            format!("its certificate is valid from {} on", date(*not_before)),
            format!(
                "it is {} by the clock of this machine; is that right?",
                date(*time)
            ),
        ),
        other => (
            format!("its certificate cannot be used: {other}"),
            "does kubectl work with it? then please tell us".to_owned(),
        ),
    }
}

/// Writes names as a sentence has them; they come as `DnsName("a")` and `IpAddress(1.2.3.4)`.
fn names(presented: &[String]) -> String {
    let inner = |name: &String| {
        let inner = name
            .split_once('(')
            .and_then(|(_, rest)| rest.strip_suffix(')'));
        let inner = inner.unwrap_or(name);
        inner.trim_matches('"').to_owned()
    };
    let names: Vec<_> = presented.iter().map(inner).collect();
    if names.is_empty() {
        "no name".to_owned()
    } else {
        names.join(", ")
    }
}

fn date(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    match Timestamp::from_second(seconds) {
        Ok(time) => time.strftime("%Y-%m-%d").to_string(),
        Err(_) => "a day beyond all calendars".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::{io, time::Duration};

    use rustls::pki_types::ServerName;

    use super::*;

    fn at(days: u64) -> UnixTime {
        UnixTime::since_unix_epoch(Duration::from_hours(24 * days))
    }

    #[test]
    fn host_clock_and_authority_are_told_apart() {
        for (error, expected) in [
            (
                CertificateError::UnknownIssuer,
                "its certificate is signed by an unknown authority",
            ),
            (
                CertificateError::NotValidForNameContext {
                    expected: ServerName::try_from("a.org").unwrap(),
                    presented: vec![
                        "DnsName(\"b.org\")".to_owned(),
                        "IpAddress(1.2.3.4)".to_owned(),
                    ],
                },
                "its certificate is for b.org, 1.2.3.4, not for a.org",
            ),
            (
                CertificateError::ExpiredContext {
                    time: at(20_000),
                    not_after: at(365),
                },
                "its certificate expired on 1971-01-01",
            ),
            (
                CertificateError::NotValidYetContext {
                    time: at(0),
                    not_before: at(365),
                },
                "its certificate is valid from 1971-01-01 on",
            ),
        ] {
            let error = io::Error::other(TlsError::InvalidCertificate(error));
            assert_eq!(reason(&error).unwrap().0, expected);
        }
        assert!(reason(&io::Error::other("else")).is_none());
    }
}
