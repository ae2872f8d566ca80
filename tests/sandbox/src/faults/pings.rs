//! Makes a client's pings pass for pongs, which nobody answers.

const PING: u8 = 0x9;
const PONG: u8 = 0xA;
/// The key with which a client masks its payload.
const MASK: usize = 4;

/// Where in the frames of a client the next byte is.
#[derive(Debug, Clone, Default)]
pub(super) struct Pings {
    head: Vec<u8>,
    payload: u64,
}

impl Pings {
    /// Changes the opcode of each ping that begins in these bytes.
    pub(super) fn silence(&mut self, bytes: &mut [u8]) {
        let mut at = 0;
        while at < bytes.len() {
            if self.payload > 0 {
                let rest = bytes.len() - at;
                let skipped = usize::try_from(self.payload).map_or(rest, |left| left.min(rest));
                self.payload -= skipped as u64;
                at += skipped;
                continue;
            }
            if self.head.is_empty() && bytes[at] & 0x0F == PING {
                bytes[at] = bytes[at] & 0xF0 | PONG;
            }
            self.head.push(bytes[at]);
            at += 1;
            if let Some(payload) = payload_after(&self.head) {
                self.payload = payload;
                self.head.clear();
            }
        }
    }
}

/// How long the payload after a head is; `None` while the head is not complete.
fn payload_after(head: &[u8]) -> Option<u64> {
    let second = *head.get(1)?;
    let mask = if second & 0x80 == 0 { 0 } else { MASK };
    let (extra, short) = match second & 0x7F {
        126 => (2, 0),
        127 => (8, 0),
        short => (0, u64::from(short)),
    };
    if head.len() < 2 + extra + mask {
        return None;
    }
    let long = head[2..2 + extra]
        .iter()
        .fold(0, |length, byte| length << 8 | u64::from(*byte));
    Some(short + long)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pings_become_pongs_wherever_the_bytes_are_cut() {
        let data = [0x82, 0x82, 1, 2, 3, 4, 0x89, 0x89];
        let mut long = vec![0x82, 0xFE, 0, 200, 1, 2, 3, 4];
        long.extend([0x89; 200]);
        let sent = [0x89, 0x81, 1, 2, 3, 4, 0x89];
        let silenced = [0x8A, 0x81, 1, 2, 3, 4, 0x89];
        let sent = [&data[..], &sent, &long, &sent].concat();
        let expected = [&data[..], &silenced, &long, &silenced].concat();
        for cut in 0..sent.len() {
            let mut bytes = sent.clone();
            let mut pings = Pings::default();
            pings.silence(&mut bytes[..cut]);
            pings.silence(&mut bytes[cut..]);
            assert_eq!(bytes, expected, "cut at {cut}");
        }
    }
}
