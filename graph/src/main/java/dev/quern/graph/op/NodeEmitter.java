package dev.quern.graph.op;

import dev.quern.kernels.expr.ElementwiseFunction;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.expr.Expressions;
import dev.quern.runtime.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** Appends single nodes to a graph: what every other method of an {@link Emitter} comes down to. */
public interface NodeEmitter {
    /**
     * Appends a node, or finds the equal one that exists.
     *
     * @param label  what the node is called within its scope
     * @param op     what it computes
     * @param inputs its operands, made by this emitter
     * @return its outputs
     */
    List<Value> emit(String label, Op op, List<Value> inputs);

    /**
     * Makes an op's attributes. An {@link IllegalOperandException} in the making is reported as one of emitting is.
     *
     * @param label what the node would be called
     * @param rule  makes the attributes
     */
    default <T> T checked(String label, Supplier<T> rule) {
        return rule.get();
    }

    /** The first output of a node named after its op. */
    default Value emitOne(Op op, Value... inputs) {
        return emit(op.label(), op, List.of(inputs)).getFirst();
    }

    /**
     * An operation of the user's own.
     *
     * @return its first output
     */
    default Value custom(CustomOp op, Value... inputs) {
        return customAll(op, inputs).getFirst();
    }

    /** An operation of the user's own: all its outputs. */
    default List<Value> customAll(CustomOp op, Value... inputs) {
        return emit(op.label(), op, List.of(inputs));
    }

    /** The same tensor, through which no gradient flows. */
    default Value stopGradient(Value x) {
        return emitOne(new StopGradient(), x);
    }

    /** An F32 scalar. */
    default Value constant(double value) {
        return emitOne(new Constant((float) value, Shape.scalar()));
    }

    /** An F32 tensor whose elements are all the same number. */
    default Value constant(double value, Shape shape) {
        return emitOne(new Constant((float) value, shape));
    }

    /** An expression over the corresponding elements of tensors that broadcast as in NumPy; input k is operand k. */
    default Value apply(Expr expression, Value... inputs) {
        return emitOne(new Pointwise(inputs.length, expression), inputs);
    }

    /** The same with a name of its own, for example {@code gelu}. */
    default Value apply(String label, Expr expression, Value... inputs) {
        return emit(label, new Pointwise(inputs.length, expression), List.of(inputs)).getFirst();
    }

    /** An elementwise function of tensors that broadcast as in NumPy. */
    default Value elementwise(ElementwiseFunction function, Value... inputs) {
        Expr[] arguments = new Expr[inputs.length];
        Arrays.setAll(arguments, Expr.Input::new);
        return apply(Expressions.call(function, arguments), inputs);
    }
}
