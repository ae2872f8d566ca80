//! A recorded session, read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sandbox::Frame;
use serde_json::Value;

pub(crate) struct Recorded {
    pub(crate) ms: u64,
    pub(crate) from_client: bool,
    pub(crate) frame: Frame,
}

pub(crate) struct Recording {
    pub(crate) path: String,
    pub(crate) user: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) status: u16,
    pub(crate) answer_headers: Vec<(String, String)>,
    /// As text; JSON in a form of its own.
    pub(crate) body: String,
    pub(crate) frames: Vec<Recorded>,
    /// Whether nothing had ended when the recording did.
    pub(crate) stays_open: bool,
}

impl Recording {
    pub(crate) fn read(path: &str) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        let file: Value = serde_json::from_str(&text).unwrap();
        let (request, response) = (&file["request"], &file["response"]);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let headers = request["headers"].as_object().unwrap();
        let answered = response["headers"].as_array().unwrap();
        let frames = file["frames"].as_array().unwrap();
        Self {
            path: text(&request["path"]),
            user: request["user"].as_str().map(str::to_owned),
            headers: headers
                .iter()
                .map(|(name, value)| (name.clone(), text(value)))
                .collect(),
            status: u16::try_from(response["status"].as_u64().unwrap()).unwrap(),
            answer_headers: answered
                .iter()
                .map(|header| (text(&header[0]), text(&header[1])))
                .collect(),
            body: body(&response["body"]),
            frames: frames.iter().map(recorded).collect(),
            stays_open: file["connectionEnd"].is_string(),
        }
    }

    /// What was recorded of a header of the answer.
    pub(crate) fn answered(&self, name: &str) -> Option<&str> {
        let mut headers = self.answer_headers.iter();
        let header = headers.find(|(own, _)| own == name);
        header.map(|(_, value)| value.as_str())
    }
}

fn body(body: &Value) -> String {
    match body.get("json") {
        Some(json) => json.to_string(),
        None => body["text"].as_str().unwrap_or_default().to_owned(),
    }
}

fn recorded(frame: &Value) -> Recorded {
    let opcode = match frame["opcode"].as_str().unwrap() {
        "text" => Frame::TEXT,
        "binary" => Frame::BINARY,
        "close" => Frame::CLOSE,
        "ping" => Frame::PING,
        "pong" => Frame::PONG,
        _ => 0,
    };
    let mut payload: Vec<u8> = frame["channel"]
        .as_u64()
        .map(|channel| u8::try_from(channel).unwrap())
        .into_iter()
        .collect();
    if let Some(code) = frame["code"].as_u64() {
        payload.extend(u16::try_from(code).unwrap().to_be_bytes());
    }
    let encoded = frame["payload"].as_str().unwrap_or_default();
    payload.extend(STANDARD.decode(encoded).unwrap());
    Recorded {
        ms: frame["ms"].as_u64().unwrap(),
        from_client: frame["from"] == "client",
        frame: Frame::new(opcode, &payload),
    }
}
