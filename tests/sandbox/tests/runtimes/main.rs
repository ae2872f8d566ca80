//! What becomes of a session and of its container, by runtime, by kind of container and by event.
//!
//! One test for each cell of the table:
//!
//! | event | terminal | pipes, `stdinOnce` | pipes |
//! |---|---|---|---|
//! | client half-closes stdin | containerd: the attach ends; CRI-O: output goes on | the container's stdin is closed, output goes on | the attach ends |
//! | socket lost | the container lives | the process sees the end of its stdin | the container lives |
//! | container exits | `Success` | `Success` | `Success` |

#![expect(clippy::unwrap_used, reason = "in a test, what fails is to panic")]

mod clients;
mod scene;

macro_rules! cells {
    ($runtime:ident, $name:ident, $($kind:ident: $half_close:ident, $lost:ident;)+) => {
        mod $name {
            $(mod $kind {
                use crate::scene::{Kind, Scene};

                fn scene() -> Scene {
                    Scene::new(sandbox::Runtime::$runtime, Kind::$kind())
                }

                #[test]
                fn half_close() {
                    scene().$half_close();
                }

                #[test]
                fn socket_lost() {
                    scene().$lost();
                }

                #[test]
                fn container_exits() {
                    scene().ends_with_success();
                }
            })+
        }
    };
}

cells!(
    Containerd,
    containerd,
    terminal: half_close_ends_the_attach, loss_is_not_noticed;
    pipes_once: half_close_closes_stdin, loss_closes_stdin;
    pipes: half_close_ends_the_attach, loss_is_not_noticed;
);

cells!(
    CriO,
    cri_o,
    terminal: half_close_does_nothing, loss_is_not_noticed;
    pipes_once: half_close_closes_stdin, loss_closes_stdin;
    pipes: half_close_ends_the_attach, loss_is_not_noticed;
);
