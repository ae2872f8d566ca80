//! Somebody else who does the same, a moment before.

use serde_json::{Value, json};

use crate::api::Call;

/// The same request by somebody else: the ephemeral containers in it have another image.
pub(crate) fn by_somebody_else(call: &Call) -> Call {
    let mut body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let list = match body.pointer_mut("/spec/ephemeralContainers") {
        Some(list) => Some(list),
        None => body.get_mut("ephemeralContainers"),
    };
    for container in list.and_then(Value::as_array_mut).into_iter().flatten() {
        container["image"] = json!("busybox:theirs");
    }
    Call {
        method: call.method.clone(),
        path: call.path.clone(),
        query: call.query.clone(),
        headers: call.headers.clone(),
        body: body.to_string().into(),
        upgrade: None,
        user: call.user.clone(),
        line: call.line.clone(),
        lie: None,
    }
}
