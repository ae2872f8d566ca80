//! Holds the tables to the types of the API.

use std::{cell::Cell, fmt};

use k8s_openapi::api::core::v1::{
    AppArmorProfile, Capabilities, ConfigMapEnvSource, ConfigMapKeySelector, EnvFromSource, EnvVar,
    EnvVarSource, EphemeralContainer, FileKeySelector, ObjectFieldSelector, ResourceFieldSelector,
    SELinuxOptions, SeccompProfile, SecretEnvSource, SecretKeySelector, SecurityContext,
    VolumeDevice, VolumeMount, WindowsSecurityContextOptions,
};
use serde::{Deserialize, Deserializer, de};

use super::*;

/// Asks a type which fields it has, and reads nothing.
struct Asking<'a>(&'a Cell<&'static [&'static str]>);

#[derive(Debug)]
struct Asked;

impl fmt::Display for Asked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("asked")
    }
}

impl std::error::Error for Asked {}

impl de::Error for Asked {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl<'de> Deserializer<'de> for Asking<'_> {
    type Error = Asked;

    fn deserialize_any<V: de::Visitor<'de>>(self, _: V) -> Result<V::Value, Asked> {
        Err(Asked)
    }

    fn deserialize_struct<V: de::Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Asked> {
        self.0.set(fields);
        Err(Asked)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

fn fields_of<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
    let fields = Cell::new(&[][..]);
    assert!(T::deserialize(Asking(&fields)).is_err());
    fields.get()
}

#[test]
fn the_tables_have_the_fields_of_the_newest_api() {
    for (table, fields) in [
        (CONTAINER, fields_of::<EphemeralContainer>()),
        (ENV, fields_of::<EnvVar>()),
        (ENV_SOURCE, fields_of::<EnvVarSource>()),
        (KEY, fields_of::<ConfigMapKeySelector>()),
        (KEY, fields_of::<SecretKeySelector>()),
        (FIELD, fields_of::<ObjectFieldSelector>()),
        (FILE_KEY, fields_of::<FileKeySelector>()),
        (RESOURCE_FIELD, fields_of::<ResourceFieldSelector>()),
        (ENV_FROM, fields_of::<EnvFromSource>()),
        (ENV_FROM_SOURCE, fields_of::<ConfigMapEnvSource>()),
        (ENV_FROM_SOURCE, fields_of::<SecretEnvSource>()),
        (VOLUME_DEVICE, fields_of::<VolumeDevice>()),
        (VOLUME_MOUNT, fields_of::<VolumeMount>()),
        (SECURITY_CONTEXT, fields_of::<SecurityContext>()),
        (PROFILE, fields_of::<AppArmorProfile>()),
        (PROFILE, fields_of::<SeccompProfile>()),
        (CAPABILITIES, fields_of::<Capabilities>()),
        (SE_LINUX, fields_of::<SELinuxOptions>()),
        (WINDOWS, fields_of::<WindowsSecurityContextOptions>()),
    ] {
        let mut names: Vec<_> = table.iter().map(|(name, _)| *name).collect();
        let mut fields = fields.to_vec();
        names.sort_unstable();
        fields.sort_unstable();
        assert_eq!(names, fields);
    }
}
