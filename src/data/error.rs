//! What can be wrong with a data file, said so that the reader of a window knows where and what to do.

/// Why pictures could not be read. Every message names the file, the place in it and the next step.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// Nothing to read.
    #[error("{file} is empty; download it again")]
    Empty { file: String },

    /// Some other kind of file.
    #[error(
        "{file} is {found}, not a CIFAR-10 archive; give cifar-10-binary.tar.gz or cifar-10-python.tar.gz \
         as downloaded from https://www.cs.toronto.edu/~kriz/cifar.html"
    )]
    NotAnArchive { file: String, found: &'static str },

    /// CIFAR-100, whose layout and classes differ.
    #[error("{file} holds CIFAR-100 (found {entry}), which Skipscope does not read; give a CIFAR-10 archive")]
    Cifar100 { file: String, entry: String },

    /// The archive breaks off or its compressed data is corrupt.
    #[error(
        "{file} is damaged or incomplete: {cause} after {offset} unpacked bytes; download it again and \
         compare its size with the one on the site"
    )]
    Damaged { file: String, offset: u64, cause: String },

    /// Unpacks to more than any CIFAR-10 archive does.
    #[error("{file} holds more than {limit} bytes, more than any CIFAR-10 file of its kind; it was not read")]
    TooLarge { file: String, limit: u64 },

    /// A needed file is not there.
    #[error(
        "{archive} holds no {missing}; it should contain data_batch_1 to 5 and test_batch: download it again"
    )]
    Missing { archive: String, missing: &'static str },

    /// The same batch comes twice, so that it is unclear which one counts.
    #[error("{archive} holds {batch} twice (the second as {file}); keep one of them")]
    Twice { archive: String, batch: String, file: String },

    /// A binary batch that ends inside a record.
    #[error(
        "{file} has {bytes} bytes, which is no multiple of a record's 3073: record {record}, from byte \
         {offset}, has only {rest}; download the archive again"
    )]
    Length { file: String, bytes: usize, record: usize, offset: usize, rest: usize },

    /// A batch without a single picture.
    #[error("{file} holds no pictures; download the archive again")]
    NoPictures { file: String },

    /// A class number above 9.
    #[error(
        "{file}: record {record} at byte {offset} has the label {label}, but CIFAR-10's go from 0 to 9; the \
         file is damaged or of another dataset"
    )]
    Label { file: String, record: usize, offset: usize, label: i64 },

    /// A Python batch that is no pickle of the kind CIFAR-10 uses.
    #[error(
        "{file}, byte {offset}: {problem}; give the archive as downloaded, or save it again with \
         pickle protocol 2"
    )]
    Pickle { file: String, offset: usize, problem: String },

    /// Class names that are no ten names.
    #[error(
        "{file}: {problem}; give the archive as downloaded, or leave this file out to use CIFAR-10's names"
    )]
    Names { file: String, problem: String },

    /// The disk said no.
    #[error("cannot read {path}: {source}")]
    Io { path: String, source: std::io::Error },
}
