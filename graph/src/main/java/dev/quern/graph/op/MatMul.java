package dev.quern.graph.op;

import dev.quern.kernels.Cost;
import dev.quern.runtime.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * Matrix product of the last two axes, [.., m, k] times [.., k, n] after the transpositions; leading axes broadcast.
 *
 * @param transposeA whether the first operand is stored as [.., k, m]
 * @param transposeB whether the second operand is stored as [.., n, k]
 */
public record MatMul(boolean transposeA, boolean transposeB) implements Op {
    @Override
    public String label() {
        return "matmul";
    }

    @Override
    public String attributes() {
        return (transposeA ? "transposeA" : "") + (transposeA && transposeB ? ", " : "") + (transposeB ? "transposeB" : "");
    }

    /** Rows of the product. */
    public int m(Shape a) {
        return a.extent(transposeA ? -1 : -2);
    }

    /** Columns of the product. */
    public int n(Shape b) {
        return b.extent(transposeB ? -2 : -1);
    }

    /** Length of the sums. */
    public int k(Shape a) {
        return a.extent(transposeA ? -2 : -1);
    }

    /** The axes before the matrix. */
    public static Shape leading(Shape shape) {
        return Shape.of(Arrays.copyOf(shape.toArray(), shape.rank() - 2));
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 2, "a matrix product takes two");
        Types.f32("a", inputs.get(0));
        Types.f32("b", inputs.get(1));
        Shape a = inputs.get(0).shape();
        Shape b = inputs.get(1).shape();
        String shapes = "a " + a + (transposeA ? " (transposed)" : "") + " and b " + b + (transposeB ? " (transposed)" : "");
        if (a.rank() < 2 || b.rank() < 2) {
            throw new IllegalOperandException(shapes + ": a matrix product takes operands of rank 2 or more; reshape first");
        }
        int inner = transposeB ? b.extent(-1) : b.extent(-2);
        if (k(a) != inner) {
            throw new IllegalOperandException(shapes + ": a has " + k(a) + " columns, b has " + inner
                    + " rows; they must be equal");
        }
        if (a.elements() == 0 || b.elements() == 0) {
            throw new IllegalOperandException(shapes + ": every extent must be at least 1");
        }
        Shape leading = Broadcasting.common(List.of(leading(a), leading(b)));
        if (!isWhole(leading(a), leading) || !isWhole(leading(b), leading)) {
            throw new IllegalOperandException(shapes + ": leading axes must be equal, or belong to one operand alone; "
                    + "broadcast the other first");
        }
        int[] extents = Arrays.copyOf(leading.toArray(), leading.rank() + 2);
        extents[extents.length - 2] = m(a);
        extents[extents.length - 1] = n(b);
        return List.of(TensorType.f32(Shape.of(extents)));
    }

    /** An operand whose leading axes are the product's or none: repeated where they broadcast only in part. */
    static Value whole(Emitter emit, Value operand, Value other) {
        if (operand.shape().rank() < 2 || other.shape().rank() < 2) {
            return operand;
        }
        Shape own = leading(operand.shape());
        Shape common = emit.checked("matmul", () -> Broadcasting.common(List.of(own, leading(other.shape()))));
        if (isWhole(own, common)) {
            return operand;
        }
        int[] extents = Arrays.copyOf(common.toArray(), common.rank() + 2);
        extents[extents.length - 2] = operand.shape().extent(-2);
        extents[extents.length - 1] = operand.shape().extent(-1);
        return emit.broadcast(operand, Shape.of(extents));
    }

    /** Whether leading axes are those of the product, or a single matrix serves all. */
    private static boolean isWhole(Shape leading, Shape product) {
        return leading.elements() == 1 || leading.elements() == product.elements();
    }

    @Override
    public void vjp(Backward backward) {
        Value a = backward.input(0);
        Value b = backward.input(1);
        Value dc = backward.gradient();
        Emitter emit = backward.emit();
        if (backward.wants(0)) {
            backward.to(0, transposeA ? emit.matmul(b, dc, transposeB, true) : emit.matmul(dc, b, false, !transposeB));
        }
        if (backward.wants(1)) {
            boolean oneB = leading(b.shape()).elements() == 1 && leading(dc.shape()).elements() > 1;
            if (oneB && !transposeA) {
                // The batch's products add up: that is one product with longer sums.
                a = emit.reshape(a, -1, a.shape().extent(-1));
                dc = emit.reshape(dc, -1, dc.shape().extent(-1));
                Value db = transposeB ? emit.matmul(dc, a, true, false) : emit.matmul(a, dc, true, false);
                backward.to(1, emit.reshape(db, b.shape()));
            } else {
                backward.to(1, transposeB ? emit.matmul(dc, a, true, transposeA) : emit.matmul(a, dc, !transposeA, false));
            }
        }
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.ANCHOR;
    }

    @Override
    public Cost cost(List<TensorType> inputs, List<TensorType> outputs) {
        double flops = 2.0 * outputs.getFirst().shape().elements() * k(inputs.getFirst().shape());
        return new Cost(flops, Types.bytes(inputs) + Types.bytes(outputs));
    }
}
