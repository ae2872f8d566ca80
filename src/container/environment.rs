//! The variables that the user sets.

use k8s_openapi::api::core::v1::EnvVar;

use crate::error::Error;

/// Reads the values of `--env`.
///
/// As in kubectl, one value may hold several variables with commas between them, and does if it has more
/// than one `=`; a variable in double quotes keeps its commas.
pub(super) fn environment(values: &[String]) -> Result<Vec<EnvVar>, Error> {
    let mut variables: Vec<EnvVar> = Vec::new();
    for value in values {
        for pair in pairs(value) {
            let variable = variable(&pair)?;
            if variables.iter().any(|other| other.name == variable.name) {
                return Err(Error::usage(format!(
                    "`{}` is set twice by --env",
                    variable.name
                )));
            }
            variables.push(variable);
        }
    }
    Ok(variables)
}

fn variable(pair: &str) -> Result<EnvVar, Error> {
    let Some((name, value)) = pair.split_once('=') else {
        return Err(Error::Usage {
            message: format!("`{pair}` in --env has no `=`"),
            hint: Some(
                "a variable is set as NAME=VALUE; one whose value has commas stands in double quotes"
                    .to_owned(),
            ),
        });
    };
    if !is_name(name) {
        return Err(Error::Usage {
            message: format!("`{name}` in --env cannot be the name of a variable"),
            hint: Some("a name has printable ASCII characters, and at least one".to_owned()),
        });
    }
    Ok(EnvVar {
        name: name.to_owned(),
        value: Some(value.to_owned()),
        value_from: None,
    })
}

/// Tells whether a server takes the name: since 1.32 any printable ASCII without `=`; what older ones
/// do not take, they refuse themselves.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte == b' ' || byte.is_ascii_graphic())
}

/// Takes one value of `--env` apart.
fn pairs(value: &str) -> Vec<String> {
    if value.matches('=').count() < 2 {
        return vec![value.trim_matches('"').to_owned()];
    }
    let (mut pairs, mut pair, mut quoted) = (Vec::new(), String::new(), false);
    let mut letters = value.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            // Two quotes in quotes are one that is meant.
            '"' if quoted && letters.peek() == Some(&'"') => pair.extend(letters.next()),
            '"' if quoted => quoted = false,
            '"' if pair.is_empty() => quoted = true,
            ',' if !quoted => pairs.push(std::mem::take(&mut pair)),
            letter => pair.push(letter),
        }
    }
    pairs.push(pair);
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Result<Vec<(String, String)>, String> {
        let values: Vec<_> = values.iter().map(|value| (*value).to_owned()).collect();
        let variables = environment(&values).map_err(|error| error.to_string())?;
        let pair = |variable: EnvVar| (variable.name, variable.value.unwrap_or_default());
        Ok(variables.into_iter().map(pair).collect())
    }

    #[test]
    fn values_are_read_as_kubectl_reads_them() {
        for (value, expected) in [
            ("A=b", &[("A", "b")][..]),
            ("A=", &[("A", "")]),
            ("A=b=c", &[("A", "b=c")]),
            ("A=b,c", &[("A", "b,c")]),
            ("A=1,B=2", &[("A", "1"), ("B", "2")]),
            ("\"A=x=1,y=2\",B=3", &[("A", "x=1,y=2"), ("B", "3")]),
            ("\"A=say \"\"=\"\"\"", &[("A", "say \"=\"")]),
            ("A=--x=\"y\"", &[("A", "--x=\"y\"")]),
            ("A=1\n2=3", &[("A", "1\n2=3")]),
            ("http.proxy=x", &[("http.proxy", "x")]),
        ] {
            let expected: Vec<_> = expected
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect();
            assert_eq!(read(&[value]), Ok(expected), "{value}");
        }
    }

    #[test]
    fn what_sets_no_variable_is_refused() {
        for (values, expected) in [
            (&["A"][..], "`A` in --env has no `=`"),
            (&[""], "`` in --env has no `=`"),
            (&["A=x=1,2"], "`2` in --env has no `=`"),
            (&["=x"], "`` in --env cannot be the name of a variable"),
            (&["É=x"], "`É` in --env cannot be the name of a variable"),
            (&["A=1", "B=2", "A=1"], "`A` is set twice by --env"),
            (&["A=1,A=2"], "`A` is set twice by --env"),
        ] {
            assert_eq!(read(values), Err(expected.to_owned()), "{values:?}");
        }
    }
}
