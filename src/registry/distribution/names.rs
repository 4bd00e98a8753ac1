//! The lists of repositories and tags, read leniently and at once: `null` lists, `null` and `""` inside.
//!
//! Invariant: a list of 100,000 names is read in one pass, without a tree of values in between.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};

/// The names of one page, and how many entries were no names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Names {
    pub(super) found: Vec<String>,
    pub(super) dropped: usize,
}

/// The body of `_catalog` and `tags/list`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ListBody {
    #[serde(default)]
    pub(super) repositories: Names,
    #[serde(default)]
    pub(super) tags: Names,
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor)
    }
}

struct ListVisitor;

impl<'de> Visitor<'de> for ListVisitor {
    type Value = Names;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of names or null")
    }

    fn visit_unit<E>(self) -> Result<Names, E> {
        Ok(Names::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Names, A::Error> {
        let mut names = Names::default();
        while let Some(Name(name)) = list.next_element()? {
            match name {
                Some(name) if !name.is_empty() => names.found.push(name),
                _ => names.dropped += 1,
            }
        }
        Ok(names)
    }
}

/// A name, or something else in its place.
struct Name(Option<String>);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NameVisitor)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Name, E> {
        Ok(Name(Some(name.to_owned())))
    }

    fn visit_string<E>(self, name: String) -> Result<Name, E> {
        Ok(Name(Some(name)))
    }

    fn visit_unit<E>(self) -> Result<Name, E> {
        Ok(Name(None))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Name, E> {
        Ok(Name(None))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Name, E> {
        Ok(Name(Some(number.to_string())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Name, E> {
        Ok(Name(Some(number.to_string())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Name, E> {
        Ok(Name(Some(number.to_string())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Name, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Name(None))
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Name, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Name(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> (Vec<String>, usize) {
        let body: ListBody = serde_json::from_str(json).unwrap();
        (body.tags.found, body.tags.dropped)
    }

    #[test]
    fn bad_lists_are_read() {
        let names = |list: &[&str]| list.iter().map(|&s| s.to_owned()).collect::<Vec<_>>();
        assert_eq!(read(r#"{"name":"a","tags":null}"#), (names(&[]), 0));
        assert_eq!(read(r#"{"name":"a"}"#), (names(&[]), 0));
        assert_eq!(read(r#"{"tags":["a",null,"","b",{"x":[1]},[2],false]}"#), (names(&["a", "b"]), 5));
        assert_eq!(
            read(r#"{"tags":["a",1,"\u00e9"],"child":[],"manifest":{}}"#),
            (names(&["a", "1", "é"]), 0)
        );
        assert!(serde_json::from_str::<ListBody>(r#"{"tags":"a"}"#).is_err());
    }

    #[test]
    fn a_hundred_thousand_names_are_read() {
        let list: Vec<String> = (0..100_000).map(|i| format!("\"v{i}\"")).collect();
        let (found, dropped) = read(&format!(r#"{{"tags":[{}]}}"#, list.join(",")));
        assert_eq!((found.len(), dropped), (100_000, 0));
    }
}
