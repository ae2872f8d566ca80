//! Every dependency has a licence that `deny.toml` allows.

use std::{fs, process::Command};

use spdx::{Expression, LicenseReq, ParseMode};

/// Reads `allow` of `[licenses]`.
fn allowed() -> Vec<String> {
    let text = fs::read_to_string("deny.toml").unwrap();
    let list = text.split("[licenses]").nth(1).unwrap();
    let list = list.split("allow = [").nth(1).unwrap();
    let list = list.split(']').next().unwrap();
    let words = list.split('"').skip(1).step_by(2);
    words.map(str::to_owned).collect()
}

fn is_allowed(licence: &str, allowed: &[String]) -> bool {
    // In crates of old times a slash says OR.
    let expression = Expression::parse_mode(licence, ParseMode::LAX).unwrap();
    expression.evaluate(|wanted: &LicenseReq| allowed.contains(&wanted.to_string()))
}

#[test]
fn every_dependency_may_be_shipped() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--format-version", "1"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100);
    let allowed = allowed();
    for package in packages {
        let (name, licence) = (&package["name"], package["license"].as_str());
        let licence = licence.unwrap_or_else(|| panic!("{name} has no licence"));
        assert!(is_allowed(licence, &allowed), "{name}: {licence}");
    }
}

#[test]
fn a_licence_counts_as_a_whole() {
    let allowed = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
    for (licence, expected) in [
        ("MIT", true),
        ("MIT/GPL-3.0-only", true),
        ("GPL-3.0-only OR ISC", true),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("Apache-2.0", false),
        ("MIT AND GPL-3.0-only", false),
        ("(MIT OR Zlib) AND Unicode-3.0", false),
    ] {
        assert_eq!(is_allowed(licence, &allowed), expected, "{licence}");
    }
}
