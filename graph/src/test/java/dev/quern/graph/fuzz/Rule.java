package dev.quern.graph.fuzz;

import dev.quern.graph.op.Value;
import dev.quern.runtime.Shape;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/**
 * A way to make a tensor of a shape that is wanted.
 *
 * @param exact whether the gradient is the derivative: not so where it is stopped, or passed through rounding
 * @param fits  for which shapes there is such a way
 * @param grow  wants what it needs, and makes the tensor of it
 */
record Rule(boolean exact, Predicate<Shape> fits, BiFunction<GraphGrower, Shape, Value> grow) {
    /** A way for the shapes of a predicate. */
    static Rule of(Predicate<Shape> fits, BiFunction<GraphGrower, Shape, Value> grow) {
        return new Rule(true, fits, grow);
    }

    /** A way for shapes of at least this rank. */
    static Rule ofRank(int least, BiFunction<GraphGrower, Shape, Value> grow) {
        return of(shape -> shape.rank() >= least, grow);
    }

    /** This, with a gradient that is not the derivative. */
    Rule withoutDerivative() {
        return new Rule(false, fits, grow);
    }
}
