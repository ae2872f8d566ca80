//! What old kubelets and runtimes said in other words than those of today.

use super::Server;

/// A message about a container as the server's kubelet and runtime worded it.
pub(crate) fn worded(server: Server, message: &str, container: &str) -> String {
    if server == Server::V1_36 {
        return message.to_owned();
    }
    match message {
        "Container created" => return format!("Created container {container}"),
        "Container started" => return format!("Started container {container}"),
        _ => {}
    }
    let mut message = message.replace(
        "already present on machine and can be accessed by the pod",
        "already present on machine",
    );
    if message.starts_with("Successfully pulled") {
        let end = if server.minor() < 28 {
            " ("
        } else {
            " Image size"
        };
        if let Some((start, _)) = message.split_once(end) {
            message = start.trim_end_matches('.').to_owned();
        }
    }
    if message.starts_with("Back-off pulling image")
        && let Some((start, _)) = message.split_once(": ErrImagePull")
    {
        message = start.to_owned();
    }
    if message.ends_with("executable file not found in $PATH") {
        message.push_str(": unknown");
    }
    if server.minor() < 28 {
        message = message.replace(
            "couldn't parse image name",
            "couldn't parse image reference",
        );
    }
    without_library(&resolving(&message))
}

/// What is said of a command that failed, up to its exit code.
pub(crate) fn exec_failure(server: Server, command: &[String]) -> String {
    if server == Server::V1_36 {
        return "command terminated with".to_owned();
    }
    format!("error executing command [{}],", command.join(" "))
}

/// The runtime named the reference that it could not resolve.
fn resolving(message: &str) -> String {
    let Some((start, rest)) = message.split_once("failed to resolve image: ") else {
        return message.to_owned();
    };
    let quoted = start.rsplit("unpack image ").next().unwrap_or_default();
    let name = quoted.trim_end_matches(": ");
    format!("{start}failed to resolve reference {name}: {rest}")
}

/// It did not say which part of a name is wrong.
fn without_library(message: &str) -> String {
    match message.split_once("repository name (") {
        Some((start, rest)) => match rest.split_once(") must be lowercase") {
            Some((_, end)) => format!("{start}repository name must be lowercase{end}"),
            None => message.to_owned(),
        },
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_those_of_the_time() {
        let old = |message: &str| worded(Server::V1_28, message, "d");
        assert_eq!(old("Container started"), "Started container d");
        assert_eq!(
            old(
                "rpc error: failed to pull and unpack image \"x:1\": failed to resolve image: x:1: not found"
            ),
            "rpc error: failed to pull and unpack image \"x:1\": failed to resolve reference \"x:1\": x:1: not found"
        );
        let pulled = "Successfully pulled image \"x\" in 6.1s (6.2s including waiting). Image size: 1 bytes.";
        assert_eq!(
            old(pulled),
            "Successfully pulled image \"x\" in 6.1s (6.2s including waiting)"
        );
        assert_eq!(
            worded(Server::V1_21, pulled, "d"),
            "Successfully pulled image \"x\" in 6.1s"
        );
        assert_eq!(
            old(
                "Failed to apply default image tag \"Busy Box:1\": couldn't parse image name \"Busy Box:1\": \
                 invalid reference format: repository name (library/Busy Box) must be lowercase"
            ),
            "Failed to apply default image tag \"Busy Box:1\": couldn't parse image name \"Busy Box:1\": \
             invalid reference format: repository name must be lowercase"
        );
    }
}
