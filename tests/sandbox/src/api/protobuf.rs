//! Reads the reviews that typed clients send as protobuf.

use serde_json::{Value, json};

const MAGIC: &[u8] = b"k8s\0";

/// The fields of a message that hold bytes, with their numbers.
fn fields(mut bytes: &[u8]) -> Option<Vec<(u64, &[u8])>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes)?;
        match tag & 7 {
            0 => drop(varint(&mut bytes)?),
            1 => bytes = bytes.get(8..)?,
            2 => {
                let length = usize::try_from(varint(&mut bytes)?).ok()?;
                let (field, rest) = bytes.split_at_checked(length)?;
                fields.push((tag >> 3, field));
                bytes = rest;
            }
            5 => bytes = bytes.get(4..)?,
            _ => return None,
        }
    }
    Some(fields)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn field(bytes: &[u8], number: u64) -> Option<&[u8]> {
    let found = fields(bytes)?
        .into_iter()
        .find(|(other, _)| *other == number);
    found.map(|(_, field)| field)
}

/// Names the fields of a message of strings.
fn strings(bytes: &[u8], names: &[&str]) -> Value {
    let mut object = json!({});
    for (number, text) in fields(bytes).unwrap_or_default() {
        let index = usize::try_from(number)
            .unwrap_or(usize::MAX)
            .wrapping_sub(1);
        if let Some(name) = names.get(index)
            && !text.is_empty()
        {
            object[*name] = json!(String::from_utf8_lossy(text));
        }
    }
    object
}

/// A review as JSON, or `None` if this is no protobuf.
pub(crate) fn review(resource: &str, body: &[u8]) -> Option<Value> {
    const RESOURCE: &[&str] = &[
        "namespace",
        "verb",
        "group",
        "version",
        "resource",
        "subresource",
        "name",
    ];
    let envelope = body.strip_prefix(MAGIC)?;
    let raw = field(envelope, 2).unwrap_or_default();
    let spec = field(raw, 2).unwrap_or_default();
    let spec = match resource {
        "selfsubjectaccessreviews" => {
            let mut value = json!({});
            if let Some(attributes) = field(spec, 1) {
                value["resourceAttributes"] = strings(attributes, RESOURCE);
            }
            if let Some(attributes) = field(spec, 2) {
                value["nonResourceAttributes"] = strings(attributes, &["path", "verb"]);
            }
            value
        }
        "selfsubjectrulesreviews" => strings(spec, &["namespace"]),
        _ => json!({}),
    };
    Some(json!({"spec": spec}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(fields: &[(u8, &[u8])]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (number, field) in fields {
            bytes.push(number << 3 | 2);
            bytes.push(u8::try_from(field.len()).expect("is short"));
            bytes.extend_from_slice(field);
        }
        bytes
    }

    #[test]
    fn an_access_review_is_read() {
        let attributes = message(&[
            (1, b"default"),
            (2, b"create"),
            (5, b"pods"),
            (6, b"attach"),
        ]);
        let spec = message(&[(1, &attributes)]);
        let raw = message(&[(2, &spec)]);
        let envelope = message(&[(1, b""), (2, &raw)]);
        let body = [MAGIC, &envelope].concat();
        let review = review("selfsubjectaccessreviews", &body).expect("is protobuf");
        assert_eq!(
            review["spec"]["resourceAttributes"],
            json!({"namespace": "default", "verb": "create", "resource": "pods",
                "subresource": "attach"})
        );
    }

    #[test]
    fn what_is_cut_short_is_not_read() {
        assert_eq!(fields(&[0x12, 5, 1]), None);
        assert_eq!(review("selfsubjectaccessreviews", b"{}"), None);
    }
}
