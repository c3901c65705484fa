//! CIFAR-10 from the archives its authors publish, binary or Python, gzipped or not, or unpacked.
//!
//! An archive is a stranger's file: it is read as a stream with a bound on every size, each record is
//! checked, and what is wrong is said with file, record and byte. Nothing in it is ever run.
//!
//! Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009;
//! <https://www.cs.toronto.edu/~kriz/cifar.html>.

use std::cell::Cell;
use std::io::{self, Read};

use flate2::read::GzDecoder;
use md5::{Digest, Md5};

use super::pickle::{Pickle, Value};
use super::{CLASSES, DataError, Dataset, RECORD, Split, hex};

/// MD5 of the published `cifar-10-binary.tar.gz`.
pub const BINARY_MD5: &str = "c32a1d4ab5d03f1284b67883e8d87530";
/// MD5 of the published `cifar-10-python.tar.gz`.
pub const PYTHON_MD5: &str = "c58f30108f718f92721af3b95e74349a";
/// The ten classes, in the order of the labels.
pub const CLASS_NAMES: [&str; CLASSES] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

/// Bytes of one record of a binary batch: a label and a picture.
const BINARY_RECORD: usize = 1 + RECORD;
/// Records of each published batch.
const BATCH: usize = 10_000;
/// Training batches of the published set.
const TRAIN_BATCHES: usize = 5;
/// Bytes of one file in an archive: twice the largest, a Python batch of 31 MB.
const MAX_FILE: u64 = 64 << 20;
/// Bytes an archive may unpack to: the published ones have some 185 MB, saved again by Python 3 some 280.
const MAX_UNPACKED: u64 = 384 << 20;
/// Bytes of a block of a tar archive.
const TAR_BLOCK: usize = 512;

/// Bounds of one reading; the tests lower them.
#[derive(Clone, Copy)]
struct Limits {
    file: u64,
    unpacked: u64,
}

const LIMITS: Limits = Limits { file: MAX_FILE, unpacked: MAX_UNPACKED };

/// Reads an archive held in memory: `cifar-10-binary.tar.gz`, `cifar-10-python.tar.gz` or the same unzipped.
///
/// `name` is the file's name, for messages and [`Dataset::name`]. Training pictures come in the order of
/// `data_batch_1` to `5` whatever their order in the archive. Archives with fewer pictures in the same
/// layout are read too, with a note. A whole archive that is not the published one byte for byte is
/// used with a note that names both sums. Takes memory for the pictures about twice (300 MB for a whole
/// archive) besides `bytes`.
///
/// # Errors
///
/// [`DataError`] for anything that is no such archive or is damaged, however hostile; it never panics.
pub fn from_archive(name: &str, bytes: &[u8]) -> Result<Dataset, DataError> {
    read_archive(name, bytes, LIMITS)
}

/// Reads an archive file, or an unpacked folder (`cifar-10-batches-bin`, `-py` or their parent).
///
/// # Errors
///
/// As [`from_archive`], and [`DataError::Io`] where the disk fails.
#[cfg(not(target_arch = "wasm32"))]
pub fn from_path(path: &std::path::Path) -> Result<Dataset, DataError> {
    let failed = |source| DataError::Io { path: path.display().to_string(), source };
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    if std::fs::metadata(path).map_err(failed)?.is_dir() {
        return read_folder(&name, path);
    }
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(MAX_UNPACKED + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_UNPACKED {
        return Err(DataError::TooLarge { file: name, limit: MAX_UNPACKED });
    }
    from_archive(&name, &bytes)
}

/// Reads the batches of an unpacked archive.
#[cfg(not(target_arch = "wasm32"))]
fn read_folder(name: &str, path: &std::path::Path) -> Result<Dataset, DataError> {
    let folder = ["cifar-10-batches-bin", "cifar-10-batches-py"]
        .iter()
        .map(|child| path.join(child))
        .find(|child| child.is_dir())
        .unwrap_or_else(|| path.to_path_buf());
    let failed = |path: &std::path::Path, source| DataError::Io { path: path.display().to_string(), source };

    let mut batches = Batches::new(name);
    let mut buffer = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(|source| failed(&folder, source))? {
        let entry = entry.map_err(|source| failed(&folder, source))?;
        let file_name = entry.file_name().to_string_lossy().into_owned();
        let Some(role) = batches.role(&file_name)? else { continue };
        let path = entry.path();
        buffer.clear();
        let file = std::fs::File::open(&path).map_err(|source| failed(&path, source))?;
        file.take(MAX_FILE + 1).read_to_end(&mut buffer).map_err(|source| failed(&path, source))?;
        if buffer.len() as u64 > MAX_FILE {
            return Err(DataError::TooLarge { file: file_name, limit: MAX_FILE });
        }
        batches.add(role, &file_name, &buffer)?;
    }
    let (mut dataset, whole) = batches.finish()?;
    if whole.is_some() {
        dataset.notes.push(format!("{name} is an unpacked folder, so no checksum was compared."));
    }
    Ok(dataset)
}

fn read_archive(name: &str, bytes: &[u8], limits: Limits) -> Result<Dataset, DataError> {
    if bytes.is_empty() {
        return Err(DataError::Empty { file: name.to_owned() });
    }
    let batches = if bytes.starts_with(&[0x1f, 0x8b]) {
        read_tar(name, GzDecoder::new(bytes), limits)?
    } else {
        read_tar(name, bytes, limits)?
    };
    let (mut dataset, whole) = batches.finish()?;
    if let Some(kind) = whole {
        let found = hex(&Md5::digest(bytes));
        let published = kind.published_md5();
        if found != published {
            dataset.notes.push(format!(
                "{name} has the MD5 sum {found}, the published {} has {published}: the pictures may differ.",
                kind.published_name()
            ));
        }
    }
    Ok(dataset)
}

/// A reader that counts, and that fails once more than `limit` bytes have come out.
struct Counted<'a, R> {
    inner: R,
    count: &'a Cell<u64>,
    limit: u64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count.set(self.count.get() + read as u64);
        if self.count.get() > self.limit {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "too much"));
        }
        Ok(read)
    }
}

/// Reads the batches of a tar archive as it streams by.
fn read_tar<'n>(name: &'n str, source: impl Read, limits: Limits) -> Result<Batches<'n>, DataError> {
    let count = Cell::new(0);
    let mut source = Counted { inner: source, count: &count, limit: limits.unpacked };
    let failed = |error: io::Error| {
        if count.get() > limits.unpacked {
            return DataError::TooLarge { file: name.to_owned(), limit: limits.unpacked };
        }
        DataError::Damaged { file: name.to_owned(), offset: count.get(), cause: error.to_string() }
    };

    // The first block tells whether it is a tar archive at all.
    let mut first = Vec::with_capacity(TAR_BLOCK);
    source.by_ref().take(TAR_BLOCK as u64).read_to_end(&mut first).map_err(failed)?;
    if !is_tar(&first) {
        return Err(DataError::NotAnArchive { file: name.to_owned(), found: sniff(&first) });
    }

    let mut batches = Batches::new(name);
    let mut archive = tar::Archive::new(first.as_slice().chain(source));
    let mut buffer = Vec::new();
    for entry in archive.entries().map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = printable(&entry.path_bytes());
        let Some(role) = batches.role(&path)? else { continue };
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let size = entry.size();
        if size > limits.file {
            return Err(DataError::TooLarge { file: path, limit: limits.file });
        }
        buffer.clear();
        entry.take(size).read_to_end(&mut buffer).map_err(failed)?;
        if buffer.len() as u64 != size {
            let cause = format!("{path} should have {size} bytes but has {}", buffer.len());
            return Err(DataError::Damaged { file: name.to_owned(), offset: count.get(), cause });
        }
        batches.add(role, &path, &buffer)?;
    }
    // What follows the last file holds nothing, but reading it checks the gzip sum.
    io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(failed)?;
    Ok(batches)
}

/// A path in an archive as it may be shown: of bounded length and without control characters.
fn printable(path: &[u8]) -> String {
    let text = String::from_utf8_lossy(path);
    text.chars().take(200).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Whether a block is the header of a tar archive (or the end of an empty one): its sum is right.
fn is_tar(block: &[u8]) -> bool {
    let Some(sum_field) = block.get(148..156).filter(|_| block.len() == TAR_BLOCK) else {
        return false;
    };
    if block.iter().all(|byte| *byte == 0) {
        return true;
    }
    let digits = std::str::from_utf8(sum_field).unwrap_or("").trim_matches([' ', '\0']);
    let sum = |bytes: &[u8]| bytes.iter().map(|byte| u32::from(*byte)).sum::<u32>();
    u32::from_str_radix(digits, 8) == Ok(sum(block) - sum(sum_field) + 8 * u32::from(b' '))
}

/// What some bytes look like, for the message.
fn sniff(bytes: &[u8]) -> &'static str {
    let text = bytes.trim_ascii_start();
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") {
        "a zip archive"
    } else if starts(b"\x89PNG") || starts(b"\xff\xd8\xff") || starts(b"GIF8") || starts(b"RIFF") {
        "a picture"
    } else if starts(b"BZh") || starts(b"\xfd7zXZ") || starts(b"7z\xbc\xaf") || starts(b"\x28\xb5\x2f\xfd") {
        "an archive of another kind"
    } else if starts(b"%PDF") {
        "a PDF document"
    } else if starts(b"\x80\x02") || starts(b"\x80\x03") || starts(b"\x80\x04") {
        "a single Python batch"
    } else if text.first() == Some(&b'<') {
        "a web page (perhaps an error page)"
    } else if bytes.is_empty() {
        "empty inside"
    } else if std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0')) {
        "a text file"
    } else {
        "an unknown kind of file"
    }
}

/// Which of the two published layouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Binary,
    Python,
}

impl Kind {
    fn published_md5(self) -> &'static str {
        match self {
            Kind::Binary => BINARY_MD5,
            Kind::Python => PYTHON_MD5,
        }
    }

    fn published_name(self) -> &'static str {
        match self {
            Kind::Binary => "cifar-10-binary.tar.gz",
            Kind::Python => "cifar-10-python.tar.gz",
        }
    }
}

/// What a file in the archive is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// A batch by its slot: 0 to 4 training, 5 test.
    Batch(usize, Kind),
    Names(Kind),
}

/// The batches found so far.
struct Batches<'n> {
    name: &'n str,
    slots: [Option<Split>; TRAIN_BATCHES + 1],
    kind: Kind,
    classes: Option<Vec<String>>,
}

const TEST: usize = TRAIN_BATCHES;

impl<'n> Batches<'n> {
    fn new(name: &'n str) -> Self {
        Batches { name, slots: Default::default(), kind: Kind::Binary, classes: None }
    }

    /// What to do with a file, going by its name.
    fn role(&self, path: &str) -> Result<Option<Role>, DataError> {
        let mut parts = path.rsplit(['/', '\\']).filter(|part| !part.is_empty());
        let file = parts.next().unwrap_or("");
        let in_cifar100 = path.split(['/', '\\']).any(|part| part.starts_with("cifar-100-"));
        if in_cifar100 || matches!(file, "fine_label_names.txt" | "coarse_label_names.txt") {
            return Err(DataError::Cifar100 { file: self.name.to_owned(), entry: path.to_owned() });
        }
        let (stem, kind) = match file.strip_suffix(".bin") {
            Some(stem) => (stem, Kind::Binary),
            None => (file, Kind::Python),
        };
        Ok(match stem {
            "data_batch_1" => Some(Role::Batch(0, kind)),
            "data_batch_2" => Some(Role::Batch(1, kind)),
            "data_batch_3" => Some(Role::Batch(2, kind)),
            "data_batch_4" => Some(Role::Batch(3, kind)),
            "data_batch_5" => Some(Role::Batch(4, kind)),
            "test_batch" => Some(Role::Batch(TEST, kind)),
            "batches.meta.txt" => Some(Role::Names(Kind::Binary)),
            "batches.meta" if kind == Kind::Python => Some(Role::Names(Kind::Python)),
            _ => None,
        })
    }

    fn add(&mut self, role: Role, file: &str, bytes: &[u8]) -> Result<(), DataError> {
        match role {
            Role::Batch(slot, kind) => {
                if self.slots[slot].is_some() {
                    let batch =
                        if slot == TEST { "test_batch".into() } else { format!("data_batch_{}", slot + 1) };
                    return Err(DataError::Twice {
                        archive: self.name.to_owned(),
                        batch,
                        file: file.to_owned(),
                    });
                }
                let split = match kind {
                    Kind::Binary => binary_batch(file, bytes)?,
                    Kind::Python => python_batch(file, bytes)?,
                };
                if split.is_empty() {
                    return Err(DataError::NoPictures { file: file.to_owned() });
                }
                self.kind = kind;
                self.slots[slot] = Some(split);
            }
            Role::Names(kind) => {
                self.classes = Some(match kind {
                    Kind::Binary => binary_names(file, bytes)?,
                    Kind::Python => python_names(file, bytes)?,
                });
            }
        }
        Ok(())
    }

    /// Puts the batches together; also tells, where every batch is whole, which layout it was.
    fn finish(self) -> Result<(Dataset, Option<Kind>), DataError> {
        let Batches { name, slots, kind, classes } = self;
        let whole = slots.iter().all(|slot| slot.as_ref().is_some_and(|split| split.len() == BATCH));
        let missing = |missing| DataError::Missing { archive: name.to_owned(), missing };

        let [train @ .., test] = slots;
        let absent: Vec<String> = (train.iter().enumerate())
            .filter(|(_, slot)| slot.is_none())
            .map(|(index, _)| format!("data_batch_{}", index + 1))
            .collect();
        let total: usize = train.iter().flatten().map(Split::len).sum();
        let mut joined =
            Split { labels: Vec::with_capacity(total), pixels: Vec::with_capacity(total * RECORD) };
        for split in train.into_iter().flatten() {
            joined.labels.extend_from_slice(&split.labels);
            joined.pixels.extend_from_slice(&split.pixels);
        }
        if joined.is_empty() && test.is_none() {
            return Err(missing("batch of either split"));
        }
        if joined.is_empty() {
            return Err(missing("training batch"));
        }
        let test = test.ok_or_else(|| missing("test batch"))?;

        let mut notes = Vec::new();
        if !whole {
            let mut note = format!(
                "{name} has {} training and {} test pictures; all of CIFAR-10 has 50,000 and 10,000",
                thousands(joined.len()),
                thousands(test.len())
            );
            if !absent.is_empty() {
                note += &format!(" (no {})", absent.join(", "));
            }
            notes.push(note + ".");
        }
        let classes = classes.unwrap_or_else(|| {
            notes.push(format!("{name} names no classes; CIFAR-10's names are used."));
            CLASS_NAMES.map(str::to_owned).to_vec()
        });
        let dataset = Dataset { name: name.to_owned(), classes, train: joined, test, notes };
        Ok((dataset, whole.then_some(kind)))
    }
}

/// A number with its thousands separated.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Records of one label byte and 3,072 pixel bytes.
fn binary_batch(file: &str, bytes: &[u8]) -> Result<Split, DataError> {
    let (records, rest) = bytes.as_chunks::<BINARY_RECORD>();
    if !rest.is_empty() {
        return Err(DataError::Length {
            file: file.to_owned(),
            bytes: bytes.len(),
            record: records.len(),
            offset: records.len() * BINARY_RECORD,
            rest: rest.len(),
        });
    }
    let mut split = Split {
        labels: Vec::with_capacity(records.len()),
        pixels: Vec::with_capacity(records.len() * RECORD),
    };
    for (record, [label, pixels @ ..]) in records.iter().enumerate() {
        if usize::from(*label) >= CLASSES {
            return Err(DataError::Label {
                file: file.to_owned(),
                record,
                offset: record * BINARY_RECORD,
                label: i64::from(*label),
            });
        }
        split.labels.push(*label);
        split.pixels.extend_from_slice(pixels);
    }
    Ok(split)
}

/// A pickled dictionary with `data`, a `[N, 3072]` array of bytes, and `labels`, a list of N numbers.
fn python_batch(file: &str, bytes: &[u8]) -> Result<Split, DataError> {
    let bad = |offset, problem: String| DataError::Pickle { file: file.to_owned(), offset, problem };
    let pickle = Pickle::parse(bytes).map_err(|problem| bad(problem.offset, problem.what))?;
    let root = pickle.root();
    let Value::Dict(entries) = pickle.get(root) else {
        return Err(bad(pickle.offset(root), "the pickle is no dictionary".into()));
    };
    if pickle.lookup(entries, "fine_labels").is_some() {
        return Err(DataError::Cifar100 { file: file.to_owned(), entry: "fine_labels".into() });
    }
    let find = |key| {
        pickle
            .lookup(entries, key)
            .ok_or_else(|| bad(pickle.offset(root), format!("the dictionary has no entry '{key}'")))
    };

    let data = find("data")?;
    let Value::Array(Some(array)) = pickle.get(data) else {
        return Err(bad(pickle.offset(data), "'data' is no numpy array".into()));
    };
    if array.columns != RECORD {
        let problem = format!("'data' has rows of {} numbers where pictures have {RECORD}", array.columns);
        return Err(bad(pickle.offset(data), problem));
    }
    let Value::Bytes(stored) = pickle.get(array.data) else {
        return Err(bad(pickle.offset(array.data), "'data' holds no bytes".into()));
    };

    let labels = find("labels")?;
    let Some(items) = pickle.items(labels) else {
        return Err(bad(pickle.offset(labels), "'labels' is no list".into()));
    };
    if items.len() != array.rows {
        let problem = format!("{} labels for {} pictures", items.len(), array.rows);
        return Err(bad(pickle.offset(labels), problem));
    }
    let mut split = Split { labels: Vec::with_capacity(array.rows), pixels: Vec::new() };
    for (record, id) in items.iter().enumerate() {
        let offset = pickle.offset(*id);
        let Value::Int(label) = *pickle.get(*id) else {
            return Err(bad(offset, format!("label {record} is no whole number")));
        };
        match u8::try_from(label) {
            Ok(byte) if usize::from(byte) < CLASSES => split.labels.push(byte),
            _ => return Err(DataError::Label { file: file.to_owned(), record, offset, label }),
        }
    }
    split.pixels = if array.fortran {
        let mut pixels = vec![0; stored.len()];
        for (column, values) in stored.chunks_exact(array.rows.max(1)).enumerate() {
            for (row, value) in values.iter().enumerate() {
                pixels[row * RECORD + column] = *value;
            }
        }
        pixels
    } else {
        stored.to_vec()
    };
    Ok(split)
}

/// Ten lines of text, blank ones aside.
fn binary_names(file: &str, bytes: &[u8]) -> Result<Vec<String>, DataError> {
    let lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    names(file, lines.filter(|line| !line.is_empty()))
}

/// A pickled dictionary with `label_names`, a list of ten strings.
fn python_names(file: &str, bytes: &[u8]) -> Result<Vec<String>, DataError> {
    let bad = |offset, problem: String| DataError::Pickle { file: file.to_owned(), offset, problem };
    let pickle = Pickle::parse(bytes).map_err(|problem| bad(problem.offset, problem.what))?;
    let found = match pickle.get(pickle.root()) {
        Value::Dict(entries) => pickle.lookup(entries, "label_names").and_then(|id| pickle.items(id)),
        _ => None,
    };
    let Some(items) = found else {
        return Err(bad(pickle.offset(pickle.root()), "there is no list 'label_names'".into()));
    };
    names(file, items.iter().map(|id| pickle.string(*id).unwrap_or_default()))
}

fn names<'b>(file: &str, found: impl Iterator<Item = &'b [u8]>) -> Result<Vec<String>, DataError> {
    let bad = |problem| DataError::Names { file: file.to_owned(), problem };
    let mut names = Vec::with_capacity(CLASSES);
    // One more than wanted shows that there are too many; a hostile file has millions.
    for (index, bytes) in found.take(CLASSES + 1).enumerate() {
        match std::str::from_utf8(bytes) {
            Ok(name) if (1..=40).contains(&bytes.len()) && !name.chars().any(char::is_control) => {
                names.push(name.to_owned());
            }
            _ => return Err(bad(format!("class name {index} is no text of 1 to 40 bytes"))),
        }
    }
    match names.len() {
        CLASSES => Ok(names),
        count if count > CLASSES => Err(bad(format!("it names more than {CLASSES} classes"))),
        count => Err(bad(format!("it names {count} classes instead of {CLASSES}"))),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;

    use super::*;

    /// A picture that tells which it is.
    fn picture(number: usize) -> Vec<u8> {
        (0..RECORD).map(|byte| (number * 31 + byte * 7) as u8).collect()
    }

    /// A binary batch of pictures `first..first + count`, the label being the last digit.
    fn binary(first: usize, count: usize) -> Vec<u8> {
        (first..first + count).flat_map(|n| [vec![(n % 10) as u8], picture(n)].concat()).collect()
    }

    /// The opcodes that Python 2's cPickle writes for a batch.
    fn python(first: usize, count: usize) -> Vec<u8> {
        python_with(first, count, false, b"U\x02u1", RECORD as u16)
    }

    fn python_with(first: usize, count: usize, fortran: bool, dtype: &[u8], columns: u16) -> Vec<u8> {
        let mut out = b"\x80\x02}q\x01(U\x0bbatch_labelq\x02U\x15training batch 1 of 5q\x03".to_vec();
        out.extend(b"U\x06labelsq\x04]q\x05(");
        out.extend((first..first + count).flat_map(|n| [b'K', (n % 10) as u8]));
        out.extend(
            b"eU\x04dataq\x06cnumpy.core.multiarray\n_reconstruct\nq\x07cnumpy\nndarray\nq\x08K\x00\x85",
        );
        out.extend(b"U\x01b\x87Rq\x09(K\x01M");
        out.extend((count as u16).to_le_bytes());
        out.push(b'M');
        out.extend(columns.to_le_bytes());
        out.extend(b"\x86cnumpy\ndtype\nq\x0a");
        out.extend(dtype);
        out.extend(b"K\x00K\x01\x87Rq\x0b(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb");
        out.push(if fortran { 0x88 } else { 0x89 });
        let rows: Vec<Vec<u8>> = (first..first + count).map(picture).collect();
        let data: Vec<u8> = if fortran {
            (0..RECORD).flat_map(|column| rows.iter().map(move |row| row[column])).collect()
        } else {
            rows.concat()
        };
        out.push(b'T');
        out.extend((data.len() as u32).to_le_bytes());
        out.extend(data);
        out.extend(b"tbU\x09filenamesq\x0c](U\x05a.pngU\x05b.pngeu.");
        out
    }

    fn python_meta(names: &[&str]) -> Vec<u8> {
        let mut out =
            b"\x80\x02}q\x01(U\x13num_cases_per_batchq\x02M\x10\x27U\x0blabel_namesq\x03]q\x04(".to_vec();
        for name in names {
            out.push(b'U');
            out.push(name.len() as u8);
            out.extend(name.as_bytes());
        }
        out.extend(b"eU\x07num_visq\x0fM\x00\x0cu.");
        out
    }

    fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, bytes) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, path, *bytes).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn gz(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn names() -> Vec<u8> {
        (CLASS_NAMES.join("\n") + "\n\n").into_bytes()
    }

    /// Batches of 3, 2, 2, 2, 2 and 4 pictures, in a jumbled order.
    fn small_binary() -> Vec<u8> {
        tar(&[
            ("cifar-10-batches-bin/data_batch_4.bin", &binary(7, 2)),
            ("cifar-10-batches-bin/readme.html", b"<html>"),
            ("cifar-10-batches-bin/test_batch.bin", &binary(50, 4)),
            ("cifar-10-batches-bin/batches.meta.txt", &names()),
            ("cifar-10-batches-bin/data_batch_1.bin", &binary(0, 3)),
            ("cifar-10-batches-bin/data_batch_5.bin", &binary(9, 2)),
            ("cifar-10-batches-bin/data_batch_3.bin", &binary(5, 2)),
            ("cifar-10-batches-bin/data_batch_2.bin", &binary(3, 2)),
        ])
    }

    fn small_python() -> Vec<u8> {
        tar(&[
            ("cifar-10-batches-py/test_batch", &python(50, 4)),
            ("cifar-10-batches-py/batches.meta", &python_meta(&CLASS_NAMES)),
            ("cifar-10-batches-py/data_batch_2", &python(3, 2)),
            ("cifar-10-batches-py/data_batch_1", &python(0, 3)),
            ("cifar-10-batches-py/data_batch_3", &python(5, 6)),
        ])
    }

    fn check(dataset: &Dataset) {
        assert_eq!(dataset.classes, CLASS_NAMES);
        assert_eq!(dataset.train.labels, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0]);
        assert_eq!(dataset.test.labels, [0, 1, 2, 3]);
        for n in 0..11 {
            assert_eq!(dataset.train.picture(n).unwrap(), picture(n));
        }
        assert_eq!(dataset.test.picture(3).unwrap(), picture(53));
        assert_eq!(dataset.test.picture(4), None);
    }

    fn error(bytes: &[u8]) -> String {
        from_archive("a.tar.gz", bytes).unwrap_err().to_string()
    }

    /// An archive with one training and one test file, and what reading it says.
    fn error_of(train: (&str, &[u8]), test: (&str, &[u8])) -> String {
        error(&tar(&[train, test]))
    }

    #[test]
    fn binary_archives_in_any_order_gzipped_or_not() {
        let plain = small_binary();
        for bytes in [gz(&plain), plain] {
            let dataset = from_archive("small.tar.gz", &bytes).unwrap();
            assert_eq!(dataset.name, "small.tar.gz");
            check(&dataset);
            let note =
                "small.tar.gz has 11 training and 4 test pictures; all of CIFAR-10 has 50,000 and 10,000.";
            assert_eq!(dataset.notes, [note]);
        }
    }

    #[test]
    fn python_archives_give_the_same() {
        let dataset = from_archive("small.tar.gz", &gz(&small_python())).unwrap();
        check(&dataset);
        assert!(dataset.notes[0].ends_with("(no data_batch_4, data_batch_5)."), "{:?}", dataset.notes);
    }

    #[test]
    fn column_major_arrays_are_turned() {
        let train = python_with(0, 5, true, b"U\x02u1", RECORD as u16);
        let dataset =
            from_archive("a", &tar(&[("data_batch_1", &train), ("test_batch", &python(1, 1))])).unwrap();
        assert_eq!(dataset.train.picture(4).unwrap(), picture(4));
        assert_eq!(dataset.notes.len(), 2);
        assert_eq!(dataset.classes, CLASS_NAMES);
    }

    #[test]
    fn a_whole_archive_with_another_sum_gets_a_note() {
        let batch = binary(0, 10).repeat(BATCH / 10);
        let files: Vec<(String, &[u8])> = (1..=5)
            .map(|n| (format!("cifar-10-batches-bin/data_batch_{n}.bin"), batch.as_slice()))
            .chain([("cifar-10-batches-bin/test_batch.bin".to_owned(), batch.as_slice())])
            .collect();
        let files: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (path.as_str(), *bytes)).collect();
        let bytes = gz(&tar(&files));
        let dataset = from_archive("whole.tar.gz", &bytes).unwrap();
        assert_eq!((dataset.train.len(), dataset.test.len()), (50_000, 10_000));
        let note = dataset.notes.last().unwrap();
        assert!(note.contains(BINARY_MD5) && note.contains(&hex(&Md5::digest(&bytes))), "{note}");
    }

    #[test]
    fn other_files_are_named_for_what_they_are() {
        assert_eq!(error(b""), "a.tar.gz is empty; download it again");
        for (bytes, what) in [
            (&b"PK\x03\x04rest"[..], "a zip archive"),
            (b"\x89PNG\r\n\x1a\n", "a picture"),
            (b"  <!DOCTYPE html><html>", "a web page"),
            (b"hello, world", "a text file"),
            (b"\x00\x01\xff\xfe", "an unknown kind"),
            (b"\x80\x02}q\x01", "a single Python batch"),
        ] {
            assert!(error(bytes).contains(what), "{}", error(bytes));
            assert!(error(&gz(bytes)).contains(what), "{}", error(&gz(bytes)));
            assert!(error(bytes).contains("give cifar-10-binary.tar.gz"));
        }
        assert!(error(&gz(b"")).contains("empty inside"));
        assert!(error(&binary(0, 3)).contains("an unknown kind"));
        let text = error(&tar(&[("cifar-100-binary/train.bin", &[0; 3074])]));
        assert!(text.contains("CIFAR-100 (found cifar-100-binary/train.bin)"), "{text}");
        let fine = b"\x80\x02}(U\x0bfine_labels]U\x04dataNu.";
        assert!(error(&tar(&[("data_batch_1", fine)])).contains("CIFAR-100"));
    }

    #[test]
    fn missing_and_double_batches() {
        let (one, test) = (binary(0, 1), binary(1, 1));
        assert!(error(&[0; 1024]).contains("no batch of either split"));
        assert!(error(&tar(&[("notes.txt", b"x")])).contains("no batch of either split"));
        assert!(error(&tar(&[("data_batch_1.bin", &one)])).contains("no test batch"));
        assert!(error(&tar(&[("test_batch.bin", &test)])).contains("no training batch"));
        let text = error_of(("x/data_batch_1.bin", &one), ("y/data_batch_1", &one));
        assert!(text.contains("data_batch_1 twice (the second as y/data_batch_1)"), "{text}");
        assert!(error_of(("data_batch_1.bin", b""), ("test_batch.bin", &test)).contains("holds no pictures"));
    }

    #[test]
    fn wrong_records_are_located() {
        let test: (&str, &[u8]) = ("test_batch.bin", &binary(0, 1));
        let mut batch = binary(0, 3);
        batch[2 * BINARY_RECORD] = 10;
        let text = error_of(("b/data_batch_1.bin", &batch), test);
        assert!(text.starts_with("b/data_batch_1.bin: record 2 at byte 6146 has the label 10"), "{text}");
        let text = error_of(("b/data_batch_1.bin", &batch[..2 * BINARY_RECORD + 5]), test);
        assert!(
            text.contains("6151 bytes") && text.contains("record 2, from byte 6146, has only 5"),
            "{text}"
        );

        let mut batch = python(0, 3);
        let list = batch.windows(6).position(|w| w == b"K\x00K\x01K\x02").unwrap();
        batch[list + 3] = 200;
        let text = error_of(("b/data_batch_1", &batch), test);
        let want = format!("b/data_batch_1: record 1 at byte {} has the label 200", list + 2);
        assert!(text.starts_with(&want), "{text}");
    }

    #[test]
    fn wrong_pickles_are_explained() {
        let say = |bytes: &[u8]| error(&tar(&[("data_batch_1", bytes)]));
        let whole = python(0, 2);
        assert!(say(&whole[..3000]).contains("breaks off"));
        assert!(say(b"\x80\x02N.").contains("no dictionary"));
        assert!(say(b"\x80\x02}.").contains("no entry 'data'"));
        assert!(say(b"\x80\x02}U\x04dataU\x01xs.").contains("no numpy array"));
        let narrow = python_with(0, 2, false, b"U\x02u1", 100);
        assert!(say(&narrow).contains("2 × 100 with 6144 bytes"));
        assert!(say(&python_with(0, 2, false, b"U\x02f4", RECORD as u16)).contains("type f4"));
        let odd: Vec<u8> = {
            let at = whole.windows(4).position(|w| w == b"K\x00K\x01").unwrap();
            [&whole[..at], &whole[at + 2..]].concat()
        };
        assert!(say(&odd).contains("1 labels for 2 pictures"));
        let text = say(b"\x80\x02cos\nsystem\n.");
        assert!(
            text.contains("data_batch_1, byte 2: it names os.system") && text.contains("protocol 2"),
            "{text}"
        );
    }

    #[test]
    fn class_names_are_checked() {
        let with = |meta: (&str, &[u8])| error(&tar(&[meta]));
        assert!(with(("batches.meta.txt", b"a\nb\n")).contains("2 classes instead of 10"));
        assert!(with(("batches.meta.txt", &b"a\n".repeat(1000))).contains("more than 10"));
        assert!(with(("batches.meta.txt", b"a\n\xff\n")).contains("class name 1"));
        assert!(with(("batches.meta", &python_meta(&["a"]))).contains("1 classes instead of 10"));
        assert!(with(("batches.meta", b"\x80\x02}.")).contains("'label_names'"));
        assert!(with(("batches.meta", b"text")).contains("no Python pickle"));
    }

    #[test]
    fn broken_archives_say_where() {
        let plain = small_binary();
        let zipped = gz(&plain);
        let text = error(&zipped[..zipped.len() / 2]);
        assert!(text.contains("damaged or incomplete") && text.contains("unpacked bytes"), "{text}");
        // The sum at the very end is checked too.
        assert!(error(&zipped[..zipped.len() - 4]).contains("damaged"));
        let mut flipped = zipped.clone();
        let crc = flipped.len() - 6;
        flipped[crc] ^= 1;
        assert!(error(&flipped).contains("damaged"));
        assert!(
            error(&plain[..5000]).contains("should have 6146 bytes but has 4488"),
            "{}",
            error(&plain[..5000])
        );
    }

    #[test]
    fn bombs_are_cut_off() {
        let limits = Limits { file: 10_000, unpacked: 100_000 };
        let big = vec![0; 20_000];
        let say = |bytes: &[u8]| read_archive("bomb", bytes, limits).unwrap_err().to_string();
        assert!(
            say(&gz(&tar(&[("data_batch_1.bin", &big)])))
                .starts_with("data_batch_1.bin holds more than 10000")
        );
        assert!(say(&gz(&tar(&[("other", &vec![0; 200_000])]))).starts_with("bomb holds more than 100000"));
        assert!(say(&gz(&[tar(&[("other", b"x")]), vec![0; 200_000]].concat())).starts_with("bomb holds"));
        // A size in the header alone reserves nothing.
        let mut header = tar::Header::new_gnu();
        header.set_path("test_batch.bin").unwrap();
        header.set_size(9_999);
        header.set_cksum();
        assert!(say(header.as_bytes()).contains("should have 9999 bytes but has 0"));
        header.set_size(u64::MAX / 2);
        header.set_cksum();
        assert!(say(header.as_bytes()).contains("more than"));
    }

    #[test]
    fn folders_unpacked_or_their_parent() {
        let parent = tempfile::tempdir().unwrap();
        for (child, bytes) in
            [("cifar-10-batches-py", small_python()), ("cifar-10-batches-bin", small_binary())]
        {
            tar::Archive::new(bytes.as_slice()).unpack(parent.path()).unwrap();
            check(&from_path(&parent.path().join(child)).unwrap());
            let dataset = from_path(parent.path()).unwrap();
            check(&dataset);
            assert!(dataset.notes[0].contains("11 training"));
        }
        let archive = parent.path().join("mine.tgz");
        std::fs::write(&archive, gz(&small_binary())).unwrap();
        assert_eq!(from_path(&archive).unwrap().name, "mine.tgz");

        let text = from_path(&parent.path().join("absent")).unwrap_err().to_string();
        assert!(text.contains("cannot read") && text.contains("absent"), "{text}");
        let empty = tempfile::tempdir().unwrap();
        assert!(from_path(empty.path()).unwrap_err().to_string().contains("no batch of either split"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn cut_archives_give_an_error(
            cut in 0usize..1_000_000,
            python in any::<bool>(),
            zip in any::<bool>(),
        ) {
            let plain = if python { small_python() } else { small_binary() };
            let bytes = if zip { gz(&plain) } else { plain };
            // A plain archive is whole without its closing blocks: cut into the last file at least.
            let end = if zip { bytes.len() } else { bytes.len() - 2048 };
            let cut = cut % end;
            prop_assert!(from_archive("a", &bytes[..cut]).is_err());
        }

        #[test]
        fn changed_archives_never_panic(
            edits in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..20),
            python in any::<bool>(),
            zip in any::<bool>(),
        ) {
            let mut bytes = if python { small_python() } else { small_binary() };
            if zip {
                bytes = gz(&bytes);
            }
            for (index, value) in &edits {
                let at = index.index(bytes.len());
                bytes[at] = *value;
            }
            if let Ok(dataset) = from_archive("a", &bytes) {
                prop_assert_eq!(dataset.train.pixels.len(), dataset.train.len() * RECORD);
                prop_assert_eq!(dataset.test.pixels.len(), dataset.test.len() * RECORD);
                prop_assert!(dataset.train.labels.iter().all(|label| *label < 10));
                prop_assert_eq!(dataset.classes.len(), CLASSES);
            }
        }

        #[test]
        fn changed_headers_never_panic(
            edits in proptest::collection::vec((0usize..512, any::<u8>()), 1..6),
            block in 0usize..40,
        ) {
            let mut bytes = small_binary();
            let at = block * TAR_BLOCK % (bytes.len() - TAR_BLOCK);
            for (offset, value) in &edits {
                bytes[at + offset] = *value;
            }
            // With the sum made right the changed header is believed.
            let mut header = tar::Header::new_old();
            header.as_mut_bytes().copy_from_slice(&bytes[at..at + TAR_BLOCK]);
            header.set_cksum();
            bytes[at..at + TAR_BLOCK].copy_from_slice(header.as_bytes());
            let _ = from_archive("a", &bytes);
        }

        #[test]
        fn changed_batches_never_panic(
            edits in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
        ) {
            let mut batch = python(0, 1);
            let end = batch.len() - 50;
            let code: Vec<usize> = (0..batch.len()).filter(|at| *at < 240 || *at > end).collect();
            for (index, value) in &edits {
                batch[code[index.index(code.len())]] = *value;
            }
            let _ = python_batch("b", &batch);
            let _ = python_names("b", &batch);
        }

        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let _ = from_archive("a", &bytes);
            let _ = from_archive("a", &[&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0], bytes.as_slice()].concat());
            let _ = binary_batch("b", &bytes);
            let _ = binary_names("b", &bytes);
        }
    }
}
