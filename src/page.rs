//! What the window needs of the page around it: its address, its storage, what the user prefers.

use crate::app::Store;
use wasm_bindgen::prelude::*;

/// Under which the settings are kept.
const KEY: &str = "skipscope";

/// The browser's storage for this site; blocked in some private windows.
pub struct PageStore(web_sys::Storage);

/// The storage, if the browser allows it.
pub fn storage() -> Option<PageStore> {
    web_sys::window()?.local_storage().ok()?.map(PageStore)
}

impl Store for PageStore {
    fn load(&self) -> Result<Option<String>, String> {
        self.0.get_item(KEY).map_err(|e| format!("{e:?}"))
    }

    fn save(&mut self, text: &str) -> Result<(), String> {
        self.0.set_item(KEY, text).map_err(|e| format!("{e:?}"))
    }
}

/// What stands after the `#`.
pub fn hash() -> String {
    let hash = web_sys::window().and_then(|w| w.location().hash().ok()).unwrap_or_default();
    hash.strip_prefix('#').map_or(hash.clone(), str::to_owned)
}

/// The address without it.
pub fn address() -> String {
    let whole = web_sys::window().and_then(|w| w.location().href().ok()).unwrap_or_default();
    whole.split('#').next().unwrap_or_default().to_owned()
}

/// Replaces what stands after the `#`, without an entry in the history of visits.
pub fn set_hash(hash: &str) {
    let Some(window) = web_sys::window() else { return };
    let address = if hash.is_empty() { address() } else { format!("{}#{hash}", address()) };
    let replaced =
        window.history().and_then(|h| h.replace_state_with_url(&JsValue::NULL, "", Some(&address)));
    if replaced.is_err() {
        log::warn!("the browser keeps the address as it is");
    }
}

/// Calls `f` when the user changes what stands after the `#`.
pub fn on_hash(f: impl Fn(&str) + 'static) {
    let closure = Closure::<dyn Fn()>::new(move || f(&hash()));
    if let Some(window) = web_sys::window() {
        window.set_onhashchange(Some(closure.as_ref().unchecked_ref()));
    }
    // It listens as long as the page is there.
    closure.forget();
}

/// Whether the user wants nothing to move.
pub fn reduced_motion() -> bool {
    let query =
        web_sys::window().and_then(|w| w.match_media("(prefers-reduced-motion: reduce)").ok().flatten());
    query.is_some_and(|q| q.matches())
}
