//! Each fault that can be scripted does what it says, seen by a client that hides nothing.

#![expect(clippy::unwrap_used, reason = "in a test, what fails is to panic")]

mod answers;
mod bytes;
mod pods;
mod scene;
mod server;
mod streams;
mod watches;
