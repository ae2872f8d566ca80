//! What comes before a container is created: its image, its user, its target; and what goes wrong there.

use std::time::Duration;

use serde_json::Value;

use super::event::Event;
use crate::image::{self, Image};

/// Why a container cannot be created yet; the kubelet tries again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    pub(crate) reason: &'static str,
    pub(crate) message: String,
    pub(crate) events: Vec<Event>,
    /// Whether the image is to blame, so that the next attempts are spaced out.
    pub(crate) backs_off: bool,
}

impl Trouble {
    fn new(reason: &'static str, message: String, events: Vec<Event>) -> Self {
        Self {
            reason,
            message,
            events,
            backs_off: false,
        }
    }

    fn failed(reason: &'static str, message: String) -> Self {
        let events = vec![Event::warning("Failed", format!("Error: {message}"))];
        Self::new(reason, message, events)
    }

    /// What a container refers to is missing.
    pub(crate) fn configuration(message: &str) -> Self {
        Self::failed("CreateContainerConfigError", message.to_owned())
    }

    /// The pod is to end; nobody is told of the container any more.
    pub(crate) fn interrupted() -> Self {
        Self::new("ContainerCreating", String::new(), Vec::new())
    }

    /// The pod is to end while its image is pulled: the call to the runtime is given up.
    pub(crate) fn pull_interrupted(name: &str) -> Self {
        let error = "rpc error: code = Canceled desc = context canceled";
        Self::new("ErrImagePull", error.to_owned(), pull_events(name, error))
    }

    /// The syncs at which a failed pull is not repeated.
    pub(crate) fn backing_off(name: &str, last: &str) -> Self {
        let message = format!("Back-off pulling image \"{name}\"");
        Self::new(
            "ImagePullBackOff",
            format!("{message}: ErrImagePull: {last}"),
            vec![
                Event::normal("BackOff", message),
                Event::warning("Failed", "Error: ImagePullBackOff"),
            ],
        )
    }
}

/// How the image gets to the node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ImagePlan {
    Present,
    Pull,
}

/// Decides about the image without pulling it.
pub(crate) fn plan_image(spec: &Value, recipe: &Image) -> Result<ImagePlan, Trouble> {
    let name = spec["image"].as_str().unwrap_or_default();
    if let Some(error) = image::name_error(name) {
        let events = vec![
            Event::warning("InspectFailed", error.clone()),
            Event::warning("Failed", "Error: InvalidImageName"),
        ];
        return Err(Trouble::new("InvalidImageName", error, events));
    }
    let policy = spec["imagePullPolicy"].as_str().unwrap_or("IfNotPresent");
    match (policy, recipe.is_present()) {
        ("Never", false) => {
            let message =
                format!("Container image \"{name}\" is not present with pull policy of Never");
            let events = vec![
                Event::warning("ErrImageNeverPull", message.clone()),
                Event::warning("Failed", "Error: ErrImageNeverPull"),
            ];
            Err(Trouble::new("ErrImageNeverPull", message, events))
        }
        ("Always", _) | (_, false) => Ok(ImagePlan::Pull),
        (_, true) => Ok(ImagePlan::Present),
    }
}

/// What a pull came to.
pub(crate) fn pulled(name: &str, recipe: &Image, took: Duration) -> Result<Event, Trouble> {
    if let Some(error) = recipe.pull_error(name) {
        let events = pull_events(name, &error);
        let mut trouble = Trouble::new("ErrImagePull", error, events);
        trouble.backs_off = true;
        return Err(trouble);
    }
    let took = if took < Duration::from_secs(1) {
        format!("{}ms", took.as_millis())
    } else {
        format!("{:.3}s", took.as_secs_f64())
    };
    Ok(Event::normal(
        "Pulled",
        format!(
            "Successfully pulled image \"{name}\" in {took} ({took} including waiting). Image size: {} bytes.",
            recipe.size()
        ),
    ))
}

fn pull_events(name: &str, error: &str) -> Vec<Event> {
    let message = format!("Failed to pull image \"{name}\": {error}");
    vec![
        Event::warning("Failed", message),
        Event::warning("Failed", "Error: ErrImagePull"),
    ]
}

/// A container that must not run as root, in an image that does.
pub(crate) fn check_user(pod: &Value, spec: &Value, recipe: &Image) -> Result<(), Trouble> {
    let setting = |field: &str| {
        let own = &spec["securityContext"][field];
        if own.is_null() {
            &pod["spec"]["securityContext"][field]
        } else {
            own
        }
    };
    if setting("runAsNonRoot") != true {
        return Ok(());
    }
    let who = format!(
        "(pod: \"{}_{}({})\", container: {})",
        text(&pod["metadata"]["name"]),
        text(&pod["metadata"]["namespace"]),
        text(&pod["metadata"]["uid"]),
        text(&spec["name"]),
    );
    let message = match setting("runAsUser").as_u64() {
        Some(0) => format!("container's runAsUser breaks non-root policy {who}"),
        None if !recipe.is_non_root() => {
            format!("container has runAsNonRoot and image will run as root {who}")
        }
        None | Some(_) => return Ok(()),
    };
    Err(Trouble::configuration(&message))
}

/// A target that is not running; `target_id` is the id of its last run, if it ever had one.
pub(crate) fn target_is_not_running(target: &str, target_id: Option<&str>, id: &str) -> Trouble {
    let Some(target_id) = target_id else {
        return Trouble::configuration(&format!("unable to find target container {target}"));
    };
    let message = format!(
        "failed to generate container \"{id}\" spec: failed to generate spec opts: invalid target container: \
         container \"{target_id}\" is not running - in state CONTAINER_EXITED"
    );
    Trouble::failed("CreateContainerError", message)
}

/// A container whose image says as little as its spec of what is to run.
pub(crate) fn no_command(id: &str) -> Trouble {
    let message = format!(
        "failed to generate container \"{id}\" spec: failed to generate spec: no command specified"
    );
    Trouble::failed("CreateContainerError", message)
}

/// A container whose first process could not be started; the error is runc's.
pub(crate) fn not_run(error: &str) -> Trouble {
    let message = format!(
        "failed to create containerd task: failed to create shim task: OCI runtime create failed: \
         runc create failed: unable to start container process: {error}"
    );
    Trouble::failed("RunContainerError", message)
}

/// A container that ends again and again, and is to wait.
pub(crate) fn crash_loop(name: &str, pod: &str, doublings: u32) -> Trouble {
    // The words are those of the real waits, of which the sandbox's are a part.
    let seconds = (10 * 2_u64.pow(doublings.min(5))).min(300);
    let wait = match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds}s"),
        (minutes, seconds) => format!("{minutes}m{seconds}s"),
    };
    let event = format!("Back-off restarting failed container {name} in pod {pod}");
    Trouble::new(
        "CrashLoopBackOff",
        format!("back-off {wait} restarting failed container={name} pod={pod}"),
        vec![Event::warning("BackOff", event)],
    )
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_image_that_is_not_there_is_pulled_unless_that_is_forbidden() {
        let spec = |policy: &str| json!({"image": "nosuch:2", "imagePullPolicy": policy});
        let recipe = Image::not_found();
        assert_eq!(
            plan_image(&spec("IfNotPresent"), &recipe),
            Ok(ImagePlan::Pull)
        );
        let never = plan_image(&spec("Never"), &recipe).expect_err("is not present");
        assert_eq!(never.reason, "ErrImageNeverPull");
        let shell = Image::shell();
        assert_eq!(plan_image(&spec("Always"), &shell), Ok(ImagePlan::Pull));
        assert_eq!(plan_image(&spec("Never"), &shell), Ok(ImagePlan::Present));
    }

    #[test]
    fn a_root_image_is_refused_where_root_is() {
        let pod = json!({
            "metadata": {"name": "app", "namespace": "default", "uid": "u"},
            "spec": {"securityContext": {"runAsNonRoot": true}},
        });
        let spec = json!({"name": "d"});
        let trouble = check_user(&pod, &spec, &Image::shell()).expect_err("is root");
        assert_eq!(
            trouble.message,
            "container has runAsNonRoot and image will run as root (pod: \"app_default(u)\", container: d)"
        );
        assert!(check_user(&pod, &spec, &Image::shell().non_root()).is_ok());
        let user = json!({"name": "d", "securityContext": {"runAsUser": 1000}});
        assert!(check_user(&pod, &user, &Image::shell()).is_ok());
    }
}
