//! A namespace that is not there is told from a pod that is not, and what may have been meant.

use sandbox::{Sandbox, World};

use crate::plugin::{Ended, Plugin};

/// Fails unless it ended because it could not be done, saying exactly this.
fn assert_refused(ended: &Ended, stderr: &str) {
    assert_eq!((ended.code, ended.stdout.as_str()), (125, ""));
    assert_eq!(ended.stderr, stderr);
}

#[test]
fn a_namespace_that_is_not_there() {
    let world = || World::plain().namespace("production", &[]);
    let run = |sandbox: &Sandbox, namespace: &str, user: &str| {
        Plugin::on(sandbox)
            .args(["app", "-n", namespace, "--user", user])
            .run()
    };
    let sandbox = Sandbox::start(world()).unwrap();
    let missing = "Error from server (NotFound): namespaces \"prodution\" not found\n\
                   hint: did you mean `-n production`?\n";
    // Whoever may read it, or may list all, or has no right to a pod there either.
    assert_refused(&run(&sandbox, "prodution", "admin"), missing);
    let listing = Sandbox::start(
        World::plain()
            .namespace("production", &[])
            .no_rules()
            .rule("devs", true, &["get"], &["pods"])
            .rule("devs", true, &["list"], &["namespaces"])
            .rule("viewers", true, &["get", "list"], &["namespaces"]),
    )
    .unwrap();
    assert_refused(&run(&listing, "prodution", "dev"), missing);
    assert_refused(&run(&listing, "prodution", "viewer"), missing);
    assert_refused(
        &run(&sandbox, "elsewhere", "admin"),
        "Error from server (NotFound): namespaces \"elsewhere\" not found\n\
         hint: `kubectl get namespaces --user=admin` lists those there are\n",
    );
    // Whoever may do neither hears what the server said of the pod.
    let hidden =
        Sandbox::start(world().no_rules().rule("devs", true, &["get"], &["pods"])).unwrap();
    assert_refused(
        &run(&hidden, "prodution", "dev"),
        "Error from server (NotFound): pods \"app\" not found\n\
         hint: `kubectl get pods -n prodution --user=dev` lists the pods of that namespace\n",
    );
}
