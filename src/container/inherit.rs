//! What the container takes over from its target.

use k8s_openapi::api::core::v1::{
    Container, EnvFromSource, EnvVar, Pod, Volume, VolumeDevice, VolumeMount,
};

use super::{Setup, Target, target, user};
use crate::error::Error;

/// Where a service-account token lies in every container, unless its pod says otherwise.
const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
/// How the volumes are called that admission makes for these tokens.
const TOKEN_VOLUME: &str = "kube-api-access-";

/// What the container takes over, and what is to be said about it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inherited {
    pub(super) environment: Vec<EnvVar>,
    pub(super) environment_from: Vec<EnvFromSource>,
    pub(super) mounts: Vec<VolumeMount>,
    pub(super) devices: Vec<VolumeDevice>,
    /// The container it is taken from, if anything is.
    pub from: Option<String>,
    /// Where the mounts are that an ephemeral container cannot have.
    pub left_out: Vec<String>,
    /// The target, if it is not known as which user it runs and that was to be taken over.
    pub no_user_of: Option<String>,
    /// The service account whose token comes along.
    pub token_of: Option<String>,
}

/// Takes over from the target what the user wants.
pub fn inherited(setup: &Setup, target: &Target, pod: &Pod) -> Result<Inherited, Error> {
    if setup.inherit.is_empty() {
        return Ok(Inherited::default());
    }
    let container = target::of_whom(target, pod)
        .ok_or_else(|| Error::usage("`--inherit` needs a target, and this pod has none"))?;
    let mut inherited = Inherited {
        from: Some(container.name.clone()),
        ..Inherited::default()
    };
    if setup.inherit.environment {
        let variables = container.env.iter().flatten();
        inherited.environment = variables
            .map(|variable| of_target(variable, container))
            .collect();
        inherited.environment_from = container.env_from.clone().unwrap_or_default();
    }
    let asked = setup.inherit.user && setup.run_as.is_none();
    if asked && user::of_container(pod, container).is_none() {
        inherited.no_user_of = Some(container.name.clone());
    }
    if setup.inherit.mounts {
        take_mounts(&mut inherited, container, pod);
    }
    Ok(inherited)
}

impl Inherited {
    /// Returns the whole environment: what the user sets stands where the target had it, or at the end.
    pub(super) fn environment_with(&self, own: &[EnvVar]) -> Vec<EnvVar> {
        let is_own = |variable: &EnvVar| own.iter().find(|other| other.name == variable.name);
        let taken = self.environment.iter();
        let mut all: Vec<_> = taken
            .map(|variable| is_own(variable).unwrap_or(variable).clone())
            .collect();
        let is_new = |variable: &&EnvVar| {
            !self
                .environment
                .iter()
                .any(|other| other.name == variable.name)
        };
        all.extend(own.iter().filter(is_new).cloned());
        all
    }
}

/// Lets a variable mean in another container what it means in its own: where it stands for a limit or a
/// request and names no container, it would be that of the new one, which has none.
fn of_target(variable: &EnvVar, container: &Container) -> EnvVar {
    let mut variable = variable.clone();
    let source = variable.value_from.as_mut();
    if let Some(resource) = source.and_then(|source| source.resource_field_ref.as_mut()) {
        let name = resource.container_name.as_deref();
        if name.is_none_or(str::is_empty) {
            resource.container_name = Some(container.name.clone());
        }
    }
    variable
}

fn take_mounts(inherited: &mut Inherited, container: &Container, pod: &Pod) {
    for mount in container.volume_mounts.iter().flatten() {
        let is_set = |path: &Option<String>| path.as_deref().is_some_and(|path| !path.is_empty());
        if is_set(&mount.sub_path) || is_set(&mount.sub_path_expr) {
            inherited.left_out.push(mount.mount_path.clone());
            continue;
        }
        if holds_token(mount, pod) {
            let spec = pod.spec.as_ref();
            let account = spec.and_then(|spec| spec.service_account_name.clone());
            inherited.token_of = Some(account.unwrap_or_else(|| "default".to_owned()));
        }
        let mut mount = mount.clone();
        // To mount something for others takes privileges; to see what others mount does not.
        if mount.mount_propagation.as_deref() == Some("Bidirectional") {
            mount.mount_propagation = Some("HostToContainer".to_owned());
        }
        inherited.mounts.push(mount);
    }
    inherited.devices = container.volume_devices.clone().unwrap_or_default();
}

fn holds_token(mount: &VolumeMount, pod: &Pod) -> bool {
    let volumes = pod
        .spec
        .iter()
        .flat_map(|spec| spec.volumes.iter().flatten());
    let mut named = volumes.filter(|volume| volume.name == mount.name);
    mount.mount_path.trim_end_matches('/') == TOKEN_PATH
        || mount.name.starts_with(TOKEN_VOLUME)
        || named.any(projects_token)
}

fn projects_token(volume: &Volume) -> bool {
    let projected = volume.projected.iter();
    let mut sources = projected.flat_map(|projected| projected.sources.iter().flatten());
    sources.any(|source| source.service_account_token.is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        cli::Cli,
        container::{TargetWish, choose_target},
    };

    fn pod(container: &Value) -> Pod {
        let mut target = container.clone();
        target["name"] = json!("api");
        serde_json::from_value(json!({
            "metadata": {"name": "web"},
            "spec": {
                "serviceAccountName": "shop",
                "volumes": [
                    {"name": "data", "emptyDir": {}},
                    {"name": "vault", "projected": {"sources": [
                        {"serviceAccountToken": {"path": "token", "audience": "vault"}}]}},
                ],
                "containers": [target, {"name": "side", "env": [{"name": "SIDE", "value": "1"}]}],
            },
        }))
        .unwrap()
    }

    fn taken(words: &[&str], container: &Value) -> Inherited {
        let words = ["kubectl-ephemeral", "web"].iter().chain(words);
        let cli = Cli::parse_words(words.map(Into::into)).unwrap();
        let setup = Setup::new(&cli.debug.setup, &TargetWish::Main).unwrap();
        let pod = pod(container);
        let target = choose_target(&TargetWish::Main, &pod).unwrap();
        inherited(&setup, &target, &pod).unwrap()
    }

    #[test]
    fn nothing_is_taken_unasked() {
        let container = json!({"env": [{"name": "A", "value": "1"}],
            "volumeMounts": [{"name": "data", "mountPath": "/data"}]});
        assert_eq!(taken(&[], &container), Inherited::default());
        let inherited = taken(&["--inherit=user", "--run-as=7"], &container);
        let nothing = Inherited {
            from: Some("api".to_owned()),
            ..Inherited::default()
        };
        assert_eq!(inherited, nothing);
    }

    #[test]
    fn a_user_that_is_not_known_is_said_to_be() {
        let known = json!({"securityContext": {"runAsUser": 7}});
        let unknown = json!({});
        let said = |words: &[&str], container: &Value| taken(words, container).no_user_of;
        assert_eq!(said(&["--inherit=user"], &known), None);
        let of_api = Some("api".to_owned());
        assert_eq!(said(&["--inherit=user"], &unknown), of_api);
        assert_eq!(said(&["--inherit=user", "--run-as=7"], &unknown), None);
    }

    #[test]
    fn variables_mean_what_they_mean_in_the_target() {
        let container = json!({
            "env": [
                {"name": "A", "value": "1"},
                {"name": "B", "value": "$(A)"},
                {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
                {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
                {"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
                {"name": "SIDE", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "containerName": "side"}}},
            ],
            "envFrom": [{"configMapRef": {"name": "c"}}],
        });
        let inherited = taken(&["--inherit", "env"], &container);
        let own = [("A", "2"), ("NEW", "3")].map(|(name, value)| EnvVar {
            name: name.to_owned(),
            value: Some(value.to_owned()),
            value_from: None,
        });
        let all = serde_json::to_value(inherited.environment_with(&own)).unwrap();
        let mut expected = container["env"].clone();
        expected[0]["value"] = json!("2");
        expected[4]["valueFrom"]["resourceFieldRef"]["containerName"] = json!("api");
        expected
            .as_array_mut()
            .unwrap()
            .push(json!({"name": "NEW", "value": "3"}));
        assert_eq!(all, expected);
        assert_eq!(
            serde_json::to_value(&inherited.environment_from).unwrap(),
            container["envFrom"]
        );
        assert_eq!(inherited.mounts, []);
    }

    #[test]
    fn mounts_that_cannot_be_had_are_named_and_a_token_is_noticed() {
        let container = json!({
            "volumeMounts": [
                {"name": "data", "mountPath": "/data", "readOnly": true},
                {"name": "data", "mountPath": "/etc/app.conf", "subPath": "app.conf"},
                {"name": "data", "mountPath": "/log", "subPathExpr": "$(POD)"},
                {"name": "data", "mountPath": "/shared", "mountPropagation": "Bidirectional"},
            ],
            "volumeDevices": [{"name": "disk", "devicePath": "/dev/xvda"}],
        });
        let inherited = taken(&["--inherit=mounts"], &container);
        assert_eq!(inherited.left_out, ["/etc/app.conf", "/log"]);
        assert_eq!(inherited.token_of, None);
        assert_eq!(
            serde_json::to_value(&inherited.mounts).unwrap(),
            json!([
                {"name": "data", "mountPath": "/data", "readOnly": true},
                {"name": "data", "mountPath": "/shared", "mountPropagation": "HostToContainer"},
            ])
        );
        assert_eq!(inherited.devices.len(), 1);
        assert!(inherited.environment.is_empty());

        for mount in [
            json!({"name": "kube-api-access-x7k2p", "mountPath": "/token"}),
            json!({"name": "any", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount/"}),
            json!({"name": "vault", "mountPath": "/vault"}),
        ] {
            let inherited = taken(&["--inherit=all"], &json!({"volumeMounts": [mount]}));
            assert_eq!(inherited.token_of.as_deref(), Some("shop"), "{mount}");
        }
    }
}
