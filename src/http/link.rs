//! `Link` headers (RFC 8288), read as servers write them: relative or absolute, quoted or not.
//!
//! Invariant: a comma or semicolon inside `<…>` or quotes never ends anything, and no input makes this panic.

/// The target of the first link whose relation is `next`, in any of the header's lines.
pub fn next<'a>(lines: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    lines.into_iter().find_map(|line| Links { rest: line }.find(Link::is_next)).map(|link| link.target)
}

/// One link of a header.
struct Link<'a> {
    target: &'a str,
    params: &'a str,
}

impl Link<'_> {
    /// Whether one of its relation types is `next`; several are separated by spaces, and case does not matter.
    fn is_next(&self) -> bool {
        let mut params = split_outside_quotes(self.params, ';');
        params.any(|param| {
            let Some((name, value)) = param.split_once('=') else { return false };
            let value = value.trim().trim_matches('"');
            name.trim().eq_ignore_ascii_case("rel")
                && value.split_ascii_whitespace().any(|rel| rel.eq_ignore_ascii_case("next"))
        })
    }
}

/// The links of one header line.
struct Links<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Links<'a> {
    type Item = Link<'a>;

    fn next(&mut self) -> Option<Link<'a>> {
        let (_, after) = self.rest.split_once('<')?;
        let (target, after) = after.split_once('>')?;
        let mut parts = split_outside_quotes(after, ',');
        let params = parts.next().unwrap_or_default();
        self.rest = after.get(params.len()..).unwrap_or_default();
        Some(Link { target: target.trim(), params })
    }
}

/// Splits at `separator`, but not inside `"…"`, where `\"` does not end the quotes.
fn split_outside_quotes(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let mut escaped = false;
    text.split(move |c: char| {
        let is_escaped = std::mem::take(&mut escaped);
        match c {
            '\\' if quoted && !is_escaped => escaped = true,
            '"' if !is_escaped => quoted = !quoted,
            _ => {}
        }
        c == separator && !quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_servers_send() {
        for line in [
            r#"</v2/_catalog?last=b&n=2>; rel="next""#,
            "</v2/_catalog?last=b&n=2>; rel=next",
            "</v2/_catalog?last=b&n=2>;rel=NEXT",
            r#"< /v2/_catalog?last=b&n=2 > ; title="a, b; rel=prev" ; REL = "prev next""#,
            r#"</first>; rel="first", </v2/_catalog?last=b&n=2>; rel="next""#,
            r#"</x>; title="\", <y>; rel=next", </v2/_catalog?last=b&n=2>; rel=next"#,
        ] {
            assert_eq!(next([line]), Some("/v2/_catalog?last=b&n=2"), "{line}");
        }
        assert_eq!(next(["</a>; rel=prev", "</b,c>; rel=next"]), Some("/b,c"));
        for line in
            ["", "<", "</a>", "</a>; rel=prev", "/a; rel=next", r#"</a>; title="rel=next""#, "</a; rel=next"]
        {
            assert_eq!(next([line]), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn a_written_link_is_read_back(target in "[ -;=?-~]{0,40}", other in "[ -;=?-~]{0,20}", title in "[ !#-\\[\\]-~]{0,20}") {
            let line = format!(r#"<{other}>; rel="prev"; title="{title}", <{target}>; title="{title}"; rel="next""#);
            prop_assert_eq!(next([line.as_str()]), Some(target.trim()));
        }

        #[test]
        fn any_text_is_survived(line in any::<String>()) {
            let target = next([line.as_str()]);
            prop_assert!(target.is_none_or(|t| line.contains(t)));
        }
    }
}
