//! Where the panels lie in the middle of the window: a tree of tiles that can be dragged and resized, kept
//! as a plain description between runs. Two of them: one for roomy windows, one where the panels under
//! the network share their place.

use eframe::egui::Id;
use egui_tiles::{Container, Linear, LinearDir, Tile, TileId, Tiles, Tree};
use serde::{Deserialize, Serialize};

/// A panel that can be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pane {
    Network,
    Microscope,
    Charts,
    Surgery,
}

const ALL: [Pane; 4] = [Pane::Network, Pane::Microscope, Pane::Charts, Pane::Surgery];

/// A tree of panels as it is written to the settings; numbers are shares of the room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Node {
    Pane(Pane),
    Tabs(usize, Vec<Node>),
    Row(Vec<(f32, Node)>),
    Column(Vec<(f32, Node)>),
}

/// Both arrangements, as they are written to the settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layout {
    roomy: Node,
    compact: Node,
}

impl Default for Layout {
    fn default() -> Self {
        use Node::{Column, Row, Tabs};
        let pane = Node::Pane;
        let closely = Tabs(0, vec![pane(Pane::Microscope), pane(Pane::Surgery)]);
        let below = Row(vec![(0.63, closely), (0.37, pane(Pane::Charts))]);
        let shared = Tabs(0, vec![pane(Pane::Microscope), pane(Pane::Charts), pane(Pane::Surgery)]);
        Self {
            roomy: Column(vec![(0.575, pane(Pane::Network)), (0.425, below)]),
            compact: Column(vec![(0.56, pane(Pane::Network)), (0.44, shared)]),
        }
    }
}

/// The trees that are on the screen.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::app) struct Docks {
    pub roomy: Tree<Pane>,
    pub compact: Tree<Pane>,
    /// Nobody has moved anything: the network gets the height that it needs.
    pub untouched: bool,
}

impl Default for Docks {
    fn default() -> Self {
        Self::of(&Layout::default())
    }
}

impl Docks {
    /// The trees that `layout` describes; a description that misses a panel is replaced by the default.
    pub fn of(layout: &Layout) -> Self {
        let default = Layout::default();
        let sound = |node: &Node, other: &Node| {
            let node = node.clone().with_surgery();
            if node.is_sound() { node } else { other.clone() }
        };
        Self {
            roomy: sound(&layout.roomy, &default.roomy).tree("roomy"),
            compact: sound(&layout.compact, &default.compact).tree("compact"),
            untouched: *layout == default,
        }
    }

    /// What they look like now.
    pub fn layout(&self) -> Layout {
        let default = Layout::default();
        if self.untouched {
            return default;
        }
        Layout {
            roomy: Node::of(&self.roomy).unwrap_or(default.roomy),
            compact: Node::of(&self.compact).unwrap_or(default.compact),
        }
    }
}

/// Gives the network's panel at the top of `tree` the share `share` of the height.
pub(in crate::app) fn give_network(tree: &mut Tree<Pane>, share: f32) {
    let Some(root) = tree.root() else { return };
    if let Some(Tile::Container(Container::Linear(column))) = tree.tiles.get_mut(root)
        && let [network, below] = column.children[..]
    {
        column.shares.set_share(network, share);
        column.shares.set_share(below, 1.0 - share);
    }
}

impl Node {
    fn panes(&self, found: &mut Vec<Pane>) {
        match self {
            Self::Pane(pane) => found.push(*pane),
            Self::Tabs(_, of) => of.iter().for_each(|n| n.panes(found)),
            Self::Row(of) | Self::Column(of) => of.iter().for_each(|(_, n)| n.panes(found)),
        }
    }

    /// With the panel of surgery behind the microscope, if it was described before there was one.
    fn with_surgery(self) -> Self {
        let mut found = Vec::new();
        self.panes(&mut found);
        if found.contains(&Pane::Surgery) { self } else { self.behind_microscope() }
    }

    fn behind_microscope(self) -> Self {
        let shares = |of: Vec<(f32, Self)>| of.into_iter().map(|(s, n)| (s, n.behind_microscope())).collect();
        match self {
            Self::Pane(Pane::Microscope) => Self::Tabs(0, vec![self, Self::Pane(Pane::Surgery)]),
            Self::Tabs(active, mut of) if of.contains(&Self::Pane(Pane::Microscope)) => {
                of.push(Self::Pane(Pane::Surgery));
                Self::Tabs(active, of)
            }
            Self::Tabs(active, of) => {
                Self::Tabs(active, of.into_iter().map(Self::behind_microscope).collect())
            }
            Self::Row(of) => Self::Row(shares(of)),
            Self::Column(of) => Self::Column(shares(of)),
            Self::Pane(_) => self,
        }
    }

    /// Each panel once, and no share that leaves one without room.
    fn is_sound(&self) -> bool {
        let mut found = Vec::new();
        self.panes(&mut found);
        found.len() == ALL.len() && ALL.iter().all(|p| found.contains(p)) && self.shares_are_sound()
    }

    fn shares_are_sound(&self) -> bool {
        match self {
            Self::Pane(_) => true,
            Self::Tabs(_, of) => of.iter().all(Self::shares_are_sound),
            Self::Row(of) | Self::Column(of) => {
                let sum: f32 = of.iter().map(|(share, _)| share).sum();
                of.iter().all(|(s, n)| s.is_finite() && *s >= 0.05 * sum && *s > 0.0 && n.shares_are_sound())
            }
        }
    }

    fn tree(&self, name: &'static str) -> Tree<Pane> {
        let mut tiles = Tiles::default();
        let root = self.insert(&mut tiles);
        Tree::new(Id::unique(name), root, tiles)
    }

    fn insert(&self, tiles: &mut Tiles<Pane>) -> TileId {
        match self {
            Self::Pane(pane) => tiles.insert_pane(*pane),
            Self::Tabs(active, of) => {
                let children: Vec<TileId> = of.iter().map(|n| n.insert(tiles)).collect();
                let mut tabs = egui_tiles::Tabs::new(children.clone());
                if let Some(&active) = children.get(*active) {
                    tabs.set_active(active);
                }
                tiles.insert_container(tabs)
            }
            Self::Row(of) => Self::insert_linear(LinearDir::Horizontal, of, tiles),
            Self::Column(of) => Self::insert_linear(LinearDir::Vertical, of, tiles),
        }
    }

    fn insert_linear(dir: LinearDir, of: &[(f32, Self)], tiles: &mut Tiles<Pane>) -> TileId {
        let children: Vec<TileId> = of.iter().map(|(_, n)| n.insert(tiles)).collect();
        let mut linear = Linear::new(dir, children.clone());
        for (child, (share, _)) in children.into_iter().zip(of) {
            linear.shares.set_share(child, *share);
        }
        tiles.insert_container(linear)
    }

    fn of(tree: &Tree<Pane>) -> Option<Self> {
        Self::of_tile(&tree.tiles, tree.root()?).filter(Self::is_sound)
    }

    fn of_tile(tiles: &Tiles<Pane>, id: TileId) -> Option<Self> {
        Some(match tiles.get(id)? {
            Tile::Pane(pane) => Self::Pane(*pane),
            Tile::Container(Container::Tabs(tabs)) => {
                let of = tabs.children.iter().map(|&c| Self::of_tile(tiles, c)).collect::<Option<_>>()?;
                Self::Tabs(tabs.children.iter().position(|&c| tabs.is_active(c)).unwrap_or(0), of)
            }
            Tile::Container(Container::Linear(linear)) => {
                let part = |&c: &TileId| Some((linear.shares[c], Self::of_tile(tiles, c)?));
                let of = linear.children.iter().map(part).collect::<Option<_>>()?;
                match linear.dir {
                    LinearDir::Horizontal => Self::Row(of),
                    LinearDir::Vertical => Self::Column(of),
                }
            }
            // The window makes none of these.
            Tile::Container(Container::Grid(_)) => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_are_described_and_made_again() {
        let layout = Layout::default();
        assert_eq!(Docks::of(&layout).layout(), layout);
        let json = serde_json::to_string(&layout).expect("plain data");
        assert_eq!(serde_json::from_str::<Layout>(&json).expect("its own"), layout);
    }

    #[test]
    fn a_description_that_lacks_a_panel_is_not_taken() {
        let lacking = Node::Row(vec![(1.0, Node::Pane(Pane::Network)), (1.0, Node::Pane(Pane::Charts))]);
        let layout = Layout { roomy: lacking, ..Layout::default() };
        assert_eq!(Docks::of(&layout).layout(), Layout::default());
        // One from before there was surgery is kept, and gets its panel.
        let pane = Node::Pane;
        let old = Node::Row(vec![
            (0.25, pane(Pane::Microscope)),
            (0.75, Node::Tabs(1, vec![pane(Pane::Network), pane(Pane::Charts)])),
        ]);
        let both = Node::Tabs(0, vec![pane(Pane::Microscope), pane(Pane::Surgery)]);
        let Node::Row(mut row) = old.clone() else { panic!("a row") };
        row[0].1 = both;
        assert_eq!(old.with_surgery(), Node::Row(row));
        let hidden = Node::Row(
            ALL.iter().map(|&p| (if p == Pane::Charts { 0.0 } else { 1.0 }, Node::Pane(p))).collect(),
        );
        assert!(!hidden.is_sound());
    }
}
