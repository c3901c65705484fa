//! A reader for the few pickle opcodes that CIFAR-10's Python batches use, building data and nothing else.
//!
//! Why not `serde-pickle`: it walks nested values by recursion and copies shared ones, so that two megabytes
//! of nested tuples overflow its stack (an abort, not an error) and a page of shared lists fills the memory;
//! it also drops the array's type. Here values live in one arena and refer to each other by index: no
//! recursion, no copies, and the number of values is capped. A pickle is a program that may name any Python
//! function; the four names that numpy's arrays need are recognised and the rest is refused.

use std::borrow::Cow;
use std::collections::HashMap;

/// Values in one pickle; a whole batch saved by Python 3 needs some 80,000.
const MAX_VALUES: usize = 1 << 20;
/// Bytes that text may be re-encoded to in one pickle; a whole batch needs 31 MB.
const MAX_DECODED: usize = 64 << 20;

/// What is wrong and at which byte.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub offset: usize,
    pub what: String,
}

type Result<T> = std::result::Result<T, Problem>;

/// Index of a value in its [`Pickle`].
pub(super) type Id = u32;

/// One value; containers hold indices.
#[derive(Debug)]
pub(super) enum Value<'a> {
    None,
    Bool(bool),
    Int(i64),
    Bytes(Cow<'a, [u8]>),
    Text(&'a str),
    List(Vec<Id>),
    Tuple(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    /// A numpy array of bytes: `shape` and the index of its data, once both have been read.
    Array(Option<Array>),
    Dtype,
    Global(Global),
}

/// A two-dimensional numpy array of `uint8`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Array {
    pub rows: usize,
    pub columns: usize,
    /// Stored column by column.
    pub fortran: bool,
    /// The [`Value::Bytes`] of length `rows * columns`.
    pub data: Id,
}

/// The only names a pickle may mention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Global {
    /// `numpy.core.multiarray._reconstruct`
    Reconstruct,
    /// `numpy.ndarray`
    NdArray,
    /// `numpy.dtype`
    Dtype,
    /// `_codecs.encode`, with which Python 3 writes byte strings in protocol 2
    Encode,
}

/// A parsed pickle.
#[derive(Debug, Default)]
pub(super) struct Pickle<'a> {
    /// Each value with the offset of the opcode that made it.
    values: Vec<(usize, Value<'a>)>,
    root: Id,
}

impl<'a> Pickle<'a> {
    /// Reads one pickle of protocol 2 to 4. Bytes after its end are ignored, as in Python.
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        let mut machine = Machine { bytes, ..Machine::default() };
        machine.header()?;
        while !machine.step()? {}
        Ok(machine.pickle)
    }

    /// The outermost value.
    pub fn root(&self) -> Id {
        self.root
    }

    /// A value by its index.
    pub fn get(&self, id: Id) -> &Value<'a> {
        self.values.get(id as usize).map_or(&Value::None, |(_, value)| value)
    }

    /// Where in the file a value was made.
    pub fn offset(&self, id: Id) -> usize {
        self.values.get(id as usize).map_or(0, |(offset, _)| *offset)
    }

    /// The bytes of a string of either kind.
    pub fn string(&self, id: Id) -> Option<&[u8]> {
        match self.get(id) {
            Value::Bytes(bytes) => Some(bytes),
            Value::Text(text) => Some(text.as_bytes()),
            _ => None,
        }
    }

    /// The value under a key of a dictionary; the last one counts, as in Python.
    pub fn lookup(&self, entries: &[(Id, Id)], key: &str) -> Option<Id> {
        entries.iter().rev().find(|(k, _)| self.string(*k) == Some(key.as_bytes())).map(|(_, v)| *v)
    }

    /// Items of a list or tuple.
    pub fn items(&self, id: Id) -> Option<&[Id]> {
        match self.get(id) {
            Value::List(items) | Value::Tuple(items) => Some(items),
            _ => None,
        }
    }
}

/// The pickle machine: a stack, its marks and the memo.
#[derive(Default)]
struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Offset of the opcode being run.
    op: usize,
    pickle: Pickle<'a>,
    stack: Vec<Id>,
    marks: Vec<usize>,
    memo: HashMap<u32, Id>,
    decoded: usize,
}

impl<'a> Machine<'a> {
    fn fail<T>(&self, what: impl Into<String>) -> Result<T> {
        Err(Problem { offset: self.op, what: what.into() })
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        match rest.get(..count) {
            Some(taken) => {
                self.at += count;
                Ok(taken)
            }
            None => self.fail(format!("the pickle breaks off: {count} bytes wanted, {} left", rest.len())),
        }
    }

    /// A little-endian unsigned number of at most eight bytes.
    fn number(&mut self, width: usize) -> Result<u64> {
        Ok(self.take(width)?.iter().rev().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)))
    }

    /// Bytes after their length, itself a number of `width` bytes.
    fn counted(&mut self, width: usize) -> Result<&'a [u8]> {
        let count = self.number(width)?;
        match usize::try_from(count) {
            Ok(count) => self.take(count),
            Err(_) => self.fail(format!("a string of {count} bytes")),
        }
    }

    fn text(&mut self, width: usize) -> Result<&'a str> {
        let bytes = self.counted(width)?;
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text),
            Err(_) => self.fail("text that is not UTF-8"),
        }
    }

    /// Text up to the next line feed.
    fn line(&mut self) -> Result<&'a [u8]> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        // A name of a Python module is short: do not search the whole file for a line feed.
        match rest.iter().take(128).position(|byte| *byte == b'\n') {
            Some(end) => {
                let line = self.take(end)?;
                self.at += 1;
                Ok(line)
            }
            None => self.fail("a name without an end"),
        }
    }

    fn push(&mut self, value: Value<'a>) -> Result<()> {
        let id = self.pickle.values.len();
        if id >= MAX_VALUES {
            return self.fail(format!("more than {MAX_VALUES} values"));
        }
        self.pickle.values.push((self.op, value));
        self.push_id(id as Id)
    }

    fn push_id(&mut self, id: Id) -> Result<()> {
        if self.stack.len() >= MAX_VALUES {
            return self.fail(format!("more than {MAX_VALUES} values on the stack"));
        }
        self.stack.push(id);
        Ok(())
    }

    fn pop(&mut self) -> Result<Id> {
        // Values below the last mark belong to the container being built.
        let floor = self.marks.last().copied().unwrap_or(0);
        match self.stack.pop() {
            Some(id) if self.stack.len() >= floor => Ok(id),
            _ => self.fail("a value is missing"),
        }
    }

    fn pop_many(&mut self, count: usize) -> Result<Vec<Id>> {
        let mut items = Vec::with_capacity(count);
        for _ in 0..count {
            items.push(self.pop()?);
        }
        items.reverse();
        Ok(items)
    }

    /// Everything above the last mark.
    fn pop_mark(&mut self) -> Result<Vec<Id>> {
        match self.marks.pop() {
            Some(mark) if mark <= self.stack.len() => Ok(self.stack.split_off(mark)),
            _ => self.fail("a mark is missing"),
        }
    }

    /// The value on top of the stack.
    fn top(&self) -> Result<Id> {
        match self.stack.last() {
            Some(id) => Ok(*id),
            None => self.fail("a value is missing"),
        }
    }

    fn append(&mut self, items: Vec<Id>) -> Result<()> {
        let list = self.top()? as usize;
        match self.pickle.values.get_mut(list) {
            Some((_, Value::List(list))) => {
                list.extend(items);
                Ok(())
            }
            _ => self.fail("an item for something that is no list"),
        }
    }

    fn set(&mut self, items: Vec<Id>) -> Result<()> {
        if !items.len().is_multiple_of(2) {
            return self.fail("a key without a value");
        }
        let dict = self.top()? as usize;
        match self.pickle.values.get_mut(dict) {
            Some((_, Value::Dict(entries))) => {
                entries.extend(items.chunks_exact(2).map(|pair| (pair[0], pair[1])));
                Ok(())
            }
            _ => self.fail("a key for something that is no dictionary"),
        }
    }

    fn memoise(&mut self, key: u32) -> Result<()> {
        let id = self.top()?;
        if self.memo.len() >= MAX_VALUES {
            return self.fail(format!("more than {MAX_VALUES} remembered values"));
        }
        self.memo.insert(key, id);
        Ok(())
    }

    fn recall(&mut self, key: u32) -> Result<()> {
        match self.memo.get(&key) {
            Some(id) => self.push_id(*id),
            None => self.fail(format!("remembered value {key} was never stored")),
        }
    }

    fn header(&mut self) -> Result<()> {
        match self.bytes {
            [0x80, 2..=4, ..] => {
                self.at = 2;
                Ok(())
            }
            [0x80, version, ..] => self.fail(format!("pickle protocol {version}; protocols 2 to 4 are read")),
            _ => self.fail("this is no Python pickle of protocol 2"),
        }
    }

    /// Runs one opcode; true at the end of the pickle.
    fn step(&mut self) -> Result<bool> {
        self.op = self.at;
        let code = self.take(1)?[0];
        match code {
            b'.' => {
                if !self.marks.is_empty() {
                    return self.fail("the pickle ends inside a container");
                }
                self.pickle.root = self.pop()?;
                return Ok(true);
            }
            b'(' => {
                if self.marks.len() >= MAX_VALUES {
                    return self.fail(format!("more than {MAX_VALUES} open marks"));
                }
                self.marks.push(self.stack.len());
            }
            // FRAME: a hint for reading ahead.
            0x95 => {
                self.take(8)?;
            }

            b'N' => self.push(Value::None)?,
            0x88 => self.push(Value::Bool(true))?,
            0x89 => self.push(Value::Bool(false))?,
            b'K' => {
                let value = self.number(1)?;
                self.push(Value::Int(value as i64))?;
            }
            b'M' => {
                let value = self.number(2)?;
                self.push(Value::Int(value as i64))?;
            }
            b'J' => {
                let value = self.number(4)? as u32 as i32;
                self.push(Value::Int(i64::from(value)))?;
            }
            // LONG1: Python 2's long, two's complement of any width up to 255.
            0x8a => {
                let digits = self.counted(1)?;
                if digits.len() > 8 {
                    return self.fail("an integer of more than 64 bits");
                }
                let mut value = digits.iter().rev().fold(0u64, |sum, byte| (sum << 8) | u64::from(*byte));
                if digits.len() < 8 && digits.last().is_some_and(|byte| byte & 0x80 != 0) {
                    value |= u64::MAX << (8 * digits.len());
                }
                self.push(Value::Int(value as i64))?;
            }

            b'U' | b'C' => {
                let bytes = self.counted(1)?;
                self.push(Value::Bytes(Cow::Borrowed(bytes)))?;
            }
            b'T' | b'B' => {
                let bytes = self.counted(4)?;
                self.push(Value::Bytes(Cow::Borrowed(bytes)))?;
            }
            0x8c => {
                let text = self.text(1)?;
                self.push(Value::Text(text))?;
            }
            b'X' => {
                let text = self.text(4)?;
                self.push(Value::Text(text))?;
            }

            b')' => self.push(Value::Tuple(Vec::new()))?,
            0x85..=0x87 => {
                let items = self.pop_many(usize::from(code - 0x84))?;
                self.push(Value::Tuple(items))?;
            }
            b't' => {
                let items = self.pop_mark()?;
                self.push(Value::Tuple(items))?;
            }
            b']' => self.push(Value::List(Vec::new()))?,
            b'a' => {
                let item = self.pop()?;
                self.append(vec![item])?;
            }
            b'e' => {
                let items = self.pop_mark()?;
                self.append(items)?;
            }
            b'}' => self.push(Value::Dict(Vec::new()))?,
            b's' => {
                let items = self.pop_many(2)?;
                self.set(items)?;
            }
            b'u' => {
                let items = self.pop_mark()?;
                self.set(items)?;
            }

            b'q' => {
                let key = self.number(1)? as u32;
                self.memoise(key)?;
            }
            b'r' => {
                let key = self.number(4)? as u32;
                self.memoise(key)?;
            }
            0x94 => {
                let key = self.memo.len() as u32;
                self.memoise(key)?;
            }
            b'h' => {
                let key = self.number(1)? as u32;
                self.recall(key)?;
            }
            b'j' => {
                let key = self.number(4)? as u32;
                self.recall(key)?;
            }

            b'c' => {
                let module = self.line()?;
                let name = self.line()?;
                self.global(module, name)?;
            }
            0x93 => {
                let names = self.pop_many(2)?;
                match (self.pickle.get(names[0]), self.pickle.get(names[1])) {
                    (Value::Text(module), Value::Text(name)) => {
                        let (module, name) = (module.as_bytes(), name.as_bytes());
                        self.global(module, name)?;
                    }
                    _ => return self.fail("a name that is no text"),
                }
            }
            b'R' => self.reduce()?,
            b'b' => self.build()?,

            other => return self.fail(format!("opcode {other:#04x}, which no CIFAR-10 batch contains")),
        }
        Ok(false)
    }

    fn global(&mut self, module: &[u8], name: &[u8]) -> Result<()> {
        let global = match (module, name) {
            (b"numpy.core.multiarray" | b"numpy._core.multiarray", b"_reconstruct") => Global::Reconstruct,
            (b"numpy", b"ndarray") => Global::NdArray,
            (b"numpy", b"dtype") => Global::Dtype,
            (b"_codecs", b"encode") => Global::Encode,
            _ => {
                let (module, name) = (String::from_utf8_lossy(module), String::from_utf8_lossy(name));
                return self.fail(format!("it names {module:.64}.{name:.64}, which is not data"));
            }
        };
        self.push(Value::Global(global))
    }

    /// "Calls" one of the four known names, which is to say: makes the value that Python would get.
    fn reduce(&mut self) -> Result<()> {
        let pair = self.pop_many(2)?;
        let Value::Global(global) = *self.pickle.get(pair[0]) else {
            return self.fail("a call of something that is no known name");
        };
        let arguments = match self.pickle.get(pair[1]) {
            Value::Tuple(items) => items.as_slice(),
            _ => return self.fail("a call without arguments"),
        };
        let made = match (global, arguments) {
            (Global::Reconstruct, [class, _, _])
                if matches!(self.pickle.get(*class), Value::Global(Global::NdArray)) =>
            {
                Value::Array(None)
            }
            (Global::Dtype, [name, ..]) => match self.pickle.string(*name) {
                Some(b"u1" | b"|u1" | b"uint8") => Value::Dtype,
                Some(other) => {
                    let name = String::from_utf8_lossy(other);
                    return self.fail(format!("an array of type {name:.16} where bytes (u1) are needed"));
                }
                None => return self.fail("an array type without a name"),
            },
            (Global::Encode, [text, _]) => {
                let Value::Text(text) = *self.pickle.get(*text) else {
                    return self.fail("an encoded string that is no text");
                };
                Value::Bytes(self.latin1(text)?)
            }
            _ => return self.fail(format!("a call of {global:?} with other arguments than numpy gives")),
        };
        self.push(made)
    }

    /// Text back to the bytes it stands for, one a character.
    fn latin1(&mut self, text: &'a str) -> Result<Cow<'a, [u8]>> {
        if text.is_ascii() {
            return Ok(Cow::Borrowed(text.as_bytes()));
        }
        self.decoded += text.len();
        if self.decoded > MAX_DECODED {
            return self.fail(format!("more than {MAX_DECODED} bytes of encoded strings"));
        }
        match text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect::<Option<Vec<u8>>>() {
            Some(bytes) => Ok(Cow::Owned(bytes)),
            None => self.fail("an encoded string with characters above 255"),
        }
    }

    /// Gives an array (or its type, where there is nothing to add) its state.
    fn build(&mut self) -> Result<()> {
        let state = self.pop()?;
        let target = self.top()?;
        match self.pickle.get(target) {
            Value::Dtype => Ok(()),
            Value::Array(None) => {
                let array = self.array(state)?;
                if let Some((_, value)) = self.pickle.values.get_mut(target as usize) {
                    *value = Value::Array(Some(array));
                }
                Ok(())
            }
            _ => self.fail("a state for something that is no new array"),
        }
    }

    /// `(version, (rows, columns), dtype, fortran, bytes)`
    fn array(&self, state: Id) -> Result<Array> {
        let Some(&[_, shape, dtype, fortran, data]) = self.pickle.items(state) else {
            return self.fail("an array's state has not five parts");
        };
        if !matches!(self.pickle.get(dtype), Value::Dtype) {
            return self.fail("an array without a type");
        }
        let size = |id: Id| match self.pickle.get(id) {
            Value::Int(size) => usize::try_from(*size).ok(),
            _ => None,
        };
        let (rows, columns) = match self.pickle.items(shape) {
            Some(&[rows, columns]) => match (size(rows), size(columns)) {
                (Some(rows), Some(columns)) => (rows, columns),
                _ => return self.fail("an array whose sizes are no whole numbers"),
            },
            _ => return self.fail("an array that has not two dimensions"),
        };
        let fortran = match self.pickle.get(fortran) {
            Value::Bool(fortran) => *fortran,
            Value::Int(fortran) => *fortran != 0,
            _ => return self.fail("an array of unknown order"),
        };
        let Value::Bytes(bytes) = self.pickle.get(data) else {
            return self.fail("an array whose data are no bytes");
        };
        if rows.checked_mul(columns) != Some(bytes.len()) {
            return self.fail(format!("an array of {rows} × {columns} with {} bytes", bytes.len()));
        }
        Ok(Array { rows, columns, fortran, data })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn problem(bytes: &[u8]) -> String {
        Pickle::parse(bytes).unwrap_err().what
    }

    #[test]
    fn nested_and_shared_values_cost_no_stack_and_no_copies() {
        let mut nested = vec![0x80, 2, b'N'];
        nested.resize(500_000, 0x85);
        nested.push(b'.');
        assert!(Pickle::parse(&nested).is_ok());

        nested.pop();
        nested.resize(3_000_000, 0x85);
        assert!(problem(&nested).contains("more than 1048576 values"));

        // Thirty doublings of a shared tuple: 2^30 values if anything copied them.
        let mut shared = vec![0x80, 2, b'N'];
        for key in 0..30 {
            shared.extend([b'q', key, b'h', key, 0x86]);
        }
        shared.push(b'.');
        assert!(Pickle::parse(&shared).is_ok());
    }

    #[test]
    fn code_is_named_and_refused() {
        let hostile = b"\x80\x02cposix\nsystem\nX\x02\x00\x00\x00ls\x85R.";
        assert_eq!(problem(hostile), "it names posix.system, which is not data");
        let hostile = b"\x80\x04\x8c\x08builtins\x8c\x04eval\x93.";
        assert_eq!(problem(hostile), "it names builtins.eval, which is not data");
        assert!(problem(b"\x80\x02c").contains("without an end"));
    }

    #[test]
    fn stack_errors_are_errors() {
        assert!(problem(b"\x80\x02.").contains("missing"));
        assert!(problem(b"\x80\x02N(\x85.").contains("missing"));
        assert!(problem(b"\x80\x02t.").contains("missing"));
        assert!(problem(b"\x80\x02(((N.").contains("inside a container"));
        assert!(problem(b"\x80\x02h\x05.").contains("never stored"));
        assert!(problem(b"\x80\x02}Ns.").contains("missing"));
        assert!(problem(b"\x80\x02}(Nu.").contains("without a value"));
        assert!(problem(b"\x80\x02Na.").contains("missing"));
        assert!(problem(b"\x80\x02NNa.").contains("no list"));
        assert!(problem(b"\x80\x02NNR.").contains("no known name"));
        assert!(problem(b"\x80\x02NNb.").contains("no new array"));
        assert!(problem(b"\x80\x02T\xff\xff\xff\xff").contains("breaks off"));
        assert!(problem(b"\x80\x05N.").contains("protocol 5"));
        assert!(problem(b"(lp0\n.").contains("no Python pickle"));
    }

    #[test]
    fn integers_of_every_width() {
        for (code, value) in [
            (&b"K\xff"[..], 255),
            (b"M\x10\x27", 10_000),
            (b"J\xfe\xff\xff\xff", -2),
            (b"\x8a\x00", 0),
            (b"\x8a\x01\xff", -1),
            (b"\x8a\x02\xff\x00", 255),
            (b"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f", i64::MAX),
        ] {
            let bytes = [b"\x80\x02", code, b"."].concat();
            let pickle = Pickle::parse(&bytes).unwrap();
            assert!(matches!(pickle.get(pickle.root()), Value::Int(v) if *v == value), "{code:?}");
        }
    }

    #[test]
    fn decoded_text_is_bounded() {
        let text = "é".repeat(1 << 20);
        let mut bytes = b"\x80\x02c_codecs\nencode\nq\x00X".to_vec();
        bytes.extend((text.len() as u32).to_le_bytes());
        bytes.extend(text.as_bytes());
        bytes.extend(b"q\x01");
        for _ in 0..40 {
            bytes.extend(b"h\x00h\x01N\x86R");
        }
        bytes.push(b'.');
        assert!(problem(&bytes).contains("encoded strings"));
    }

    proptest! {
        #[test]
        fn any_bytes_give_a_value_or_an_error(tail in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Pickle::parse(&[&[0x80, 2], tail.as_slice()].concat());
        }

        #[test]
        fn any_opcodes_give_a_value_or_an_error(codes in proptest::collection::vec(0usize..26, 0..60)) {
            const OPS: [&[u8]; 26] = [
                b"(", b"N", b"\x88", b"K\x01", b"U\x01b", b"X\x01\x00\x00\x00b", b")", b"\x85", b"\x86", b"\x87",
                b"t", b"]", b"a", b"e", b"}", b"s", b"u", b"q\x00", b"h\x00", b"R", b"b", b"cnumpy\ndtype\n",
                b"cnumpy\nndarray\n", b"cnumpy.core.multiarray\n_reconstruct\n", b"c_codecs\nencode\n", b".",
            ];
            let body: Vec<u8> = codes.iter().flat_map(|code| OPS[*code]).copied().collect();
            let _ = Pickle::parse(&[&[0x80, 2], body.as_slice()].concat());
        }
    }
}
