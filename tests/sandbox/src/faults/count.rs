//! Counts what the server has sent after the head of its answer.

/// The end of a head.
const END: [u8; 4] = *b"\r\n\r\n";

/// How much may still be sent.
#[derive(Debug, Clone)]
pub(super) struct Count {
    /// How much of the end of the head was just seen.
    matched: usize,
    left: usize,
}

impl Count {
    pub(super) fn new(left: usize) -> Self {
        Self { matched: 0, left }
    }

    /// How many of these bytes may go.
    pub(super) fn allowed(&self, bytes: &[u8]) -> usize {
        let mut count = self.clone();
        let head = count.pass_head(bytes);
        head + (bytes.len() - head).min(count.left)
    }

    /// These bytes have gone.
    pub(super) fn sent(&mut self, bytes: &[u8]) {
        let head = self.pass_head(bytes);
        self.left -= (bytes.len() - head).min(self.left);
    }

    pub(super) fn is_over(&self) -> bool {
        self.head_has_gone() && self.left == 0
    }

    pub(super) fn head_has_gone(&self) -> bool {
        self.matched == END.len()
    }

    /// How many of these bytes belong to the head.
    fn pass_head(&mut self, bytes: &[u8]) -> usize {
        for (index, byte) in bytes.iter().enumerate() {
            if self.head_has_gone() {
                return index;
            }
            self.matched = match *byte {
                byte if byte == END[self.matched] => self.matched + 1,
                b'\r' => 1,
                _ => 0,
            };
        }
        bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_is_not_counted_however_it_is_cut() {
        let answer = b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody";
        for cut in 0..answer.len() {
            let mut count = Count::new(2);
            let (one, two) = answer.split_at(cut);
            let allowed = count.allowed(one);
            count.sent(&one[..allowed]);
            let more = if allowed == one.len() {
                count.allowed(two)
            } else {
                0
            };
            count.sent(&two[..more]);
            assert_eq!(allowed + more, answer.len() - 2, "cut at {cut}");
            assert!(count.is_over());
        }
    }
}
