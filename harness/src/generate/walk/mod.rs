//! The systematic walk: every situation that the model can reach, and few long scenarios that come by them all.

mod facts;
mod search;
mod situation;
mod stage;

#[cfg(test)]
mod tests {
    use super::search::{Catalogue, Graph};
    use super::stage::Stage;
    use crate::model::Answers;
    use std::collections::BTreeMap;

    #[test]
    fn count() {
        let answers = Answers::default();
        let mut catalogue = Catalogue::default();
        for (name, stage) in
            [("inv", Stage::invitations(3, 10)), ("reg", Stage::regions(5)), ("org", Stage::organization(6))]
        {
            let began = std::time::Instant::now();
            let graph = Graph::search(stage, &answers, &mut catalogue);
            let edges: usize = graph.nodes.iter().map(|n| n.edges.len()).sum();
            let mut depths: BTreeMap<u8, usize> = BTreeMap::new();
            for n in &graph.nodes {
                *depths.entry(n.depth).or_default() += 1;
            }
            println!(
                "{name}: {} nodes {depths:?}, {edges} edges, {} calls, situations {} {:?}",
                graph.nodes.len(),
                graph.stage.calls.len(),
                catalogue.situations.len(),
                began.elapsed()
            );
            let mut per: BTreeMap<_, (usize, usize)> = BTreeMap::new();
            for s in &catalogue.situations {
                let e = per.entry(s.circumstance.operation.name()).or_default();
                e.0 += 1;
                e.1 += s.moves as usize;
            }
            println!("{per:?}");
        }
    }
}
