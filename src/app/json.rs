//! JSON as coloured lines.
//!
//! Invariant: what is shown is the document, key for key and in its order; only control characters look different.

use std::collections::HashSet;

use serde_json::Value;

use super::inspect::{Line, Tone};
use crate::domain::Digest;
use crate::domain::text::visible;

/// Indents by two spaces a level. A line that holds the digest of one of `members` links to it.
pub(super) fn lines(bytes: &[u8], members: &HashSet<Digest>) -> Vec<Line> {
    match serde_json::from_slice::<Value>(bytes) {
        Ok(value) => {
            let mut writer = Writer { lines: Vec::new(), spans: Vec::new(), link: None, members };
            writer.value(&value, 0);
            writer.end();
            writer.lines
        }
        Err(error) => {
            let said = format!("This is not JSON: {error}. The exact bytes are under 4.");
            vec![Line { spans: vec![(Tone::Bad, visible(&said).into_owned())], link: None }]
        }
    }
}

struct Writer<'a> {
    lines: Vec<Line>,
    spans: Vec<(Tone, String)>,
    link: Option<Digest>,
    members: &'a HashSet<Digest>,
}

impl Writer<'_> {
    fn push(&mut self, tone: Tone, text: impl Into<String>) {
        self.spans.push((tone, text.into()));
    }

    fn end(&mut self) {
        let spans = std::mem::take(&mut self.spans);
        self.lines.push(Line { spans, link: self.link.take() });
    }

    fn indent(&mut self, depth: usize) {
        if depth > 0 {
            self.push(Tone::Plain, "  ".repeat(depth));
        }
    }

    fn value(&mut self, value: &Value, depth: usize) {
        match value {
            Value::Null => self.push(Tone::Number, "null"),
            Value::Bool(b) => self.push(Tone::Number, b.to_string()),
            Value::Number(n) => self.push(Tone::Number, n.to_string()),
            Value::String(s) => self.string(s),
            Value::Array(items) if items.is_empty() => self.push(Tone::Mark, "[]"),
            Value::Object(map) if map.is_empty() => self.push(Tone::Mark, "{}"),
            Value::Array(items) => {
                self.push(Tone::Mark, "[");
                self.end();
                for (i, item) in items.iter().enumerate() {
                    self.indent(depth + 1);
                    self.value(item, depth + 1);
                    self.comma(i + 1 < items.len());
                }
                self.indent(depth);
                self.push(Tone::Mark, "]");
            }
            Value::Object(map) => {
                self.push(Tone::Mark, "{");
                self.end();
                for (i, (key, item)) in map.iter().enumerate() {
                    self.indent(depth + 1);
                    self.push(Tone::Key, quoted(key));
                    self.push(Tone::Mark, ": ");
                    self.value(item, depth + 1);
                    self.comma(i + 1 < map.len());
                }
                self.indent(depth);
                self.push(Tone::Mark, "}");
            }
        }
    }

    fn string(&mut self, text: &str) {
        let digest = text.parse::<Digest>().ok();
        let tone = if digest.is_some() { Tone::Digest } else { Tone::Text };
        if let Some(digest) = digest.filter(|d| self.members.contains(d)) {
            self.link = Some(digest);
        }
        self.push(tone, quoted(text));
    }

    fn comma(&mut self, more: bool) {
        if more {
            self.push(Tone::Mark, ",");
        }
        self.end();
    }
}

/// As JSON writes it, with what JSON leaves as it is made visible too.
fn quoted(text: &str) -> String {
    visible(&Value::from(text).to_string()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> Vec<String> {
        lines(bytes, &HashSet::new()).iter().map(Line::text).collect()
    }

    #[test]
    fn it_is_indented_in_its_own_order() {
        let shown = text(br#"{"b":1,"a":[true,null,{}],"c":"x\u001by\u202e"}"#);
        let wanted = ["{", "  \"b\": 1,", "  \"a\": [", "    true,", "    null,", "    {}", "  ],"];
        assert_eq!(shown.get(..7).unwrap(), wanted);
        assert_eq!(shown.get(7).unwrap(), "  \"c\": \"x\\u001by<U+202E>\"");
    }

    #[test]
    fn members_are_links_and_other_digests_are_not() {
        let (member, other) = (Digest::of(b"member"), Digest::of(b"other"));
        let bytes = format!(r#"{{"m":[{{"digest":"{member}"}},{{"digest":"{other}"}}]}}"#);
        let lines = lines(bytes.as_bytes(), &HashSet::from([member.clone()]));
        let links: Vec<_> = lines.iter().filter_map(|l| l.link.clone()).collect();
        assert_eq!(links, [member]);
        assert!(lines.iter().flat_map(|l| &l.spans).filter(|(t, _)| *t == Tone::Digest).count() == 2);
    }

    #[test]
    fn what_is_no_json_says_so() {
        assert!(text(b"<html>").concat().contains("not JSON"));
    }
}
