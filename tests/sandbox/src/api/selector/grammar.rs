//! Which label selectors the API server understands, and what it says of the others.
//!
//! Its grammar is that of k8s.io/apimachinery, `pkg/labels/selector.go`; labels themselves are not looked at.

/// Refuses a selector that cannot be read, in the server's words.
pub(crate) fn check(text: &str) -> Result<(), String> {
    let tokens = tokens(text);
    let mut rest = tokens.as_slice();
    if rest.is_empty() {
        return Ok(());
    }
    if !begins_requirement(rest) {
        let found = first(rest);
        return Err(format!(
            "found '{found}', expected: !, identifier, or 'end of string'"
        ));
    }
    loop {
        rest = requirement(rest).map_err(|why| format!("unable to parse requirement: {why}"))?;
        rest = match rest {
            [] => return Ok(()),
            [comma, after @ ..] if comma == "," => after,
            [other, ..] => {
                return Err(format!("found '{other}', expected: ',' or 'end of string'"));
            }
        };
        if !begins_requirement(rest) {
            let found = first(rest);
            return Err(format!("found '{found}', expected: identifier after ','"));
        }
    }
}

/// Reads one requirement and returns what follows it.
fn requirement(tokens: &[String]) -> Result<&[String], String> {
    if let [not, rest @ ..] = tokens
        && not == "!"
    {
        return identifier(rest);
    }
    let rest = identifier(tokens)?;
    match rest {
        [] => Ok(rest),
        [end, ..] if end == "," => Ok(rest),
        [operator, rest @ ..] if ["in", "notin"].contains(&operator.as_str()) => values(rest),
        [operator, rest @ ..] if ["=", "==", "!=", ">", "<"].contains(&operator.as_str()) => {
            match rest {
                // No value is the empty one.
                [] => Ok(rest),
                [end, ..] if end == "," => Ok(rest),
                [value, rest @ ..] if is_word(value) => Ok(rest),
                [other, ..] => Err(format!("found '{other}', expected: identifier")),
            }
        }
        [other, ..] => Err(format!(
            "found '{other}', expected: in, notin, =, ==, !=, gt, lt"
        )),
    }
}

/// Reads the values in parentheses and returns what follows them.
fn values(tokens: &[String]) -> Result<&[String], String> {
    let [open, rest @ ..] = tokens else {
        return Err("found '' expected: '('".to_owned());
    };
    if open != "(" {
        return Err(format!("found '{open}' expected: '('"));
    }
    let end = rest
        .iter()
        .position(|token| !is_word(token) && token != ",");
    match end.map(|end| (&rest[end], &rest[end + 1..])) {
        Some((close, after)) if close == ")" => Ok(after),
        _ => {
            let found = end.map_or("", |end| rest[end].as_str());
            Err(format!("found '{found}', expected: ',', ')' or identifier"))
        }
    }
}

fn identifier(tokens: &[String]) -> Result<&[String], String> {
    match tokens {
        [word, rest @ ..] if is_word(word) => Ok(rest),
        _ => Err(format!("found '{}', expected: identifier", first(tokens))),
    }
}

fn begins_requirement(tokens: &[String]) -> bool {
    let first = first(tokens);
    first == "!" || is_word(first)
}

fn first(tokens: &[String]) -> &str {
    tokens.first().map_or("", String::as_str)
}

fn is_word(token: &str) -> bool {
    !token.is_empty() && !token.starts_with(is_special)
}

fn is_special(character: char) -> bool {
    "=!(),><".contains(character)
}

/// Splits a selector into words and signs.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut joins = false;
    for character in text.chars() {
        if character.is_ascii_whitespace() {
            joins = false;
            continue;
        }
        let last = tokens.last_mut().filter(|_| joins);
        match last {
            // `==` and `!=` are one sign.
            Some(last) if character == '=' && ["=", "!"].contains(&last.as_str()) => {
                last.push('=');
            }
            Some(last) if !is_special(character) && !last.starts_with(is_special) => {
                last.push(character);
            }
            _ => tokens.push(character.to_string()),
        }
        joins = true;
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_refused_in_the_words_of_the_api_server() {
        for good in [
            "",
            "app",
            "!app",
            "app=web",
            "app==web,tier!=back",
            "app in (web, shop),tier notin ()",
            "app=",
            "app=,tier",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, why) in [
            (
                "=",
                "found '=', expected: !, identifier, or 'end of string'",
            ),
            (
                "===",
                "found '==', expected: !, identifier, or 'end of string'",
            ),
            ("a=b,", "found '', expected: identifier after ','"),
            ("a=b c", "found 'c', expected: ',' or 'end of string'"),
            (
                "!",
                "unable to parse requirement: found '', expected: identifier",
            ),
            (
                "app in (",
                "unable to parse requirement: found '', expected: ',', ')' or identifier",
            ),
            (
                "a in b",
                "unable to parse requirement: found 'b' expected: '('",
            ),
        ] {
            assert_eq!(check(bad), Err(why.to_owned()), "{bad}");
        }
    }
}
