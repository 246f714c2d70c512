package dev.quern.bench.report;

import dev.quern.graph.report.Markup;
import java.util.List;

/** The colours of those who take part: Quern first, then the peers. Distinct for all common kinds of colour vision. */
final class Legend {
    private static final int COLOURS = 6;

    private final List<String> peers;

    Legend(List<String> peers) {
        this.peers = List.copyOf(peers);
    }

    List<String> peers() {
        return peers;
    }

    /** The style class of Quern. */
    static String quern() {
        return "c0";
    }

    /** The style class of a peer. */
    String peer(String name) {
        return "c" + (1 + peers.indexOf(name) % (COLOURS - 1));
    }

    /** A line of names with their colours. */
    Markup markup() {
        Markup html = new Markup().add("<p class=\"legend\"><span><svg width=\"12\" height=\"12\"><rect class=\"%s\" width=\"12\" "
                + "height=\"12\" rx=\"2\"/></svg> Quern</span>", quern());
        for (String peer : peers) {
            html.add("<span><svg width=\"12\" height=\"12\"><rect class=\"%s\" width=\"12\" height=\"12\" rx=\"2\"/></svg> %s</span>",
                    peer(peer), peer);
        }
        return html.add("</p>");
    }
}
