package dev.quern.graph.pass;

import dev.quern.graph.ir.Graph;
import java.util.function.UnaryOperator;

/**
 * A rewriting of whole graphs that keeps what outputs and assignments compute.
 *
 * @param name    what dumps call it
 * @param rewrite does it
 */
public record Pass(String name, UnaryOperator<Graph> rewrite) {
}
