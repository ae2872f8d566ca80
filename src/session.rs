//! A session: bytes and sizes between the user's side and a container's stream.
//!
//! Nothing here knows Kubernetes beyond its five channels, nor the real terminal: the near side is
//! handed in as channels, the far side as anything that reads and writes.

mod asciicast;
mod channel;
mod escapes;
mod keyboard;
mod marks;
mod place_in_log;
mod pump;
mod redraw;
mod tally;

pub use asciicast::Asciicast;
pub use channel::Protocol;
pub use escapes::Order;
pub use keyboard::Keyboard;
pub use marks::{Mark, Piece, Scanner};
pub use place_in_log::{PlaceInLog, Rotated};
pub use pump::{Input, Near, SessionEnd, run};
pub use tally::{Passing, Tally};
