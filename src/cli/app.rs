//! `skipscope app`: the window, as the command without arguments opens it, or as a link says.

/// Open the window.
#[derive(clap::Args)]
pub struct Args {
    /// A link copied from a window or a page, whole or only what stands after its `#`.
    ///
    /// It opens the same network, recipe, pictures, chosen block and view. Quote it: `&` and `#` mean something to
    /// most shells.
    #[arg(long, value_name = "LINK")]
    pub open: Option<String>,
}
