//! The plugin as users have it, from argv to exit code, against a sandbox.
//!
//! - `plugin`    runs the binary without a terminal; `screen` runs it, or another program, in one
//! - `secrets`   no run may show one; `shown_secrets` proves that this is seen
//! - `servers`   Kubernetes of other ages; `historic` is the one of 1.16 to 1.21
//! - `once`      one wish, one container, whatever becomes of the request
//! - `session`   the main job with a terminal: prompt, keys, size, Ctrl-C, exit code
//! - `output`    the main job without one: output, errors, pipes, exit codes
//! - `held`      output that is whole whatever server, shell and network do to it; `piped`: input as well; `archives`: much of it
//! - `refusals`  each thing that can go wrong: one clear error, the right code
//! - `same_cluster` lines to paste lead to the cluster of the run that said them
//! - `restored`  the terminal comes back as it was, however it ends
//! - `reconnect` a connection that is lost, and the way back into the same shell; `outage`: keys meanwhile
//! - `detach`    the keys that leave a session, and the escapes; `suspended` stops and continues it
//! - `recording` a session as a file that players understand
//! - `modes`     what a program left on in the terminal is undone; `background` terminals that cannot be used
//! - `faults`    what network and server do to a session, and what becomes of it
//! - `flat_memory` however much flows, little of it is in memory
//! - `dry_run`   what would be added, or was, printed; `record` tells how a command went
//! - `printed`   what we print can be read again, by us and by stock kubectl
//! - `traffic`   what is asked of the API server, and how often
//! - `attach`    going back to a container; `returning`: where not all is said
//! - `access`    which cluster, and as whom: files and flags; `access_credentials`, `access_in_pod`, `access_openid`, `access_proxy`,
//!   `access_tls`, `access_wire`, `access_stock`; `listener` has the small servers they need
//! - `profiles`  what the container may do, and as whom; `setup`: what it takes over and is given
//! - `list`      what was ever added, and its state; `scale` clusters and namespaces that are large
//! - `check`     would it work here, and what stands against it
//! - `completing` what a shell is answered that completes a word; `completion_setup` how it comes to ask; `shells`: Tab in each of them
//! - `version`   which versions are at work
//! - `bad_access`, `bad_login`, `surroundings`  bad input by the rows of a list: kubeconfigs, credentials,
//!   variables
//! - `security`  secrets that do not leave us, and servers that lie
//! - `client_keys`  each kind of key with which a user may prove who they are; `own_certificate` is their server
//! - `plugin_ends`  how credential plug-ins end
//! - `manifests` containers from files; `bad_manifests`: files that cannot be used, by the rows of that list;
//!   `server_words`: the server's words for what they ask for
//! - `namespaces`  one that is not there
//! - `help`      what the words of the command line are
//! - `bad_names` names that lead nowhere; `bad_words` values that no flag takes
//! - `picking`   no pod named: a list to pick from
//! - `workloads` one of the pods of a workload
//! - `watching`  a pod, across what interrupts watches
//! - `odd_answers`  servers whose answers are like no other's; `seen` keeps what runs did, for `make faults`
//! - `rows_before_stream`  what can fail before a container is added; `rows_in_the_wait` and after;
//!   `rows_of_the_upgrade` and `rows_of_the_stream`: what can happen to the stream
//! - `verdicts`  recorded waits, replayed; `waits` the wait as a user sees it
//! - `wrong_clock`  the clock of the machine is wrong
//! - `stock`     stock kubectl on the sandbox, so that the sandbox stays honest

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot be set up fails"
)]

mod access;
mod access_credentials;
mod access_in_pod;
mod access_openid;
mod access_proxy;
mod access_stock;
mod access_tls;
mod access_wire;
mod archives;
mod attach;
mod background;
mod bad_access;
mod bad_login;
mod bad_manifests;
mod bad_names;
mod bad_words;
mod check;
mod client_keys;
mod completing;
mod completion_setup;
mod detach;
mod dry_run;
mod faults;
mod flat_memory;
mod held;
mod help;
mod historic;
mod list;
mod listener;
mod manifests;
mod modes;
mod namespaces;
mod odd_answers;
mod once;
mod outage;
mod output;
mod own_certificate;
mod picking;
mod piped;
mod plugin;
mod plugin_ends;
mod printed;
mod profiles;
mod reconnect;
mod record;
mod recording;
mod refusals;
mod restored;
mod returning;
mod rows_before_stream;
mod rows_in_the_wait;
mod rows_of_the_stream;
mod rows_of_the_upgrade;
mod same_cluster;
mod scale;
mod screen;
mod secrets;
mod security;
mod seen;
mod server_words;
mod servers;
mod session;
mod setup;
mod shells;
mod shown_secrets;
mod stock;
mod surroundings;
mod suspended;
mod traffic;
mod verdicts;
mod version;
mod waits;
mod watching;
mod workloads;
mod wrong_clock;
