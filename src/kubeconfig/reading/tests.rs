use std::fmt::Write;

use secrecy::ExposeSecret;

use super::*;

fn read(text: &str) -> Result<Kubeconfig, String> {
    kubeconfig(text.as_bytes(), Path::new("/folder"))
}

#[test]
fn what_kubectl_accepts_is_accepted() {
    let kubeconfig = read(
        "current-context: y\ncurrent-context: x\n\
         contexts: [{name: x, context: {user: u, namespace: a, namespace: b}}, {name: z}]\n\
         clusters: null\nusers:\n- name: u\n  user: {token: old, token: new}\n",
    )
    .unwrap();
    assert_eq!(kubeconfig.current_context.as_deref(), Some("x"));
    let context = kubeconfig.contexts[0].context.as_ref().unwrap();
    assert_eq!(context.cluster, "");
    assert_eq!(context.namespace.as_deref(), Some("b"));
    assert!(kubeconfig.contexts[1].context.is_none());
    let user = kubeconfig.auth_infos[0].auth_info.as_ref().unwrap();
    assert_eq!(user.token.as_ref().unwrap().expose_secret(), "new");
    // The first document is the file.
    let two = read("current-context: a\n---\ncurrent-context: b\n").unwrap();
    assert_eq!(two.current_context.as_deref(), Some("a"));
    assert!(read("").unwrap().contexts.is_empty());
}

#[test]
fn a_file_of_many_thousand_contexts_is_read() {
    let mut text = "contexts:\n".to_owned();
    for number in 0..40_000 {
        writeln!(
            text,
            "- {{name: c{number}, context: {{cluster: a, user: b}}}}"
        )
        .unwrap();
    }
    assert_eq!(read(&text).unwrap().contexts.len(), 40_000);
}

#[test]
fn a_few_lines_that_stand_for_millions_are_refused() {
    let mut text = "extra:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let below = format!("*a{}", level - 1);
        let ten = [below.as_str(); 10].join(", ");
        writeln!(text, "  a{level}: &a{level} [{ten}]").unwrap();
    }
    writeln!(text, "current-context: *a8").unwrap();
    assert!(read(&text).is_err());
}

#[test]
fn each_encoding_of_windows_is_read() {
    let text = "current-context: ä";
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [
        [b"\xff\xfe", little.as_slice()].concat(),
        [b"\xfe\xff", big.as_slice()].concat(),
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
    ] {
        let kubeconfig = kubeconfig(&bytes, Path::new("")).unwrap();
        assert_eq!(kubeconfig.current_context.as_deref(), Some("ä"));
    }
    for (bytes, reason) in [
        (&b"\xff\xfea"[..], "it is not UTF-16"),
        (b"a: \xe4", "it is not UTF-8"),
    ] {
        assert_eq!(kubeconfig(bytes, Path::new("")).unwrap_err(), reason);
    }
}

// Windows separates the parts of a path otherwise.
#[cfg(unix)]
#[test]
fn paths_are_relative_to_the_file_and_an_empty_one_is_none() {
    let kubeconfig = read(
        "clusters: [{name: a, cluster: {certificate-authority: ca.crt}}, {name: b, cluster: {certificate-authority: ''}}]\n\
         users: [{name: u, user: {tokenFile: t, client-key: /k, client-certificate: c/d, exec: {command: ./login}}},\
         {name: v, user: {tokenFile: '', exec: {command: aws}}}]",
    )
    .unwrap();
    let authority = |at: usize| {
        let cluster = kubeconfig.clusters[at].cluster.as_ref().unwrap();
        cluster.certificate_authority.as_deref().unwrap()
    };
    assert_eq!((authority(0), authority(1)), ("/folder/ca.crt", ""));
    let user = |at: usize| kubeconfig.auth_infos[at].auth_info.as_ref().unwrap();
    let command = |at: usize| user(at).exec.as_ref().unwrap().command.as_deref().unwrap();
    assert_eq!(user(0).token_file.as_deref(), Some("/folder/t"));
    assert_eq!(user(0).client_key.as_deref(), Some("/k"));
    assert_eq!(user(0).client_certificate.as_deref(), Some("/folder/c/d"));
    assert_eq!(command(0), "/folder/login");
    assert_eq!(user(1).token_file.as_deref(), Some(""));
    assert_eq!(command(1), "aws");
}

#[test]
fn a_reason_quotes_nothing_of_the_file() {
    for text in [
        "users: [{name: u, user: SECRET}]",
        "users: [{name: u, user: {exec: SECRET}}]",
        "users: [{name: u, user: {token: [SECRET]}}]",
        "users: [{name: u, user: {token: {SECRET: 1}}}]",
        "users: [{name: u, user: {as-groups: SECRET}}]",
        "users: [{name: u, user: {exec: {interactiveMode: SECRET}}}]",
        "users: [{name: u, user: {exec: {provideClusterInfo: SECRET}}}]",
        "users: [{name: u, user: {auth-provider: {name: oidc, config: SECRET}}}]",
        "users: SECRET",
        "SECRET",
        "- SECRET",
        "users:\n- name: me\n  user:\n    token: SECRET\n   bad",
        "clusters: [{name: c, cluster: {insecure-skip-tls-verify: 'SECRET, expected x'}}]",
        "\"SECRET",
        "a: *SECRET",
        "a: !!SECRET b\nusers: 5",
    ] {
        let reason = read(text).err().unwrap_or_default();
        assert!(!reason.contains("SECRET"), "{text}: {reason}");
    }
}
