//! The form in which a client wants objects: whole, as rows of a table, or only their metadata.

use std::sync::Arc;

use serde_json::{Value, json};

use super::discovery::Resource;
use super::query::Query;
use super::table;
use crate::managed_fields;

/// How objects are written for one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Whole,
    Metadata,
    Table(IncludeObject),
}

/// What goes along with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IncludeObject {
    Metadata,
    Object,
    None,
}

impl Form {
    /// The first form of the `Accept` header that there is.
    pub(crate) fn asked(accept: &str, query: &Query) -> Self {
        let include = match query.get("includeObject") {
            Some("Object") => IncludeObject::Object,
            Some("None") => IncludeObject::None,
            _ => IncludeObject::Metadata,
        };
        for media in accept.split(',') {
            let media: Vec<&str> = media.split(';').map(str::trim).collect();
            if !matches!(media.first(), Some(&("application/json" | "*/*"))) {
                continue;
            }
            let is = |parameter: &str| media.contains(&parameter);
            if is("as=Table") && is("v=v1") {
                return Self::Table(include);
            }
            if (is("as=PartialObjectMetadataList") || is("as=PartialObjectMetadata")) && is("v=v1")
            {
                return Self::Metadata;
            }
            if media.iter().all(|part| !part.starts_with("as=")) {
                return Self::Whole;
            }
        }
        Self::Whole
    }

    pub(crate) fn object(self, resource: &Resource, object: &Value) -> Value {
        match self {
            Self::Whole => with_kind(resource, object),
            Self::Metadata => metadata_only(object),
            Self::Table(include) => {
                let mut list = table::render(resource, std::iter::once(object), include);
                list["metadata"] =
                    json!({"resourceVersion": object["metadata"]["resourceVersion"]});
                list
            }
        }
    }

    pub(crate) fn list(self, resource: &Resource, metadata: Value, items: &[Arc<Value>]) -> Value {
        match self {
            Self::Whole => json!({
                "kind": format!("{}List", resource.kind),
                "apiVersion": resource.api_version(),
                "metadata": metadata,
                "items": items.iter().map(|item| without_kind(item)).collect::<Vec<_>>(),
            }),
            Self::Metadata => json!({
                "kind": "PartialObjectMetadataList",
                "apiVersion": "meta.k8s.io/v1",
                "metadata": metadata,
                "items": items.iter().map(|item| metadata_only(item)).collect::<Vec<_>>(),
            }),
            Self::Table(include) => {
                let mut list = table::render(resource, items.iter().map(|item| &**item), include);
                list["metadata"] = metadata;
                list
            }
        }
    }
}

fn with_kind(resource: &Resource, object: &Value) -> Value {
    let mut object = object.clone();
    object["kind"] = json!(resource.kind);
    object["apiVersion"] = json!(resource.api_version());
    managed_fields::expand(&mut object);
    object
}

/// Items of a list do not repeat what they are.
fn without_kind(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(fields) = object.as_object_mut() {
        fields.remove("kind");
        fields.remove("apiVersion");
    }
    managed_fields::expand(&mut object);
    object
}

pub(crate) fn metadata_only(object: &Value) -> Value {
    let mut object = json!({
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": object["metadata"],
    });
    managed_fields::expand(&mut object);
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_form_there_is_wins() {
        let form = |accept: &str| Form::asked(accept, &Query::default());
        let table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
        assert_eq!(form(table), Form::Table(IncludeObject::Metadata));
        assert_eq!(form("application/json"), Form::Whole);
        assert_eq!(
            form("application/vnd.kubernetes.protobuf,application/json"),
            Form::Whole
        );
        let beta = "application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";
        assert_eq!(form(beta), Form::Whole);
        let metadata = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
        assert_eq!(form(metadata), Form::Metadata);
    }
}
