//! Whether a call keeps to the service description: members that are known, of their type, and none that is missing.
//!
//! Without the folder of descriptions (`TAGALONG_CONTRACTS`) nothing is held against it.

use std::sync::LazyLock;
use std::{env, fs};

use serde_json::Value;

static PRIVATE: LazyLock<Option<Value>> = LazyLock::new(|| read("ecr.service-2.json"));
static PUBLIC: LazyLock<Option<Value>> = LazyLock::new(|| read("ecr-public.service-2.json"));

fn read(name: &str) -> Option<Value> {
    let Some(folder) = env::var_os("TAGALONG_CONTRACTS") else {
        println!("left out: the service description {name} (TAGALONG_CONTRACTS is not set)");
        return None;
    };
    let path = std::path::Path::new(&folder).join("aws").join(name);
    let text = fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    Some(serde_json::from_slice(&text).unwrap())
}

/// What is wrong with a call; nothing when it may be made.
pub(crate) fn violation(is_public: bool, operation: &str, body: &Value) -> Option<String> {
    let description = if is_public { PUBLIC.as_ref() } else { PRIVATE.as_ref() }?;
    let Some(shape) = description["operations"][operation]["input"]["shape"].as_str() else {
        return Some(format!("there is no operation {operation}"));
    };
    check(description, shape, body, operation)
}

fn check(description: &Value, name: &str, value: &Value, at: &str) -> Option<String> {
    let shape = &description["shapes"][name];
    let bad = |why: &str| Some(format!("{at}: {why}: {value}"));
    let (least, most) = (shape["min"].as_u64(), shape["max"].as_u64());
    let is_within = |n: u64| least.is_none_or(|l| l <= n) && most.is_none_or(|m| n <= m);
    match shape["type"].as_str() {
        Some("structure") => structure(description, shape, value, at),
        Some("list") => {
            let Some(list) = value.as_array() else { return bad("no list") };
            if !is_within(list.len() as u64) {
                return bad("of another length");
            }
            let member = shape["member"]["shape"].as_str().unwrap();
            list.iter().find_map(|item| check(description, member, item, at))
        }
        Some("string") => match value.as_str() {
            None => bad("no text"),
            Some(text) if !is_within(text.len() as u64) => bad("of another length"),
            Some(text) => shape["enum"].as_array().and_then(|all| {
                if all.iter().any(|one| one == text) { None } else { bad("not one of those that there are") }
            }),
        },
        Some("integer" | "long") => {
            if value.as_u64().is_some_and(is_within) {
                None
            } else {
                bad("no number, or beyond the limits")
            }
        }
        Some("boolean") => {
            if value.is_boolean() {
                None
            } else {
                bad("neither true nor false")
            }
        }
        other => Some(format!("{at}: this test does not know the type {other:?}")),
    }
}

fn structure(description: &Value, shape: &Value, value: &Value, at: &str) -> Option<String> {
    let Some(fields) = value.as_object() else { return Some(format!("{at}: no object: {value}")) };
    let needed = shape["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    for name in needed {
        if !fields.contains_key(name) {
            return Some(format!("{at}: {name} is missing"));
        }
    }
    fields.iter().find_map(|(name, value)| match shape["members"][name]["shape"].as_str() {
        Some(member) => check(description, member, value, &format!("{at}.{name}")),
        None => Some(format!("{at}: {name} is not known")),
    })
}
