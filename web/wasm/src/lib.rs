//! The page's module: everything it exports lives in `skipscope::web`.

pub use skipscope::web::*;
