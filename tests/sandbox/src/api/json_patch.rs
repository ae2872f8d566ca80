//! Applies a JSON patch (RFC 6902).

use serde_json::Value;

/// The patch cannot be applied to this object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DoesNotApply;

pub(crate) fn apply(object: &mut Value, patch: &[Value]) -> Result<(), DoesNotApply> {
    for operation in patch {
        let at = operation["path"].as_str().ok_or(DoesNotApply)?;
        let value = || operation.get("value").cloned().ok_or(DoesNotApply);
        let from = || operation["from"].as_str().ok_or(DoesNotApply);
        match operation["op"].as_str() {
            Some("add") => add(object, at, value()?)?,
            Some("remove") => drop(remove(object, at)?),
            Some("replace") => {
                remove(object, at)?;
                add(object, at, value()?)?;
            }
            Some("test") if object.pointer(at) == Some(&value()?) => {}
            Some("move") => {
                let moved = remove(object, from()?)?;
                add(object, at, moved)?;
            }
            Some("copy") => {
                let copied = object.pointer(from()?).cloned().ok_or(DoesNotApply)?;
                add(object, at, copied)?;
            }
            _ => return Err(DoesNotApply),
        }
    }
    Ok(())
}

fn parent<'a>(object: &'a mut Value, path: &str) -> Result<(&'a mut Value, String), DoesNotApply> {
    let (parent, last) = path.rsplit_once('/').ok_or(DoesNotApply)?;
    let last = last.replace("~1", "/").replace("~0", "~");
    Ok((object.pointer_mut(parent).ok_or(DoesNotApply)?, last))
}

fn add(object: &mut Value, path: &str, value: Value) -> Result<(), DoesNotApply> {
    if path.is_empty() {
        *object = value;
        return Ok(());
    }
    let (parent, last) = parent(object, path)?;
    if let Some(fields) = parent.as_object_mut() {
        fields.insert(last, value);
        return Ok(());
    }
    let items = parent.as_array_mut().ok_or(DoesNotApply)?;
    let index = if last == "-" {
        items.len()
    } else {
        last.parse().map_err(|_| DoesNotApply)?
    };
    if index > items.len() {
        return Err(DoesNotApply);
    }
    items.insert(index, value);
    Ok(())
}

fn remove(object: &mut Value, path: &str) -> Result<Value, DoesNotApply> {
    let (parent, last) = parent(object, path)?;
    if let Some(fields) = parent.as_object_mut() {
        return fields.remove(&last).ok_or(DoesNotApply);
    }
    let items = parent.as_array_mut().ok_or(DoesNotApply)?;
    let index: usize = last.parse().map_err(|_| DoesNotApply)?;
    if index >= items.len() {
        return Err(DoesNotApply);
    }
    Ok(items.remove(index))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn items_are_added_at_the_end_of_a_list_that_is_there() {
        let patch = [json!({"op": "add", "path": "/list/-", "value": 2})];
        let mut object = json!({"list": [1]});
        assert_eq!(apply(&mut object, &patch), Ok(()));
        assert_eq!(object, json!({"list": [1, 2]}));
        assert_eq!(apply(&mut json!({}), &patch), Err(DoesNotApply));
    }

    #[test]
    fn a_test_that_fails_stops_it() {
        let patch = [json!({"op": "test", "path": "/a", "value": "other"})];
        assert_eq!(apply(&mut json!({"a": "b"}), &patch), Err(DoesNotApply));
        assert_eq!(apply(&mut json!({"a": "other"}), &patch), Ok(()));
    }
}
