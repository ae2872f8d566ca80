//! Faults by script: what happens to which request, or to the stream it opens.
//!
//! ```text
//! sandbox.on(Request::attach().first()).cut_after(4096);
//! sandbox.on(Request::patch().nth(2)).answer(503).header("Retry-After", "1");
//! sandbox.on(Request::patch().first()).apply_then_reset();
//! ```

pub(crate) mod answer;
mod count;
mod matching;
mod overtaken;
mod pings;
pub(crate) mod plan;
mod pods;
mod script;
mod server;
pub(crate) mod wire;

use std::sync::{Arc, Mutex};

pub use self::matching::Request;
pub(crate) use self::overtaken::by_somebody_else;
pub use self::script::Script;

use self::plan::Plan;
use crate::{Sandbox, lock};

/// A request and what happens to it.
#[derive(Debug)]
pub(crate) struct Rule {
    request: Request,
    seen: usize,
    hits: usize,
    plan: Plan,
}

/// All that is scripted.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Mutex<Vec<Arc<Mutex<Rule>>>>,
}

impl Faults {
    fn add(&self, request: Request) -> Arc<Mutex<Rule>> {
        let rule = Arc::new(Mutex::new(Rule {
            request,
            seen: 0,
            hits: 0,
            plan: Plan::default(),
        }));
        lock(&self.rules).push(Arc::clone(&rule));
        rule
    }

    /// What happens to a request; each rule that is about it counts it.
    pub(crate) fn plan<B>(&self, request: &http::Request<B>) -> Plan {
        let mut plan = Plan::default();
        for rule in lock(&self.rules).iter() {
            let mut rule = lock(rule);
            if !rule.request.is_about(request) {
                continue;
            }
            rule.seen += 1;
            if rule.request.means(rule.seen) {
                rule.hits += 1;
                plan.add(&rule.plan);
            }
        }
        plan
    }
}

impl Sandbox {
    /// Scripts what happens to such requests from now on; several scripts for one request add up.
    pub fn on(&self, request: Request) -> Script {
        Script::new(self.started.faults.add(request))
    }
}
