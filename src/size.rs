//! The size of a terminal.

/// Columns and rows, neither of which is zero.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Size {
    columns: u16,
    rows: u16,
}

impl Size {
    /// The largest extent that every container runtime takes (conmon refuses more).
    const LARGEST: u16 = 1000;

    /// Returns the size, or nothing where the terminal does not know it and says zero.
    pub fn new(columns: u16, rows: u16) -> Option<Self> {
        (columns > 0 && rows > 0).then(|| Self {
            columns: columns.min(Self::LARGEST),
            rows: rows.min(Self::LARGEST),
        })
    }

    /// Returns the number of columns, 1 to 1000.
    pub fn columns(self) -> u16 {
        self.columns
    }

    /// Returns the number of rows, 1 to 1000.
    pub fn rows(self) -> u16 {
        self.rows
    }

    /// Returns a size of one row less, or more where there is only one: the smallest change that
    /// makes a program draw its screen anew without wrapping its lines differently.
    pub fn nudged(self) -> Self {
        let rows = if self.rows > 1 { self.rows - 1 } else { 2 };
        Self { rows, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_size_is_no_size() {
        assert_eq!(Size::new(0, 24), None);
        assert_eq!(Size::new(80, 0), None);
    }

    #[test]
    fn a_size_stays_within_what_runtimes_take() {
        let size = Size::new(u16::MAX, u16::MAX).unwrap();
        assert_eq!((size.columns(), size.rows()), (1000, 1000));
    }

    #[test]
    fn a_nudge_changes_the_rows_and_only_them() {
        let size = Size::new(80, 24).unwrap().nudged();
        assert_eq!((size.columns(), size.rows()), (80, 23));
        let size = Size::new(80, 1).unwrap().nudged();
        assert_eq!((size.columns(), size.rows()), (80, 2));
    }
}
