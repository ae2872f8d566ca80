use super::*;

fn token(claims: &str) -> String {
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    format!("e30.{}.x", URL_SAFE_NO_PAD.encode(claims))
}

fn login(fields: &[(&str, &str)]) -> Result<OpenId, String> {
    let config = fields.iter().copied();
    let config = config.map(|(name, value)| (name.to_owned(), value.to_owned()));
    OpenId::new(&config.collect(), "me", Vec::new()).map_err(|error| error.to_string())
}

#[test]
fn a_token_is_good_until_shortly_before_its_end() {
    let now = Timestamp::now().as_second();
    for (claims, good) in [
        (format!(r#"{{"exp":{}}}"#, now + 100), true),
        (format!(r#"{{"exp":{}.5}}"#, now + 100), true),
        (format!(r#"{{"exp":{}}}"#, now + 5), false),
        (r#"{"exp":5}"#.to_owned(), false),
    ] {
        let id = token(&claims);
        let fields = [("idp-issuer-url", "https://i"), ("client-id", "c")];
        let login = login(&[fields[0], fields[1], ("id-token", &id)]).unwrap();
        assert_eq!(login.is_good(), good, "{claims}");
    }
}

#[test]
fn what_is_missing_or_no_token_is_named() {
    let issuer = ("idp-issuer-url", "https://i");
    let client = ("client-id", "c");
    for (fields, said) in [
        (
            &[client][..],
            "auth-provider oidc of user \"me\" has no idp-issuer-url",
        ),
        (
            &[issuer, ("client-id", "")],
            "auth-provider oidc of user \"me\" has no client-id",
        ),
        (
            &[issuer, client, ("id-token", "SECRET")],
            "id-token of user \"me\" is no JSON Web Token that ends",
        ),
        (
            &[issuer, client, ("id-token", &token("{}"))],
            "id-token of user \"me\" is no JSON Web Token that ends",
        ),
        (
            &[issuer, client, ("idp-certificate-authority-data", "%")],
            "idp-certificate-authority-data of user \"me\" is not base64",
        ),
        (
            &[issuer, client, ("idp-certificate-authority", "/dev/null")],
            "idp-certificate-authority /dev/null of user \"me\" holds no certificate",
        ),
        (
            &[
                issuer,
                client,
                ("idp-certificate-authority", "/nonexistent/ca"),
            ],
            "cannot read idp-certificate-authority /nonexistent/ca of user \"me\"",
        ),
    ] {
        assert_eq!(login(fields).unwrap_err(), said);
    }
}
