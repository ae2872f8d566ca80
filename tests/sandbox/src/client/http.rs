//! Requests written out, and answers taken apart.

use std::io;

use serde_json::Value;

use super::Client;

/// What was answered.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    /// Empty if only the head was read.
    pub body: Vec<u8>,
}

impl Answer {
    fn parse(head: &str) -> Option<Self> {
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect();
        Some(Self {
            status,
            headers,
            body: Vec::new(),
        })
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let header = headers.find(|(own, _)| own.eq_ignore_ascii_case(name));
        header.map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; `Null` if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    fn is_chunked(&self) -> bool {
        self.header("Transfer-Encoding") == Some("chunked")
    }
}

impl Client {
    pub fn request(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> io::Result<()> {
        let headers: Vec<String> = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let length = if body.is_empty() {
            String::new()
        } else {
            format!("Content-Length: {}\r\n", body.len())
        };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: sandbox\r\n{}{length}\r\n",
            headers.concat()
        );
        self.write(format!("{head}{body}").as_bytes())
    }

    /// The head of an answer.
    pub fn head(&mut self) -> io::Result<Answer> {
        let end = b"\r\n\r\n";
        loop {
            let found = self.read.windows(end.len()).position(|bytes| bytes == end);
            if let Some(length) = found {
                let head = self.take(length + end.len())?;
                let head = String::from_utf8_lossy(&head).into_owned();
                return Answer::parse(&head).ok_or_else(|| io::Error::other(head));
            }
            if self.fill()? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// A whole answer.
    pub fn answer(&mut self) -> io::Result<Answer> {
        let mut answer = self.head()?;
        answer.body = if answer.is_chunked() {
            while self.chunk()? {}
            std::mem::take(&mut self.body)
        } else {
            let length = answer.header("Content-Length").unwrap_or("0");
            self.take(length.parse().map_err(io::Error::other)?)?
        };
        Ok(answer)
    }

    /// Asks, and reads the whole answer.
    pub fn get(&mut self, path: &str) -> io::Result<Answer> {
        self.request("GET", path, &[], "")?;
        self.answer()
    }

    /// The next line of an answer that goes on and on; `None` at its end.
    pub fn line(&mut self) -> io::Result<Option<String>> {
        loop {
            if let Some(end) = self.body.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.body.drain(..=end).collect();
                return Ok(Some(String::from_utf8_lossy(&line).into_owned()));
            }
            if !self.chunk()? {
                return Ok(None);
            }
        }
    }

    /// Takes the next chunk out of a body; whether there was one.
    fn chunk(&mut self) -> io::Result<bool> {
        let mut size = Vec::new();
        while !size.ends_with(b"\r\n") {
            size.extend(self.take(1)?);
        }
        let size = String::from_utf8_lossy(&size);
        let size = usize::from_str_radix(size.trim(), 16).map_err(io::Error::other)?;
        let chunk = self.take(size + 2)?;
        self.body.extend_from_slice(&chunk[..size]);
        Ok(size > 0)
    }
}
